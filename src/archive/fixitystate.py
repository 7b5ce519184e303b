"""How the whole record stands: what was read again, what is bad, what was done day by day; fixity.py keeps it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from archive.prooftables import FixityDayRow, StoredObjectRow
from archive.tables import DocumentRow


@dataclass(frozen=True, slots=True)
class State:
    """How the whole record stands."""

    objects: int
    unread: int
    oldest: datetime | None
    newest: datetime | None
    bad: int
    copied: int


def state(session: Session) -> State:
    """How many objects there are, how many were never read again, when the one read longest ago was."""
    row = StoredObjectRow
    live = row.repaired_at.is_(None)
    found = session.execute(
        select(
            func.count().filter(live),
            func.count().filter(live & row.checked_at.is_(None)),
            func.min(row.checked_at).filter(live),
            func.max(row.checked_at),
            func.count().filter(live & row.bad.is_not(None)),
            func.count().filter(live & row.copied_at.is_not(None)),
        )
    ).one()
    return State(*found)


def bad(session: Session) -> int:
    """How many objects are bad now, and not repaired."""
    row = StoredObjectRow
    return session.scalar(select(func.count()).where(row.bad.is_not(None), row.repaired_at.is_(None))) or 0


def flaws(session: Session, limit: int) -> list[Row[Any]]:
    """Objects that were found bad, the newest first, with the letter's name for who may see the letter."""
    row = StoredObjectRow
    query = (
        select(row.key, row.kind, row.document_id, row.bad, row.bad_since, row.repaired_at, DocumentRow.filename)
        .outerjoin(DocumentRow, DocumentRow.id == row.document_id)
        .where(row.bad.is_not(None))
        .order_by(row.bad_since.desc())
        .limit(limit)
    )
    return list(session.execute(query))


def flaws_of(session: Session, document: UUID) -> list[StoredObjectRow]:
    """The letter's objects that are bad now."""
    row = StoredObjectRow
    return list(
        session.scalars(select(row).where(row.document_id == document, row.bad.is_not(None), row.repaired_at.is_(None)))
    )


def days(session: Session, limit: int) -> list[FixityDayRow]:
    """The last days on which something was read, oldest first."""
    newest = session.scalars(select(FixityDayRow).order_by(FixityDayRow.day.desc()).limit(limit)).all()
    return list(newest)[::-1]
