"""Leafing through an agenda book: its lines in order without a gap, those above the reader's ceiling closed."""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.faults import InvalidRequest
from records.particulars import Book
from records.tables import AgendaCounterRow, AgendaEntryRow, AgendaStepRow

_LINES = text("SELECT number, day, cancelled FROM agenda_lines(:unit, :book, :year, :first, :last, :after, :most)")
_AT_ONCE: Final = 1000
FIRST_YEAR, LAST_YEAR = 2000, 2999
UNIT: Final = r"^[a-z0-9][a-z0-9._-]{1,39}$"  # what a unit may be called (access/accounts.py)


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `entry` is None where the reader may know no more than that the number was given, and when."""

    number: int
    day: date
    cancelled: bool
    entry: AgendaEntryRow | None


@dataclass(frozen=True, slots=True)
class Period:
    """A part of a book: its year, a month of it, or a day of that."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise InvalidRequest(what="tanggal (bulannya belum dipilih)")
        try:
            if not FIRST_YEAR <= self.year <= LAST_YEAR:
                raise ValueError
            date(self.year, self.month or 1, self.day or 1)
        except ValueError as error:
            raise InvalidRequest(what="tahun, bulan, atau tanggal") from error

    @property
    def first(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last(self) -> date:
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])


@dataclass(frozen=True, slots=True)
class Shelf:
    """One book that the reader may leaf through, and its last number."""

    unit: str
    book: str
    year: int
    last: int


def shelves(session: Session) -> list[Shelf]:
    """The books there are, newest year first."""
    rows = session.scalars(
        select(AgendaCounterRow).order_by(AgendaCounterRow.unit, AgendaCounterRow.year.desc(), AgendaCounterRow.book)
    )
    return [Shelf(row.unit, row.book, row.year, row.last) for row in rows]


def lines(session: Session, unit: str, book: Book, period: Period, *, after: int = 0, most: int) -> list[Line]:
    """At most `most` lines with numbers over `after`, in order. None of a book that the reader may not open."""
    asked = {"unit": unit, "book": book, "year": period.year, "first": period.first, "last": period.last}
    rows = session.execute(_LINES, {**asked, "after": after, "most": most}).all()
    seen: dict[int | None, AgendaEntryRow] = {}
    if rows:
        found = session.scalars(
            select(AgendaEntryRow).where(
                AgendaEntryRow.unit == unit,
                AgendaEntryRow.book == book,
                AgendaEntryRow.year == period.year,
                AgendaEntryRow.number.between(rows[0].number, rows[-1].number),
            )
        )
        seen = {row.number: row for row in found}
    return [Line(row.number, row.day, row.cancelled, seen.get(row.number)) for row in rows]


def drafts(session: Session, unit: str, most: int) -> list[AgendaEntryRow]:
    """Outgoing letters of a unit that have no number yet, oldest first, of those the reader may see."""
    query = select(AgendaEntryRow).where(
        AgendaEntryRow.unit == unit, ~AgendaEntryRow.numbered, AgendaEntryRow.cancelled_at.is_(None)
    )
    return list(session.scalars(query.order_by(AgendaEntryRow.registered_at).limit(most)))


def sent_days(session: Session, entries: Iterable[UUID]) -> dict[UUID, date]:
    """When outgoing letters went out, by entry; those that have not gone are left out."""
    sent = select(AgendaStepRow.entry_id, AgendaStepRow.on_day).where(
        AgendaStepRow.step == "terkirim", AgendaStepRow.entry_id.in_(list(entries))
    )
    return {row.entry_id: row.on_day for row in session.execute(sent)}


def all_lines(session: Session, unit: str, book: Book, period: Period) -> Iterator[Line]:
    """Every line of the period, in order, a thousand at a time."""
    after = 0
    while part := lines(session, unit, book, period, after=after, most=_AT_ONCE):
        yield from part
        after = part[-1].number
