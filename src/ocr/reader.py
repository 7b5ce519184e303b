"""What workers call to have files inspected, pages read and the searchable PDF made. Nothing foreign is parsed here.

Each call runs in the caller's Sandbox and raises core.faults: EncryptedPdf, DamagedFile, NoPages, TooManyPages,
PictureTooLarge, ReaderTooSlow, ReaderCrashed, RecogniserUnavailable. A call that fails leaves no output file.
"""

import hashlib
import json
import mmap
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, TypeVar

from archive.reading import Box, Inspection, PageReading
from archive.signatures import Signature, several
from core.faults import ReaderCrashed, RecogniserUnavailable
from ocr import models
from ocr.about import LONGEST_REASON, MOST_REASONS, About
from ocr.sandbox import Sandbox

_PICTURE_PARSERS = ("img2pdf", "pillow_heif")
_ENGINES = ("ocr.engines", "ocr.codes", "ocr.boxes")
_LIBRARIES = ("img2pdf", "page-validation", "pillow", "pillow-heif", "pypdf", "pypdfium2")
_RUNNERS = ("onnxruntime", "opencv-python-headless")
_LANGUAGE = "ind"
Mode = Literal["fast", "accurate", "tesseract"]
LONGEST_LINE = 1000  # letters in one line; paper has a few hundred at most
Said = TypeVar("Said")


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
    return _said(Inspection.from_json, facts)


def signatures(sandbox: Sandbox, pdf: Path, roots: Sequence[str], *, seconds: int) -> list[Signature]:
    """The electronic signatures of a PDF, in the order they were made, judged by the `roots` (ocr/roots.py)."""
    with _reading(pdf) as source:
        if not _may_be_signed(source):
            return []
        told = sandbox.run("signatures", {"roots": list(roots)}, [source], seconds=seconds, modules=("ocr.signatures",))
        return _said(lambda answer: several(answer.get("signatures")), told)


def _may_be_signed(source: int) -> bool:
    """Whether the file says which of its bytes a signature covers; it does so in plain bytes, or nobody could check."""
    with mmap.mmap(source, 0, access=mmap.ACCESS_READ) as data:
        return data.find(b"/ByteRange") >= 0


def read_page(
    sandbox: Sandbox, pdf: Path, number: int, preview: Path, *, seconds: int, mode: Mode = "accurate"
) -> PageReading:
    """Read page `number` (from 1): its own text where it has real text, else recognised. `preview` gets a JPEG.

    `accurate` reads letters' numbers and what is doubtful a second time, `fast` does not; `tesseract` reads alone.
    """
    facts = {"number": number, "mode": mode}
    with _reading(pdf) as source, _writing(preview) as target:
        found = sandbox.run("read_page", facts, [source, target], seconds=seconds, modules=_ENGINES)
        reading = _said(PageReading.from_json, found)
        if reading.number != number:
            raise ReaderCrashed
    return reading


def has_second() -> bool:
    """Whether there is a second reader: where the models are missing, tesseract reads alone."""
    return models.installed()


def second_opinion(
    sandbox: Sandbox, pdf: Path, places: Sequence[tuple[PageReading, Sequence[Box]]], *, seconds: int
) -> list[str]:
    """What tesseract reads at each place, the lines of one place joined by a space; empty where it reads nothing.

    A place is a page as it was read and boxes of lines on it, as fractions of the upright page. All places are read in
    one job, which looks at `ocr.second.MOST_LINES` lines at most. Raises ReaderCrashed for an answer that is no such
    texts, as every call here does.
    """
    pages = [
        {"number": page.number, "rotation": page.rotation, "skew": page.skew, "lines": [list(box) for box in lines]}
        for page, lines in places
    ]
    with _reading(pdf) as source:
        told = sandbox.run("second_opinion", {"pages": pages}, [source], seconds=seconds)
    return _said(partial(_opinions, [len(lines) for _, lines in places]), told)


