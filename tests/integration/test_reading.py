"""From files to words, in the real child with the real tesseract; the bad files each get their own fault."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import img2pdf
import pillow_heif
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, NumberObject

from archive.reading import PageReading
from core import faults
from core.faults import Fault
from ocr import reader, straighten
from ocr.sandbox import Sandbox
from tests.assets.make_bad import LINES, letter, packed, scanned
from tests.conftest import BAD

TYPES = {".pdf": "application/pdf", ".jpg": "image/jpeg", ".png": "image/png", ".tiff": "image/tiff"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(2048) as box:
        yield box


@pytest.fixture
def read(sandbox: Sandbox, tmp_path: Path):  # type: ignore[no-untyped-def]
    """Inspect a file's bytes and read its first page."""

    def through(data: bytes, media_type: str) -> tuple[PageReading, Image.Image]:
        original, working, preview = tmp_path / "asli", tmp_path / "kerja.pdf", tmp_path / "p.jpg"
        original.write_bytes(data)
        found = reader.inspect(sandbox, original, media_type, working, max_pages=100, seconds=60)
        assert found.has_working == (media_type != "application/pdf")
        page = reader.read_page(sandbox, working if found.has_working else original, 1, preview, seconds=60)
        with Image.open(preview) as picture:
            assert picture.size == (page.preview_width, page.preview_height)
            assert not picture.getexif()
            return page, picture.convert("L")

    return through


BAD_FILES = {
    "truncated.jpg": faults.DamagedFile,
    "truncated.pdf": faults.DamagedFile,
    "empty.pdf": faults.DamagedFile,
    "html_as.pdf": faults.DamagedFile,
    "svg_as.pdf": faults.DamagedFile,
    "exe_as.pdf": faults.DamagedFile,
    "encrypted.pdf": faults.EncryptedPdf,
    "no_pages.pdf": faults.NoPages,
    "ten_thousand_pages.pdf": faults.TooManyPages,
    "bomb_35000.png": faults.PictureTooLarge,
    "bomb_35000.tiff": faults.PictureTooLarge,
}


@pytest.mark.parametrize(("name", "kind"), BAD_FILES.items(), ids=BAD_FILES)
def test_a_bad_file_gets_its_own_fault(sandbox: Sandbox, tmp_path: Path, name: str, kind: type[Fault]) -> None:
    working = tmp_path / "kerja.pdf"
    with pytest.raises(kind) as refused:
        reader.inspect(sandbox, BAD / name, TYPES[Path(name).suffix], working, max_pages=1000, seconds=60)
    assert "{" not in refused.value.detail
    assert not working.exists()


@pytest.mark.parametrize("name", ["tagged_no_text.pdf", "stray_text.pdf"])
def test_a_page_that_only_pretends_to_have_text_is_recognised(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    page = reader.read_page(sandbox, BAD / name, 1, tmp_path / "p.jpg", seconds=60)
    assert page.source == "ocr"
    assert page.text.splitlines()[: len(LINES)] == list(LINES)
    assert page.confidence is not None
    assert page.confidence > 0.85


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("laid", [0, 90, 180, 270])
def test_a_page_is_read_however_it_lies(read, laid: int, turned: int) -> None:  # type: ignore[no-untyped-def]
    """Turned on the glass, and turned again by the PDF's own /Rotate."""
    picture = straighten.turn(letter(), laid)
    made = img2pdf.convert(packed(picture, "PNG"), nodate=True, engine=img2pdf.Engine.internal)
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(made)))
    writer.pages[0][NameObject("/Rotate")] = NumberObject(turned)
    out = io.BytesIO()
    writer.write(out)
    page, preview = read(out.getvalue(), "application/pdf")
    assert page.rotation == (-laid - turned) % 360
    assert page.text.splitlines() == list(LINES)
    assert page.height_pt > page.width_pt
    assert preview.height > preview.width
    first = page.words[0].box
    cut = preview.crop(tuple(int(v * s) for v, s in zip(first, preview.size * 2, strict=True)))
    assert min(cut.tobytes()) < 80  # there is ink where the first word is said to be
    assert first[1] < 0.15


def exif_turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return packed(straighten.turn(letter(), 270).convert("L"), "JPEG", exif=exif, quality=90)


