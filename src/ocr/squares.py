"""Small printed squares on a page, hollow, ticked or filled: where they stand, and how much ink is in them.

A square is four straight sides that end at their corners: cells of tables and combs go on beyond them. Clean squares
tell the size (any form has its own); then every place where four such sides stand is looked for, ticks over them or
not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.shrink import by_steps

Gray = NDArray[np.uint8]

LEAST_PT, MOST_PT = 6.5, 17.0  # sides of check boxes in use
_PAPER_STEP = 12  # px: the light of the paper is taken this coarsely
_FAINTEST = 50.0  # of 255: print fainter than this is show-through
_DARK = 90  # of 255: from here on a pixel is ink
_CLEAN = 0.82  # share of each side that is ink where a size is learnt
_WORN = 0.66  # and where a square is found: thin sides break up in copies
_GAP, _LEAST_GAP = 0.2, 4  # of the side, and px: paper is expected this far outside at least three sides
_ALONE = 0.45  # share of a strip there that may be ink all the same
_CLOSE = (0.12, 0.55)  # of the side: where the neighbours of a letter stand
_PRINT = (0.55, 0.22)  # share of columns there that hold ink (a table's rule: few), and of all of it (a pen: less)
_GOES_ON = 2  # corners (of eight) beyond which a side may seem to go on: a tick's tail looks so
_MOST_SIZES = 3
_MOST_PARTS = 4000
_CORNERS = 4  # points of a square's rim at least: specks have fewer
_MOST_SQUARES = 250  # a page of boxes has under a hundred; bounds the work on hostile patterns
_INSET = 0.22  # of the side: the frame and its blur
_RIM = 0.4  # of the side: the surroundings that tell how dark the paper is there
_PAPER = 15  # percentile of ink in them that is paper for certain


@dataclass(frozen=True, slots=True)
class Square:
    """Left, top and side in px of the picture searched, and how complete its four sides are (0…1)."""

    x: float
    y: float
    side: float
    frame: float

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return self.x + self.side / 2, self.y + self.side / 2


def ink_of(pixels: Gray) -> Gray:
    """How dark each pixel is against the paper around it: 0 paper … 255 the page's own darkest print."""
    size = (pixels.shape[1], pixels.shape[0])
    tiny = by_steps(pixels, _PAPER_STEP)
    paper = cv2.GaussianBlur(cv2.dilate(tiny, np.ones((7, 7), np.uint8)), (0, 0), 3)
    light = cv2.resize(np.maximum(paper, 24), size, interpolation=cv2.INTER_LINEAR)
    depth = 255 - cv2.divide(pixels, light, scale=255.0)
    darkest = max(_FAINTEST, float(np.percentile(depth[::3, ::3], 99.5)))
    return cv2.convertScaleAbs(depth, alpha=255.0 / darkest).astype(np.uint8)


def any_squares(pixels: Gray, px_per_pt: float) -> bool:
    """Whether a grey page can have check boxes at all: a coarse look, at a quarter of the pixels."""
    # so that thin frames outlive the shrinking
    thick = cv2.erode(pixels, np.ones((3, 3), np.uint8)).astype(np.uint8, copy=False)
    mask = (ink_of(by_steps(thick, 2)) > _DARK).astype(np.uint8)
    return bool(_sizes(mask, LEAST_PT * px_per_pt / 2, MOST_PT * px_per_pt / 2 + 2))


def find_squares(ink: Gray, px_per_pt: float) -> list[Square]:
    """The squares on a level page, best first; those that overlap a better one are left out."""
    mask = (ink > _DARK).astype(np.uint8)
    found: list[Square] = []
    for side in _sizes(mask, LEAST_PT * px_per_pt, MOST_PT * px_per_pt):
        found += _of_size(mask, side)
    found.sort(key=lambda s: -s.frame)
    kept: list[Square] = []
    for square in found[: 8 * _MOST_SQUARES]:
        x, y = square.middle
        if all(max(abs(x - k.middle[0]), abs(y - k.middle[1])) > (square.side + k.side) * 0.45 for k in kept):
            kept.append(square)
            if len(kept) == _MOST_SQUARES:
                break
    return kept


def filled(ink: Gray, square: Square) -> float:
    """Mean ink inside the frame over that of the paper around it, 0…1."""
    inset, rim = square.side * _INSET, square.side * _RIM
    inside = _cut(ink, square, -inset)
    around = _cut(ink, square, rim)
    if not inside.size or not around.size:
        return 0.0
    # a shadow's edge darkens box and paper alike
    paper = float(np.percentile(around, _PAPER))
    return max(0.0, (float(inside.mean()) - paper) / (255.0 - min(paper, 200.0)))


def _cut(ink: Gray, square: Square, wider: float) -> Gray:
    x0, y0 = round(square.x - wider), round(square.y - wider)
    x1, y1 = round(square.x + square.side + wider), round(square.y + square.side + wider)
    return ink[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)]


