"""The text of one strip of print, with the place of each word in it. Runs in the child only.

PP-OCRv6's recognisers see a strip 48 px high and give, for each 8 px of its length, the chance of every character
(connectionist temporal classification): equal neighbours are one character, blanks divide.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, pairwise
from typing import Any

import cv2
import numpy as np

from ocr.detect import Gray, Strip
from ocr.forms import by_form
from ocr.glyphs import Glyph, Part, levels_of, placed
from ocr.sessions import Floats, Models, run

_HEIGHT = 48
_STEP = 8
_LEAST_WIDTH, _MOST_WIDTH = 16, 2400  # px; a strip across A4 in the smallest print has some 1,600
_CUT_HEIGHT, _MORE_LENGTH = 0.85, 0.1
_FAST_SCALE, _CAREFUL_SCALE = 0.9, 1.2  # wider than its own shape, thin letters side by side stay apart
_SURE, _SURE_NUMBER = 0.7, 0.99  # a word with a character less sure than this is read again
_SIDE = 0.35  # of its height: what a part is cut out with on each side
_PAINTED = 0.75
_LESS_SURE = 0.1
_AS_SMALL = str.maketrans("COSUVWXZ", "cosuvwxz")  # capitals that differ from small letters in height alone
LEVELS = np.arange(256, dtype=np.float32) / np.float32(127.5) - 1  # of grey, as the recognisers were trained


@dataclass(frozen=True)
class Line:
    """What one strip says."""

    strip: Strip
    glyphs: tuple[Glyph, ...]

    @cached_property
    def text(self) -> str:
        """All characters, spaces among them."""
        return "".join(g.text for g in self.glyphs)

    @cached_property
    def confidence(self) -> float:
        """Mean over the characters; 0 without any."""
        return sum(g.confidence for g in self.glyphs) / len(self.glyphs) if self.glyphs else 0.0

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The words between spaces, in order."""
        runs = (tuple(run) for letters, run in groupby(self.glyphs, key=lambda g: g.text != " ") if letters)
        return tuple(Part(run) for run in runs)


def worth_reading(strip: Strip) -> Strip:
    """The strip as the recognisers like it: the detector's are higher, and end close to the outer letters."""
    return replace(strip, length=strip.length + _MORE_LENGTH * strip.height, height=strip.height * _CUT_HEIGHT)


def read_fast(models: Models, gray: Gray, strip: Strip) -> Line:
    """The strip as the fast recogniser reads it."""
    return _read(models, models.fast, gray, strip, _FAST_SCALE)


def read_comb(models: Models, gray: Gray, strip: Strip) -> Line:
    """A strip of cells as the careful recogniser reads it: alone, none of its characters helps the next."""
    return _read(models, models.careful, gray, strip, 1.0)


def read_again(models: Models, gray: Gray, line: Line) -> Line:
    """The line with its doubtful words and its numbers as the careful recogniser reads them."""
    in_cells = _in_cells(line.parts)
    if in_cells and all(_is_number(part) or len(part.text) == 1 for part in line.parts):
        comb = read_comb(models, gray, line.strip)
        if len(_letters(comb.text)) >= len(_letters(line.text)):
            return comb
    glyphs: list[Glyph] = []
    for doubtful, words in groupby(line.parts, key=lambda part: _needs_care(part, in_cells=in_cells)):
        known = _joined(list(words))
        again = _careful(models, gray, line.strip, known) if doubtful else known
        glyphs += [Glyph(" ", glyphs[-1].end, known[0].start, 1.0)] if glyphs else []
        glyphs += again
    return Line(line.strip, tuple(glyphs))


def _in_cells(parts: Sequence[Part]) -> bool:
    """Whether numbers of the line stand in the cells of a comb: then lone characters stand among them."""
    return sum(map(_is_number, parts)) > 1 and any(len(part.text) == 1 and part.text.isalnum() for part in parts)


