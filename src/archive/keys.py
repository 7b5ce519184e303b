"""Each document's own key: made, found, destroyed (docs/adr/0025)."""

import os
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from sqlalchemy import Table, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from archive import officekey
from archive.keytables import DocumentKeyRow
from archive.tables import DocumentRow
from core.faults import KeyDestroyed

_KEY = cast(Table, DocumentKeyRow.__table__)
_DESTROY = text("SELECT document_key_destroy(:document, :disposal)")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key for a document that is to be entered: `wrapped` is what its row keeps."""

    key: bytes = field(repr=False)
    wrapped: bytes


def _about(document: UUID) -> bytes:
    return str(document).encode()


def new(document: UUID) -> NewKey:
    """A key for the document of that id."""
    key = os.urandom(officekey.KEY_BYTES)
    return NewKey(key, officekey.wrap(key, officekey.DOCUMENTS, _about(document)))


def of(session: Session, document: UUID) -> bytes | None:
    """The document's key; None when it was stored before documents had keys, and its objects are plain.

    Raises KeyDestroyed, and KeyUnusable under another office key.
    """
    row = session.execute(select(_KEY.c.wrapped).where(_KEY.c.document_id == document)).one_or_none()
    if row is None:
        return None
    if row.wrapped is None:
        raise KeyDestroyed
    return officekey.unwrap(bytes(row.wrapped), officekey.DOCUMENTS, _about(document))


def of_letter(session: Session, row: DocumentRow) -> bytes | None:
    """The key that a document's own PDF and manifest are locked with; one out of a stack gets it when it is first asked
    for, by a worker. None where its file has none. Raises as of() does."""
    if row.part_of is None or of(session, row.part_of) is None:
        return of(session, row.file_id)
    made = {"document_id": row.id, "wrapped": new(row.id).wrapped}
    session.execute(insert(_KEY).values(made).on_conflict_do_nothing())
    return of(session, row.id)


def destroy(session: Session, document: UUID, disposal: UUID) -> None:
    """Empty the document's key for ever, by that act of disposal. What it locked is unreadable from the commit on.

    Only the schema's owner, and functions of PostgreSQL that ask what must be asked first, may do that.
    """
    session.execute(_DESTROY, {"document": document, "disposal": disposal})
