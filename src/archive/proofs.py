"""The proof of one letter: its events, each with its way up the ledger's tree to a root that was signed.

What it holds are ids, digests and times: it can be handed to anybody who has the file itself. archive/offline.py
checks it.
"""

from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive import checkpoints, merkle
from archive.prooftables import CheckpointRow
from archive.tables import DocumentRow, LedgerRow
from core.faults import NotCheckpointed

FORMAT: Final = 1
# How a letter's bytes came in: sent, or cut out of a stack
_CAME: Final = ("received", "letter_cut")


@dataclass(frozen=True, slots=True)
class Proof:
    """A letter's events that a checkpoint covers, oldest first, each with its path, and that checkpoint."""

    document: DocumentRow
    checkpoint: CheckpointRow
    events: list[tuple[LedgerRow, list[bytes]]]

    def as_json(self) -> dict[str, Any]:
        """The file that `arsip proof check` reads (docs/ARCHITECTURE.md)."""
        return {
            "arsip-proof": FORMAT,
            "document": str(self.document.id),
            "checkpoint": self.checkpoint.note,
            "entries": [_entry(row, path) for row, path in self.events],
        }


def of(session: Session, document: DocumentRow) -> Proof:
    """How the letter came in, and how it was sealed last, as far as the newest checkpoint covers it.

    Raises NotCheckpointed where that covers nothing of it.
    """
    newest = checkpoints.newest(session)
    if newest is None:
        raise NotCheckpointed
    found = [_newest_of(session, document, actions, newest.size) for actions in (_CAME, ("sealed",))]
    tree = checkpoints.Tree(session)
    events = [(row, merkle.path(row.seq - 1, newest.size, tree.root_of)) for row in found if row is not None]
    if not events:
        raise NotCheckpointed
    return Proof(document, newest, events)


def is_covered(session: Session, document: UUID) -> bool:
    """Whether a checkpoint covers how the letter came in, so that its proof can be made."""
    came = select(LedgerRow.seq).where(LedgerRow.document == document, LedgerRow.action.in_(_CAME))
    newest = select(func.max(CheckpointRow.size)).scalar_subquery()
    return session.scalar(select(came.where(LedgerRow.seq <= newest).exists())) or False


def _newest_of(session: Session, document: DocumentRow, actions: tuple[str, ...], most: int) -> LedgerRow | None:
    query = select(LedgerRow).where(
        LedgerRow.document == document.id, LedgerRow.action.in_(actions), LedgerRow.seq <= most
    )
    return session.scalars(query.order_by(LedgerRow.seq.desc()).limit(1)).one_or_none()


def _entry(row: LedgerRow, path: list[bytes]) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "at": f"{row.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        "body": row.body,
        "prev": bytes(row.prev).hex(),
        "path": [one.hex() for one in path],
    }
