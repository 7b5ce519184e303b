"""Check boxes of a form: where they stand, what is printed beside them, whether they are ticked, and how surely.

No form is known beforehand: boxes are found by their frames, named by the words beside them. Where a form carries
corner marks, these level it and give each box its place on the sheet.
"""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from PIL import Image

from archive.reading import Box, Tick, Word
from ocr.labels import Standing, beside, named
from ocr.marks import Gray, Marks, Matrix, corner_marks
from ocr.squares import Square, any_squares, filled, find_squares, ink_of, likely_squares
from ocr.strokes import without_crossing

_PX_PER_PT = 220 / 72  # boxes are looked at as if scanned at 220 dpi
_RIM = 0.06  # of the marks' distance: how much of the sheet outside them is kept
_PATCH = 160  # px: three of the largest boxes
_MOST_PX = 3200  # long side of the picture looked at
_EMPTY, _TICKED = 0.075, 0.19  # ink inside: up to here empty for certain, from here ticked for certain
_BETWEEN = 0.155  # and the better guess in between
_MUCH = 0.45  # more than one passing line leaves
_GOOD_FRAME = 0.85  # of each side: what a frame shows unless a copier or a scribble broke it
_IN_LINE = 0.3  # of a side: how far boxes of a row or column are out of line
_COLUMN = 8  # sides between boxes of a column, one of them perhaps missing
_LEVEL = 0.3  # degrees of lean that a square's sides forgive


def ticked(
    gray: Image.Image | Gray, words: Sequence[Word], width_pt: float, skew: float = 0.0, codes: Iterable[Box] = ()
) -> tuple[Tick, ...]:
    """The check boxes on an upright page, top to bottom; none on most letters.

    `gray` is 8-bit grey; `words`, `width_pt` and `skew` are those of the page's reading; `codes` are the places of QR
    and bar codes, whose patterns look like boxes.
    """
    pixels = np.asarray(gray)
    fine = _scale(pixels.shape, width_pt)
    likely = likely_squares(pixels, fine, _PX_PER_PT) if min(pixels.shape) >= 64 else []
    if not likely or (len(likely) == 1 and not _is_square(pixels, likely[0], fine, skew)):
        return ()
    marks = corner_marks(pixels)
    level, size = _levelled(pixels.shape, marks, fine, skew)
    ink = ink_of(_moved(pixels, level, size))
    shown = np.diag([pixels.shape[1], pixels.shape[0], 1.0])
    _blot_out(ink, level, [*(np.array(_corners(box)) @ shown[:2, :2] for box in codes), *_around(marks)])
    standing = [_standing(word, level @ shown) for word in words]
    squares = _credible(find_squares(ink, _PX_PER_PT), standing)
    names = named(squares, standing)
    back = np.asarray(np.linalg.inv(level), np.float64)
    found = []
    for square, (label, heading) in zip(squares, names, strict=True):
        is_ticked, amount, doubt = _judged(ink, square)
        box = _hull(back, square, pixels.shape)
        place = _at(marks.to_sheet() @ back, square.middle) if marks else None
        found.append(Tick(label, heading, is_ticked, amount, box, place, doubt))
    return tuple(found)


def _credible(squares: Sequence[Square], words: Sequence[Standing]) -> list[Square]:
    """The squares that are boxes, top to bottom.

    A good frame counts where something is printed beside it or another good one is in line: emblems have corners too.
    A poor frame counts only in line with good ones, and not within a word.
    """
    framed = [s for s in squares if s.frame >= _GOOD_FRAME]
    good = [s for s in framed if beside(s, framed, words) or any(_in_line(s, g) for g in framed if g is not s)]
    poor = [s for s in squares if s.frame < _GOOD_FRAME and any(_in_line(s, g) for g in good)]
    apart = [s for s in poor if not any(w.x0 < s.x - s.side / 2 and _holds(w, s) for w in words)]
    return sorted([*good, *apart], key=lambda s: (round(s.y / s.side), s.x))


def _in_line(square: Square, good: Square) -> bool:
    """Whether a square stands in the row of a good one, or near it in its column."""
    near, side = _IN_LINE * square.side, square.side
    dx, dy = abs(square.x - good.x), abs(square.y - good.y)
    return side == good.side and (dy <= near or (dx <= near and dy <= _COLUMN * side))


def _holds(word: Standing, square: Square) -> bool:
    """Whether a square stands within a word, short of its end: strokes of bold capitals make such."""
    right = square.x + square.side * 1.5
    return word.x1 > right and word.y0 - square.side / 2 < square.middle[1] < word.y1 + square.side / 2


def _judged(ink: Gray, square: Square) -> tuple[bool, float, str | None]:
    """(ticked, ink inside, why it is doubtful)."""
    amount = filled(ink, square)
    if amount <= _EMPTY:
        return False, amount, None
    rest = filled(without_crossing(ink, square), square)
    if rest < _BETWEEN < amount < _MUCH:
        return False, rest, "ada coretan yang melewati kotak"
    if amount < _TICKED:
        return amount >= _BETWEEN, amount, "tanda di dalam kotak terlalu tipis"
    return True, amount, None