def mirrored() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 2
    return packed(letter().convert("L").transpose(Image.Transpose.FLIP_LEFT_RIGHT), "JPEG", exif=exif, quality=90)


def with_alpha() -> bytes:
    clear = Image.new("RGBA", letter().size, (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), mask=letter().point(lambda v: 255 - v).convert("L"))
    return packed(clear, "PNG")


def heic() -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(letter().convert("RGB")).save(out, quality=80)
    return out.getvalue()


PICTURES = {
    "jpeg": (lambda: packed(letter().convert("RGB"), "JPEG", quality=85), "image/jpeg"),
    "jpeg_exif_turned": (exif_turned, "image/jpeg"),
    "jpeg_exif_mirrored": (mirrored, "image/jpeg"),
    "jpeg_cmyk": (lambda: packed(letter().convert("RGB").convert("CMYK"), "JPEG", quality=85), "image/jpeg"),
    "png_alpha": (with_alpha, "image/png"),
    "png_16_bit": (lambda: packed(letter().convert("I;16").point(lambda v: v * 257), "PNG"), "image/png"),
    "png_palette": (lambda: packed(letter().convert("P"), "PNG"), "image/png"),
    "tiff_g4": (lambda: packed(letter(), "TIFF", compression="group4"), "image/tiff"),
    "heic": (heic, "image/heic"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_every_kind_of_picture_is_read(read, name: str) -> None:  # type: ignore[no-untyped-def]
    make, media_type = PICTURES[name]
    page, _ = read(make(), media_type)
    assert page.text.splitlines() == list(LINES)
    assert page.rotation == 0
    assert page.height_pt > page.width_pt


def test_a_jpeg_is_kept_byte_for_byte(sandbox: Sandbox, tmp_path: Path) -> None:
    photo = packed(letter().convert("RGB"), "JPEG", quality=85)
    (tmp_path / "foto.jpg").write_bytes(photo)
    reader.inspect(sandbox, tmp_path / "foto.jpg", "image/jpeg", tmp_path / "k.pdf", max_pages=9, seconds=30)
    assert photo in (tmp_path / "k.pdf").read_bytes()


def test_a_photo_without_resolution_is_as_long_as_a4(sandbox: Sandbox, tmp_path: Path) -> None:
    letter().convert("L").resize((3000, 4000)).save(tmp_path / "foto.jpg", quality=60)
    found = reader.inspect(sandbox, tmp_path / "foto.jpg", "image/jpeg", tmp_path / "k.pdf", max_pages=9, seconds=30)
    assert found.pages[0].height_pt == pytest.approx(841.89, abs=0.1)


def test_a_tiff_of_many_pages(sandbox: Sandbox, tmp_path: Path) -> None:
    pages = [letter(), letter().resize((437, 620))]
    pages[0].save(tmp_path / "t.tiff", save_all=True, append_images=pages[1:], compression="group4", dpi=(150, 150))
    found = reader.inspect(sandbox, tmp_path / "t.tiff", "image/tiff", tmp_path / "k.pdf", max_pages=2, seconds=30)
    assert [round(p.width_pt) for p in found.pages] == [420, 210]
    with pytest.raises(faults.TooManyPages):
        reader.inspect(sandbox, tmp_path / "t.tiff", "image/tiff", tmp_path / "k.pdf", max_pages=1, seconds=30)


def test_real_text_is_taken_as_it_is(sandbox: Sandbox, tmp_path: Path) -> None:
    # a landscape page as office programs write it: drawn lying, with /Rotate to stand it up
    content = b"BT /F 12 Tf 18 TL 0 1 -1 0 40 60 Tm %s ET" % b" ".join(b"(%s) Tj T*" % line.encode() for line in LINES)
    source = tmp_path / "asli.pdf"
    source.write_bytes(
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 595]/Rotate 90/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
        b"4 0 obj<</Length %d>>stream\n%s\nendstream endobj\n"
        b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R/Size 6>>\n%%%%EOF"
        % (len(content), content)
    )
    page = reader.read_page(sandbox, source, 1, tmp_path / "p.jpg", seconds=60)
    assert (page.source, page.rotation, page.confidence) == ("pdf_text", 0, None)
    assert page.text.splitlines() == list(LINES)
    assert (page.width_pt, page.height_pt) == (595, 420)
    x0, y0, x1, y1 = page.words[0].box
    assert x0 == pytest.approx(60 / 595, abs=0.01)
    assert y1 == pytest.approx(40 / 420, abs=0.01)
    assert x1 - x0 > y1 - y0


def test_a_blank_page_is_no_failure(read) -> None:  # type: ignore[no-untyped-def]
    page, _ = read(packed(Image.new("L", (874, 1240), 250), "PNG"), "image/png")
    assert (page.source, page.words, page.rotation) == ("blank", (), 0)


def test_a_page_that_is_not_there(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "s.pdf").write_bytes(scanned())
    with pytest.raises(faults.DamagedFile):
        reader.read_page(sandbox, tmp_path / "s.pdf", 2, tmp_path / "p.jpg", seconds=30)
    assert not (tmp_path / "p.jpg").exists()


def test_a_bomb_inside_a_pdf(sandbox: Sandbox, tmp_path: Path) -> None:
    bomb = b"<</Type/XObject/Subtype/Image/Width 35000/Height 35000/BitsPerComponent 1/ColorSpace/DeviceGray"
    (tmp_path / "s.pdf").write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>"
        b"endobj\n4 0 obj<</Length 27>>stream\n595 0 0 842 0 0 cm /I Do   \nendstream endobj\n"
        b"5 0 obj" + bomb + b"/Length 1>>stream\n0\nendstream endobj\ntrailer<</Root 1 0 R/Size 6>>\n%%EOF"
    )
    with pytest.raises(faults.PictureTooLarge):
        reader.read_page(sandbox, tmp_path / "s.pdf", 1, tmp_path / "p.jpg", seconds=30)


