"""Writing and reading the ledger: who did what, when, to which document, with which digest. Never personal data."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from archive.tables import LedgerRow

WORKER = "worker"
_APPEND = text("SELECT ledger_append(:entry)")


@dataclass(frozen=True, slots=True)
class Event:
    """One entry as readers see it. `detail` is everything in the body besides action, actor, document and digest."""

    seq: int
    at: datetime
    action: str
    actor: str
    document: UUID | None
    digest: str | None
    detail: dict[str, Any]
    hash: str


def entry(
    action: str, *, actor: str | UUID, document: UUID | None = None, digest: str | None = None, **detail: Any
) -> str:
    """The body of an event, always written the same way."""
    body = {"action": action, "actor": str(actor), **detail}
    if document is not None:
        body["document"] = str(document)
    if digest is not None:
        body["digest"] = digest
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def append(
    session: Session,
    action: str,
    *,
    actor: str | UUID,
    document: UUID | None = None,
    digest: str | None = None,
    **detail: Any,
) -> None:
    """Append one event in this transaction. Call it last: from here to the commit nobody else can append."""
    body = entry(action, actor=actor, document=document, digest=digest, **detail)
    session.execute(_APPEND, {"entry": body})


def _event(row: LedgerRow) -> Event:
    body: dict[str, Any] = json.loads(row.body)
    action, actor = body.pop("action"), body.pop("actor")
    document, digest = body.pop("document", None), body.pop("digest", None)
    return Event(
        row.seq, row.at, action, actor, UUID(document) if document else None, digest, body, bytes(row.hash).hex()
    )


def document_events(session: Session, document: UUID) -> list[Event]:
    """Everything that happened to a document, oldest first."""
    rows = session.scalars(select(LedgerRow).where(LedgerRow.document == document).order_by(LedgerRow.seq))
    return [_event(row) for row in rows]


def events_before(session: Session, before: int | None, limit: int) -> list[Event]:
    """At most `limit` events, newest first, with numbers under `before`."""
    query = select(LedgerRow).order_by(LedgerRow.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(LedgerRow.seq < before)
    return [_event(row) for row in session.scalars(query)]


def head(session: Session) -> tuple[int, str]:
    """Number and hash of the newest event; (0, 64 zeros) when there is none."""
    row = session.execute(select(LedgerRow.seq, LedgerRow.hash).order_by(LedgerRow.seq.desc()).limit(1)).one_or_none()
    return (row[0], bytes(row[1]).hex()) if row else (0, "0" * 64)
