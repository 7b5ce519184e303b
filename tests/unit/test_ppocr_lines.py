"""Which words are read a second time."""

import pytest

from ocr.glyphs import Glyph, Part
from ocr.lines import _in_cells, _needs_care


def word(text: str, confidence: float) -> Part:
    return Part(tuple(Glyph(c, i / len(text), (i + 1) / len(text), confidence) for i, c in enumerate(text)))


@pytest.mark.parametrize(
    ("text", "confidence", "again"),
    [
        ("Tarakan", 0.7, False),
        ("Tarakan", 0.5, True),
        # a digit is doubted sooner than a letter: nothing around it tells
        ("6473011203880002", 0.995, False),
        ("6473011203880002", 0.98, True),
        # a roman number loses its strokes without a doubt
        ("VIII", 1.0, True),
        ("400.9/57/DINSOS/VIII/2025", 1.0, True),
        ("RT/RW", 1.0, False),
    ],
)
def test_roman_and_letters_numbers_are_always_read_again_and_others_in_doubt(
    text: str, confidence: float, again: bool
) -> None:
    assert _needs_care(word(text, confidence), in_cells=False) is again


@pytest.mark.parametrize(
    ("line", "again"),
    [
        ("2. NIK 6 4 7 2 0 7 T640 3570029", "2. 6 4 7 2 0 7 T640 3570029"),
        ("NIK 65010614 o 9510021", "65010614 o 9510021"),
        ("Nomor 6473011203880002 tahun 2025", ""),
        ("RT 05 A", ""),
    ],
)
def test_numbers_in_the_cells_of_a_comb_are_read_again_however_sure(line: str, again: str) -> None:
    parts = [word(text, 1.0) for text in line.split()]
    assert " ".join(p.text for p in parts if _needs_care(p, in_cells=_in_cells(parts))) == again
