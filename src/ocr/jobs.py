"""The jobs a reading child knows: each gets facts, open files and an empty folder, and answers plain data."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pytesseract

from archive.reading import PageReading
from core.faults import DamagedFile
from ocr import straighten
from ocr.about import About
from ocr.inspection import inspect_pdf, inspect_picture
from ocr.picturehash import picture_hash
from ocr.realtext import real_words
from ocr.render import gray_of, opened, pictures_of, preview_dpi, raster, raster_dpi, save_preview
from ocr.scan import only_jpeg
from ocr.second import second_opinion


def read_page(facts: dict[str, Any], files: list[int], scratch: Path) -> dict[str, Any]:
    """Job: read page `number` of the PDF files[0] and write its preview to files[1]."""
    from ocr import engines
    from ocr.boxes import ticked
    from ocr.codes import find_codes

    began = time.monotonic()
    number = facts["number"]
    page = _load(opened(files[0]), number)
    pictures = pictures_of(page)
    width, height = page.get_size()
    own = real_words(page, pictures)
    rotation, skew, words = 0, 0.0, own or ()
    if own is not None:
        picture = np.asarray(raster(page, preview_dpi(page)))
        gray = gray_of(picture)
    else:
        dpi = raster_dpi(page, pictures, engines.most_dpi(facts["mode"]))
        jpeg = only_jpeg(page, files[0], round(width / 72 * dpi))
        # pixels are taken out of Pillow's picture once: each time copies them all
        picture = jpeg if jpeg is not None else np.asarray(raster(page, dpi))
        gray = gray_of(picture)
        found = engines.read(gray, 72 * gray.shape[1] / width, scratch, facts["mode"])
        rotation, skew, words = found.rotation, found.skew, found.words
    with open(files[1], "wb", closefd=False) as out:
        preview = save_preview(picture, rotation, out)
    upright = (width, height) if rotation in (0, 180) else (height, width)
    gray = straighten.turned(gray, rotation)
    codes = find_codes(gray)
    ticks = ticked(gray, words, upright[0], skew, [code.box for code in codes]) if words else ()
    return PageReading(
        number=number,
        width_pt=round(upright[0], 2),
        height_pt=round(upright[1], 2),
        preview_width=preview[0],
        preview_height=preview[1],
        rotation=rotation,
        skew=skew,
        source="pdf_text" if own is not None else "ocr" if words else "blank",
        words=tuple(words),
        seconds=round(time.monotonic() - began, 3),
        codes=codes,
        ticks=ticks,
        picture=picture_hash(gray),
    ).to_json()


def _load(pdf: Any, number: int) -> Any:
    try:
        return pdf[number - 1]
    except pdfium.PdfiumError:
        raise DamagedFile from None


def assemble(facts: dict[str, Any], files: list[int], _scratch: Path) -> dict[str, Any]:
    """Job: the PDF files[0], or a part of it, with the pages' words under it, to files[1] as a PDF/A; why it's none."""
    from ocr.textlayer import lay_under

    pages = [PageReading.from_json(page) for page in facts["pages"]]
    about, how = About.from_json(facts["about"]), {"part": facts["part"], "picture": facts["picture"]}
    return {"broken": lay_under(files[0], pages, files[1], about, **how)}


def signatures(facts: dict[str, Any], files: list[int], scratch: Path) -> dict[str, Any]:
    """Job: the electronic signatures of the PDF files[0], judged by the certificates `roots`."""
    from ocr.signatures import check

    return check(facts, files, scratch)


JOBS = {
    "inspect_pdf": inspect_pdf,
    "inspect_picture": inspect_picture,
    "read_page": read_page,
    "assemble": assemble,
    "signatures": signatures,
    "second_opinion": second_opinion,
}

try:
    # asked once before any fork, or pytesseract would start tesseract twice for each page
    pytesseract.get_tesseract_version(cached=True)
except pytesseract.TesseractNotFoundError:
    pass  # inspecting works without it; reading a page says so
