"""Words as a clerk sees them: rows from left to right, whatever lines an engine made of them.

Engines differ: one gives a whole row as one line, another every piece between two gaps as a line of its own. Labels and
values are told by place, so rows are built again from the boxes, with the page's remaining lean taken out.
Lengths are points; `Piece.box` stays what the reading said (fractions of the upright page).
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from archive.reading import Box, PageReading, Word

# a page has rarely over 1,500 words; what is longer is cut, so that hostile text costs no more than a full page
MOST_WORDS = 4000
# a label glued to its value by the colon between them
_GLUED_LABEL = re.compile(r"[^\W\d_][^:]{0,40}:(?!//)")
LONGEST_WORD = 200
MOST_IN_ROW = 200
_LEAN_SHARE = 0.15  # of the page's width: shorter lines say too little about the lean
_SPREAD = 0.04  # slopes farther than this from the page's are no lines of text
_ENOUGH = 6  # lines needed to tell whether they converge


@dataclass(frozen=True, slots=True)
class Piece:
    """A word or a colon, placed in points on the straightened page; `confidence` 1 when the PDF gave the word."""

    text: str
    box: Box
    confidence: float
    page: int
    x0: float
    x1: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces that stand side by side, from left to right; `page` is the index into the letter's pages."""

    pieces: tuple[Piece, ...]
    page: int
    y: float
    height: float

    @property
    def text(self) -> str:
        """The row as text."""
        return text_of(self.pieces)


def text_of(pieces: Iterable[Piece]) -> str:
    """Pieces joined by one space, colons as separate words."""
    return " ".join(p.text for p in pieces)


def hull(pieces: Sequence[Piece]) -> Box:
    """The box around pieces of one page."""
    return (
        min(p.box[0] for p in pieces),
        min(p.box[1] for p in pieces),
        max(p.box[2] for p in pieces),
        max(p.box[3] for p in pieces),
    )