def _scale(shape: tuple[int, ...], width_pt: float) -> float:
    return min(width_pt * _PX_PER_PT / shape[1], _MOST_PX / max(shape))


def _is_square(pixels: Gray, middle: tuple[float, float], scale: float, skew: float) -> bool:
    """Whether a place that looked like a box does so in full; a letter often looks so where there is no other box."""
    turn = cv2.getRotationMatrix2D(middle, skew if abs(skew) > _LEVEL else 0.0, scale)
    shift = np.array([[1.0, 0.0, _PATCH / 2 - middle[0]], [0.0, 1.0, _PATCH / 2 - middle[1]], [0.0, 0.0, 1.0]])
    level = shift @ np.vstack([turn, [0.0, 0.0, 1.0]])
    return any_squares(ink_of(_moved(pixels, level, (_PATCH, _PATCH))), _PX_PER_PT)


def _moved(pixels: Gray, level: Matrix, size: tuple[int, int]) -> Gray:
    """The picture as `level` moves its pixels; without a sheet's marks that is no more than a turn, and costs less."""
    if level[2].tolist() == [0.0, 0.0, 1.0]:
        moved = cv2.warpAffine(pixels, level[:2], size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    else:
        moved = cv2.warpPerspective(pixels, level, size, borderMode=cv2.BORDER_REPLICATE)
    return moved.astype(np.uint8, copy=False)


def _levelled(shape: tuple[int, ...], marks: Marks | None, scale: float, skew: float) -> tuple[Matrix, tuple[int, int]]:
    """From pixels of the picture to those of a level one, and that one's size."""
    high, wide = shape[:2]
    if marks:
        a, b, c, d = (np.array(m) for m in marks.middles)
        width = float(np.hypot(*(b - a)) + np.hypot(*(c - d))) / 2 * scale
        height = float(np.hypot(*(d - a)) + np.hypot(*(c - b))) / 2 * scale
        rim = _RIM * max(width, height)
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) + np.float32(rim)
        matrix = cv2.getPerspectiveTransform(np.array(marks.middles, np.float32), corners)
        return np.asarray(matrix, np.float64), (round(width + 2 * rim), round(height + 2 * rim))
    lean = skew if abs(skew) > _LEVEL else 0.0
    turn = np.vstack([cv2.getRotationMatrix2D((wide / 2, high / 2), lean, scale), [0.0, 0.0, 1.0]])
    shift = np.array([[1, 0, (scale - 1) * wide / 2], [0, 1, (scale - 1) * high / 2], [0, 0, 1]])
    return np.asarray(shift @ turn, np.float64), (round(wide * scale), round(high * scale))


def _blot_out(ink: Gray, level: Matrix, areas: Iterable[Matrix]) -> None:
    """Take the ink of codes and marks away, in place; `areas` are quadrilaterals in pixels of the picture."""
    for area in areas:
        quad = cv2.perspectiveTransform(np.asarray(area, np.float64).reshape(-1, 1, 2), level).reshape(-1, 2)
        middle = quad.mean(axis=0)
        cv2.fillConvexPoly(ink, np.rint(middle + (quad - middle) * 1.12).astype(np.int32), (0,))


def _around(marks: Marks | None) -> list[Matrix]:
    if marks is None:
        return []
    half = marks.side * 0.6
    square = np.array([[-half, -half], [half, -half], [half, half], [-half, half]])
    return [square + np.array(middle) for middle in marks.middles]


def _corners(box: Sequence[float]) -> list[tuple[float, float]]:
    x0, y0, x1, y1 = box
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _at(matrix: Matrix, point: tuple[float, float]) -> tuple[float, float]:
    x, y, w = matrix @ np.array([*point, 1.0])
    return round(float(x / w), 5), round(float(y / w), 5)


def _standing(word: Word, level: Matrix) -> Standing:
    """The word on the level picture: its middle is exact, its height is that of the line."""
    moved = [_at(level, corner) for corner in _corners(word.box)]
    xs, ys = [p[0] for p in moved], [p[1] for p in moved]
    return Standing(word.text, min(xs), min(ys), max(xs), max(ys))


def _hull(back: Matrix, square: Square, shape: tuple[int, ...]) -> Box:
    moved = [
        _at(back, c) for c in _corners((square.x, square.y, square.x + square.side - 1, square.y + square.side - 1))
    ]
    xs = [min(1.0, max(0.0, p[0] / shape[1])) for p in moved]
    ys = [min(1.0, max(0.0, p[1] / shape[0])) for p in moved]
    return round(min(xs), 5), round(min(ys), 5), round(max(xs), 5), round(max(ys), 5)
