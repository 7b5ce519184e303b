"""The fast engine on pages drawn here, through the real child with the real models."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from archive.reading import PageReading
from ocr import models, reader, sessions
from ocr.detect import Strip
from ocr.glyphs import Glyph
from ocr.lines import Line, read_again
from ocr.reader import Mode
from ocr.sandbox import Sandbox
from tests.assets.make_bad import packed

ROOT = Path(__file__).parents[2]
FONT = "/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf"
LETTER = (
    "DINAS SOSIAL KABUPATEN CONTOH",
    "Nomor : 400.9/317/DINSOS/VIII/2025",
    "NIK : 6571034208910003",
    "Dengan hormat, bersama ini kami sampaikan permohonan",
    "pemulangan orang terlantar atas nama Siti Rahmawati,",
    "yang tinggal di Jl. Mawar No. 12 RT. 7 sejak Mei 2024.",
)
Read = Callable[..., PageReading]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(2048) as box:
        yield box


@pytest.fixture
def read(sandbox: Sandbox, tmp_path: Path) -> Read:
    def through(picture: Image.Image, mode: Mode = "accurate") -> PageReading:
        original, working = tmp_path / "asli.jpg", tmp_path / "kerja.pdf"
        original.write_bytes(packed(picture, "JPEG", quality=85))
        reader.inspect(sandbox, original, "image/jpeg", working, max_pages=9, seconds=60)
        return reader.read_page(sandbox, working, 1, tmp_path / "p.jpg", seconds=60, mode=mode)

    return through


def sheet(lines: tuple[str, ...] = LETTER) -> Image.Image:
    """A5 at 150 dpi."""
    page = Image.new("L", (874, 1240), 240)
    font = ImageFont.truetype(FONT, 28)
    for row, text in enumerate(lines):
        ImageDraw.Draw(page).text((80, 120 + 60 * row), text, fill=30, font=font)
    return page


@pytest.mark.parametrize("mode", ["fast", "accurate"])
def test_a_letter_is_read(read: Read, mode: Mode) -> None:
    page = read(sheet(), mode)
    assert page.source == "ocr"
    assert page.text.splitlines() == list(LETTER)
    assert page.confidence is not None
    assert page.confidence > 0.9


def test_each_word_stands_at_its_ink(read: Read) -> None:
    page = read(sheet())
    font = ImageFont.truetype(FONT, 28)
    ends = {}
    for row, text in enumerate(LETTER):
        x = 80.0
        for word in text.split():
            left, _, right, _ = font.getbbox(word)
            ends[row, word] = ((x + left) / 874, (x + right) / 874, (120 + 60 * row + 16) / 1240)
            x += font.getlength(word + " ")
    for word in page.words:
        left, right, middle = ends[word.line, word.text]
        assert word.box[0] == pytest.approx(left, abs=0.006)
        assert word.box[2] == pytest.approx(right, abs=0.006)
        assert word.box[1] < middle < word.box[3]


@pytest.mark.parametrize("lean", [-4.0, 3.0])
def test_a_leaning_page_keeps_its_rows(read: Read, lean: float) -> None:
    page = read(sheet().rotate(-lean, Image.Resampling.BICUBIC, fillcolor=240))
    assert page.text.splitlines() == list(LETTER)
    assert page.skew == pytest.approx(lean, abs=0.3)


def test_a_photo_taken_at_a_slant_is_read(read: Read) -> None:
    size = (874, 1240)
    slanted = sheet().transform(
        size, Image.Transform.PERSPECTIVE, (1.06, 0.09, -60, 0.03, 1.12, -50, 0.00008, 0.0001), Image.Resampling.BICUBIC
    )
    assert read(slanted.point(lambda v: v or 90)).text.splitlines() == list(LETTER)


def test_codes_boxes_and_stamps_are_no_letters(read: Read) -> None:
    page = sheet()
    code = Image.fromarray(
        np.asarray(zxingcpp.create_barcode("surat-12345", zxingcpp.BarcodeFormat.QRCode).to_image(6))
    )
    page.paste(code, (640, 900))
    pen = ImageDraw.Draw(page)
    for y in (700, 760, 820):
        pen.rectangle((90, y, 116, y + 26), outline=30, width=2)
    stamp = Image.new("L", (260, 60), 240)
    ImageDraw.Draw(stamp).text((10, 10), "KOTA CONTOH", fill=80, font=ImageFont.truetype(FONT, 30))
    page.paste(stamp.rotate(11, Image.Resampling.BICUBIC, expand=True, fillcolor=240), (300, 800))
    assert read(page).text.splitlines() == list(LETTER)


def test_a_number_in_a_comb_is_one_word(read: Read) -> None:
    page = sheet()
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(FONT, 30)
    for i, digit in enumerate("6571034208910003"):
        pen.rectangle((80 + 40 * i, 700, 120 + 40 * i, 745), outline=120)
        pen.text((92 + 40 * i, 705), digit, fill=30, font=font)
    assert "6571034208910003" in read(page).text.splitlines()[-1].split()


@pytest.mark.parametrize("lost", [0, 7, 15])
def test_a_line_that_is_all_cells_is_read_whole_where_the_first_look_lost_a_digit(lost: int) -> None:
    number, cell, left = "6571034208910003", 40, 20
    picture = Image.new("L", (2 * left + cell * len(number) + 20, 100), 240)
    pen, font = ImageDraw.Draw(picture), ImageFont.truetype(FONT, 30)
    for i, digit in enumerate(number):
        pen.rectangle((30 + cell * i, 28, 30 + cell * (i + 1), 73), outline=120)
        pen.text((42 + cell * i, 33), digit, fill=30, font=font)
    strip = Strip(picture.width / 2, 50, picture.width - 2 * 10, 52, 0.0)
    glyphs: list[Glyph] = []
    for i, digit in enumerate(number):
        start, end = ((left + cell * i + at) / strip.length for at in (12, 27))
        if i != lost:
            glyphs += [Glyph(" ", glyphs[-1].end, start, 1.0)] if glyphs else []
            glyphs.append(Glyph(digit, start, end, 1.0))
    again = read_again(sessions.loaded(), np.asarray(picture), Line(strip, tuple(glyphs)))
    assert again.text.replace(" ", "") == number


@pytest.mark.parametrize("faint", [0.15, 0.4])
def test_a_back_that_shows_its_front_is_blank(read: Read, faint: float) -> None:
    front = ImageOps.mirror(sheet().filter(ImageFilter.GaussianBlur(1.2)))
    page = read(front.point(lambda v: round(240 - faint * (240 - v))))
    assert (page.source, page.words) == ("blank", ())


def test_a_dirty_back_is_blank(read: Read) -> None:
    page, random = Image.new("L", (874, 1240), 238), np.random.default_rng(7)
    pen = ImageDraw.Draw(page)
    for x, y, r in zip(
        random.integers(0, 874, 90), random.integers(0, 1240, 90), random.integers(1, 4, 90), strict=True
    ):
        pen.ellipse((x, y, x + r, y + r), fill=70)
    for y in (520, 720):
        pen.ellipse((30, y, 58, y + 28), fill=40)  # punched holes
    pen.rectangle((0, 0, 874, 14), fill=120)  # the lid's shadow
    assert read(page).source == "blank"


def test_pixels_of_any_kind_are_survived(read: Read) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (400, 300), dtype=np.uint8)
    for picture in (Image.fromarray(noise), Image.new("L", (2000, 12), 10), Image.new("L", (9, 9), 250)):
        assert read(picture).source in ("ocr", "blank")


def test_the_models_are_the_expected_ones_and_stay_when_set_up_again() -> None:
    marks = {path: path.stat().st_mtime_ns for path in models.FOLDER.iterdir()}
    subprocess.run(["bash", ROOT / "scripts" / "models.sh"], check=True, timeout=60)
    assert {path: path.stat().st_mtime_ns for path in models.FOLDER.iterdir()} == marks
    expected = dict(line.split("  ")[::-1] for line in (ROOT / "scripts" / "models.sha256").read_text().splitlines())
    found = {f"{name.removeprefix('PP-OCRv6 ')}.onnx": d.removeprefix("sha256:") for name, d in models.about().items()}
    assert found == {name: digest for name, digest in expected.items() if name.endswith(".onnx")}


def test_the_child_that_reads_stands_behind_the_best_wall(sandbox: Sandbox, read: Read) -> None:
    read(sheet())
    assert sandbox.isolation == "bubblewrap"