def _slopes(lines: Iterable[Sequence[Word]], page: PageReading) -> list[tuple[float, float, float]]:
    """(height on the page, points a line sinks per point to the right, its length) of every line long enough to say."""
    found = []
    for line in lines:
        third = max(1, len(line) // 3)
        ends = []
        for part in (line[:third], line[-third:]):
            x = sum(w.box[0] + w.box[2] for w in part) / 2 / len(part) * page.width_pt
            y = sum(w.box[1] + w.box[3] for w in part) / 2 / len(part) * page.height_pt
            ends.append((x, y))
        (ax, ay), (bx, by) = ends
        if bx - ax > _LEAN_SHARE * page.width_pt and abs(by - ay) < 0.2 * (bx - ax):
            found.append(((ay + by) / 2, (by - ay) / (bx - ax), bx - ax))
    return found


def _lean(lines: Iterable[Sequence[Word]], page: PageReading) -> tuple[float, float]:
    """How the lines lean: slope at the top of the page, and how much it grows per point downwards.

    Lines of a photographed page converge, so the slope is a straight line over the page's height; long lines count
    more. Without lines to tell it, the reading's own skew.
    """
    found = _slopes(lines, page)
    if not found:
        return math.tan(math.radians(page.skew)), 0.0
    middle = _weighted_median([(slope, length) for _, slope, length in found])
    near = [(y, slope - middle, length) for y, slope, length in found if abs(slope - middle) < _SPREAD]
    weight = sum(length for _, _, length in near)
    if len(near) < _ENOUGH:
        return middle, 0.0
    centre = sum(y * length for y, _, length in near) / weight
    spread = sum((y - centre) ** 2 * length for y, _, length in near)
    if spread < weight * (0.1 * page.height_pt) ** 2:
        return middle, 0.0
    shift = sum(slope * length for _, slope, length in near) / weight
    growth = sum((y - centre) * slope * length for y, slope, length in near) / spread
    return middle + shift - growth * centre, growth


def _weighted_median(values: list[tuple[float, float]]) -> float:
    values = sorted(values)
    half = sum(weight for _, weight in values) / 2
    for value, weight in values:
        half -= weight
        if half <= 0:
            return value
    return values[-1][0]


def _placed(word: Word, number: int, page: PageReading, leaning: tuple[float, float]) -> list[Piece]:
    """The word as pieces: a colon in it becomes a piece of its own (``Nomor:460/4``, ``:Budi``, but not ``10:30``).

    A word that is nothing but specks (a lone accent) is no piece.
    """
    x0, y0, x1, y1 = word.box
    wide, high = page.width_pt, page.height_pt
    yc = (y0 + y1) / 2 * high
    xc = (x0 + x1) / 2 * wide
    lean = leaning[0] + leaning[1] * yc
    text = "".join(unaccented(word.text[:LONGEST_WORD]).split())  # a lone accent comes apart into a space and itself
    if not text:
        return []
    whole = Piece(
        text=text,
        box=word.box,
        confidence=1.0 if word.confidence is None else word.confidence,
        page=number,
        x0=x0 * wide + lean * yc,
        x1=x1 * wide + lean * yc,
        y=yc - lean * xc,
        height=(y1 - y0) * high,
    )
    return [whole] if ":" not in text else [_share(whole, *span) for span in _colon_spans(text)]


def _colon_spans(text: str) -> list[tuple[int, int]]:
    """Where a word with colons is cut: in front, behind, and between a label and its value."""
    core = text.strip(":")
    left = len(text) - len(text.lstrip(":"))
    right = left + len(core)
    label = _GLUED_LABEL.match(core)
    cuts = [0, left, *([left + label.end() - 1, left + label.end()] if label else []), right, len(text)]
    return [(a, b) for a, b in pairwise(cuts) if a < b]


def _share(piece: Piece, start: int, end: int) -> Piece:
    """The part of a piece that its characters start…end take, each character as wide as the others."""
    count = len(piece.text)
    step, (x0, y0, x1, y1) = (piece.x1 - piece.x0) / count, piece.box
    share = (x1 - x0) / count
    return replace(
        piece,
        text=":" if not piece.text[start:end].strip(":") else piece.text[start:end],
        box=(x0 + start * share, y0, x0 + end * share, y1),
        x0=piece.x0 + start * step,
        x1=piece.x0 + end * step,
    )


def unaccented(text: str) -> str:
    """`text` without accents: Indonesian has none, readers see specks as such."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _lines(page: PageReading) -> list[list[Word]]:
    lines: dict[int, list[Word]] = {}
    for word in page.words[:MOST_WORDS]:
        lines.setdefault(word.line, []).append(word)
    return list(lines.values())


def _joins(row: list[Piece], y: float, height: float, part: list[Piece]) -> float | None:
    """How far a line stands from a row it belongs to (at its height, beside it and not over it), else None."""
    if len(row) + len(part) > MOST_IN_ROW:
        return None
    away = abs(median(p.y for p in row) - y)
    if away > 0.45 * min(height, median(p.height for p in row)):
        return None
    return None if any(p.x0 < q.x1 - 2 and q.x0 < p.x1 - 2 for p in row for q in part) else away


def _levels(line: list[Piece]) -> list[list[Piece]]:
    """An engine's line as pieces from left to right; cut into its levels when it holds words one above the other."""
    line = sorted(line, key=lambda p: p.x0)
    stacked = any(a.x1 - b.x0 > 0.5 * min(a.x1 - a.x0, b.x1 - b.x0) and abs(a.y - b.y) > 0.4 * a.height
                  for a, b in pairwise(line))  # fmt: skip
    if not stacked:
        return [line]
    found: list[list[Piece]] = []
    for piece in sorted(line, key=lambda p: p.y):
        if found and piece.y - found[-1][-1].y < 0.35 * piece.height:
            found[-1].append(piece)
        else:
            found.append([piece])
    return [sorted(level, key=lambda p: p.x0) for level in found]


def main_cell(row: Row) -> tuple[Piece, ...]:
    """The longest cell of a row: a centred line without the specks an emblem or a stamp left beside it."""
    return max(cells(row.pieces, 2.0 * row.height), key=lambda cell: sum(len(p.text) for p in cell))


def rows(page: PageReading, number: int) -> tuple[Row, ...]:
    """The rows of a page, from top to bottom; `number` is the page's index in its letter."""
    lines = _lines(page)
    lean = _lean(lines, page)
    parts = []
    for line in lines:
        for part in filter(None, _levels([p for w in line for p in _placed(w, number, page, lean)])):
            said = [p for p in part if any(c.isalnum() for c in p.text)] or part
            parts.append((median(p.y for p in said), median(p.height for p in said), part))
    parts.sort(key=lambda p: p[0])
    found: list[list[Piece]] = []
    for y, height, part in parts:
        near = min(
            ((away, i) for i, row in enumerate(found[-4:]) if (away := _joins(row, y, height, part)) is not None),
            default=None,
        )
        if near is None:
            found.append(list(part))
        else:
            row = found[-4:][near[1]]
            row.extend(part)
            row.sort(key=lambda p: p.x0)
    made = [Row(tuple(row), number, median(p.y for p in row), max(1.0, median(p.height for p in row))) for row in found]
    return tuple(sorted(made, key=lambda r: r.y))


def cells(pieces: Sequence[Piece], gap: float) -> list[tuple[Piece, ...]]:
    """Pieces of one row cut wherever the space between two is wider than `gap` points."""
    found: list[list[Piece]] = []
    for piece in pieces:
        if found and piece.x0 - found[-1][-1].x1 <= gap:
            found[-1].append(piece)
        else:
            found.append([piece])
    return [tuple(cell) for cell in found]
