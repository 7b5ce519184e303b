"""What a reading promises, whatever was read."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.reading import Inspection, PageReading, PageSize, Word, clean, text_of, word_at

UNIT = st.floats(-0.5, 1.5)
WILD = st.text(st.characters(exclude_categories=()), max_size=12)  # surrogates, controls and all


@st.composite
def words(draw: st.DrawFn) -> tuple[Word, ...]:
    found: list[Word] = []
    for line in range(draw(st.integers(0, 5))):
        for _ in range(draw(st.integers(0, 4))):
            box = [draw(UNIT) for _ in range(4)]
            found += word_at(draw(WILD), box, draw(st.none() | UNIT), line)
    return tuple(found)


def reading(found: tuple[Word, ...]) -> PageReading:
    return PageReading(1, 595.0, 842.0, 1240, 1754, 90, -1.25, "ocr", found, 0.5, picture="00ff00ff00ff00ff")


@given(words())
def test_the_text_is_the_words(found: tuple[Word, ...]) -> None:
    page = reading(found)
    assert page.text.split() == [word.text for word in page.words]


@given(words())
def test_json_keeps_everything(found: tuple[Word, ...]) -> None:
    page = reading(found)
    assert PageReading.from_json(json.loads(json.dumps(page.to_json()))) == page


@given(words())
def test_the_text_can_be_stored(found: tuple[Word, ...]) -> None:
    text = reading(found).text
    text.encode()  # raises on a lone surrogate
    assert "\x00" not in text


@given(WILD)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_what_hides_a_word_goes() -> None:
    assert clean("ra\u202ehasia\x00\u00ad e\ufb01sien\ud800") == "rahasia efisien"


def test_lines_and_words() -> None:
    found = [
        *word_at("Nomor", (0, 0, 1, 1), 1, 0),
        *word_at("7", (0, 0, 1, 1), 1, 0),
        *word_at("Hal", (0, 0, 1, 1), 1, 2),
    ]
    assert text_of(found) == "Nomor 7\nHal"


def test_a_text_with_spaces_becomes_words() -> None:
    assert [w.text for w in word_at("dua\u00a0 kata", (0.9, 0.5, 0.1, 1.4), None, 3)] == ["dua", "kata"]


def test_confidence_weighs_by_length() -> None:
    found = (*word_at("aaa", (0, 0, 1, 1), 1.0, 0), *word_at("b", (0, 0, 1, 1), 0.0, 0))
    assert reading(found).confidence == 0.75
    assert reading(()).confidence is None


@pytest.mark.parametrize(
    "change",
    [
        {"rotation": 45},
        {"skew": 60.0},
        {"number": 0},
        {"width_pt": 0.0},
        {"preview_width": 0},
        {"source": "guess"},
        {"source": "blank"},
        {"picture": "FF00"},
    ],
)
def test_a_wrong_reading_cannot_be_made(change: dict[str, object]) -> None:
    page = reading((Word("a", (0, 0, 1, 1), 0.5, 0),))
    with pytest.raises(ValueError, match=r"^(a|pages|words) "):
        replace(page, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "box", "confidence", "line"),
    [
        ("", (0, 0, 1, 1), 1, 0),
        ("a b", (0, 0, 1, 1), 1, 0),
        ("a\x00", (0, 0, 1, 1), 1, 0),
        ("a", (0.5, 0, 0.4, 1), 1, 0),
        ("a", (0, 0, 1.01, 1), 1, 0),
        ("a", (0, 0, 1, 1), 1.1, 0),
        ("a", (0, 0, 1, 1), None, -1),
    ],
)
def test_a_wrong_word_cannot_be_made(
    text: str, box: tuple[float, float, float, float], confidence: float | None, line: int
) -> None:
    with pytest.raises(ValueError, match=r"^a (word|box|confidence|line) "):
        Word(text, box, confidence, line)


def test_an_inspection_survives_json() -> None:
    found = Inspection((PageSize(595.5, 842), PageSize(100, 50)), has_working=True)
    assert Inspection.from_json(json.loads(json.dumps(found.to_json()))) == found
    with pytest.raises(ValueError, match="pages"):
        Inspection((), has_working=False)
