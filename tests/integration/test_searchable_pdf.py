"""The searchable PDF: its words are found, and found where they stand; its pages look as they did."""

import io
import json
import re
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
from PIL import ImageChops
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import DecodedStreamObject, FloatObject, NameObject, NumberObject, RectangleObject

from archive.reading import PageReading, Word
from ocr import reader
from ocr.sandbox import Sandbox
from tests.assets.about import ABOUT
from tests.conftest import BAD

WORDS = (
    Word("PEMERINTAH", (0.1, 0.1, 0.4, 0.13), 0.9, 0),
    Word("“Tarakan”", (0.45, 0.1, 0.7, 0.13), 0.9, 0),
    Word("café–≤", (0.6, 0.8, 0.8, 0.83), 0.8, 1),
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(2048) as box:
        yield box


def written(path: Path, writer: PdfWriter) -> Path:
    with path.open("wb") as out:
        writer.write(out)
    return path


def found_at(path: Path, text: str, page_number: int = 0) -> tuple[float, float]:
    """Middle of the text as a viewer marks it, as fractions of the page as shown."""
    pdf = pdfium.PdfDocument(path)
    page = pdf[page_number]
    text_page = page.get_textpage()
    match = text_page.search(text, match_case=True).get_next()
    assert match is not None, text_page.get_text_range()
    assert text_page.count_rects(*match) >= 1
    left, bottom, right, top = text_page.get_rect(0)
    # pixels of a rendering are what a viewer shows, /Rotate and boxes applied
    bitmap = page.render(scale=1)
    x, y = bitmap.get_posconv(page).to_bitmap((left + right) / 2, (bottom + top) / 2)
    return x / bitmap.width, y / bitmap.height


def upright(at: tuple[float, float], rotation: int) -> tuple[float, float]:
    x, y = at
    return {0: (x, y), 90: (1 - y, x), 180: (1 - x, 1 - y), 270: (y, 1 - x)}[rotation]


def stands(word: Word, at: tuple[float, float]) -> bool:
    x0, y0, x1, y1 = word.box
    return x0 <= at[0] <= x1 and y0 - 0.01 <= at[1] <= y1 + 0.01


def reading(size: tuple[float, float], **change: Any) -> PageReading:
    facts: dict[str, Any] = {"number": 1, "rotation": 0, "skew": 0.0, "source": "ocr", "words": WORDS, "seconds": 0.1}
    return PageReading(width_pt=size[0], height_pt=size[1], preview_width=1000, preview_height=1400, **facts | change)


@pytest.mark.parametrize("skew", [0.0, -2.5])
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_words_stand_where_they_were_read(
    sandbox: Sandbox, tmp_path: Path, rotation: int, turned: int, skew: float
) -> None:
    writer = PdfWriter()
    page = writer.add_blank_page(600, 800)
    page.mediabox = RectangleObject((-50, 30, 550, 830))
    page.cropbox = RectangleObject((-20, 60, 480, 760))
    page[NameObject("/Rotate")] = NumberObject(turned)
    source = written(tmp_path / "asli.pdf", writer)
    size = (500, 700) if (turned + rotation) % 180 == 0 else (700, 500)
    target = tmp_path / "cari.pdf"
    reader.assemble(sandbox, source, [reading(size, rotation=rotation, skew=skew)], target, ABOUT, seconds=30)
    for word in WORDS:
        assert stands(word, upright(found_at(target, word.text), rotation))


def test_the_page_itself_is_untouched(sandbox: Sandbox, tmp_path: Path) -> None:
    source, target = BAD / "tagged_no_text.pdf", tmp_path / "cari.pdf"
    page = reader.read_page(sandbox, source, 1, tmp_path / "p.jpg", seconds=60)
    reader.assemble(sandbox, source, [page], target, ABOUT, seconds=30)
    before, after = (pdfium.PdfDocument(p)[0].render(scale=2).to_pil() for p in (source, target))
    assert ImageChops.difference(before, after).getbbox() is None
    old, new = (PdfReader(p).pages[0] for p in (source, target))
    (picture_before,), (picture_after,) = (p["/Resources"]["/XObject"].values() for p in (old, new))
    assert picture_before.get_object()._data == picture_after.get_object()._data


def test_the_same_readings_make_the_same_bytes(sandbox: Sandbox, tmp_path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    source = written(tmp_path / "asli.pdf", writer)
    pages = [PageReading.from_json(json.loads(json.dumps(reading((595, 842)).to_json())))]
    for name in ("a.pdf", "b.pdf"):
        reader.assemble(sandbox, source, pages, tmp_path / name, ABOUT, seconds=30)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_a_part_holds_its_pages_alone(sandbox: Sandbox, tmp_path: Path) -> None:
    """A letter out of a stack: nothing of its neighbours' pages goes with it, also where a link leads to one."""
    writer = PdfWriter()
    for number in range(1, 5):
        page = writer.add_blank_page(595, 842)
        secret = DecodedStreamObject()
        secret.set_data(f"% RAHASIA-{number}".encode())
        page[NameObject("/Contents")] = writer._add_object(secret)
    writer.add_annotation(1, Link(rect=(0, 0, 99, 99), target_page_index=3))
    source, size = written(tmp_path / "tumpukan.pdf", writer), (595, 842)
    made = []
    for name in ("a.pdf", "b.pdf"):
        target = tmp_path / name
        reader.assemble(sandbox, source, [reading(size, number=2)], target, ABOUT, part=(2, 3), seconds=30)
        made.append(target.read_bytes())
        time.sleep(1.1)  # files say when they were made, by the second
    assert made[0] == made[1]
    assert len(PdfReader(tmp_path / "a.pdf").pages) == 2
    streams = made[0]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made[0], re.DOTALL):
        with suppress(zlib.error):
            streams += zlib.decompress(stream)
    assert {number for number in range(1, 5) if f"RAHASIA-{number}".encode() in streams} == {2, 3}
    assert stands(WORDS[0], found_at(tmp_path / "a.pdf", WORDS[0].text, 1))


def test_pages_may_share_what_they_stand_on(sandbox: Sandbox, tmp_path: Path) -> None:
    """One resource dictionary in the page tree, one content stream for two pages: each page gets its own words."""
    source = tmp_path / "asli.pdf"
    source.write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 2/Kids[3 0 R 4 0 R]/MediaBox[0 0 595 842]"
        b"/Resources<</Font<</F 6 0 R>>>>>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/Contents 5 0 R>>endobj\n"
        b"4 0 obj<</Type/Page/Parent 2 0 R/Contents 5 0 R>>endobj\n"
        b"5 0 obj<</Length 40>>stream\nBT /F 12 Tf 50 700 Td (Kepala) Tj ET    \nendstream endobj\n"
        b"6 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
        b"trailer<</Size 7/Root 1 0 R>>\n%%EOF\n"
    )
    second = Word("Lampiran", (0.1, 0.5, 0.3, 0.53), 0.9, 0)
    target = tmp_path / "cari.pdf"
    pages = [reading((595, 842)), reading((595, 842), number=2, words=(second,))]
    reader.assemble(sandbox, source, pages, target, ABOUT, seconds=30)
    assert stands(WORDS[0], found_at(target, "PEMERINTAH"))
    assert stands(second, found_at(target, "Lampiran", 1))
    texts = [pdfium.PdfDocument(target)[i].get_textpage().get_text_range() for i in (0, 1)]
    assert all("Kepala" in text for text in texts)
    assert "Lampiran" not in texts[0]
    assert "PEMERINTAH" not in texts[1]


