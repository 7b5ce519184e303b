"""Which letters are done with as far as the agenda books go, when a case is to be closed (docs/adr/0022)."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.tables import DocumentRow
from records.office import office
from records.tables import AgendaEntryRow, AgendaStepRow


def booked(session: Session, letters: Collection[DocumentRow]) -> frozenset[UUID]:
    """Those that stand in a book under a number or show a step of one that does, and those of kinds that need not.

    A letter that was left out of the books does not count: that a case may close without it an arsiparis says.
    """
    here = office()
    exempt = here.not_letters | here.internal
    free = {row.id for row in letters if row.kind in exempt}
    asked = [row.id for row in letters if row.id not in free and row.booked]
    if not asked:
        return frozenset(free)
    live = AgendaEntryRow.numbered & AgendaEntryRow.cancelled_at.is_(None)
    direct = select(AgendaEntryRow.document_id).where(live, AgendaEntryRow.document_id.in_(asked))
    shown = (
        select(AgendaStepRow.document_id)
        .join(AgendaEntryRow, AgendaEntryRow.id == AgendaStepRow.entry_id)
        .where(live, AgendaStepRow.document_id.in_(asked))
    )
    standing = {document for document in session.scalars(direct.union(shown)) if document is not None}
    return frozenset(free | standing)
