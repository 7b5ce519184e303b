"""A NIK learned after the case was opened: offered from its letters, taken over by a clerk."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from access.roles import Right
from api.casework import identity_key
from api.web.pages import ChangingVisitor
from archive.tables import DocumentRow
from cases import work
from cases.book import Case
from classify.fieldspec import mask
from core.db import transaction

router = APIRouter(include_in_schema=False)


def offers(case: Case) -> list[tuple[DocumentRow, str]]:
    """Letters of the case that carry a NIK, masked, while none is known of its client; one for each NIK."""
    said: dict[str, DocumentRow] = {}
    for one in case.letters if case.client.nik_masked is None else ():
        if nik := work.nik_in(one.document):
            said.setdefault(nik, one.document)
    return [(letter, mask("nik", nik)) for nik, letter in said.items()]


@router.post("/kasus/{case:uuid}/nik")
def learn_nik(case: UUID, visitor: ChangingVisitor, surat: Annotated[UUID, Form()]) -> Response:
    """Give the client the NIK that a letter of the case carries."""
    visitor.account.require(Right.CHECK)
    with transaction(visitor.account.context) as session:
        work.learn_nik(session, visitor.account, identity_key(), case, surat)
    return RedirectResponse(f"/kasus/{case}#isi", 303)
