"""What the API says of the ledger and of checking against it, with examples for its documentation."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.shared import ID, SHA256
from archive.ledger import Event

EVENT_EXAMPLE: dict[str, Any] = {
    "seq": 17,
    "at": "2026-11-21T01:02:03Z",
    "action": "received",
    "actor": "5c0e7b0a-6a53-4f6e-8f2b-2f1f1d3b7a10",
    "document": ID,
    "digest": SHA256,
    "detail": {"size": 181234},
    "hash": SHA256,
}
VERIFICATION_EXAMPLE = '{"entries": 41, "objects": 12}\n{"entries": 52, "objects": 15, "ok": true, "finding": null}\n'


class LedgerEvent(BaseModel):
    """One entry of the ledger."""

    model_config = ConfigDict(json_schema_extra={"examples": [EVENT_EXAMPLE]})

    seq: int
    at: datetime
    action: str
    actor: str = Field(description="Id of the account, or `worker`")
    document: UUID | None
    digest: str | None
    detail: dict[str, Any]
    hash: str


class LedgerPage(BaseModel):
    """Events of the whole archive, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"events": [EVENT_EXAMPLE], "next": "17"}]})

    events: list[LedgerEvent]
    next: str | None


def event(entry: Event) -> LedgerEvent:
    """A ledger entry as the API shows it."""
    return LedgerEvent(
        seq=entry.seq,
        at=entry.at,
        action=entry.action,
        actor=entry.actor,
        document=entry.document,
        digest=entry.digest,
        detail=entry.detail,
        hash=entry.hash,
    )
