"""The identity card (KTP-el) by its layout: the order of its rows is fixed, so a row is known even by its neighbours.

Layout and vocabularies: domain.md §4.3. Labels are small and often unreadable; what stands in a row still tells which
row it is (a date, a sex, RT/RW), and rows between two known ones are counted.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from rapidfuzz import fuzz

from archive.reading import Box
from classify import dates
from classify.drafts import Draft
from classify.fieldspec import FieldSpec, key
from classify.labels import ends_of_label
from classify.numbers import digits
from classify.rows import Piece, Row, cells, hull, text_of
from classify.values import read

# rows of the card from top to bottom, with what is printed in front of each
ROWS = (
    ("nik", "nik"), ("nama", "nama"), ("tempat_tgl_lahir", "tempattgllahir"), ("jenis_kelamin", "jeniskelamin"),
    ("alamat", "alamat"), ("rt_rw", "rtrw"), ("kelurahan", "keldesa"), ("kecamatan", "kecamatan"), ("agama", "agama"),
    ("status_perkawinan", "statusperkawinan"), ("pekerjaan", "pekerjaan"), ("kewarganegaraan", "kewarganegaraan"),
    ("berlaku_hingga", "berlakuhingga"),
)  # fmt: skip
_ORDER = {name: i for i, (name, _) in enumerate(ROWS)}
# values that may take a second row
_LONG = ("nama", "alamat", "pekerjaan")
_SEX = ("lakilaki", "perempuan")
_ASIDE = 8.0  # row heights right of the value column: no value begins there
_FAR = 3.0  # row heights between a value and the column under the photo
_ALIKE = 62.0
# of the card's width: from the labels to the values, and from the labels to the photo's two sides
_VALUE_SHARE = 0.24
_PHOTO_LEFT = 0.66
_PHOTO_RIGHT = 0.97


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the card: its label's pieces, its value's, and what stands far right (place and date of issue)."""

    row: Row
    label: tuple[Piece, ...]
    value: tuple[Piece, ...]
    beside: tuple[Piece, ...]


def _value_column(rows: Sequence[Row]) -> float | None:
    """Where values begin: behind most of the colons, or, where no colons were read, behind most of the first gaps."""
    colons = [p.x1 for r in rows for p in r.pieces[1:5] if p.text == ":"]
    gaps = [
        b.x0
        for r in rows
        for a, b in [next(((a, b) for a, b in pairwise(r.pieces) if b.x0 - a.x1 > 0.8 * r.height), (None, None))]
        if a is not None and b is not None
    ]
    places = colons if len(colons) >= 3 else colons + gaps
    if len(places) < 3:
        return None
    middle = median(places)
    near = [x for x in places if abs(x - middle) < 12]
    return median(near) if len(near) >= 2 else None


def _split(row: Row, column: float | None) -> _Line:
    pieces = row.pieces
    end = ends_of_label(row, column)
    value = pieces[end:]
    if column is not None and value and value[0].x0 > column + _ASIDE * row.height:
        return _Line(row, pieces[:end], (), value)
    # value and right-hand column are parted by a wide space
    parts = cells(value, _FAR * row.height)
    own = parts[0] if parts else ()
    beside = tuple(p for part in parts[1:] for p in part)
    return _Line(row, pieces[:end], own, beside)


def _by_label(line: _Line) -> tuple[str, float] | None:
    said = key(text_of(line.label))
    if len(said) < 2:
        return None
    score, name = max((fuzz.ratio(said, label), name) for name, label in ROWS)
    return (name, score) if score >= _ALIKE else None


def _by_value(line: _Line) -> str | None:
    text = text_of(line.value)
    folded = key(text)
    number = digits(text)
    if number is not None and len(number.text) >= 14:
        return "nik"
    if re.fullmatch(r"\D*\d{2,3}\s*/\s*\d{2,3}\D*", text) and len(folded) <= 8:
        return "rt_rw"
    if any(fuzz.partial_ratio(folded[:12], sex) >= 85 for sex in _SEX if len(folded) >= 6):
        return "jenis_kelamin"
    found = dates.first(text)
    if (found is not None and "," in text[: found.start]) or (found is not None and found.start > 3):
        return "tempat_tgl_lahir"
    if fuzz.ratio(folded, "seumurhidup") >= 80:
        return "berlaku_hingga"
    return {"wni": "kewarganegaraan", "wna": "kewarganegaraan"}.get(folded)


def _assigned(lines: Sequence[_Line]) -> dict[str, _Line]:
    """Which row each line is: by label, then by value, then by counting between known neighbours."""
    known: dict[int, str] = {}
    scored = sorted(
        ((found[1], i, found[0]) for i, line in enumerate(lines) if (found := _by_label(line))), reverse=True
    )
    for _, i, name in scored:
        if name not in known.values() and _ordered(known, i, name):
            known[i] = name
    for i, line in enumerate(lines):
        told = _by_value(line) if i not in known else None
        if told is not None and told not in known.values() and _ordered(known, i, told):
            known[i] = told
    _fill(lines, known)
    return {name: lines[i] for i, name in known.items()}


def _ordered(known: dict[int, str], i: int, name: str) -> bool:
    place = _ORDER[name]
    return all((_ORDER[other] < place) == (j < i) for j, other in known.items())


