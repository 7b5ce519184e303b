"""Labels on a page and the words they stand before: ``Nama : Maria``, in columns, in tables, with the colon misread."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rapidfuzz import fuzz, process

from classify.fieldspec import KindSpec, key, shape
from classify.rows import Piece, Row, cells

_ITEM = re.compile(r"^[(\[]?(?:\d{1,2}|[a-zA-Z])[.)\]]$")
_FRAME = re.compile(r"^[^0-9A-Za-z]+$|^[|I]$")
# a colon as readers see it when it stands alone, or glued to the value
_COLON = re.compile(r"^[:;.,!|1lIi#*»>'\"“”‘’\-–—=]{1,2}$")
_GLUED = re.compile(r"^[:;.,!|1lIi#*»>'\"“”‘’\-–—=]")
# "No. 6571031906209927", "Nomor 460/304/…": no colon is needed before such a value
_NUMBERED = re.compile(r"^(?:[\dOIl]{8,}|(?=\S*\d)\w[^\s/]*/\S+)$")
LONGEST = 6
NEAR = 1.2  # of the row's height: a wider space parts two cells
MOST_ROWS = 4000
MOST_COLUMNS = 300


@dataclass(frozen=True, slots=True)
class Hit:
    """A label found: what it opens, where (row and piece indexes), where its value begins, and what it stands beside.

    `x` is where values of this label's column begin; `block` counts groups of labels that belong together.
    """

    opens: str
    row: int
    start: int
    value: int
    colon: bool
    first: bool
    score: float
    x: float | None = None
    block: int = 0


def _match(text: str, spec: KindSpec, colon: bool, fuzzy: bool) -> tuple[str, float] | None:
    """The label `text` is, and how near it comes (0…100)."""
    folded = key(text)
    if folded in spec.labels:
        return folded, 100.0
    if not fuzzy or len(folded) < 3:
        return None
    alike = spec.shapes.get(shape(folded))
    if alike is not None:
        return alike, 96.0
    if len(folded) < 4:
        return None
    cutoff = (75 if len(folded) < 6 else 80) if colon else 88
    found = process.extractOne(folded, spec.labels.keys(), scorer=fuzz.ratio, score_cutoff=cutoff)
    if found is None or len(found[0]) < 4:
        return None
    return found[0], found[1]


def _starts(row: Row) -> list[tuple[int, bool]]:
    """Pieces at which a label may begin, and whether a cell begins there (not only a word in a sentence)."""
    found = []
    open_cell = True
    for i, piece in enumerate(row.pieces):
        gap = i == 0 or piece.x0 - row.pieces[i - 1].x1 > NEAR * row.height
        open_cell = gap or open_cell
        if open_cell and (_ITEM.match(piece.text) or _FRAME.match(piece.text)):
            continue  # "2. NIK", "| Nama": the label comes after
        found.append((i, open_cell))
        open_cell = False
    return found


def _hit_at(row: Row, number: int, start: int, first: bool, spec: KindSpec) -> Hit | None:
    pieces = row.pieces
    best: Hit | None = None
    text = ""
    for end in range(start, min(start + LONGEST, len(pieces))):
        if pieces[end].text == ":" or (end > start and pieces[end].text.isdigit()):
            break  # where the colon was lost, a number is the value's beginning
        if end > start and pieces[end].x0 - pieces[end - 1].x1 > 2.5 * NEAR * row.height:
            break
        text += pieces[end].text
        colon = end + 1 < len(pieces) and pieces[end + 1].text == ":"
        if not colon and not first:
            continue
        found = _match(text, spec, colon, first)
        if found is None:
            continue
        score = found[1] + 4 * (end - start) + 20 * colon
        if best is None or score > best.score:
            best = Hit(spec.labels[found[0]], number, start, end + 1 + colon, colon, first, score)
    return best


def _plain_hits(page_rows: Sequence[Row], spec: KindSpec) -> list[Hit]:
    found = []
    for number, row in enumerate(page_rows[:MOST_ROWS]):
        free = 0
        for start, first in _starts(row):
            if start >= free:
                hit = _hit_at(row, number, start, first, spec)
                if hit is not None:
                    found.append(hit)
                    free = hit.value
    return found


def _columns(page_rows: Sequence[Row], hits: Sequence[Hit]) -> list[tuple[int, float, float]]:
    """Where colons and values stand: (page, x of the colon, x of the value) of every label with both."""
    found = []
    for hit in hits:
        row = page_rows[hit.row]
        if hit.colon and hit.first and hit.value < len(row.pieces):
            found.append((row.page, row.pieces[hit.value - 1].x0, row.pieces[hit.value].x0))
    return found[:MOST_COLUMNS]


def _column_for(row: Row, x: float, columns: Sequence[tuple[int, float, float]]) -> tuple[float, float, int] | None:
    """The column whose colon or value begins at `x`, and how many labels of the page agree on it."""
    near = [(c, v) for page, c, v in columns if page == row.page and min(abs(c - x), abs(v - x)) < 0.9 * row.height]
    if not near:
        return None
    return median(c for c, _ in near), median(v for _, v in near), len(near)


def hits(page_rows: Sequence[Row], spec: KindSpec) -> tuple[Hit, ...]:
    """Every label that has a value beside it or beneath it, in reading order, with column and block."""
    raw = _plain_hits(page_rows, spec)
    columns = _columns(page_rows, raw)
    placed = []
    for hit in raw:
        row = page_rows[hit.row]
        after = row.pieces[hit.value] if hit.value < len(row.pieces) else None
        column = _column_for(row, after.x0, columns) if after is not None else None
        value = hit.value
        apart = after is not None and (
            after.x0 - row.pieces[hit.value - 1].x1 > 0.9 * row.height or _NUMBERED.match(after.text) is not None
        )
        if not hit.colon and after is not None and column is not None:
            # "Alamat 1 Jl. …": what stands where the others have their colon is a colon
            if _COLON.match(after.text) and abs(after.x0 - column[0]) <= abs(after.x0 - column[1]):
                value += 1
                apart = True
            apart = apart or column[2] > 1
        elif not hit.colon and _misread_colon(row, value):
            value, apart = value + 1, True
        if not (hit.colon or apart or not hit.first) or (after is None and not hit.colon):
            continue  # the word opens or ends a sentence, and no value
        x = column[1] if column else (row.pieces[value].x0 if value < len(row.pieces) else None)
        placed.append(Hit(hit.opens, hit.row, hit.start, value, hit.colon, hit.first, hit.score, x))
    return _blocked(page_rows, placed)


def _misread_colon(row: Row, at: int) -> bool:
    """Whether a lone sign stands before a number: "Nomor i 460/291/…"."""
    pieces = row.pieces[at : at + 2]
    return len(pieces) == 2 and bool(_COLON.match(pieces[0].text)) and _NUMBERED.match(pieces[1].text) is not None


def _blocked(page_rows: Sequence[Row], found: Sequence[Hit]) -> tuple[Hit, ...]:
    """Number the groups: a new one begins on a new page, after a distance, or when a label comes again."""
    block, seen, made = 0, set[str](), []
    last: Row | None = None
    for hit in found:
        row = page_rows[hit.row]
        far = last is not None and (row.page != last.page or row.y - last.y > 6 * max(row.height, last.height))
        if far or (hit.opens in seen and hit.opens not in ("lain", "klien", "pejabat")):
            block, seen = block + 1, set()
        seen.add(hit.opens)
        last = row
        made.append(Hit(hit.opens, hit.row, hit.start, hit.value, hit.colon, hit.first, hit.score, hit.x, block))
    return tuple(made)


def glued_colon(piece: Piece, row: Row, column: float | None) -> bool:
    """Whether the piece begins with a misread colon: its first sign stands clearly left of the value column."""
    if column is None or not _GLUED.match(piece.text) or len(piece.text) < 2:
        return False
    return column - piece.x0 > 0.3 * row.height


def value_rows(page_rows: Sequence[Row], hit: Hit, ends: dict[int, list[int]], lines: int) -> list[list[Piece]]:
    """The pieces right of a label and, for values of several lines, those aligned beneath; one list a row.

    `ends` gives by row the indexes at which labels begin: a value never runs into the next label.
    """
    row = page_rows[hit.row]
    stop = min((i for i in ends.get(hit.row, []) if i >= hit.value), default=len(row.pieces))
    found = [list(row.pieces[hit.value : stop])]
    if not found[0]:
        return []
    x = found[0][0].x0 if hit.x is None else max(hit.x, found[0][0].x0 - 2 * row.height)
    above = row
    for number in range(hit.row + 1, min(hit.row + 3 * lines, len(page_rows))):
        below = page_rows[number]
        if len(found) >= lines or below.page != row.page or (number in ends and ends[number][0] == 0):
            break
        if below.y - above.y > 2.4 * max(row.height, above.height):
            break
        part = [p for cell in cells(below.pieces, 4 * below.height) for p in cell]
        inside = [p for p in part if p.x0 >= x - 1.3 * row.height]
        if not inside or inside[0].x0 > x + 2.5 * row.height or len(inside) < len(part) - 1:
            break
        if any(i in ends.get(number, []) for i in range(len(below.pieces))):
            break
        found.append(inside)
        above = below
    return found


def beneath(page_rows: Sequence[Row], hit: Hit) -> list[Piece]:
    """What stands under a label in a column of a table, first row only."""
    row = page_rows[hit.row]
    head = row.pieces[hit.start : max(hit.start + 1, hit.value)]
    left, right = head[0].x0 - row.height, head[-1].x1 + row.height
    for below in page_rows[hit.row + 1 : hit.row + 4]:
        if below.page != row.page or below.y - row.y > 6 * row.height:
            break
        for cell in cells(below.pieces, NEAR * below.height):
            if cell[0].x0 < right and cell[-1].x1 > left and any(c.isdigit() for p in cell for c in p.text):
                return list(cell)
    return []


def ends_of_label(row: Row, column: float | None) -> int:
    """The index at which a row's value begins: behind its first colon, else at the column where values stand."""
    pieces = row.pieces
    first = next((i for i, p in enumerate(pieces[:6]) if p.text == ":" and i), None)
    if first is not None:
        return first + 1
    gaps = [i for i in range(1, len(pieces)) if pieces[i].x0 - pieces[i - 1].x1 > NEAR * row.height]
    if column is None:
        return gaps[0] if gaps else 0
    apart = next((i for i in gaps if pieces[i].x0 > 0.6 * column), len(pieces))
    at = min(apart, next((i for i, p in enumerate(pieces) if p.x0 > column - 1.2 * row.height), len(pieces)))
    misread = at < len(pieces) and _COLON.match(pieces[at].text) and pieces[at].x0 < column + row.height
    return at + 1 if misread else at
