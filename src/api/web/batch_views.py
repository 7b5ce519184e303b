"""The letters of one stack that are proposed for one case: shown together, and linked by one key."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from access.roles import Right
from api.web.pages import ChangingVisitor
from archive import documents
from archive.tables import DocumentRow
from cases import book, proposals, work
from cases.proposals import Proposal
from core.db import transaction

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Together:
    """A letter of the stack, and the step of the case that is proposed for it before all others."""

    letter: DocumentRow
    proposal: Proposal


def together(session: Session, letter: DocumentRow, case: UUID) -> list[Together]:
    """The waiting letters of its file that are proposed for the case first of all; none unless there are two."""
    if letter.part_of is None:
        return []
    found = [
        Together(one.row, one.proposals[0])
        for one in proposals.waiting(session, file=letter.part_of)
        if one.proposals and one.proposals[0].case is not None and one.proposals[0].case.row.id == case
    ]
    return found if len(found) > 1 else []


@router.post("/kasus/{case:uuid}/tumpukan")
def link_all(
    case: UUID,
    visitor: ChangingVisitor,
    surat: Annotated[UUID, Form()],
    dilihat: Annotated[list[UUID] | None, Form(max_length=1000)] = None,
) -> Response:
    """Link the letters that were shown, each to the step that is still proposed for it; then on to the case."""
    account = visitor.account
    account.require(Right.WORK_CASES)
    seen = frozenset(dilihat or ())
    with transaction(account.context) as session:
        book.find(session, case)
        for one in together(session, documents.find(session, surat), case):
            if one.letter.id in seen:
                work.link(session, account, case, one.letter.id, one.proposal.step)
    return RedirectResponse(f"/kasus/{case}#langkah", 303)