def _sizes(mask: Gray, least: float, most: float) -> list[int]:
    """Sides (px) of the clean squares on the page, the most frequent first."""
    counts: dict[int, int] = {}
    alike = (part for part in _parts(mask) if least <= part[2] <= most and abs(part[2] - part[3]) <= 2 + 0.06 * part[2])
    for x, y, w, h in islice(alike, _MOST_PARTS):
        if _clean(mask[y : y + h, x : x + w]):
            counts[(w + h) // 2] = counts.get((w + h) // 2, 0) + 1
    sizes: list[int] = []
    for side in sorted(counts, key=lambda s: (-sum(counts.get(s + d, 0) for d in (-1, 0, 1)), -counts[s], s)):
        if all(abs(side - known) > 2 for known in sizes):
            sizes.append(side)
    return sizes[:_MOST_SIZES]


def _parts(mask: Gray) -> Iterator[Sequence[int]]:
    """Left, top, width and height of each connected part; tracing their rims costs a third of labelling all pixels."""
    rims, levels = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if levels is not None:
        for rim, around in zip(rims, levels[0, :, 3].tolist(), strict=True):
            if around < 0 and len(rim) >= _CORNERS:
                yield cv2.boundingRect(rim)


def _clean(part: Gray) -> bool:
    """Whether a blot fills its hull's four sides and corners: no letter does."""
    sides = (part[:2], part[-2:], part[:, :2].T, part[:, -2:].T)
    corners = (part[:3, :3], part[:3, -3:], part[-3:, :3], part[-3:, -3:])
    return all(float(s.max(axis=0).mean()) >= _CLEAN for s in sides) and all(int(c.sum()) >= 3 for c in corners)


def _of_size(mask: Gray, side: int) -> list[Square]:
    """Squares of one size: the places where the weakest of four sides is strong, and no side goes on."""
    gap = max(_LEAST_GAP, round(side * _GAP))
    # padded, so that what lies beyond the frame can be read at the picture's edge too
    ink = np.pad(mask * np.uint8(255), gap, constant_values=255)
    wide, high = mask.shape[1] - side + 1, mask.shape[0] - side + 1
    if min(high, wide) < 1:
        return []
    rows, columns = _covered(ink, side, 1), _covered(ink, 1, side)
    far = gap + side - 1

    def at(field: Gray, y: int, x: int) -> Gray:
        return field[y : y + high, x : x + wide]

    # at (y, x): the weakest of the sides of the square whose top left corner is there
    weakest = np.minimum(
        np.minimum(at(rows, gap, gap), at(rows, far, gap)), np.minimum(at(columns, gap, gap), at(columns, gap, far))
    )
    beyond = (at(rows, 0, gap), at(rows, far + gap, gap), at(columns, gap, 0), at(columns, gap, far + gap))
    # of a page's places few are strong: only these are asked for more
    weakest = cv2.threshold(weakest, round(255 * _WORN) - 1, 0, cv2.THRESH_TOZERO)[1].astype(np.uint8)
    ys, xs = _places(weakest)
    lone = sum((strip[ys, xs] < round(255 * _ALONE)).astype(np.uint8) for strip in beyond) >= 3
    weakest[ys[~lone], xs[~lone]] = 0
    ys, xs = ys[lone], xs[lone]
    peaks = weakest[ys, xs] == cv2.dilate(weakest, np.ones((5, 5), np.uint8))[ys, xs]
    ys, xs = ys[peaks], xs[peaks]
    order = np.argsort(-weakest[ys, xs].astype(np.int16), kind="stable")[: 8 * _MOST_SQUARES]
    return [
        Square(x, y, side, float(weakest[y, x]) / 255)
        for y, x in zip(ys[order].tolist(), xs[order].tolist(), strict=True)
        if _ends(mask, x, y, side) and not _amid(mask, x, y, side)
    ]


def _places(strong: Gray) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the pixels that are not 0, in reading order."""
    found = cv2.findNonZero(strong)
    points = np.zeros((0, 2), np.intp) if found is None else found.reshape(-1, 2).astype(np.intp)
    return points[:, 1], points[:, 0]


def _covered(ink: Gray, wide: int, high: int) -> Gray:
    """At (y, x): how much of the strip that begins there is ink, or of the strip one pixel beside it if that is more.

    One straight line must cover it: strokes of neighbouring letters cover it only together.
    """
    strips = cv2.boxFilter(ink, -1, (wide, high), anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
    return cv2.dilate(strips, np.ones((3, 1) if high == 1 else (1, 3), np.uint8)).astype(np.uint8, copy=False)


def _amid(mask: Gray, left: int, top: int, side: int) -> bool:
    """Whether print stands close on both sides: two letters of a bold title can look like a box, within their word."""
    near, far = round(side * _CLOSE[0]), round(side * _CLOSE[1])
    rows = slice(top, top + side)
    beside = mask[rows, max(0, left - far) : max(0, left - near)], mask[rows, left + side + near : left + side + far]
    return all(
        part.size > 0 and float(part.max(axis=0).mean()) > _PRINT[0] and float(part.mean()) > _PRINT[1]
        for part in beside
    )


def _ends(mask: Gray, left: int, top: int, side: int) -> bool:
    """Whether the sides end at the corners: looked at just beyond each corner, along both its sides."""
    gap, reach = max(3, side // 8), max(4, side // 4)
    right, bottom = left + side - 1, top + side - 1
    if left < gap + reach or top < gap + reach:
        return False  # the shadow at the picture's edge
    going = 0
    for x in (left, right):
        for y in (top, bottom):
            out_x = slice(x - gap - reach, x - gap) if x == left else slice(x + gap + 1, x + gap + reach + 1)
            out_y = slice(y - gap - reach, y - gap) if y == top else slice(y + gap + 1, y + gap + reach + 1)
            for strip, axis in ((mask[y - 1 : y + 2, out_x], 0), (mask[out_y, x - 1 : x + 2], 1)):
                going += strip.size > 0 and float(strip.max(axis=axis).mean()) > 0.7
    return going <= _GOES_ON
