"""What was destroyed, where an older backup does not undo it: lists beside the record, under lock (docs/adr/0034).

A backup of last month knows keys and words of what was destroyed since. These lists, closed by a subkey of the office
key, say which letters and clients are gone; who makes the database again destroys them once more.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from archive import blobs, keyset, ledger, officekey, wholesale
from archive.objects import Place

PREFIX: Final = "destroyed/"
_LETTERS = text("SELECT document_id, disposal FROM document_key WHERE destroyed_at IS NOT NULL ORDER BY document_id")
_CLIENTS = text("SELECT id FROM client WHERE forgotten_at IS NOT NULL ORDER BY id")
_RETURNED = text(
    "SELECT d.sha256 FROM document d JOIN document_key k ON k.document_id = d.id"
    " WHERE d.id = :document AND k.destroyed_at IS NULL"
)
_EMPTY = text(
    "UPDATE document_key SET wrapped = NULL, destroyed_at = clock_timestamp(), disposal = :disposal"
    " WHERE document_id = :document"
)


@dataclass(slots=True)
class Gone:
    """Letters that were destroyed, each with the list that decided it, and clients of whom nothing is left."""

    letters: dict[UUID, UUID] = field(default_factory=dict)
    clients: set[UUID] = field(default_factory=set)

    @property
    def mark(self) -> str:
        """The same for the same letters and clients, and for no others: as many are not the same ones."""
        named = "\n".join(sorted(str(one) for one in (*self.letters, *self.clients)))
        return hashlib.sha256(named.encode()).hexdigest()[:16]

    def add(self, more: "Gone") -> None:
        """All of another list too."""
        self.letters |= more.letters
        self.clients |= more.clients


def write(session: Session) -> None:
    """Put what no list says yet, once for all that is gone by now. For the role that reads everything. Raises
    KeyUnusable, StoreUnavailable."""
    letters = {row.document_id: row.disposal for row in session.execute(_LETTERS)}
    gone = Gone(letters, set(session.scalars(_CLIENTS)))
    key = f"{PREFIX}{len(gone.letters):09d}-{len(gone.clients):09d}-{gone.mark}"
    if not (gone.letters or gone.clients) or key in wholesale.names_under(PREFIX):
        return
    told = known()
    new = {
        "letters": {str(one): str(by) for one, by in gone.letters.items() if one not in told.letters},
        "clients": sorted(str(one) for one in gone.clients - told.clients),
    }
    sealed = keyset.seal(officekey.subkey("destroyed"), json.dumps(new).encode(), key)
    blobs.put(Place(key), sealed, hashlib.sha256(sealed).hexdigest(), "application/octet-stream")


def known() -> Gone:
    """What the lists in the bucket say. Raises KeyUnusable, StoreUnavailable."""
    return told((name, blobs.get(Place(name))) for name in wholesale.names_under(PREFIX))


def told(lists: Iterable[tuple[str, bytes]]) -> Gone:
    """What these lists say, each by its name in the bucket. Raises KeyUnusable where one is not this office's."""
    found = Gone()
    for name, sealed in lists:
        said = json.loads(keyset.unseal(officekey.subkey("destroyed"), sealed, name))
        letters = {UUID(one): UUID(by) for one, by in said["letters"].items()}
        found.add(Gone(letters, {UUID(one) for one in said["clients"]}))
    return found


def destroy_again(session: Session, gone: Gone) -> int:
    """While the tables are open to their owner: empty the keys and words of what is back, with an event for each. How
    many letters that were."""
    back = 0
    for document, disposal in gone.letters.items():
        digest = session.scalar(_RETURNED, {"document": document})
        if digest is None:
            continue
        session.execute(_EMPTY, {"document": document, "disposal": disposal})
        session.execute(text("SELECT letter_wipe(:document)"), {"document": document})
        ledger.append(
            session, "destroyed_again", actor=ledger.WORKER, document=document, digest=digest, disposal=str(disposal)
        )
        back += 1
    session.execute(text("SELECT client_wipe(CAST(:people AS uuid[]))"), {"people": [*map(str, gone.clients)]})
    return back