def test_md5_twins_are_two_files() -> None:
    twins = [(BAD / f"md5_twin_{name}.pdf").read_bytes() for name in "ab"]
    assert len({hashlib.md5(t, usedforsecurity=False).digest() for t in twins}) == 1
    assert len({hashlib.sha256(t).digest() for t in twins}) == 2


def test_without_tesseract_a_page_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    with Sandbox(2048) as sandbox, pytest.raises(faults.RecogniserUnavailable):
        reader.read_page(sandbox, BAD / "tagged_no_text.pdf", 1, tmp_path / "p.jpg", seconds=60, mode="tesseract")


def test_without_indonesian_a_page_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    languages = tmp_path / "tessdata"
    languages.mkdir()
    monkeypatch.setenv("TESSDATA_PREFIX", str(languages))
    with Sandbox(2048) as sandbox, pytest.raises(faults.RecogniserUnavailable):
        reader.read_page(sandbox, BAD / "tagged_no_text.pdf", 1, tmp_path / "p.jpg", seconds=60, mode="tesseract")


def test_the_engines_say_what_they_are() -> None:
    versions = reader.engine_versions()
    assert versions["mode"] == "accurate"
    assert versions["onnxruntime"].split(".")[0].isdigit()
    assert {n for n, v in versions.items() if n.startswith("PP-OCRv6") and v.startswith("sha256:")} == {
        "PP-OCRv6 det-tiny-gray",
        "PP-OCRv6 rec-small-gray",
        "PP-OCRv6 rec-tiny-gray",
    }
    alone = reader.engine_versions("tesseract")
    assert alone["tesseract"].split(".")[0].isdigit()
    assert alone["ind.traineddata"].startswith("sha256:")
    assert "onnxruntime" not in alone


def test_a_release_of_ours_is_another_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    this, installed = reader.identity(), reader.version
    monkeypatch.setattr(reader, "version", lambda name: "9.9" if name == "arsiparis" else installed(name))
    assert reader.identity.__wrapped__() != this


@pytest.mark.parametrize("laid", [0, 90, 180, 270])
def test_tesseract_alone_reads_however_a_page_lies(sandbox: Sandbox, tmp_path: Path, laid: int) -> None:
    picture = packed(straighten.turn(letter(), laid), "PNG")
    (tmp_path / "s.pdf").write_bytes(img2pdf.convert(picture, nodate=True, engine=img2pdf.Engine.internal))
    page = reader.read_page(sandbox, tmp_path / "s.pdf", 1, tmp_path / "p.jpg", seconds=60, mode="tesseract")
    assert page.rotation == -laid % 360
    assert page.text.splitlines() == list(LINES)
