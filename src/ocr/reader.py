"""What workers call to have files inspected, pages read and the searchable PDF made. Nothing foreign is parsed here.

Each call runs in the caller's Sandbox and raises core.faults: EncryptedPdf, DamagedFile, NoPages, TooManyPages,
PictureTooLarge, ReaderTooSlow, ReaderCrashed, RecogniserUnavailable. A call that fails leaves no output file.
"""

import hashlib
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path

from archive.reading import Inspection, PageReading
from core.faults import RecogniserUnavailable
from ocr.sandbox import Sandbox

_PICTURE_PARSERS = ("img2pdf", "pillow_heif")
_LANGUAGE = "ind"


def inspect(
    sandbox: Sandbox, original: Path, media_type: str, working: Path, *, max_pages: int, seconds: int
) -> Inspection:
    """The pages of `original`. A picture (any media type but PDF) is written to `working` as a PDF, without loss."""
    if media_type == "application/pdf":
        with _reading(original) as source:
            facts = sandbox.run("inspect_pdf", {"max_pages": max_pages}, [source], seconds=seconds)
    else:
        with _reading(original) as source, _writing(working) as target:
            facts = sandbox.run(
                "inspect_picture",
                {"max_pages": max_pages},
                [source, target],
                seconds=seconds,
                modules=_PICTURE_PARSERS,
            )
    return Inspection.from_json(facts)


def read_page(sandbox: Sandbox, pdf: Path, number: int, preview: Path, *, seconds: int) -> PageReading:
    """Read page `number` (from 1): its own text where it has real text, else recognised. `preview` gets a JPEG."""
    with _reading(pdf) as source, _writing(preview) as target:
        return PageReading.from_json(sandbox.run("read_page", {"number": number}, [source, target], seconds=seconds))


def assemble(sandbox: Sandbox, pdf: Path, pages: Sequence[PageReading], out: Path, *, seconds: int) -> None:
    """Write `pdf` to `out` with the recognised words lying invisible under its untouched pages.

    `pages` are the readings to lay, in any order; those of source pdf_text or blank need no layer. The same input
    gives the same bytes.
    """
    layers = [page.to_json() for page in pages if page.source == "ocr" and page.words]
    with _reading(pdf) as source, _writing(out) as target:
        sandbox.run("assemble", {"pages": layers}, [source, target], seconds=seconds, modules=("ocr.textlayer",))


@cache
def engine_versions() -> dict[str, str]:
    """The software that reads, for the manifest. Raises RecogniserUnavailable without tesseract and its Indonesian."""
    try:
        said = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, timeout=30, check=True)
        listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        raise RecogniserUnavailable from None
    folder = re.search(r'in "([^"]+)"', listed.stdout)
    data = Path(folder[1] if folder else "") / f"{_LANGUAGE}.traineddata"
    if not data.is_file():
        raise RecogniserUnavailable
    found = {name: version(name) for name in ("img2pdf", "pillow", "pillow-heif", "pypdf", "pypdfium2", "pytesseract")}
    found["tesseract"] = said.stdout.split()[1]
    found[f"{_LANGUAGE}.traineddata"] = f"sha256:{hashlib.sha256(data.read_bytes()).hexdigest()}"
    return dict(sorted(found.items()))


@contextmanager
def _reading(path: Path) -> Iterator[int]:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)


@contextmanager
def _writing(path: Path) -> Iterator[int]:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        yield fd
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(fd)
