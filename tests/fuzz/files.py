"""Files for the real sandbox: seeds that are small, and what became of a mutation of one."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import img2pdf
import pillow_heif
from PIL import Image

from core.faults import Fault, ReaderCrashed
from ingest.sniff import EXTENSIONS, HEAD_BYTES, PDF, sniff
from ocr.reader import assemble, inspect, read_page, signatures
from ocr.sandbox import Sandbox
from tests.assets.about import ABOUT
from tests.assets.signing import holder, root, signed
from tests.conftest import BAD, SAMPLES
from tests.e2e.inside import text_pdf

MEMORY_MB = 2048  # as ARSIP_PARSER_MEMORY_MB by default
SECONDS = 60
MOST_PAGES = 300
_WIDE = 300  # pixels: a sample is still a letter at that, and read in a tenth of its time


def seeds() -> dict[str, list[bytes]]:
    """Small files by format: the bad ones, samples made small, and the sorts of pictures phones and scanners make."""
    found: dict[str, list[bytes]] = {name: [] for name in ("pdf", "jpeg", "png", "tiff", "heif")}
    for file in sorted(BAD.iterdir()):
        sort = {"jpg": "jpeg", "tif": "tiff"}.get(file.suffix[1:], file.suffix[1:])
        if file.stat().st_size:
            found[sort].append(file.read_bytes())
    found["pdf"] += [(SAMPLES / "tiket.pdf").read_bytes(), text_pdf("Surat Keterangan")]
    found["pdf"].append(signed(text_pdf("Surat bertanda tangan"), holder("Budi", root())))
    for file in sorted(SAMPLES.glob("*.jpg"))[:4]:
        with Image.open(file) as picture:
            small = picture.convert("RGB").resize((_WIDE, _WIDE * picture.height // picture.width))
        for sort, made in _pictures(small):
            found[sort].append(made)
        found["pdf"].append(img2pdf.convert(_saved(small, "JPEG"), nodate=True, engine=img2pdf.Engine.internal))
    return found


def _pictures(small: Image.Image) -> Iterator[tuple[str, bytes]]:
    gray = small.convert("L")
    turned = Image.Exif()
    turned[0x0112] = 6
    yield "jpeg", _saved(small, "JPEG", quality=70, dpi=(150, 150), exif=turned)
    yield "jpeg", _saved(gray, "JPEG", quality=60, progressive=True)
    yield "jpeg", _saved(small.convert("CMYK"), "JPEG", quality=50)
    yield "png", _saved(gray.convert("1"), "PNG", dpi=(150, 150))
    yield "png", _saved(small.quantize(16), "PNG", transparency=3)
    yield "png", _saved(gray.convert("I;16"), "PNG")
    yield "png", _saved(small.convert("RGBA"), "PNG")
    yield (
        "tiff",
        _saved(gray.convert("1"), "TIFF", compression="group4", save_all=True, append_images=[gray.convert("1")]),
    )
    yield "tiff", _saved(gray, "TIFF", compression="tiff_lzw")
    yield "tiff", _saved(small, "TIFF", compression="jpeg")
    heif = io.BytesIO()
    pillow_heif.from_pillow(small).save(heif, quality=40)
    yield "heif", heif.getvalue()


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: where its words came from, or the slug of its fault; `why` a job failed without a name."""

    answer: str
    why: str | None


class _Ear(logging.Handler):
    """Hears why a job in the sandbox failed, which only the log says."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() in ("reader_failed", "reader_died"):
            self.told.append(f"{record.__dict__['job']} {record.__dict__.get('why', 'died')}")


@contextmanager
def _listening() -> Iterator[_Ear]:
    ear, log = _Ear(), logging.getLogger("ocr.sandbox")
    log.addHandler(ear)
    try:
        yield ear
    finally:
        log.removeHandler(ear)


def outcome(sandbox: Sandbox, data: bytes, folder: Path) -> Outcome:
    """As a worker does it: told by its first bytes, opened, its last page read, made searchable.

    Whatever is raised but a Fault goes through.
    """
    original, working, preview, out = (folder / name for name in ("original", "working.pdf", "preview.jpg", "out.pdf"))
    original.write_bytes(data)
    with _listening() as ear:
        try:
            media_type = sniff(data[:HEAD_BYTES])
            assert media_type in EXTENSIONS
            found = inspect(sandbox, original, media_type, working, max_pages=MOST_PAGES, seconds=SECONDS)
            pdf = working if found.has_working else original
            if media_type == PDF:
                signatures(sandbox, original, [], seconds=SECONDS)
            read = read_page(sandbox, pdf, len(found.pages), preview, seconds=SECONDS, mode="fast")
            with Image.open(preview) as shown:
                assert (read.number, shown.size) == (len(found.pages), read.preview)
            assemble(sandbox, pdf, [read], out, ABOUT, picture=found.has_working, seconds=SECONDS)
        except ReaderCrashed as fault:
            return Outcome(fault.slug, "; ".join(ear.told) or "it only said so")
        except Fault as fault:
            return Outcome(fault.slug, None)
    return Outcome(read.source, None)
