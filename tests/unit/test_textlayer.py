"""Where words go on a page, and which bytes write them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.reading import PageReading, Word
from ocr.textlayer import Codes, page_stream, placing

BOX = (10, 20, 110, 220)  # 100 × 200 points


@pytest.mark.parametrize(
    ("turned", "top_left", "bottom_right"),
    [
        (0, (10, 220), (110, 20)),
        (90, (10, 20), (110, 220)),
        (180, (110, 20), (10, 220)),
        (270, (110, 220), (10, 20)),
        (360, (10, 220), (110, 20)),
    ],
)
def test_the_upright_page_lies_in_its_box(
    turned: int, top_left: tuple[float, float], bottom_right: tuple[float, float]
) -> None:
    place = placing(BOX, turned)
    assert place.at(0, 0) == top_left
    assert place.at(1, 1) == bottom_right


def decoded(codes: Codes, text: str) -> str:
    """What a viewer copies: the codes through the font's own map."""
    pairs = re.findall(r"<([0-9a-f]{2})> <([0-9a-f]{4,})>", codes.to_unicode().decode())
    chars = {int(code, 16): bytes.fromhex(char).decode("utf-16-be") for code, char in pairs}
    return "".join(chars[code] for code in codes.encode(text))


def test_characters_come_back() -> None:
    text = "Kepala “Dinas” – Rp1.000 é € ≤ ✓ 𝟙 ?"
    assert decoded(Codes(text), text) == text


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200))
def test_any_character_is_written_in_one_byte(text: str) -> None:
    codes = Codes(text)
    assert len(codes.encode(text)) == len(text)
    assert all(back in (char, "?") for back, char in zip(decoded(codes, text), text, strict=True))


def test_more_strange_characters_than_room_become_question_marks() -> None:
    text = "?" + "".join(chr(0x4E00 + i) for i in range(60))
    back = decoded(Codes(text), text)
    assert back[0] == "?"
    assert back.count("?") == 1 + 60 - 31


def test_the_stream_is_balanced_and_invisible() -> None:
    page = PageReading(1, 100, 200, 500, 1000, 0, 1.5, "ocr", (Word("surat", (0.1, 0.1, 0.5, 0.2), 0.9, 0),), 0.1)
    stream = page_stream(page, placing(BOX, 0), Codes("surat ")).decode()
    assert stream.startswith("q\nBT\n3 Tr\n")
    assert stream.endswith("\nET\nQ\n")
    assert b"surat ".hex() in stream
