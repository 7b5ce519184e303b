"""Cells: combs, with one character to a cell, and empty boxes. Runs in the child only.

The detector takes each cell for a strip of its own and misses some, and a character without neighbours is easily
misread. Put together the cells are one strip, which the careful recogniser reads well.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

import cv2

from ocr.detect import Gray, Strip
from ocr.lines import Line, cut

_CELL = 1.6  # times as long as high at most
_LIKE = 1.6  # cells of a comb differ in height by no more
_FEWEST = 5
_STEP = 3.0  # times a cell's height at most from one cell to the next
_MISSED = 3  # so many cells in a row may have gone unseen
_UNEVEN = 0.25
_TALLER = 1.3  # the detector's strips of single characters are lower than those of lines
_ROUND = "0OoDQC"  # what an empty box is read as
_AROUND = 1.5  # a strip this much larger holds all of a box
# a box's sides are straight and meet in its corners, where round letters have none of their ink
_BAND, _STRAIGHT, _IN_CORNER = 0.15, 0.8, 0.4


def combs(strips: Sequence[Strip], lean: float) -> tuple[list[Strip], list[Strip]]:
    """(one strip for each comb, the strips that are in none)."""
    cos, sin = math.cos(lean), math.sin(lean)
    small = [s for s in strips if s.length < _CELL * s.height]
    found: list[Strip] = []
    used: set[Strip] = set()
    for row in _rows(sorted(small, key=lambda s: s.y * cos - s.x * sin), lean):
        for run in _runs(sorted(row, key=lambda s: s.x * cos + s.y * sin)):
            found.append(_hull(run, lean))
            used.update(run)
    return found, [s for s in strips if s not in used]


def is_empty_box(gray: Gray, line: Line) -> bool:
    """Whether a lone round character is a box to be ticked."""
    if line.text.strip() not in _ROUND:
        return False
    strip = line.strip
    seen = cut(gray, replace(strip, length=strip.length * _AROUND, height=strip.height * _AROUND), 1.0)
    _, _, places, _ = cv2.connectedComponentsWithStats(255 - cv2.threshold(seen, 0, 255, cv2.THRESH_OTSU)[1])
    # the largest piece of ink; the first is the paper
    inks = sorted(places[1:].tolist(), key=lambda place: place[cv2.CC_STAT_WIDTH] * place[cv2.CC_STAT_HEIGHT])
    if not inks:
        return False
    left, top, width, height, _ = inks[-1]
    ink = seen[top : top + height, left : left + width] < seen.mean()
    rows, columns = max(1, round(_BAND * height)), max(1, round(_BAND * width))
    sides = (ink[:rows].max(0), ink[-rows:].max(0), ink[:, :columns].max(1), ink[:, -columns:].max(1))
    corners = [
        half[:, across] for half in (ink[:rows], ink[-rows:]) for across in (slice(columns), slice(-columns, None))
    ]
    return all(s.mean() > _STRAIGHT for s in sides) and all(c.mean() > _IN_CORNER for c in corners)


def _rows(downwards: Sequence[Strip], lean: float) -> list[list[Strip]]:
    cos, sin = math.cos(lean), math.sin(lean)
    rows: list[list[Strip]] = []
    for strip in downwards:
        last = rows[-1][-1] if rows else None
        apart = (strip.y - last.y) * cos - (strip.x - last.x) * sin if last else math.inf
        if last and apart < 0.3 * min(strip.height, last.height) and _alike(strip, last):
            rows[-1].append(strip)
        else:
            rows.append([strip])
    return rows


def _alike(a: Strip, b: Strip) -> bool:
    return max(a.height, b.height) < _LIKE * min(a.height, b.height)


def _runs(row: Sequence[Strip]) -> list[list[Strip]]:
    """The longest runs of strips at even steps, or at small multiples of them."""
    if len(row) < _FEWEST:
        return []
    step = median(_apart(a, b) for a, b in pairwise(row))
    if step > _STEP * median(s.height for s in row):
        return []
    runs = [[row[0]]]
    for before, strip in pairwise(row):
        cells = _apart(before, strip) / step
        if 0.5 < cells < _MISSED + 1.5 and abs(cells - round(cells)) < _UNEVEN:
            runs[-1].append(strip)
        else:
            runs.append([strip])
    return [run for run in runs if len(run) >= _FEWEST]


def _hull(run: Sequence[Strip], lean: float) -> Strip:
    first, last = run[0], run[-1]
    height = max(s.height for s in run)
    length = _apart(first, last) + (first.length + last.length) / 2
    return Strip((first.x + last.x) / 2, (first.y + last.y) / 2, length, height * _TALLER, lean)


def _apart(a: Strip, b: Strip) -> float:
    return math.hypot(b.x - a.x, b.y - a.y)