def _fill(lines: Sequence[_Line], known: dict[int, str]) -> None:
    """Name the lines between two known ones when as many rows are missing as lines are unnamed."""
    places = sorted(known)
    for before, after in pairwise(places):
        missing = [name for name, _ in ROWS[_ORDER[known[before]] + 1 : _ORDER[known[after]]]]
        between = [i for i in range(before + 1, after) if lines[i].value]
        if len(missing) == len(between):
            known.update(zip(between, missing, strict=True))
    if places:
        tail = [i for i in range(places[-1] + 1, len(lines)) if lines[i].value]
        rest = [name for name, _ in ROWS[_ORDER[known[places[-1]]] + 1 :]]
        if len(tail) == len(rest):
            known.update(zip(tail, rest, strict=True))


def _body(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Rows of the head (province, town) and the rows from the NIK on."""
    start = next(
        (i for i, r in enumerate(rows) if (n := digits(_digits_of(r))) is not None and len(n.text) >= 14),
        next((i for i, r in enumerate(rows) if key(r.text)[:3] == "nik"), min(2, len(rows))),
    )
    return list(rows[:start]), list(rows[start:])


def _digits_of(row: Row) -> str:
    """The digits at the end of a row, with the letters readers put for them."""
    kept: list[str] = []
    for piece in reversed(row.pieces):
        if digits(piece.text) is None:
            break
        kept.insert(0, piece.text)
    return "".join(kept)


def read_card(rows: Sequence[Row], fields: Sequence[FieldSpec]) -> list[Draft]:
    """The fields of an identity card that can be read, at most one of a name."""
    wanted = {spec.name: spec for spec in fields}
    head, body = _body(rows)
    column = _value_column(body)
    lines = [_split(row, column) for row in body]
    named = _assigned(lines)
    found = [
        draft
        for name, line in named.items()
        if name in wanted and (draft := _draft(wanted[name], line, _continued(lines, named, name)))
    ]
    blood = named.get("jenis_kelamin")
    if blood is not None and "gol_darah" in wanted:
        found += [d for d in [_blood(blood, wanted["gol_darah"])] if d]
    found += _heads(head, wanted)
    if "tanggal" in wanted:
        found += [d for d in [_issued(lines, named, wanted["tanggal"])] if d]
    return found


def _draft(spec: FieldSpec, line: _Line, more: Sequence[_Line]) -> Draft | None:
    value = line.value
    if spec.name == "jenis_kelamin":
        stop = next((i for i, p in enumerate(value) if key(p.text).startswith(("gol", "dar"))), len(value))
        value = value[:stop]
    return read(spec, [value, *(other.value for other in more)], line.row.height) if value else None


def _continued(lines: Sequence[_Line], named: dict[str, _Line], name: str) -> list[_Line]:
    """The rows beneath a value that go on with it: no label, and no row of their own."""
    if name not in _LONG:
        return []
    start = next(i for i, line in enumerate(lines) if line is named[name])
    own = [id(line) for line in named.values()]
    found: list[_Line] = []
    for line in lines[start + 1 : start + 3]:
        if id(line) in own or line.label or not line.value:
            break
        found.append(line)
    return found


def _blood(line: _Line, spec: FieldSpec) -> Draft | None:
    pieces = [*line.value, *line.beside]
    at = next((i for i, p in enumerate(pieces) if fuzz.ratio(key(p.text), "darah") >= 75), None)
    if at is None:
        return None
    rest = [p for p in pieces[at + 1 :] if p.text != ":"]
    return read(spec, [rest[:1]], line.row.height) if rest else None


def _heads(head: Sequence[Row], wanted: dict[str, FieldSpec]) -> list[Draft]:
    found: list[Draft] = []
    for row in head:
        folded = key(row.text)
        for name, starts in (("provinsi", ("provinsi",)), ("kota", ("kota", "kabupaten", "jakarta"))):
            near = max(fuzz.ratio(folded[: len(s)], s) for s in starts)
            if name in wanted and near >= 75 and all(d.spec.name != name for d in found):
                draft = read(wanted[name], [row.pieces], row.height)
                if draft is not None:
                    found.append(draft)
                    break
    return found


def _issued(lines: Sequence[_Line], named: dict[str, _Line], spec: FieldSpec) -> Draft | None:
    """The date of issue: the lowest date beside the rows, under the photo, or in a row that is none of the card's."""
    own = [id(line) for line in named.values()]
    best: Draft | None = None
    for line in lines[2:]:
        places = [line.beside] if id(line) in own else [line.beside, line.value]
        for pieces in places:
            best = (read(spec, [pieces], line.row.height) if pieces else None) or best
    return best


def photo_box(rows: Sequence[Row]) -> Box | None:
    """Where the photo stands, as fractions of the page: right of the rows, from the name to below the issue date.

    None when too few rows of the card can be told.
    """
    _, body = _body(rows)
    column = _value_column(body)
    lines = [_split(row, column) for row in body]
    named = _assigned(lines)
    if len(named) < 4 or "nik" not in named:
        return None
    boxes = {name: hull(line.row.pieces) for name, line in named.items()}
    places = sorted((_ORDER[n], (b[1] + b[3]) / 2) for n, b in boxes.items())
    (low, low_y), (high, high_y) = places[0], places[-1]
    pitch = (high_y - low_y) / max(1, high - low)
    values = [line.value[0].box[0] for line in named.values() if line.value]
    labels = [line.label[0].box[0] for line in named.values() if line.label]
    if not values or not labels or pitch <= 0:
        return None
    left = min(labels)
    wide = (median(values) - left) / _VALUE_SHARE
    edges = (
        left + _PHOTO_LEFT * wide,
        low_y + (_ORDER["nama"] - low - 0.5) * pitch,
        left + _PHOTO_RIGHT * wide,
        low_y + (_ORDER["pekerjaan"] - low) * pitch,
    )
    x0, y0, x1, y1 = (min(1.0, max(0.0, edge)) for edge in edges)
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None
