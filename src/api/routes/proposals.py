"""Which case and step a letter may be for: proposals of one letter, letters that wait, and the word that none fits."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.auth import CaseWorker, Reader
from api.schemas import proposals as schemas
from archive import documents
from cases import proposals
from core.db import transaction

router = APIRouter(tags=["cases"])


@router.get("/documents/{document}/proposals")
def list_proposals(document: UUID, account: Reader) -> schemas.CaseProposals:
    """Steps of cases that a letter may be for, and SOPs under which it may open one, the likeliest first.

    Linking is POST /cases/{case}/letters, opening POST /cases. What is certain the system links by itself.
    """
    with transaction(account.context) as session:
        documents.find(session, document)
        found = proposals.of_letter(session, document)
    return schemas.CaseProposals(proposals=[schemas.proposal(one) for one in found])


@router.get("/proposals")
def list_waiting(
    account: CaseWorker,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[int, Query(ge=0, le=2**62)] = 0,
) -> schemas.WaitingLetters:
    """Letters that are linked to nothing and have proposals, oldest first."""
    with transaction(account.context) as session:
        found = proposals.waiting(session, account, after=cursor, limit=limit + 1)
        count = proposals.waiting_count(session, account)
    following = str(found[limit - 1].row.seq) if len(found) > limit else None
    letters = [schemas.waiting_letter(one) for one in found[:limit]]
    return schemas.WaitingLetters(waiting=count, letters=letters, next=following)


@router.delete("/documents/{document}/proposals")
def decline(document: UUID, account: CaseWorker) -> schemas.CaseProposals:
    """Say that a letter is for none of them; they are not proposed again. The answer is what is proposed now."""
    with transaction(account.context) as session:
        proposals.decline(session, account, document)
        found = proposals.of_letter(session, document)
    return schemas.CaseProposals(proposals=[schemas.proposal(one) for one in found])
