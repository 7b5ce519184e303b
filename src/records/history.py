"""What an agenda line said before it was corrected (docs/adr/0023)."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.particulars import Particulars
from records.tables import AgendaCorrectionRow, AgendaEntryRow

_DAYS: Final = frozenset({"letter_date", "received_on"})


def of_entry(session: Session, entry: UUID) -> list[AgendaCorrectionRow]:
    """The corrections of a line, oldest first."""
    query = select(AgendaCorrectionRow).where(AgendaCorrectionRow.entry_id == entry)
    return list(session.scalars(query.order_by(AgendaCorrectionRow.at)))


def values_before(correction: AgendaCorrectionRow) -> dict[str, Any]:
    """What stood in the columns that a correction changed."""
    return {
        name: date.fromisoformat(value) if value is not None and name in _DAYS else value
        for name, value in correction.before.items()
    }


def as_registered(session: Session, entry: AgendaEntryRow) -> dict[str, Any]:
    """A line's columns as they were entered at first."""
    return _undone({name: getattr(entry, name) for name in Particulars.__slots__}, of_entry(session, entry.id))


def _undone(values: dict[str, Any], corrections: Iterable[AgendaCorrectionRow]) -> dict[str, Any]:
    for correction in reversed(list(corrections)):
        values = values | values_before(correction)
    return values
