"""Characters of a strip: spaces put back, twins set right, each word as wide as its ink."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from ocr.glyphs import Glyph, Part, placed, same_shapes

SHAPES = {
    "JI.": "Jl.",
    "J1.": "Jl.",
    "CERAl": "CERAI",
    "KabupaIen": "Kabupalen",
    "Il-c": "II-c",
    "460/12/lll/2025": "460/12/III/2025",
    "DINS0S": "DINSOS",
    # nothing to choose from: left as read
    "Jalan": "Jalan",
    "Ibu": "Ibu",
    "2010": "2010",
    "B10": "B10",
    "KTP-el": "KTP-el",
    "l": "l",
}


@pytest.mark.parametrize(("read", "meant"), SHAPES.items())
def test_twins_are_set_right_only_where_the_letters_around_decide(read: str, meant: str) -> None:
    assert same_shapes(read) == meant


@given(st.text(alphabet="IlVX1O0|./-aBcD", max_size=40))
def test_setting_twins_right_changes_nothing_else(word: str) -> None:
    twins = str.maketrans("l1|0", "IIIO")
    assert same_shapes(word).translate(twins) == word.translate(twins)
    assert same_shapes(same_shapes(word)) == same_shapes(word)


def drawn(words: list[tuple[int, str]]) -> tuple[np.ndarray, list[Glyph]]:
    """A strip with words at these places in px, and what a recogniser says of it: cores of 8 px, lost spaces lost."""
    picture = Image.new("L", (600, 48), 235)
    font = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf", 28)
    glyphs = []
    for x, word in words:
        ImageDraw.Draw(picture).text((x, 6), word, fill=20, font=font)
        for i, letter in enumerate(word):
            start, _, end, _ = font.getbbox(letter)
            middle = x + i * font.getlength("n") + (start + end) / 2
            glyphs.append(Glyph(letter, (middle - 4) / 600, (middle + 4) / 600, 0.9))
    return np.asarray(picture), glyphs


def texts(glyphs: tuple[Glyph, ...]) -> str:
    return "".join(g.text for g in glyphs)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([(20, ":"), (60, "SITI")], ": SITI"),
        ([(20, "NIP."), (110, "1990")], "NIP. 1990"),
        ([(20, "Nomor"), (130, ":")], "Nomor :"),
        # inside a number nothing parts, however wide it is set
        ([(20, "400."), (110, "9")], "400.9"),
        ([(20, "KTP/KK")], "KTP/KK"),
    ],
)
def test_a_space_lost_beside_a_mark_is_put_back(words: list[tuple[int, str]], said: str) -> None:
    crop, glyphs = drawn(words)
    assert texts(placed(glyphs, crop)) == said


@pytest.mark.parametrize(
    ("second", "trace", "said"),
    [
        (160, 0.1, "YANTI FATIMAH"),
        # a wide gap without the recogniser's trace of a space, and a trace without a gap
        (160, 0.0, "YANTIFATIMAH"),
        (99, 0.1, "YANTIFATIMAH"),
    ],
)
def test_a_space_lost_between_capitals_needs_a_gap_and_a_trace(second: int, trace: float, said: str) -> None:
    crop, glyphs = drawn([(20, "YANTI"), (second, "FATIMAH")])
    glyphs[5] = glyphs[5]._replace(parted=trace)
    assert texts(placed(glyphs, crop)) == said


def test_a_word_reaches_from_its_first_ink_to_its_last() -> None:
    crop, glyphs = drawn([(100, "ADA")])
    found = placed(glyphs, crop)
    ink = np.flatnonzero(crop.min(axis=0) < 128)
    assert found[0].start * 600 == pytest.approx(ink[0], abs=2)
    assert found[-1].end * 600 == pytest.approx(ink[-1] + 1, abs=2)


def test_an_empty_box_is_no_letter() -> None:
    crop, glyphs = drawn([(100, "ADA")])
    assert texts(placed([Glyph("□", 0.02, 0.04, 0.9), *glyphs], crop)) == "ADA"


@given(
    st.lists(st.tuples(st.sampled_from("aI1 .:/,)□"), st.floats(0, 1), st.floats(0, 1)), max_size=30),
    st.integers(0, 2**32 - 1),
)
def test_places_ascend_whatever_a_recogniser_says(said: list[tuple[str, float, float]], seed: int) -> None:
    places = sorted(v for _, a, b in said for v in (a, b))
    glyphs = [Glyph(c, places[2 * i], places[2 * i + 1], 0.5) for i, (c, _, _) in enumerate(said)]
    crop = np.random.default_rng(seed).integers(0, 256, (48, 64)).astype(np.uint8)
    found = placed(glyphs, crop)
    edges = [v for g in found for v in (g.start, g.end)]
    assert edges == sorted(edges)
    assert all(0 <= v <= 1 for v in edges)
    assert [g.text for g in found if g.text not in " "] == [c for c, _, _ in said if c not in " □"]


def test_a_word_is_as_sure_as_all_its_letters_together() -> None:
    part = Part((Glyph("A", 0, 0.1, 0.5), Glyph("B", 0.1, 0.2, 0.5)))
    assert (part.text, part.confidence, part.weakest) == ("AB", 0.25, 0.5)
