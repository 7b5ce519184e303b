"""Belah berkas: a stack's pages side by side, where a person marks on which of them a letter begins."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from access.roles import Right
from api import cutting
from api.web.pages import ChangingVisitor, CheckingVisitor, render
from archive import ledger
from archive.stacks import Decision
from core.db import transaction
from core.faults import PagesElsewhere

router = APIRouter(include_in_schema=False)

Number = Annotated[int, Form(ge=1, le=100_000)]


@router.get("/arsip/{document:uuid}/belah")
def cutting_page(request: Request, document: UUID, visitor: CheckingVisitor) -> Response:
    """The pages of one file with the proposed cuts; what they say is told by their pictures, so that is entered."""
    account = visitor.account
    with transaction(account.context) as session:
        found = cutting.gather(session, document)
        if found.row.is_stack:
            raise PagesElsewhere
        ledger.append(session, "text_viewed", actor=account.id, document=document, digest=found.row.sha256)
    begins = {letter.first_page: letter for letter in found.letters}
    return render(request, "belah.html", found=found, row=found.row, begins=begins, first=min(begins, default=0))


@router.post("/arsip/{document:uuid}/belah")
def decide(
    document: UUID,
    visitor: ChangingVisitor,
    halaman: Number = 1,
    keputusan: Annotated[Literal["belah", "satu"], Form()] = "belah",
    mulai: Annotated[list[int] | None, Form(max_length=100_000)] = None,
    diputuskan: Annotated[Literal["", "1"], Form()] = "",
) -> Response:
    """Take the person's word, then on to the file, which shows its letters."""
    account = visitor.account
    account.require(Right.CHECK)
    begins = frozenset(mulai or ()) if keputusan == "belah" else frozenset[int]()
    with transaction(account.context) as session:
        row = cutting.decide(session, account, document, Decision(begins, halaman, 1 if diputuskan else None))
    return RedirectResponse(f"/arsip/{row.file_id}", 303)


@router.post("/arsip/{document:uuid}/gabung")
def join(document: UUID, visitor: ChangingVisitor) -> Response:
    """Join the letters of a stack again, to be split otherwise or kept as one."""
    account = visitor.account
    account.require(Right.CHECK)
    with transaction(account.context) as session:
        cutting.join(session, account, document)
    return RedirectResponse(f"/arsip/{document}", 303)