def test_a_pdf_that_only_guards_changes_is_laid_too(sandbox: Sandbox, tmp_path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.encrypt("", "pemilik", algorithm="AES-256")
    source, target = written(tmp_path / "asli.pdf", writer), tmp_path / "cari.pdf"
    assert len(reader.inspect(sandbox, source, "application/pdf", tmp_path / "w", max_pages=9, seconds=30).pages) == 1
    reader.assemble(sandbox, source, [reading((595, 842))], target, ABOUT, seconds=30)
    assert stands(WORDS[0], found_at(target, "PEMERINTAH"))


def test_a_pdf_pypdf_cannot_read_is_written_anew(sandbox: Sandbox, tmp_path: Path) -> None:
    writer = PdfWriter()
    page = writer.add_blank_page(595, 842)
    page[NameObject("/UserUnit")] = FloatObject(1)
    data = io.BytesIO()
    writer.write(data)
    source, target = tmp_path / "asli.pdf", tmp_path / "cari.pdf"
    # a catalogue without its type behind a cross-reference table that points nowhere
    broken = data.getvalue().replace(b"/Type /Catalog", b"/Type /Katalog").replace(b"startxref", b"startxxxx")
    source.write_bytes(broken)
    assert len(pdfium.PdfDocument(source)) == 1
    with pytest.raises(Exception, match=r"."):
        PdfWriter(clone_from=PdfReader(io.BytesIO(broken)))
    reader.assemble(sandbox, source, [reading((595, 842))], target, ABOUT, seconds=30)
    assert stands(WORDS[0], found_at(target, "PEMERINTAH"))
