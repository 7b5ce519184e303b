"""Work lists of retention: which berkas became inaktif, whose retention is over, and what falls due in which year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from core import clock
from records.filing.berkas import Span, spans
from records.filing.tables import BerkasRow
from records.retention.holds import held_berkas

List = Literal["inaktif", "habis", "tanpa_pemicu", "tanpa_kode", "tanpa_jadwal"]
LISTS: Final[dict[List, str]] = {
    "inaktif": "Inaktif",
    "habis": "Retensi habis",
    "tanpa_pemicu": "Menunggu pemicu",
    "tanpa_kode": "Tanpa kode",
    "tanpa_jadwal": "Tanpa jadwal",
}
NEWS_DAYS: Final = 30  # so long is a berkas told as newly due
_BY_YEAR: Final = text("SELECT * FROM retention_by_year(:first, :last)")
_Row: Final = BerkasRow


@dataclass(frozen=True, slots=True)
class Due:
    """One berkas of a list, its kurun waktu, and whether a hold stops what would follow."""

    row: BerkasRow
    span: Span | None
    held: bool


@dataclass(frozen=True, slots=True)
class Year:
    """How many berkas' retention ends in one year, by nasib akhir; `held` of them are held."""

    year: int
    fate: str
    berkas: int
    held: int


def listed(session: Session, of: List, *, limit: int, after: tuple[date, int, int, str] | None = None) -> list[Due]:
    """At most `limit` visible berkas of a list, what is due longest first; `after`: day, year, number and unit of the
    last one shown."""
    order = (_day(of), _Row.year, _Row.number, _Row.unit)
    query = select(_Row).where(_wanted(of)).order_by(*order).limit(limit)
    if after is not None:
        query = query.where(func.row(*order) > func.row(*after))
    return due(session, list(session.scalars(query)))


def due(session: Session, rows: Sequence[BerkasRow]) -> list[Due]:
    """The berkas with what a list says besides."""
    ids = [row.id for row in rows]
    years, stopped = spans(session, ids), held_berkas(session, ids)
    return [Due(row, years.get(row.id), row.id in stopped) for row in rows]


def position(of: List, row: BerkasRow) -> tuple[date, int, int, str]:
    """Where a berkas stands in a list, for `after`."""
    day = {"inaktif": row.inactive_on, "habis": row.expires_on}.get(of) or row.opened_on
    return day, row.year, row.number, row.unit


def counts(session: Session) -> dict[List, int]:
    """How many visible berkas each list has."""
    columns = [func.count().filter(_wanted(of)).label(of) for of in LISTS]
    row = session.execute(select(*columns).where(_Row.disposed_at.is_(None))).one()
    return {of: getattr(row, of) for of in LISTS}


def news(session: Session) -> int:
    """How many visible berkas became inaktif, or came to the end of their retention, in the last 30 days."""
    since = clock.today() - timedelta(days=NEWS_DAYS)
    query = select(func.count()).where(_Row.disposed_at.is_(None), _Row.phase != "aktif", _Row.phase_on > since)
    return session.scalar(query) or 0


def by_year(session: Session, first: int, last: int) -> list[Year]:
    """What falls due in these years, of what the asker may see; the auditor, who sees none, learns the numbers."""
    return [Year(*row) for row in session.execute(_BY_YEAR, {"first": first, "last": last})]


def _wanted(of: List) -> ColumnElement[bool]:
    here = _Row.disposed_at.is_(None)
    if of == "inaktif" or of == "habis":
        return here & (_Row.phase == of)
    if of == "tanpa_kode":
        return here & _Row.code.is_(None)
    if of == "tanpa_jadwal":
        return here & _Row.code.is_not(None) & _Row.series_id.is_(None)
    return here & _Row.closed_on.is_not(None) & _Row.series_id.is_not(None) & _Row.trigger_on.is_(None)


def _day(of: List) -> ColumnElement[date]:
    column = {"inaktif": _Row.inactive_on, "habis": _Row.expires_on}.get(of, _Row.opened_on)
    return func.coalesce(column, _Row.opened_on)
