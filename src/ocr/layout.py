"""Which strips of a page are print, and how its words stand in rows. Runs in the child only."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from ocr.detect import Strip
from ocr.lines import Line

LONG = 3.0  # times as long as high: such a strip's lean is its own; a shorter one leans with the page
_SAME_ROW = 0.4  # of the lower one's height: lines whose middles are nearer than this stand side by side
_LONE_SURE, _FEW_SURE = 0.9, 0.6  # corner marks, codes and empty boxes are read as one or two characters, unsurely
_LARGE = 1.4  # times as high as the usual line; no lone letter of an office letter is so large, corner marks are
# the text of stamps is short and leans for itself; a bent page's lines lean apart by less
_SHORT, _ASKEW, _FAR_ASKEW = 6.0, math.radians(5), math.radians(9)
_COMB = 6  # single digits at even steps: this many are one number written into cells
_COMB_UNEVEN = 0.3


@dataclass(frozen=True)
class Placed:
    """A word, its own piece of strip, and the chance that all of it is right."""

    text: str
    strip: Strip
    confidence: float


def usual_lean(strips: Sequence[Strip]) -> float:
    """The median of the strips' leans by their length, in radians."""
    long = sorted((s for s in strips if s.length >= LONG * s.height), key=lambda s: s.lean) or list(strips)
    if not long:
        return 0.0
    weights = np.cumsum([s.length for s in long])
    return long[int(np.searchsorted(weights, weights[-1] / 2))].lean


def print_only(lines: Sequence[Line]) -> list[Line]:
    """The lines without corner marks, codes, boxes and stamps that were read as letters."""
    if not lines:
        return []
    height = median(line.strip.height for line in lines)
    lean = usual_lean([line.strip for line in lines])
    return [line for line in lines if _is_print(line, height, lean)]


def _is_print(line: Line, height: float, lean: float) -> bool:
    letters = len(line.text.replace(" ", ""))
    if letters == 0:
        return False
    if letters == 1:
        return line.confidence >= _LONE_SURE and line.strip.height < _LARGE * height
    if letters == 2 and line.confidence < _FEW_SURE:
        return False
    most = _ASKEW if line.strip.length < _SHORT * line.strip.height else _FAR_ASKEW
    return abs(line.strip.lean - lean) < most


def rows_of(lines: Sequence[Line], lean: float) -> Iterator[list[Placed]]:
    """The words in rows from top to bottom, each from left to right."""
    cos, sin = math.cos(lean), math.sin(lean)

    def down(line: Line) -> float:
        return line.strip.y * cos - line.strip.x * sin

    def along(line: Line) -> float:
        return line.strip.x * cos + line.strip.y * sin

    rows: list[list[Line]] = []
    for line in sorted(lines, key=down):
        last = rows[-1][-1] if rows else None
        if last and down(line) - down(last) < _SAME_ROW * min(line.strip.height, last.strip.height):
            rows[-1].append(line)
        else:
            rows.append([line])
    for row in rows:
        yield _combs([word for line in sorted(row, key=along) for word in _words(line)])


def _words(line: Line) -> list[Placed]:
    return [Placed(part.text, line.strip.part(part.start, part.end), part.confidence) for part in line.parts]


def _combs(words: list[Placed]) -> list[Placed]:
    """The row with digits that stand in a comb's cells joined to one number."""
    found: list[Placed] = []
    run: list[Placed] = []
    for word in [*words, None]:
        if word and word.text.isdecimal():
            run.append(word)
            continue
        found += [_joined(run)] if _is_comb(run) else run
        run = []
        if word:
            found.append(word)
    return found


def _is_comb(run: Sequence[Placed]) -> bool:
    if sum(len(w.text) for w in run) < _COMB or sum(len(w.text) == 1 for w in run) * 2 < len(run):
        return False
    steps = [_apart(a, b) / ((len(a.text) + len(b.text)) / 2) for a, b in pairwise(run)]
    return all(abs(step - median(steps)) < _COMB_UNEVEN * median(steps) for step in steps)


def _joined(run: Sequence[Placed]) -> Placed:
    first, last = run[0].strip, run[-1].strip
    length = _apart(run[0], run[-1]) + (first.length + last.length) / 2
    whole = Strip((first.x + last.x) / 2, (first.y + last.y) / 2, length, max(w.strip.height for w in run), first.lean)
    return Placed("".join(w.text for w in run), whole, math.prod(w.confidence for w in run))


def _apart(a: Placed, b: Placed) -> float:
    return math.hypot(b.strip.x - a.strip.x, b.strip.y - a.strip.y)
