"""Check boxes: found by their frames, named by the words beside them, judged by their ink, doubted when unclear."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from archive.reading import Word
from ocr.boxes import Tick, ticked
from tests.assets.pen import disturb

WIDTH_PT, HEIGHT_PT = 300.0, 400.0
SCALE = 200 / 72
SIDE = 9.0
LABELS = ("Sekretaris", "Kepala Bidang", "Arsip", "Untuk diketahui", "Proses lanjut", "Siapkan bahan")
PLACES = [(60.0, 120.0 + 20 * row) for row in range(6)]
CORNERS = ((20, 20), (WIDTH_PT - 42, 20), (WIDTH_PT - 42, HEIGHT_PT - 42), (20, HEIGHT_PT - 42))


def form(ticks: str = "......", marks: bool = False) -> Image.Image:
    """A small form: one box a row, `.` empty, `v` `x` `f` ticked so; black bars stand for the labels' words."""
    page = Image.new("L", (round(WIDTH_PT * SCALE), round(HEIGHT_PT * SCALE)), 245)
    pen = ImageDraw.Draw(page)
    for (x, y), how in zip(PLACES, ticks, strict=True):
        x0, y0, x1, y1 = (v * SCALE for v in (x, y, x + SIDE, y + SIDE))
        pen.rectangle((x0, y0, x1, y1), outline=20, width=2)
        if how == "v":
            pen.line([(x0 + 3, y0 + 12), (x0 + 10, y1 - 3), (x1 + 8, y0 - 8)], 40, 4)
        elif how == "x":
            pen.line((x0, y0, x1, y1), 40, 3)
            pen.line((x0, y1, x1, y0), 40, 3)
        elif how == "f":
            pen.rectangle((x0 + 2, y0 + 2, x1 - 2, y1 - 2), fill=60)
    if marks:
        known = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
        for number, (x, y) in enumerate(CORNERS):
            mark = cv2.aruco.generateImageMarker(known, number, round(22 * SCALE))
            page.paste(Image.fromarray(mark), (round(x * SCALE), round(y * SCALE)))
    return page


def words() -> list[Word]:
    """The words as a reading gives them: a head over the boxes and a label beside each."""
    found = [Word("Diteruskan", (60 / WIDTH_PT, 0.24, 110 / WIDTH_PT, 0.265), 0.9, 0)]
    for line, ((x, y), label) in enumerate(zip(PLACES, LABELS, strict=True), start=1):
        left = x + SIDE + 4
        for text in label.split():
            box = (left / WIDTH_PT, y / HEIGHT_PT, (left + 5 * len(text)) / WIDTH_PT, (y + 10) / HEIGHT_PT)
            found.append(Word(text, box, 0.9, line))
            left += 5 * len(text) + 3
    return found


def seen(picture: Image.Image, skew: float = 0.0) -> tuple[Tick, ...]:
    """The ticks of the form on a picture."""
    return ticked(picture, words(), WIDTH_PT, skew)


@pytest.mark.parametrize("marks", [False, True])
def test_every_way_of_ticking_is_seen_and_named(marks: bool) -> None:
    ticks = seen(form("v.x.f.", marks))
    assert [(t.label, t.ticked, t.sure) for t in ticks] == [
        (label, how != ".", True) for label, how in zip(LABELS, "v.x.f.", strict=True)
    ]
    assert {t.heading for t in ticks} == {"Diteruskan"}
    for tick, (x, y) in zip(ticks, PLACES, strict=True):
        assert tick.box == pytest.approx(
            (x / WIDTH_PT, y / HEIGHT_PT, (x + SIDE) / WIDTH_PT, (y + SIDE) / HEIGHT_PT), abs=0.006
        )


def test_corner_marks_give_each_box_its_place_on_the_sheet() -> None:
    first, *_ = seen(form(marks=True))
    across, down = CORNERS[2][0] - CORNERS[0][0], CORNERS[2][1] - CORNERS[0][1]
    x, y = PLACES[0][0] + SIDE / 2, PLACES[0][1] + SIDE / 2
    assert first.place == pytest.approx(((x - 31) / across, (y - 31) / down), abs=0.01)


def test_a_page_without_marks_has_no_places() -> None:
    assert {tick.place for tick in seen(form())} == {None}


@pytest.mark.parametrize("angle", [-2.5, 2.0, 4.0])
def test_a_leaning_page_is_levelled_first(angle: float) -> None:
    leaning = form("v.x.f.").rotate(-angle, Image.Resampling.BICUBIC, fillcolor=245)
    assert [tick.ticked for tick in ticked(leaning, [], WIDTH_PT, angle)] == [True, False] * 3


@pytest.mark.parametrize("seed", range(8))
def test_pens_that_slip_do_not_tick_and_half_filled_boxes_do(seed: int) -> None:
    how = "v.x..."
    quads = [np.array([(x, y), (x + SIDE, y), (x + SIDE, y + SIDE), (x, y + SIDE)]) * SCALE for x, y in PLACES]
    picture, truth = disturb(form(how), quads, [mark != "." for mark in how], seed, share=0.7)
    ticks = seen(picture)
    assert len(ticks) == len(truth)
    for tick, is_ticked in zip(ticks, truth, strict=True):
        assert tick.ticked == is_ticked or not tick.sure


def test_a_line_through_a_box_is_doubted() -> None:
    page = form()
    x, y = (PLACES[2][0] + SIDE / 2) * SCALE, (PLACES[2][1] + SIDE / 2) * SCALE
    ImageDraw.Draw(page).line((x - 30, y - 36, x + 30, y + 36), 40, 3)
    tick = seen(page)[2]
    assert not tick.ticked
    assert tick.doubt == "ada coretan yang melewati kotak"


def test_cells_of_tables_and_combs_are_no_boxes() -> None:
    page = Image.new("L", (800, 600), 245)
    pen = ImageDraw.Draw(page)
    for cell in range(16):
        pen.rectangle((100 + 25 * cell, 100, 125 + 25 * cell, 125), outline=20, width=2)
    for row in range(4):
        pen.rectangle((100, 300 + 25 * row, 400, 325 + 25 * row), outline=20, width=2)
    assert ticked(page, [], 288.0) == ()


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.integers(1, 400), st.integers(1, 400), st.sampled_from([1, 5]))
def test_any_picture_is_survived(seed: int, wide: int, high: int, grain: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 2, (high // grain + 1, wide // grain + 1), dtype=np.uint8) * 255
    picture = Image.fromarray(noise).resize((wide, high), Image.Resampling.NEAREST)
    for tick in ticked(picture, words(), wide * 72 / 200):
        assert 0 <= tick.box[0] <= tick.box[2] <= 1
        assert 0 <= tick.box[1] <= tick.box[3] <= 1
