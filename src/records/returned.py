"""Sheets of disposition that came back: filled in by pen, scanned, and known by their code."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from archive import ledger, stacks
from archive.reading import PageReading
from archive.tables import DocumentRow
from records.sheetcode import entry_in
from records.tables import AgendaEntryRow, AgendaSheetRow


def link(session: Session, row: DocumentRow, pages: Iterable[PageReading]) -> None:
    """Link the letter to the entry that a sheet's code on one of its pages names, if that is of the letter's unit.

    A code is what somebody printed: one that names nothing, or an entry of another unit, is left alone.
    """
    named = ((page.number, entry_in(code.text)) for page in pages for code in page.codes)
    for page, entry in named:
        if entry is not None and _of_unit(session, entry, row.unit):
            added = session.scalar(
                insert(AgendaSheetRow)
                .values(document_id=row.id, entry_id=entry, page=page)
                .on_conflict_do_nothing()
                .returning(AgendaSheetRow.document_id)
            )
            if added is not None:
                ledger.append(
                    session, "disposition_returned", actor=ledger.WORKER, document=row.id, entry=str(entry), page=page
                )
            return


def _of_unit(session: Session, entry: UUID, unit: str) -> bool:
    found = select(AgendaEntryRow.id).where(AgendaEntryRow.id == entry, AgendaEntryRow.unit == unit)
    return session.scalar(found) is not None


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