def _opinions(asked: Sequence[int], told: object) -> list[str]:
    """The texts of each place, of so many lines each. Raises ValueError for anything else than was asked for."""
    pages = told.get("pages") if isinstance(told, dict) else None
    if not isinstance(pages, list) or [_count(texts) for texts in pages] != list(asked):
        raise ValueError("not a text for each line")
    return [" ".join(text for text in texts if text) for texts in pages]


def _count(texts: object) -> int | None:
    """How many texts of a line each these are; None when they are something else."""
    if not isinstance(texts, list) or any(not isinstance(t, str) or len(t) > LONGEST_LINE for t in texts):
        return None
    return len(texts)


def second_versions() -> dict[str, str]:
    """The software that gives second opinions, for the manifest; nothing where it is missing by now."""
    try:
        return _tesseract_versions()
    except RecogniserUnavailable:
        return {}


def assemble(
    sandbox: Sandbox,
    pdf: Path,
    pages: Sequence[PageReading],
    out: Path,
    about: About,
    *,
    part: tuple[int, int] | None = None,
    picture: bool = False,
    seconds: int,
) -> list[str]:
    """Write `pdf` to `out` with the recognised words lying invisible under its untouched pages, as a PDF/A-2b.

    `pages` are the readings to lay, in any order; those of source pdf_text or blank need no layer. `part` are the first
    and last page (from 1) to be written, nothing of any other; `pages` count from 1 in what is written. `picture`: the
    `pdf` was made by inspect(). The same input gives the same bytes. Answers which rules of PDF/A-2b are broken by what
    is on the pages; then it doesn't call itself one.
    """
    readings = [page.to_json() for page in pages if page.source == "ocr" and page.words]
    facts = {"pages": readings, "part": part, "about": about.to_json(), "picture": picture}
    with _reading(pdf) as source, _writing(out) as target:
        told = sandbox.run("assemble", facts, [source, target], seconds=seconds, modules=("ocr.textlayer",))
        return _said(_broken, told)


def _broken(told: dict[str, Any]) -> list[str]:
    """Rules that are broken. Raises ValueError for anything else."""
    rules = told.get("broken")
    if not isinstance(rules, list) or len(rules) > MOST_REASONS or not all(isinstance(rule, str) for rule in rules):
        raise ValueError("not the rules that a file breaks")
    return [rule[:LONGEST_REASON] for rule in rules]


@cache
def engine_versions(mode: Mode = "accurate") -> dict[str, str]:
    """The software and models that read in this mode, for the manifest.

    Raises RecogniserUnavailable when tesseract or its Indonesian is needed and missing.
    """
    found = {name: version(name) for name in _LIBRARIES}
    trained = {} if mode == "tesseract" else models.about()
    found |= {"mode": mode if trained else "tesseract"}
    found |= {name: version(name) for name in _RUNNERS} | trained if trained else _tesseract_versions()
    return dict(sorted(found.items()))


@cache
def identity(mode: Mode = "accurate") -> str:
    """Which reader reads in this mode: SHA-256 over its software and models and this release of ours, which prepares
    pages and picks what is read again, so that a newer one is told from it."""
    told = {"arsip": version("arsiparis"), **engine_versions(mode)}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@cache
def _tesseract_versions() -> dict[str, str]:
    try:
        said = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, timeout=30, check=True)
        listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        raise RecogniserUnavailable from None
    folder = re.search(r'in "([^"]+)"', listed.stdout)
    data = Path(folder[1] if folder else "") / f"{_LANGUAGE}.traineddata"
    if not data.is_file():
        raise RecogniserUnavailable
    digest = hashlib.sha256(data.read_bytes()).hexdigest()
    return {
        "pytesseract": version("pytesseract"),
        "tesseract": said.stdout.split()[1],
        f"{_LANGUAGE}.traineddata": f"sha256:{digest}",
    }


def _said(make: Callable[[dict[str, Any]], Said], told: dict[str, Any]) -> Said:
    """What a job answered, checked. Raises ReaderCrashed for nonsense: a file may have taken the child over."""
    try:
        return make(told)
    except ValueError:
        raise ReaderCrashed from None


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
