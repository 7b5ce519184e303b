"""What the API says of proposals, with examples for its documentation."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.shared import ID
from cases.proposals import Proposal, Waiting

_PROPOSAL: dict[str, Any] = {
    "case": "7d3c1f9e-52a4-4b8e-9f43-1d0c2b7a6e55",
    "number": "001/2026",
    "sop": "pemulangan-tarakan",
    "step": 4,
    "score": 130.0,
    "reasons": ["NIK sama", "ditunggu langkah 4"],
}


class CaseProposal(BaseModel):
    """A step of an open case that a letter may be for; without `case`: an SOP under which it may open one."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROPOSAL]})

    case: UUID | None
    number: str | None = Field(description="The case's number")
    sop: str
    step: int
    score: float = Field(description="For comparing proposals of one letter; it is no probability")
    reasons: list[str]


class CaseProposals(BaseModel):
    """Proposals for a letter, the likeliest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"proposals": [_PROPOSAL]}]})

    proposals: list[CaseProposal]


class WaitingLetter(BaseModel):
    """A letter that is linked to nothing, with its proposals."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"document": ID, "kind": "hasil_asesmen", "proposals": [_PROPOSAL]}]}
    )

    document: UUID
    kind: str | None
    proposals: list[CaseProposal]


class WaitingLetters(BaseModel):
    """Letters that wait to be linked, oldest first; `waiting` is how many in all, counted up to 1000, `next` the cursor
    of the rest."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "waiting": 1,
                    "letters": [{"document": ID, "kind": "hasil_asesmen", "proposals": [_PROPOSAL]}],
                    "next": None,
                }
            ]
        }
    )

    waiting: int
    letters: list[WaitingLetter]
    next: str | None


def proposal(found: Proposal) -> CaseProposal:
    """A proposal as the API shows it."""
    return CaseProposal(
        case=found.case.row.id if found.case else None,
        number=found.case.number if found.case else None,
        sop=found.sop,
        step=found.step,
        score=found.score,
        reasons=list(found.reasons),
    )


def waiting_letter(found: Waiting) -> WaitingLetter:
    """A letter that waits, as the API shows it."""
    return WaitingLetter(
        document=found.row.id, kind=found.row.kind, proposals=[proposal(one) for one in found.proposals]
    )
