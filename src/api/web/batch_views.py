"""The letters of one stack that are for one case: shown together, and linked by one key."""

from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from access.roles import Right
from api.web.pages import ChangingVisitor
from archive import documents, stacks
from archive.tables import DocumentRow
from cases import book, proposals, work
from cases.book import Case
from cases.places import Fit, places
from cases.proposals import Waiting
from core.db import transaction

router = APIRouter(include_in_schema=False)

_CAME_TOGETHER: Final = "tidak menyebut klien; dari berkas yang sama"


@dataclass(frozen=True, slots=True)
class Together:
    """A letter of the stack, the step of the case that it is for, and why, in words."""

    letter: DocumentRow
    step: int
    reasons: tuple[str, ...]


def together(session: Session, letter: DocumentRow, case: Case) -> list[Together]:
    """The letters of the stack that a letter was cut from, as far as they are proposed for the case first of all; where
    the stack leads to no other case, also those that name nobody. None unless there are two."""
    if letter.part_of is None:
        return []
    left = proposals.of_stack(session, letter.part_of)
    parts = [part.id for part in stacks.letters_of(session, letter.part_of)]
    cases = {one.row.id for one in book.of_letters(session, parts)}
    cases |= {first.row.id for one in left if one.proposals and (first := one.proposals[0].case)}
    found = [_proposed(one, case) or (_nameless(one, case) if cases == {case.row.id} else None) for one in left]
    shown = [one for one in found if one is not None]
    return shown if len(shown) > 1 else []


def _proposed(one: Waiting, case: Case) -> Together | None:
    first = one.proposals[0] if one.proposals else None
    if first is None or first.case is None or first.case.row.id != case.row.id:
        return None
    return Together(one.row, first.step, first.reasons)


def _nameless(one: Waiting, case: Case) -> Together | None:
    """A list or a family card says nothing of the client, but came with the client's letters."""
    if one.proposals or {"nama", "nik"} & one.row.fields.keys():
        return None
    best = places(case.state, case.linked, one.row.kind)[0]
    return Together(one.row, best.step, (_CAME_TOGETHER,)) if best.fit >= Fit.BRANCH else None


@router.post("/kasus/{case:uuid}/tumpukan")
def link_all(
    case: UUID,
    visitor: ChangingVisitor,
    surat: Annotated[UUID, Form()],
    pilih: Annotated[list[UUID] | None, Form(max_length=1000)] = None,
) -> Response:
    """Link the letters that were ticked, each to the step that it is still for; then on to the case."""
    account = visitor.account
    account.require(Right.WORK_CASES)
    chosen = frozenset(pilih or ())
    with transaction(account.context) as session:
        found = book.find(session, case)
        for one in together(session, documents.find(session, surat), found):
            if one.letter.id in chosen:
                work.link(session, account, case, one.letter.id, one.step)
    return RedirectResponse(f"/kasus/{case}#langkah", 303)
