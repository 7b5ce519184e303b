"""Searchable PDFs are PDF/A-2b where what came in allows it, and say so only then."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import page as validator
import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import DictionaryObject, NameObject, StreamObject, TextStringObject

from archive.reading import PageReading, Word
from ingest.sniff import HEAD_BYTES, sniff
from ocr import pdfa, reader
from ocr.sandbox import Sandbox
from tests.assets.about import ABOUT
from tests.conftest import BAD, SAMPLES
from tests.e2e.inside import text_pdf

CLAIM = b"http://www.aiim.org/pdfa/ns/id/"
WORDS = (Word("PEMERINTAH", (0.1, 0.1, 0.4, 0.13), 0.9, 0), Word("café–≤", (0.6, 0.8, 0.8, 0.83), 0.8, 1))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(2048) as box:
        yield box


def broken(path: Path) -> list[str]:
    """What an independent validator finds."""
    return pdfa.broken_rules(path.read_bytes())


def reading(number: int = 1) -> PageReading:
    return PageReading(number, 595, 842, 1000, 1400, 0, 0.4, "ocr", WORDS, 0.1)


def encoded(mode: str, kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    with Image.open(SAMPLES / "skt_polisi.jpg") as picture:
        picture.convert(mode).resize((620, 877)).save(out, kind, dpi=(75, 75), **how)
    return out.getvalue()


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("image/jpeg", encoded("RGB", "JPEG")),
        ("image/jpeg", encoded("L", "JPEG")),
        ("image/png", encoded("RGB", "PNG")),
        ("image/png", encoded("P", "PNG")),
        ("image/png", encoded("RGBA", "PNG")),
        ("image/tiff", encoded("1", "TIFF", compression="group4")),
        ("image/tiff", encoded("L", "TIFF", compression="tiff_lzw")),
    ],
)
def test_a_picture_becomes_a_pdf_a(sandbox: Sandbox, tmp_path: Path, media_type: str, data: bytes) -> None:
    original, working, target = (tmp_path / name for name in ("asli", "kerja.pdf", "cari.pdf"))
    original.write_bytes(data)
    reader.inspect(sandbox, original, media_type, working, max_pages=3, seconds=30)
    assert reader.assemble(sandbox, working, [reading()], target, ABOUT, picture=True, seconds=30) == []
    assert broken(target) == []


MARK = ("SALINAN AUTENTIK", "Berita acara alih media nomor 7 (contoh), daftar AMD-2036-0001", "Kepala <Umum> – contoh")


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("shown", [0, 90])
def test_an_authentic_copy_bears_its_mark_at_the_foot(
    sandbox: Sandbox, tmp_path: Path, turned: int, shown: int
) -> None:
    """Wherever the foot is as people hold the page; with what was on it still there, and beside what it had; on a page
    without words too."""
    source, target = tmp_path / "asli.pdf", tmp_path / "cari.pdf"
    writer = PdfWriter()
    writer.add_blank_page(200, 230).rotate(shown)
    writer.add_blank_page(200, 230)
    writer.add_annotation(0, Link(rect=(9, 9, 20, 20), url="https://contoh.invalid"))
    writer.write(source)
    upright = (230, 200) if (turned + shown) % 180 else (200, 230)
    page = PageReading(1, *upright, 1000, 1400, turned, 0.4, "ocr", WORDS, 0.1)
    about = replace(ABOUT, mark=MARK)
    assert reader.assemble(sandbox, source, [page], target, about, picture=False, seconds=30) == []
    assert broken(target) == []
    made = PdfReader(target)
    link, stamp = (one.get_object() for one in made.pages[0]["/Annots"])  # type: ignore[attr-defined]
    assert (link["/Subtype"], stamp["/Contents"]) == ("/Link", "\n".join(MARK))
    assert b"Kepala &lt;Umum&gt; \xe2\x80\x93 contoh</rdf:li></rdf:Alt></dc:rights>" in target.read_bytes()
    assert len(made.pages[1]["/Annots"]) == 1  # type: ignore[arg-type]
    with pypdfium2.PdfDocument(target) as shown_as:
        picture = shown_as[0].render(scale=2, rotation=turned).to_pil().convert("L")
    ink = picture.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert ink is not None
    assert (picture.width, picture.height) == (2 * upright[0], 2 * upright[1])
    assert ink[1] > picture.height * 0.7
    assert ink[2] - ink[0] > picture.width * 0.7
    assert ink[2] - ink[0] > 3 * (ink[3] - ink[1])  # its lines lie as people read


@pytest.mark.parametrize("name", sorted(one.name for one in SAMPLES.iterdir() if one.suffix != ".json"))
def test_every_sample_is_judged_rightly(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    """Letters of every kind, as the product ships them; only the ticket, whose font is not inside, can't be one."""
    original, working, target = SAMPLES / name, tmp_path / "kerja.pdf", tmp_path / "cari.pdf"
    media_type = sniff(original.read_bytes()[:HEAD_BYTES])
    picture = media_type != "application/pdf"
    if picture:
        reader.inspect(sandbox, original, media_type, working, max_pages=9, seconds=30)
    source = working if picture else original
    pages = [reading(number + 1) for number in range(len(PdfReader(source).pages))]
    why = reader.assemble(sandbox, source, pages, target, ABOUT, picture=picture, seconds=30)
    assert bool(why) == bool(broken(target)) == (name == "tiket.pdf")
    assert (CLAIM in target.read_bytes()) == (not why)
    assert len(PdfReader(target).pages) == len(pages)