def _needs_care(part: Part, *, in_cells: bool) -> bool:
    if not part.text.strip("IVXl|.,") or (in_cells and (_is_number(part) or len(part.text) == 1)):
        return True
    # the fast one drops a stroke of a letter's roman month (460/12/VIII/2025) and is sure all the same
    return part.weakest < (_SURE_NUMBER if _is_number(part) else _SURE) or (_is_number(part) and "/" in part.text)


def _is_number(part: Part) -> bool:
    return any(c.isdigit() for c in part.text)


def _joined(parts: list[Part]) -> list[Glyph]:
    glyphs = list(parts[0].glyphs)
    for part in parts[1:]:
        glyphs += [Glyph(" ", glyphs[-1].end, part.start, 1.0), *part.glyphs]
    return glyphs


def _careful(models: Models, gray: Gray, strip: Strip, known: list[Glyph]) -> list[Glyph]:
    """The same words read again, each place still a share of the whole strip."""
    start, end = known[0].start, known[-1].end
    side = _SIDE * strip.height / strip.length
    again = _read(
        models,
        models.careful,
        gray,
        strip.part(start - side, end + side),
        _CAREFUL_SCALE,
        side / (end - start + 2 * side),
    )
    share = end - start + 2 * side
    again = Line(
        strip,
        tuple(g._replace(start=start - side + g.start * share, end=start - side + g.end * share) for g in again.glyphs),
    )
    was = Line(strip, tuple(known))
    if again.confidence < was.confidence - _LESS_SURE:
        return known
    if _letters(was.text) == _letters(again.text) and all(g.confidence >= _SURE for g in known if _is_mark(g)):
        return known  # marks and spaces, and w for W, are surer with the whole line around them
    return list(again.glyphs)


def _is_mark(glyph: Glyph) -> bool:
    return not glyph.text.isalnum() and glyph.text != " "


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum()).translate(_AS_SMALL)


def _read(models: Models, session: Any, gray: Gray, strip: Strip, scale: float, side: float = 0.0) -> Line:
    """Read a strip; the share `side` at each end is other words' place and painted as paper."""
    crop = cut(gray, strip, scale)
    if edge := int(side * crop.shape[1] * _PAINTED):
        crop[:, :edge] = crop[:, -edge:] = levels_of(crop, 80)[0]
    chances = run(session, cv2.LUT(crop, LEVELS).astype(np.float32, copy=False)[None, None])[0]
    return Line(strip, placed(by_form(_cores(chances, models.table), chances, models.table), crop))


def cut(gray: Gray, strip: Strip, scale: float) -> Gray:
    """The strip alone, level, 48 px high; `scale` stretches it."""
    wanted = strip.length / strip.height * _HEIGHT * scale
    width = round(min(_MOST_WIDTH, max(_LEAST_WIDTH, wanted)) / _STEP) * _STEP
    target = np.array([[0, 0], [width, 0], [width, _HEIGHT]], np.float32)
    how = cv2.getAffineTransform(strip.corners()[:3], target)
    crop = cv2.warpAffine(gray, how, (width, _HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return crop.astype(np.uint8, copy=False)


def _cores(chances: Floats, table: str) -> list[Glyph]:
    """The best character of each run of equal classes, with just the place of that run."""
    best = chances.argmax(axis=1)
    long = len(best)
    starts = np.concatenate(([0], (best[1:] != best[:-1]).nonzero()[0] + 1))
    peaks = np.maximum.reduceat(chances[np.arange(long), best], starts).tolist()
    parted = np.maximum.reduceat(chances[:, -1], starts).tolist()
    edges = [*starts.tolist(), long]
    found: list[Glyph] = []
    space = 0.0  # the best chance of one since the last character
    for kind, (start, end), peak, chance in zip(best[starts].tolist(), pairwise(edges), peaks, parted, strict=True):
        if kind:
            found.append(Glyph(table[kind], start / long, end / long, min(1.0, peak), max(space, chance)))
        space = chance if kind else max(space, chance)
    return found
