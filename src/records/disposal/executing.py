"""What of a destruction is due, and that it was done: PostgreSQL decides, letter by letter (disposal_erase())."""

from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.orm import Session

from archive.tables import DocumentRow
from records.disposal.tables import DisposalErasureRow, DisposalRow

_ERASE: Final = text("SELECT disposal_erase(:document)")
_FINISH: Final = text("SELECT disposal_finish(:list)")
_LATER: Final = text(
    "UPDATE disposal_erasure SET locked_until = greatest(CAST(:until AS timestamptz), now() + interval '10 minutes')"
    " WHERE document_id = ANY (:documents)"
)
_FREE = or_(DisposalErasureRow.locked_until.is_(None), DisposalErasureRow.locked_until <= func.now())
_NOT_GONE = DisposalErasureRow.gone_at.is_(None)
# Lists that are carried out and of which something can be done now: a letter is due, or none is left
_DUE: Final = text(
    "SELECT l.id FROM disposal l WHERE l.began_at IS NOT NULL AND l.done_at IS NULL AND (NOT EXISTS ("
    "SELECT FROM disposal_erasure e WHERE e.disposal_id = l.id AND e.gone_at IS NULL) OR EXISTS ("
    "SELECT FROM disposal_erasure e WHERE e.disposal_id = l.id AND e.gone_at IS NULL"
    " AND (e.locked_until IS NULL OR e.locked_until <= now()))) ORDER BY l.began_at LIMIT :most"
)


def due(session: Session, most: int) -> list[UUID]:
    """Lists of which something can be destroyed now, the oldest first."""
    return list(session.scalars(_DUE, {"most": most}))


def unreported(session: Session, most: int) -> list[UUID]:
    """Lists that were carried out and whose berita acara is no letter of the archive yet."""
    query = select(DisposalRow.id).where(DisposalRow.done_at.is_not(None), DisposalRow.reported_at.is_(None))
    return list(session.scalars(query.order_by(DisposalRow.done_at).limit(most)))


def letters_due(session: Session, listed: UUID, most: int) -> list[UUID]:
    """Letters of the list that are still readable."""
    query = select(DisposalErasureRow.document_id).where(
        DisposalErasureRow.disposal_id == listed, DisposalErasureRow.erased_at.is_(None), _FREE
    )
    return list(session.scalars(query.order_by(DisposalErasureRow.document_id).limit(most)))


def files_due(session: Session, listed: UUID, most: int) -> list[UUID]:
    """Files whose letters are all erased and whose objects may still be there. Letters of one scan go as one file."""
    file = func.coalesce(DocumentRow.part_of, DocumentRow.id)
    query = (
        select(file)
        .select_from(DisposalErasureRow)
        .join(DocumentRow, DocumentRow.id == DisposalErasureRow.document_id)
        .where(DisposalErasureRow.disposal_id == listed, _NOT_GONE)
        .group_by(file)
        .having(func.bool_and(DisposalErasureRow.erased_at.is_not(None) & _FREE))
        .order_by(file)
        .limit(most)
    )
    return list(session.scalars(query))


def erase(session: Session, document: UUID) -> None:
    """Destroy the letter's key and all that was read in it, with its event. Again it does nothing.

    IntegrityError when a guard refuses: it is held, or something of its list is not as it was decided.
    """
    session.execute(_ERASE, {"document": document})


def later(session: Session, documents: list[UUID], until: object = None) -> None:
    """Not to be tried again before `until`, nor for ten minutes."""
    session.execute(_LATER, {"documents": documents, "until": until})


def of_file(session: Session, listed: UUID, file: UUID) -> list[UUID]:
    """The list's letters that are of that file."""
    query = (
        select(DisposalErasureRow.document_id)
        .join(DocumentRow, DocumentRow.id == DisposalErasureRow.document_id)
        .where(DisposalErasureRow.disposal_id == listed, func.coalesce(DocumentRow.part_of, DocumentRow.id) == file)
    )
    return list(session.scalars(query))


def gone(session: Session, documents: list[UUID]) -> None:
    """Keep that no object of these letters is left."""
    session.execute(
        update(DisposalErasureRow).where(DisposalErasureRow.document_id.in_(documents)).values(gone_at=func.now()),
        execution_options={"synchronize_session": False},
    )


def is_all_gone(session: Session, listed: UUID) -> bool:
    """Whether nothing is left of the list's letters, and only its end is due."""
    left = select(func.count()).where(DisposalErasureRow.disposal_id == listed, _NOT_GONE)
    begun = select(DisposalRow.id).where(
        DisposalRow.id == listed, DisposalRow.began_at.is_not(None), DisposalRow.done_at.is_(None)
    )
    return not session.scalar(left) and session.scalar(begun) is not None


def finish(session: Session, listed: UUID) -> None:
    """The list is carried out: its berkas are stubs, its clients of whom nothing is left are forgotten."""
    session.execute(_FINISH, {"list": listed})
