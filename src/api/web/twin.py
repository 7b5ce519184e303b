"""Two letters that may be one paper, side by side: what agrees, what differs, and why they were proposed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from api.web import words
from archive import documents, twins
from archive.reading import PageReading
from archive.tables import DocumentRow, TwinRow
from classify.fieldspec import kind_spec, label, mask

_MOST_PAGES: Final = 4


@dataclass(frozen=True, slots=True)
class Other:
    """The other letter of a pair, as a letter's own page names it."""

    pair: UUID
    row: DocumentRow
    decision: str | None


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two letters: number and size in pixels of its first pages' pictures, and numbers and names that only
    this one has."""

    row: DocumentRow
    pages: tuple[tuple[int, tuple[int, int]], ...]
    alone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that both letters are asked for; `agree` is None where one of them does not say it."""

    label: str
    first: str
    second: str
    agree: bool | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Both letters side by side."""

    row: TwinRow
    first: Side
    second: Side
    lines: tuple[Line, ...]
    waiting: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A pair in a list."""

    row: TwinRow
    first: DocumentRow
    second: DocumentRow


def others(session: Session, document: UUID) -> tuple[Other, ...]:
    """The letters that this one may be, or is, the same as."""
    pairs = twins.of_document(session, document)
    ids = {pair.id: pair.second_id if pair.first_id == document else pair.first_id for pair in pairs}
    rows = documents.several(session, list(ids.values()))
    return tuple(Other(pair.id, rows[ids[pair.id]], pair.decision) for pair in pairs)


def entries(session: Session, pairs: Sequence[TwinRow]) -> list[Entry]:
    """The pairs with their letters."""
    rows = documents.several(session, [side for pair in pairs for side in (pair.first_id, pair.second_id)])
    return [Entry(pair, rows[pair.first_id], rows[pair.second_id]) for pair in pairs]


def gather(session: Session, twin: UUID) -> Pair:
    """The pair side by side. Raises NotFound."""
    from classify.twins import Paper, compare  # with all that reads fields: only who compares needs it

    row = twins.find(session, twin)
    (entry,) = entries(session, [row])
    contents = twins.contents(session, [row.first_id, row.second_id])
    found = compare(
        *(
            Paper(said.kind, said.fields, said.text, said.pictures)
            for said in (contents[row.first_id], contents[row.second_id])
        )
    )
    return Pair(
        row=row,
        first=_side(session, entry.first, found.only_first),
        second=_side(session, entry.second, found.only_second),
        lines=tuple(_lines(entry.first, entry.second)),
        waiting=twins.undecided_count(session),
    )


def _side(session: Session, row: DocumentRow, alone: tuple[str, ...]) -> Side:
    numbers = [number for number, read in documents.page_states(session, row.id)[:_MOST_PAGES] if read]
    readings = documents.readings(session, [(row.id, number) for number in numbers])
    # a split or join may have moved a page between the two statements
    here = [number for number in numbers if (row.id, number) in readings]
    sizes = tuple((number, PageReading.from_json(readings[row.id, number]).preview) for number in here)
    return Side(row, sizes, alone)


def _lines(first: DocumentRow, second: DocumentRow) -> list[Line]:
    """What differs first, then what only one says, then what agrees."""
    names = [spec.name for spec in kind_spec(first.kind or "").fields]
    names += sorted((first.fields.keys() | second.fields.keys()) - set(names))
    kinds = Line("Jenis surat", words.kind(first.kind), words.kind(second.kind), first.kind == second.kind)
    pages = Line("Halaman", str(first.pages or "–"), str(second.pages or "–"), first.pages == second.pages)
    said = [_line(name, first.fields.get(name), second.fields.get(name)) for name in names]
    lines = [kinds, pages, *(line for line in said if line is not None)]
    return sorted(lines, key=lambda line: (line.agree is not False, line.agree is True))


def _line(name: str, first: dict[str, Any] | None, second: dict[str, Any] | None) -> Line | None:
    if first is None and second is None:
        return None
    one, other = (mask(name, field["text"]) if field else "–" for field in (first, second))
    return Line(label(name), one, other, first["value"] == second["value"] if first and second else None)
