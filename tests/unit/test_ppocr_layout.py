"""What is print on a page, and in which order it is read."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.reading import PageReading
from ocr.detect import Strip
from ocr.found import Recognised
from ocr.glyphs import Glyph
from ocr.layout import print_only, rows_of, usual_lean
from ocr.lines import Line
from ocr.ppocr import _page
from ocr.textlayer import Codes, page_stream, placing


def line(text: str, x: float, y: float, *, sure: float = 0.99, height: float = 30, lean: float = 0.0) -> Line:
    """A line of print whose middle is there."""
    step = 1 / len(text)
    glyphs = tuple(Glyph(c, i * step, (i + 1) * step, sure) for i, c in enumerate(text))
    return Line(Strip(x, y, 15 * len(text), height, lean), glyphs)


def rows(lines: list[Line], lean: float = 0.0) -> list[str]:
    return [" ".join(w.text for w in row) for row in rows_of(lines, lean)]


PRINT = [line(f"Kepada Yth. Kepala Dinas nomor {i}", 600, 100 * i + 100) for i in range(5)]


@pytest.mark.parametrize(
    "mark",
    [
        line("9", 40, 40, sure=0.97, height=60),  # a sheet's corner mark
        line("0", 300, 300, sure=0.7),  # an empty box
        line("Q4", 300, 300, sure=0.4),  # a code
        line("KOTA TARAKAN", 300, 300, lean=math.radians(9)),  # a stamp
    ],
)
def test_what_is_no_print_is_left_out(mark: Line) -> None:
    assert print_only([*PRINT, mark]) == PRINT


def test_short_print_stays() -> None:
    short = [line("1", 60, 300), line("Rp", 900, 400), line("asli", 900, 500, sure=0.75)]
    assert print_only([*PRINT, *short]) == [*PRINT, *short]


def test_no_lines_are_no_print() -> None:
    assert print_only([]) == []
    assert usual_lean([]) == 0.0


@pytest.mark.parametrize("lean", [-0.08, 0.0, 0.05])
def test_label_and_value_stand_in_one_row_on_a_leaning_page(lean: float) -> None:
    def at(text: str, x: float, y: float) -> Line:
        return line(text, x * math.cos(lean) - y * math.sin(lean), x * math.sin(lean) + y * math.cos(lean), lean=lean)

    page = [at(": 6571", 900, 152), at("Nama", 200, 100), at("NIK", 200, 150), at(": Siti", 900, 98)]
    assert rows(page, lean) == ["Nama : Siti", "NIK : 6571"]


def test_digits_in_the_cells_of_a_comb_are_one_number() -> None:
    comb = line("6 5 7 1 0 4", 400, 100)
    ((label, number),) = rows_of([line("NIK", 60, 100), comb], 0.0)
    assert (label.text, number.text) == ("NIK", "657104")
    assert number.strip.length == pytest.approx(comb.strip.length, rel=0.01)


@pytest.mark.parametrize("text", ["2 lembar 3 orang 1 anak", "0812 3456 7890 1234", "1 2 3", "19900101 201501 2 004"])
def test_other_numbers_stay_as_they_stand(text: str) -> None:
    assert rows([line(text, 400, 100)]) == [text]


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 1e4), st.floats(1, 200), st.floats(-0.7, 0.7)), max_size=25))
def test_no_word_is_lost_or_read_twice(places: list[tuple[float, float, float, float]]) -> None:
    page = [line(f"kata{i}", x, y, height=h, lean=a) for i, (x, y, h, a) in enumerate(places)]
    read = [w.text for row in rows_of(page, usual_lean([li.strip for li in page])) for w in row]
    assert sorted(read) == sorted(li.text for li in page)


@given(st.floats(-3, 3), st.integers(0, 3))
def test_a_strip_turned_four_times_is_itself(lean: float, quarters: int) -> None:
    strip = Strip(100, 200, 300, 40, lean)
    back = strip.turned(quarters).turned(4 - quarters)
    assert back.corners() == pytest.approx(strip.corners(), abs=0.01)
    assert strip.part(0, 1).corners() == pytest.approx(strip.corners(), abs=0.01)


@pytest.mark.parametrize("way", [0, 2])
def test_a_page_of_nothing_but_specks_stands_as_it_lies(way: int) -> None:
    """Turned back by what had looked like print, its lean would be half a turn."""
    assert _page([], way, (800, 600)) == Recognised(0, 0.0, ())


@given(st.floats(-math.pi / 4, math.pi / 4), st.sampled_from([0, 2]))
def test_a_page_that_lies_askew_can_be_kept(lean: float, way: int) -> None:
    found = _page([line("Kepada Yth. Kepala Dinas", 300, 400, lean=lean + way * math.pi / 2)], way, (800, 600))
    page = PageReading(1, 595.0, 842.0, 600, 800, found.rotation, found.skew, "ocr", found.words, 0.1)
    assert page_stream(page, placing((0, 0, 595, 842), 0), Codes(" Kepada Yth. Kepala Dinas"))