def test_it_says_what_it_is(sandbox: Sandbox, tmp_path: Path) -> None:
    writer, source, target = PdfWriter(), tmp_path / "asli.pdf", tmp_path / "cari.pdf"
    writer.add_blank_page(595, 842)
    writer.add_blank_page(595, 842)
    writer.add_metadata({"/Title": "Scan 1"})
    writer.write(source)
    assert reader.assemble(sandbox, source, [reading(2)], target, ABOUT, seconds=30) == []
    assert broken(target) == []
    told = PdfReader(target).xmp_metadata
    assert told is not None
    assert told.dc_title == {"x-default": ABOUT.title}
    assert told.dc_identifier == f"urn:uuid:{ABOUT.document}"
    assert told.dc_source == f"urn:sha256:{ABOUT.sha256}"
    assert "tanda tangan" not in told.dc_description["x-default"]


def test_a_part_of_a_stack_is_one_too(sandbox: Sandbox, tmp_path: Path) -> None:
    writer, source, target = PdfWriter(), tmp_path / "asli.pdf", tmp_path / "cari.pdf"
    for _ in range(3):
        writer.add_blank_page(595, 842)
    writer.write(source)
    assert reader.assemble(sandbox, source, [reading()], target, ABOUT, part=(2, 3), seconds=30) == []
    assert broken(target) == []


def js() -> DictionaryObject:
    return DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x()")})


def scripts(writer: PdfWriter) -> None:
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): js()})
    writer._root_object[NameObject("/OpenAction")] = js()


def link(writer: PdfWriter) -> None:
    writer.add_annotation(0, Link(rect=(0, 0, 99, 99), url="https://example.go.id"))


def secret(writer: PdfWriter) -> None:
    writer.encrypt("", "pemilik", algorithm="AES-256")


@pytest.mark.parametrize("harm", [scripts, link, secret])
def test_what_shows_nothing_is_taken_away(sandbox: Sandbox, tmp_path: Path, harm: Callable[[PdfWriter], None]) -> None:
    writer, source, target = PdfWriter(), tmp_path / "asli.pdf", tmp_path / "cari.pdf"
    writer.add_blank_page(595, 842)
    harm(writer)
    writer.write(source)
    assert reader.assemble(sandbox, source, [reading()], target, ABOUT, seconds=30) == []
    assert broken(target) == []
    assert b"JavaScript" not in target.read_bytes()


