"""Codes on a page: read at any angle, their text cleaned and cut, nothing found where nothing is."""

import numpy as np
import pypdfium2 as pdfium
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from archive.reading import SEPARATOR, clean, is_separator
from ingest.separator import separator_pdf
from ocr.codes import MAX_TEXT, find_codes

FORMATS = {
    "qr": zxingcpp.BarcodeFormat.QRCode,
    "code128": zxingcpp.BarcodeFormat.Code128,
    "datamatrix": zxingcpp.BarcodeFormat.DataMatrix,
}


def drawn(kind: str, text: str, angle: float = 0.0) -> Image.Image:
    """A page of 600 × 600 px with one code on it, turned clockwise by `angle`."""
    made = zxingcpp.create_barcode(text, FORMATS[kind])
    code = Image.fromarray(np.asarray(zxingcpp.write_barcode_to_image(made, scale=3)))
    code.thumbnail((360, 360), Image.Resampling.BOX)
    page = Image.new("L", (600, 600), 240)
    page.paste(code, (300 - code.width // 2, 300 - code.height // 2))
    return page.rotate(-angle, Image.Resampling.BICUBIC, fillcolor=240)


@pytest.mark.parametrize("kind", sorted(FORMATS))
@pytest.mark.parametrize("angle", [0, 3, 45, 90, 133, 180, -90])
def test_a_code_is_read_at_any_angle(kind: str, angle: int) -> None:
    (code,) = find_codes(drawn(kind, "AGD150/XII/2025", angle))
    assert (code.kind, code.text) == (kind, "AGD150/XII/2025")
    x0, y0, x1, y1 = code.box
    assert x0 < 0.5 < x1
    assert y0 < 0.5 < y1
    # bars look the same from behind: a reader may take them either way round
    apart = (code.angle - angle + 180) % (180 if kind == "code128" else 360)
    assert min(abs(apart - 180), apart % 180) <= 4


@settings(max_examples=40)
@given(st.text(st.characters(codec="utf-8", min_codepoint=32), min_size=1, max_size=60))
def test_what_a_qr_says_comes_out_clean(text: str) -> None:
    for code in find_codes(drawn("qr", text)):
        assert 0 < len(code.text) <= MAX_TEXT
        assert code.text == clean(code.text).strip()


def test_a_long_text_is_cut() -> None:
    (code,) = find_codes(drawn("qr", "a" * 700))
    assert code.text == "a" * MAX_TEXT


def test_control_characters_do_not_come_through() -> None:
    (code,) = find_codes(drawn("qr", "surat\u202e\u0007 12"))
    assert code.text == "surat 12"


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(1, 90), st.integers(1, 90), st.sampled_from([1, 2, 7]))
def test_noise_of_any_shape_is_survived(seed: int, wide: int, high: int, grain: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 2, (high, wide), dtype=np.uint8) * 255
    picture = Image.fromarray(noise).resize((wide * grain, high * grain), Image.Resampling.NEAREST)
    for code in find_codes(picture):
        assert 0 <= code.box[0] <= code.box[2] <= 1
        assert 0 <= code.box[1] <= code.box[3] <= 1


def test_two_codes_with_one_text_are_two() -> None:
    one = drawn("qr", "sama")
    page = Image.new("L", (1200, 600), 240)
    page.paste(one, (0, 0))
    page.paste(one, (600, 0))
    assert [code.text for code in find_codes(page)] == ["sama", "sama"]


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_the_separator_sheet_is_known_again(angle: int) -> None:
    with pdfium.PdfDocument(separator_pdf()) as document:
        assert len(document) == 1
        assert tuple(round(side) for side in document[0].get_size()) == (595, 842)
        picture = document[0].render(scale=100 / 72).to_pil().convert("L")
        said = document[0].get_textpage().get_text_range()
    (code,) = find_codes(picture.rotate(angle, expand=True))
    assert code.text == SEPARATOR
    assert is_separator(code.text)
    assert "LEMBAR PEMISAH" in said
    assert "di antara dua surat" in said


def test_the_separator_sheet_is_the_same_bytes_every_time() -> None:
    assert separator_pdf() == separator_pdf()


@given(st.text(max_size=30))
def test_only_its_own_text_makes_a_separator(text: str) -> None:
    assert not is_separator(text)
    assert is_separator(f" {SEPARATOR} ")
    assert is_separator("ARSIP-PEMISAH-12")
    assert not is_separator("ARSIP-PEMISAH-²")
