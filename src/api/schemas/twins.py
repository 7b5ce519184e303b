"""What the API says of letters that may be scans of one paper, with examples for its documentation."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.shared import ID
from archive.tables import TwinRow

_TWIN: dict[str, Any] = {
    "id": "7f0d1c0e-9a54-4c39-8a53-0d5f6f1b2c44",
    "documents": [ID, "d3b07384-d113-4ec6-a5d2-6b1f0f6f3c20"],
    "score": 0.97,
    "reasons": ["Nomor surat sama", "52 angka dan nama sama", "97 % kata sama"],
    "proposed_at": "2026-11-21T01:02:07Z",
    "decision": None,
    "decided_by": None,
    "decided_at": None,
}


class Twin(BaseModel):
    """Two letters that may be scans of one paper: how likely (0…1), why, and what a person said of it, if anything."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TWIN]})

    id: UUID
    documents: tuple[UUID, UUID] = Field(description="The letter that came first, and the other one")
    score: float
    reasons: list[str]
    proposed_at: datetime
    decision: Literal["same", "different"] | None
    decided_by: UUID | None
    decided_at: datetime | None


class Twins(BaseModel):
    """The pairs that a letter belongs to, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"twins": [_TWIN]}]})

    twins: list[Twin]


class TwinList(BaseModel):
    """Pairs that wait for a person, oldest first; `waiting` is how many in all, `next` the cursor of the following."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"waiting": 1, "twins": [_TWIN], "next": None}]})

    waiting: int
    twins: list[Twin]
    next: str | None


class TwinDecision(BaseModel):
    """A person's word on a pair; `undecided` takes an earlier word back."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"decision": "same"}]})

    decision: Literal["same", "different", "undecided"]


def twin(row: TwinRow) -> Twin:
    """A pair as the API shows it."""
    return Twin(
        id=row.id,
        documents=(row.first_id, row.second_id),
        score=row.score,
        reasons=row.reasons,
        proposed_at=row.proposed_at,
        decision=row.decision,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