def test_somebody_elses_shortcomings_are_told(sandbox: Sandbox, tmp_path: Path) -> None:
    """A font that is not inside: the copy is made as ever, and does not say that it will last."""
    source, target = tmp_path / "asli.pdf", tmp_path / "cari.pdf"
    source.write_bytes(text_pdf("Surat Keterangan"))
    why = reader.assemble(sandbox, source, [], target, ABOUT, seconds=30)
    assert any("font" in rule.lower() for rule in why)
    assert all(len(rule) <= 200 for rule in why)
    assert CLAIM not in target.read_bytes()
    assert "Surat Keterangan" in PdfReader(target).pages[0].extract_text()


def test_colours_nobody_knows_are_told(sandbox: Sandbox, tmp_path: Path) -> None:
    original, working, target = (tmp_path / name for name in ("asli", "kerja.pdf", "cari.pdf"))
    original.write_bytes(encoded("CMYK", "JPEG"))
    reader.inspect(sandbox, original, "image/jpeg", working, max_pages=3, seconds=30)
    why = reader.assemble(sandbox, working, [reading()], target, ABOUT, picture=True, seconds=30)
    assert any("CMYK" in rule for rule in why)
    assert CLAIM not in target.read_bytes()


def test_a_page_made_to_deceive_gets_no_word_in(sandbox: Sandbox, tmp_path: Path) -> None:
    """A PDF that claims to be a PDF/A and is none loses its claim with its metadata."""
    source, target = tmp_path / "asli.pdf", tmp_path / "cari.pdf"
    writer = PdfWriter(clone_from=io.BytesIO(text_pdf("Surat")))
    claim = StreamObject()
    claim.set_data(b'<x xmlns:pdfaid="' + CLAIM + b'"><pdfaid:part>2</pdfaid:part></x>')
    writer._root_object[NameObject("/Metadata")] = writer._add_object(claim)
    writer.write(source)
    assert reader.assemble(sandbox, source, [], target, ABOUT, seconds=30) != []
    assert CLAIM not in target.read_bytes()


@pytest.mark.parametrize("name", ["stray_text.pdf", "tagged_no_text.pdf"])
def test_odd_files_are_judged_rightly(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    target = tmp_path / "cari.pdf"
    why = reader.assemble(sandbox, BAD / name, [reading()], target, ABOUT, seconds=30)
    assert (CLAIM in target.read_bytes()) == (not why)
    assert bool(broken(target)) == bool(why)


def test_a_stream_may_end_in_a_carriage_return(sandbox: Sandbox, tmp_path: Path) -> None:
    """The validator alone takes its last byte for the end of a line; one that says another length is found still."""
    source, target = tmp_path / "asli.pdf", tmp_path / "cari.pdf"
    writer = PdfWriter()
    writer.add_blank_page(200, 230)
    writer.write(source)
    assert reader.assemble(sandbox, source, [reading()], target, ABOUT, picture=True, seconds=30) == []
    writer = PdfWriter(clone_from=target)
    told = writer._root_object["/Metadata"].get_object()
    assert isinstance(told, StreamObject)
    told.set_data(told.get_data() + b"\r")
    out = io.BytesIO()
    writer.write(out)
    made = out.getvalue()
    assert not validator.is_pdf_compliant_bytes(made, profile=validator.ValidationProfile.PDF_A_2B)
    assert pdfa.broken_rules(made) == []
    length = str(len(told.get_data()))
    assert made.count(f"/Length {length}".encode()) == 1
    shorter = made.replace(f"/Length {length}".encode(), f"/Length {int(length) - 2}".encode())
    assert any("STREAM-LENGTH" in rule for rule in pdfa.broken_rules(shorter))
