"""The fast engine: PP-OCRv6 over a page that may lie anyhow. Runs in the child only.

The detector finds strips of print wherever they run; which way the page stands follows from the strips and from how
well the longest are read. Strips are cut straight out of the page, so it is never turned or levelled itself.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from archive.reading import Box, Word, word_at
from ocr.backs import confidence, is_back
from ocr.cells import combs, is_empty_box
from ocr.detect import Gray, Strip, find
from ocr.found import Recognised
from ocr.layout import LONG, Placed, print_only, rows_of, usual_lean
from ocr.lines import Line, read_again, read_comb, read_fast, worth_reading
from ocr.sessions import Models

_WITNESSES = 4
_MOST_SKEW = 44.0  # degrees: at half a quarter, lines and columns would be the same
_SURE_UPRIGHT = 0.88


def read(models: Models, gray: Gray, *, accurate: bool) -> Recognised:
    """All print on the page in rows from top to bottom."""
    strips, way = _one_way(find(models, gray))
    if way == 0:
        return _read(models, gray, strips, accurate=accurate)
    # the detector sees lying lines less well: it looks again with the page stood up
    stood = np.ascontiguousarray(np.rot90(gray))
    strips, way = _one_way(find(models, stood))
    if way:
        return Recognised(0, 0.0, ())  # it sees lines neither way: these are none
    found = _read(models, stood, strips, accurate=accurate)
    return replace(found, rotation=(found.rotation + 270) % 360)


def _read(models: Models, gray: Gray, strips: Sequence[Strip], *, accurate: bool) -> Recognised:
    if not strips:
        return Recognised(0, 0.0, ())
    way, known = 0, _witnesses(models, gray, strips)
    if confidence(known) < _SURE_UPRIGHT:
        turned = [s.turned(2) for s in strips]
        other = _witnesses(models, gray, turned)
        if confidence(other) > confidence(known):
            way, strips, known = 2, turned, other
    if is_back(models, gray, _longest(strips), known):
        return Recognised(0, 0.0, ())
    done = dict(zip(_longest(strips), known, strict=True))
    cells, strips = combs(strips, usual_lean(strips))
    lines = [done.get(s) or read_fast(models, gray, s) for s in strips]
    lines = print_only([line for line in lines if not is_empty_box(gray, line)])
    if accurate:
        lines = [read_again(models, gray, line) for line in lines]
    lines += print_only([read_comb(models, gray, s) for s in cells])
    return _page(lines, way, gray.shape)


def _one_way(strips: Sequence[Strip]) -> tuple[list[Strip], int]:
    """The strips all read the same way, and that way in clockwise quarters from left to right (0 or 1)."""
    across = sum(s.length - s.height for s in strips if abs(math.cos(s.lean)) >= math.sqrt(0.5))
    down = sum(s.length - s.height for s in strips if abs(math.cos(s.lean)) < math.sqrt(0.5))
    way = 0 if across >= down else 1
    ahead = [_towards(s, way * math.pi / 2) for s in strips]
    lean = usual_lean(ahead)
    ahead = [s if s.length >= LONG * s.height else replace(_towards(s, lean), lean=lean) for s in ahead]
    return [worth_reading(s) for s in ahead], way


def _towards(strip: Strip, direction: float) -> Strip:
    """The strip read along whichever of its sides comes nearest to `direction` (radians)."""
    quarters = round((direction - strip.lean) / (math.pi / 2)) % 4
    turned = strip.turned(quarters)
    lean = direction + math.remainder(turned.lean - direction, 2 * math.pi)
    return replace(turned, lean=lean)


def _longest(strips: Sequence[Strip]) -> list[Strip]:
    return sorted(strips, key=lambda s: s.length / s.height, reverse=True)[:_WITNESSES]


def _witnesses(models: Models, gray: Gray, strips: Sequence[Strip]) -> list[Line]:
    return [read_fast(models, gray, s) for s in _longest(strips)]


def _page(lines: Sequence[Line], way: int, shape: tuple[int, ...]) -> Recognised:
    if not lines:  # what looked like print was none: there is nothing to say how the page stands
        return Recognised(0, 0.0, ())
    height, width = shape
    lean = usual_lean([line.strip for line in lines])
    rotation = (4 - way) % 4 * 90
    words: list[Word] = []
    for number, row in enumerate(rows_of(lines, lean)):
        for word in row:
            words += word_at(word.text, _box(word, rotation, (width, height)), word.confidence, number)
    skew = math.degrees(math.remainder(lean - way * math.pi / 2, 2 * math.pi))
    return Recognised(rotation, round(max(-_MOST_SKEW, min(_MOST_SKEW, skew)), 2), tuple(words))


def _box(word: Placed, rotation: int, size: tuple[int, int]) -> Box:
    """The hull of a word as fractions of the page turned upright by `rotation` degrees."""
    width, height = size
    left, top, right, bottom = word.strip.hull()
    x0, y0, x1, y1 = left / width, top / height, right / width, bottom / height
    return {
        0: (x0, y0, x1, y1),
        90: (1 - y1, x0, 1 - y0, x1),
        180: (1 - x1, 1 - y1, 1 - x0, 1 - y0),
        270: (y0, 1 - x1, y1, 1 - x0),
    }[rotation]
