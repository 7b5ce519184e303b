"""Small printed squares on a page, hollow, ticked or filled: where they stand, and how much ink is in them.

A square is four straight sides that end at their corners: cells of tables and combs go on beyond them. Clean squares
tell the size (any form has its own); then every place where four such sides stand is looked for, ticks over them or
not.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.shrink import by_steps

Gray = NDArray[np.uint8]

LEAST_PT, MOST_PT = 6.5, 17.0  # sides of check boxes in use
_PAPER_STEP = 12  # px: the light of the paper is taken this coarsely
_DARKEST = 0.995  # share of all pixels that are no darker than the page's darkest print
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
    counts = np.cumsum(cv2.calcHist([np.ascontiguousarray(depth[::3, ::3])], [0], None, [256], [0, 256]))
    darkest = max(_FAINTEST, float(np.searchsorted(counts, _DARKEST * counts[-1])))
    return cv2.convertScaleAbs(depth, alpha=255.0 / darkest).astype(np.uint8)


def likely_squares(pixels: Gray, scale: float, px_per_pt: float) -> list[tuple[float, float]]:
    """The middles (px of a grey page) of what may be check boxes: a coarse look, at a quarter of find_squares' pixels.

    `scale` makes the page's pixels those of `px_per_pt`. A page without any has no boxes.
    """
    # so that thin frames outlive the shrinking
    thick = cv2.erode(pixels, np.ones((3, 3), np.uint8)).astype(np.uint8, copy=False)
    small = cv2.resize(thick, None, fx=scale / 2, fy=scale / 2, interpolation=cv2.INTER_LINEAR)
    mask = _ink_mask(ink_of(small.astype(np.uint8, copy=False)))
    seen = _alike(mask, LEAST_PT * px_per_pt / 2, MOST_PT * px_per_pt / 2 + 2)
    return [((x0 + x1) / scale, (y0 + y1) / scale) for x0, y0, x1, y1 in seen if _clean(mask[y0:y1, x0:x1])]


def any_squares(ink: Gray, px_per_pt: float) -> bool:
    """Whether a level page, or a part of one, holds a clean square: where none is, find_squares finds none."""
    return bool(_sizes(_ink_mask(ink), LEAST_PT * px_per_pt, MOST_PT * px_per_pt))


def _ink_mask(ink: Gray) -> Gray:
    return cv2.threshold(ink, _DARK, 1, cv2.THRESH_BINARY)[1].astype(np.uint8, copy=False)


def find_squares(ink: Gray, px_per_pt: float) -> list[Square]:
    """The squares on a level page, best first; those that overlap a better one are left out."""
    mask = _ink_mask(ink)
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
    for x0, y0, x1, y1 in _alike(mask, least, most):
        if _clean(mask[y0:y1, x0:x1]):
            side = (x1 - x0 + y1 - y0) // 2
            counts[side] = counts.get(side, 0) + 1
    sizes: list[int] = []
    for side in sorted(counts, key=lambda s: (-sum(counts.get(s + d, 0) for d in (-1, 0, 1)), -counts[s], s)):
        if all(abs(side - known) > 2 for known in sizes):
            sizes.append(side)
    return sizes[:_MOST_SIZES]


def _alike(mask: Gray, least: float, most: float) -> list[list[int]]:
    """Left, top, right and bottom of the connected parts that are about as wide as high, within these ends.

    Tracing rims costs a third of labelling all pixels; all rims' hulls are taken at once.
    """
    rims, levels = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    around = levels[0, :, 3].tolist() if levels is not None else []
    outer = [rim for rim, inside in zip(rims, around, strict=True) if inside < 0 and len(rim) >= _CORNERS]
    if not outer:
        return []
    starts = np.cumsum([0, *map(len, outer[:-1])])
    points = np.concatenate(outer)[:, 0]
    low, high = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts) + 1
    wide, tall = (high - low).T
    like = (wide >= least) & (wide <= most) & (np.abs(wide - tall) <= 2 + 0.06 * wide)
    found: list[list[int]] = np.hstack([low, high])[like][:_MOST_PARTS].tolist()
    return found


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
