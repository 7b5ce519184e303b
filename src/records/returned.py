"""Sheets of disposition that came back: filled in by pen, scanned, and known by their code."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from archive import stacks
from archive.reading import PageReading
from archive.tables import DocumentRow, PageRow
from core.faults import LevelTaken
from records.sheetcode import entry_in
from records.tables import AgendaEntryRow, AgendaSheetRow

_HIGHEST: Final = 3


def link(session: Session, row: DocumentRow, pages: Iterable[PageReading]) -> dict[str, Any] | None:
    """Link the letter to the entry that a sheet's code on one of its pages names, if that is of the letter's unit.

    A code is what somebody printed: one that names nothing, or an entry of another unit, is left alone. The sheet says
    what its letter is about, so it takes at least the letter's level. What the ledger is to say of it, as the last of
    the transaction; None when nothing was linked. Expects stacks.hold_claimed(). Raises LevelTaken.
    """
    named = ((page.number, entry_in(code.text)) for page in pages for code in page.codes)
    for page, code in named:
        entry = _of_unit(session, code, row.unit) if code is not None else None
        if entry is not None:
            added = session.scalar(
                insert(AgendaSheetRow)
                .values(document_id=row.id, entry_id=entry.id, page=page)
                .on_conflict_do_nothing()
                .returning(AgendaSheetRow.document_id)
            )
            if added is None:
                return None
            return {"entry": str(entry.id), "page": page, **_raise(session, row, entry.clearance)}
    return None


def _of_unit(session: Session, entry: UUID, unit: str) -> AgendaEntryRow | None:
    return session.scalar(select(AgendaEntryRow).where(AgendaEntryRow.id == entry, AgendaEntryRow.unit == unit))


def _raise(session: Session, row: DocumentRow, least: int) -> dict[str, int]:
    """Raise a scan to a level, never lower it: its row, its pages, its line in a book; and the stack it came in, whose
    bytes hold it too. What the ledger says of it: nothing where it was high enough.

    The same bytes may have been sent at the higher level before, where they are another document: then this one goes to
    the next level that is free. Raises LevelTaken when none is: no sheet is linked while it is seen below its letter.
    """
    file = session.get_one(DocumentRow, row.file_id)
    if row.clearance >= least and file.clearance >= least:
        return {}
    level = least if file.clearance >= least else _free_level(session, file, least)
    for table, owner in ((DocumentRow, DocumentRow.id), (PageRow, PageRow.document_id)):
        session.execute(
            update(table).where(owner.in_((row.id, file.id)), table.clearance < level).values(clearance=level),
            execution_options={"synchronize_session": False},
        )
    session.execute(
        update(AgendaEntryRow)
        .where(AgendaEntryRow.document_id == row.id, AgendaEntryRow.clearance < level)
        .values(clearance=level),
        execution_options={"synchronize_session": False},
    )
    return {"raised": level}


def _free_level(session: Session, file: DocumentRow, least: int) -> int:
    """The lowest level, not under `least`, at which the unit has no other document of these bytes. Raises
    LevelTaken."""
    same = select(DocumentRow.clearance).where(DocumentRow.unit == file.unit, DocumentRow.sha256 == file.sha256)
    taken = set(session.scalars(same.where(DocumentRow.part_of.is_(None), DocumentRow.id != file.id)))
    level = next((one for one in range(least, _HIGHEST + 1) if one not in taken), None)
    if level is None:
        raise LevelTaken
    return level


def of_entry(session: Session, entry: UUID) -> list[DocumentRow]:
    """The sheets that came back for an entry, oldest first, of those that may be seen."""
    return list(session.scalars(_sheets(DocumentRow).where(AgendaSheetRow.entry_id == entry).order_by(DocumentRow.seq)))


def entry_of(session: Session, document: UUID) -> AgendaEntryRow | None:
    """The entry whose sheet this letter is; None for any other letter."""
    linked = _sheets(AgendaSheetRow.entry_id).where(AgendaSheetRow.document_id == document)
    return session.scalar(select(AgendaEntryRow).where(AgendaEntryRow.id.in_(linked)))


def _sheets(what: Any) -> Select[Any]:
    """Of links and their letters: those where the sheet still is a page of the letter, also after a split or join."""
    here = stacks.are_letters() & (AgendaSheetRow.page <= DocumentRow.pages)
    return select(what).join_from(AgendaSheetRow, DocumentRow, DocumentRow.id == AgendaSheetRow.document_id).where(here)
