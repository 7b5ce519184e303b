"""Where a document's objects lie in the store, and the key that opens them.

Under `documents/<id>/` encrypted with the document's key; of documents stored before there were keys, plain: original
and PDF by their digests, the manifest as `manifest-<n>.json` (docs/adr/0010, 0025). Keys are made of ids and digests
only.
"""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from archive import keys
from archive.tables import DocumentRow

# Of a file without encrypted objects: the digests of its plain ones, and whether a living document elsewhere has them
_PLAIN = text("""
WITH mine AS (
  SELECT d.sha256 FROM document d WHERE d.id = :file
    AND NOT EXISTS (SELECT FROM ledger l WHERE l.document = d.id AND l.action = 'received' AND l.body::jsonb ? 'object')
  UNION SELECT l.body::jsonb ->> 'pdf' FROM ledger l WHERE l.document = ANY (:ids) AND l.action = 'sealed'
    AND COALESCE(l.body::jsonb ->> 'object', 'sha256/') LIKE 'sha256/%')
SELECT m.sha256, EXISTS (
  SELECT FROM document o LEFT JOIN document_key k ON k.document_id = o.id
  WHERE m.sha256 IN (o.sha256, o.pdf_sha256) AND o.id <> ALL (:ids) AND k.document_id IS NULL) AS shared
FROM mine m
""")


class Place(NamedTuple):
    """An object's name, and the document's key if it is encrypted. Never logged or shown whole."""

    name: str
    key: bytes | None = None

    def __repr__(self) -> str:
        return f"Place({self.name!r})"


def content_name(sha256: str) -> str:
    """Where plain bytes with that digest lie: `sha256/ab/cd/abcd…`."""
    return f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def page_name(file: object, number: int) -> str:
    """Where the derived picture of a file's page lies."""
    return f"pages/{file}/{number}.jpg"


def original_at(file: UUID, key: bytes) -> Place:
    """Where the bytes that arrived as the document `file` lie, under that key."""
    return Place(f"documents/{file}/original", key)


def original(session: Session, row: DocumentRow) -> Place:
    """Where the document's bytes lie as they arrived; a letter's are its stack's. Raises KeyDestroyed, KeyUnusable."""
    key = keys.of(session, row.file_id)
    return Place(content_name(row.sha256)) if key is None else original_at(row.file_id, key)


def pdf_at(document: UUID, sha256: str, key: bytes | None) -> Place:
    """Where the searchable PDF of that digest lies; `key` is the document's own."""
    return Place(content_name(sha256)) if key is None else Place(f"documents/{document}/pdf-{sha256}", key)


def pdf(session: Session, row: DocumentRow) -> Place:
    """Where a sealed document's searchable PDF lies. Raises KeyDestroyed, KeyUnusable."""
    return pdf_at(row.id, row.pdf_sha256 or "", keys.of(session, row.id))


def manifest_at(document: UUID, number: int, key: bytes | None) -> Place:
    """Where the document's manifest of that number lies."""
    return Place(f"documents/{document}/manifest-{number}{'.json' if key is None else ''}", key)


def manifest(session: Session, row: DocumentRow) -> Place:
    """Where a sealed document's newest manifest lies. Raises KeyDestroyed, KeyUnusable."""
    return Place(row.manifest_key or "", keys.of(session, row.id))


def page(session: Session, row: DocumentRow, number: int) -> Place:
    """Where the picture of the document's page lies; it is its file's. Raises KeyDestroyed, KeyUnusable."""
    return Place(page_name(row.file_id, row.place_in_file(number)), keys.of(session, row.file_id))


@dataclass(frozen=True, slots=True)
class Extent:
    """All that the store may hold of a file and of the letters out of it. `prefixes` are its own whole; so are the
    plain objects `own`; those in `shared` are another unit's document's too, which was stored as the same bytes."""

    prefixes: tuple[str, ...]
    own: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    pictures: str = ""


def extent(session: Session, file: UUID) -> Extent:
    """Where all objects of a file and of its letters lie, those of earlier seals too."""
    ids = [file, *session.scalars(select(DocumentRow.id).where(DocumentRow.part_of == file))]
    prefixes = tuple(f"documents/{document}/" for document in ids)
    plain = session.execute(_PLAIN, {"file": file, "ids": ids}).all()
    names = {
        shared: tuple(content_name(row.sha256) for row in plain if row.shared is shared) for shared in (True, False)
    }
    return Extent(prefixes, names[False], names[True], f"pages/{file}/")
