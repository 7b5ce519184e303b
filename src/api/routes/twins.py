"""Letters that may be scans of one paper: which wait for a person, and what the person says."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.auth import Checker, Reader
from api.schemas import twins as schemas
from archive import documents, twins
from core.db import transaction

router = APIRouter(tags=["twins"])


@router.get("/documents/{document}/twins")
def list_letters_twins(document: UUID, account: Reader) -> schemas.Twins:
    """Pairs of this letter with others that the asker may see, decided or not."""
    with transaction(account.context) as session:
        documents.find(session, document)
        return schemas.Twins(twins=[schemas.twin(row) for row in twins.of_document(session, document)])


@router.get("/twins")
def list_twins(
    account: Checker,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[int, Query(ge=0, le=2**62)] = 0,
) -> schemas.TwinList:
    """Pairs that wait for a person, oldest first."""
    with transaction(account.context) as session:
        rows = twins.undecided(session, after=cursor, limit=limit + 1)
        waiting = twins.undecided_count(session)
    following = str(rows[limit - 1].seq) if len(rows) > limit else None
    return schemas.TwinList(waiting=waiting, twins=[schemas.twin(row) for row in rows[:limit]], next=following)


@router.post("/twins/{twin}/decision")
def decide_twin(twin: UUID, said: schemas.TwinDecision, account: Checker) -> schemas.Twin:
    """Say that two letters are the same, or different; both are kept. 409 when somebody said otherwise before."""
    decision = None if said.decision == "undecided" else said.decision
    with transaction(account.context) as session:
        return schemas.twin(twins.decide(session, account, twin, decision))
