"""Characters of one strip: where each stands, which stand apart, and which were taken for their twins."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from math import prod
from statistics import median
from typing import NamedTuple

import numpy as np

from ocr.detect import Gray

_MARGIN = 6  # px above and below that belong to the neighbouring lines
_USUAL_SPACE = 9  # px of a strip 48 px high: where a strip has no spaces to compare with
_LEAST_SPACE = 5
_SPACE_SHARE = 0.6
# between capitals neither a gap alone says much nor a trace of a space in the recogniser's chances; both together do
_LETTER_SPACE, _TRACE = 8, 0.025
_APART = ":;,.)"  # marks after which recognisers lose the space most
_PARTING, _PARTED = frozenset(_APART + "/"), frozenset(":/")  # no other marks part what stands before and after them
_MARKS_OF_CHOICE = "□■☐☑☒✓✔○●"
_ROMAN = re.compile(r"(?<![^\W_])[IVXl|]{2,}(?![^\W_])")
_TALL_IN_SMALL = re.compile(r"(?<=[a-z])I(?=[a-z]|\b)")
_O_IN_TALL = re.compile(r"(?<=[A-Z])0(?=[A-Z])")
_STREET = re.compile(r"\bJ[I1]\.")

Columns = bytes  # one for each column: 1 where no ink stands in it


class Glyph(NamedTuple):
    """One character, the share of the strip's length where it starts and ends, and how sure it is (0…1).

    `parted` is the recogniser's chance of a space before it, where it preferred to see none. A tuple, since a page
    has thousands and a frozen dataclass costs five times as much to make.
    """

    text: str
    start: float
    end: float
    confidence: float
    parted: float = 0.0


@dataclass(frozen=True)
class Part:
    """A word of a strip."""

    glyphs: tuple[Glyph, ...]

    @cached_property
    def text(self) -> str:
        """Its characters, twins set right."""
        return same_shapes("".join(g.text for g in self.glyphs))

    @property
    def start(self) -> float:
        """Where it starts, as a share of the strip's length."""
        return self.glyphs[0].start

    @property
    def end(self) -> float:
        """Where it ends, as a share of the strip's length."""
        return self.glyphs[-1].end

    @property
    def confidence(self) -> float:
        """The chance that all of it is right."""
        return prod(g.confidence for g in self.glyphs)

    @property
    def weakest(self) -> float:
        """The least sure character's confidence."""
        return min(g.confidence for g in self.glyphs)


_NOTHING = Glyph("", 1, 1, 1)


def placed(glyphs: Sequence[Glyph], crop: Gray) -> tuple[Glyph, ...]:
    """Glyphs known by their cores only, each reaching to its neighbours or to where its ink ends, lost spaces back."""
    empty = _empty_columns(crop)
    spaced = _spaced([g for g in glyphs if g.text not in _MARKS_OF_CHOICE], empty)
    if not spaced:
        return ()
    first, last = spaced[0], spaced[-1]
    edges = [_first_ink(empty, first.end)]
    for glyph, after in pairwise(spaced):
        edges.append((glyph.end + after.start) / 2)
    edges.append(1 - _first_ink(empty[::-1], 1 - last.start))
    for i in range(1, len(spaced) - 1):
        if spaced[i].text == " ":
            start, end = _gap(empty, spaced[i - 1], spaced[i + 1])
            edges[i : i + 2] = [start, end] if start < end else [spaced[i].start, spaced[i].end]
    edges = list(accumulate(edges, max))  # where gaps and cores contradict each other
    return tuple(Glyph(g.text, *edge, g.confidence) for g, edge in zip(spaced, pairwise(edges), strict=True))


def same_shapes(word: str) -> str:
    """The word with I, l and 1 set right where the letters around them leave no choice."""
    word = _STREET.sub("Jl.", word)
    word = _ROMAN.sub(lambda found: re.sub(r"[l|]", "I", found[0]), word)
    word = _TALL_IN_SMALL.sub("l", word)
    letters = [c for c in word if c.isalpha() and c != "l"]
    if len(letters) >= 2 and all(c.isupper() for c in letters):
        word = word.replace("l", "I")
    return _O_IN_TALL.sub("O", word)


def _empty_columns(crop: Gray) -> Columns:
    middle = crop[_MARGIN:-_MARGIN]
    dark, light = levels_of(middle[::2, ::4], 2, 80)
    return bytes((middle.min(axis=0) > light - 0.4 * (light - dark)).tobytes())


def levels_of(pixels: Gray, *shares: float) -> list[int]:
    """The grey levels that so many per cent of the pixels are not lighter than; a strip has too few to interpolate."""
    ordered = np.sort(pixels, axis=None)
    return [int(ordered[round((len(ordered) - 1) * share / 100)]) for share in shares]


def _spaced(glyphs: Sequence[Glyph], empty: Columns) -> list[Glyph]:
    """The glyphs with a space after each mark that stands off as far as words do."""
    gaps = [
        _width(_gap(empty, before, after)) * len(empty)
        for before, space, after in zip(glyphs, glyphs[1:], glyphs[2:], strict=False)
        if space.text == " "
    ]
    usual = _SPACE_SHARE * median(gaps) if len(gaps) > 1 else _USUAL_SPACE
    enough = max(_LEAST_SPACE, usual) / len(empty)
    found: list[Glyph] = []
    for glyph, after in pairwise([*glyphs, _NOTHING]):
        if found and glyph.text in ".," and found[-1].text == " ":
            found.pop()  # no mark of the end stands off its word
        seldom = glyph.parted < _TRACE and glyph.text not in _PARTED and (not found or found[-1].text not in _PARTING)
        least = None if seldom else _least_gap(found[-2:], glyph, after, enough, _LETTER_SPACE / len(empty))
        if least and _width(gap := _gap(empty, found[-1], glyph)) >= least:
            found.append(Glyph(" ", *gap, min(found[-1].confidence, glyph.confidence)))
        found.append(glyph)
    return found


def _least_gap(
    before: Sequence[Glyph], glyph: Glyph, after: Glyph, beside_marks: float, between_letters: float
) -> float | None:
    """How wide a gap must be to be a space that was lost; None where none is."""
    if before and before[-1].text.isupper() and glyph.text.isupper():
        return between_letters if glyph.parted >= _TRACE else None
    return beside_marks if _may_part("".join(g.text for g in before), glyph.text, after.text) else None


def _may_part(before: str, glyph: str, after: str) -> bool:
    """Whether a space is often lost between `before` and `glyph`; inside a number (400.9/17, 10.36, 1.000,00) none is.

    A slash stands off on both sides or on none.
    """
    if not before or before[-1] == " " or glyph in " .,;)":
        return False
    if before[-1] in ".,:" and glyph.isdigit() and before[0].isdigit():
        return False
    return before[-1] in _APART or before == " /" or glyph == ":" or (glyph == "/" and after == " ")


def _gap(empty: Columns, before: Glyph, after: Glyph) -> tuple[float, float]:
    """The longest run of empty columns between two glyphs, as shares; cores can lie beside their ink, so from within.

    Both equal when there is none.
    """
    first, last = int(before.start * len(empty)), math.ceil(after.end * len(empty))
    between = empty[first:last]
    longest = max(between.split(b"\0"), key=len)
    start = first + between.find(longest)
    return start / len(empty), (start + len(longest)) / len(empty)


def _width(run: tuple[float, float]) -> float:
    return run[1] - run[0]


def _first_ink(empty: Columns, core: float) -> float:
    """Where the first ink stands, at the latest at `core`."""
    ink = empty.find(0, 0, max(1, round(core * len(empty))))
    return ink / len(empty) if ink >= 0 else core
