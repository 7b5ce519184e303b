"""The pages Disposisi: what waits for somebody, one link of a chain, and handing a letter on."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from api.problems import status_of
from api.web import chains
from api.web.pages import ChangingVisitor, DisposingVisitor, ReadingVisitor, Visitor, form, render
from archive import documents, ledger, stacks
from archive.tables import DocumentRow
from core.db import transaction
from core.faults import DispositionRefused, Fault, InvalidRequest
from records import agenda, dispositions, inbox, sheets

router = APIRouter(include_in_schema=False)

_FINISHED: Final = 30
_MOST: Final = 100
_SHEETS: Final = 50
Posted = Annotated[dict[str, str], Depends(form)]


@router.get("/disposisi")
def inbox_page(request: Request, visitor: ReadingVisitor) -> Response:
    """What waits for the visitor, what they handed out, what is done; for who registers also sheets that came back."""
    account = visitor.account
    with transaction(account.context) as session:
        waiting = inbox.received(session, account, _MOST)
        given = inbox.handed_out(session, account, _MOST)
        finished = inbox.finished(session, account, _FINISHED)
        returned = sheets.waiting(session, _SHEETS) if account.may(Right.REGISTER) else []
    return render(
        request,
        "disposisi.html",
        waiting=waiting,
        given=given,
        finished=finished,
        sheets=returned,
        most=_MOST,
        subject=_subject,
    )


def _subject(letter: DocumentRow) -> str:
    """What a letter is about, or its file's name."""
    said = letter.fields.get("perihal", {}).get("text")
    return str(said) if said else letter.filename


@router.get("/disposisi/{disposition:uuid}")
def link_page(request: Request, disposition: UUID, visitor: ReadingVisitor) -> Response:
    """One link with its chain; opened by its recipient it is read."""
    return _link(request, disposition, visitor)


def _link(
    request: Request,
    disposition: UUID,
    visitor: Visitor,
    *,
    posted: Mapping[str, str] | None = None,
    fault: Fault | None = None,
) -> Response:
    account = visitor.account
    with transaction(account.context) as session:
        row = dispositions.find(session, disposition)
        letter = documents.find(session, row.document_id)
        dispositions.mark_read(session, account, letter.id)
        chain = chains.shown(session, account, [letter.id])[letter.id]
        people = dispositions.people(session, letter.id)
        entry = agenda.entry_of(session, letter.id)
        # what the letter is about is shown
        ledger.append(session, "text_viewed", actor=account.id, document=letter.id, digest=letter.sha256)
    step = next(step for step in chain.steps if step.row.id == disposition)
    return render(
        request,
        "disposisi_satu.html",
        status=status_of(fault) if fault else 200,
        step=step,
        chain=chain,
        letter=letter,
        subject=_subject(letter),
        entry=entry,
        form=chains.form(people, account, posted=posted),
        posted=posted or {},
        fault=fault,
        mine=step.row.recipient_id == account.id and step.state != "done",
        endable=disposition in chain.endable,
    )


@router.post("/disposisi/{disposition:uuid}/teruskan")
def pass_on(request: Request, disposition: UUID, visitor: ChangingVisitor, posted: Posted) -> Response:
    """Hand on what the visitor was handed; the form again with what is wrong in it."""
    account = visitor.account
    account.require(Right.READ)
    try:
        with transaction(account.context) as session:
            dispositions.pass_on(session, account, disposition, chains.handed(posted))
    except (InvalidRequest, DispositionRefused) as fault:
        return _link(request, disposition, visitor, posted=posted, fault=fault)
    return RedirectResponse("/disposisi", 303)


@router.post("/disposisi/{disposition:uuid}/selesai")
def finish(disposition: UUID, visitor: ChangingVisitor, posted: Posted) -> Response:
    """Say that it is done."""
    account = visitor.account
    account.require(Right.READ)
    with transaction(account.context) as session:
        dispositions.finish(session, account, disposition, posted.get("hasil", ""))
    return RedirectResponse("/disposisi", 303)


@router.get("/arsip/{document:uuid}/disposisi")
def give_page(request: Request, document: UUID, visitor: DisposingVisitor) -> Response:
    """The form that begins a letter's chain."""
    return _give(request, document, visitor.account)


def _give(
    request: Request,
    document: UUID,
    account: Account,
    *,
    posted: Mapping[str, str] | None = None,
    fault: Fault | None = None,
) -> Response:
    with transaction(account.context) as session:
        facts = _giving(session, account, document)
    return render(
        request,
        "disposisi_beri.html",
        status=status_of(fault) if fault else 200,
        form=chains.form(facts.pop("people"), account, posted=posted),
        fault=fault,
        **facts,
    )


def _giving(session: Session, account: Account, document: UUID) -> dict[str, Any]:
    letter = documents.find(session, document)
    stacks.require_letter(letter)
    facts: dict[str, Any] = {
        "letter": letter,
        "subject": _subject(letter),
        "chain": chains.shown(session, account, [document]).get(document),
        "people": dispositions.people(session, document),
    }
    ledger.append(session, "text_viewed", actor=account.id, document=document, digest=letter.sha256)
    return facts


@router.post("/arsip/{document:uuid}/disposisi")
def give(request: Request, document: UUID, visitor: ChangingVisitor, posted: Posted) -> Response:
    """Hand the letter to those who were chosen; the form again with what is wrong in it."""
    account = visitor.account
    account.require(Right.DISPOSE)
    try:
        with transaction(account.context) as session:
            dispositions.give(session, account, document, chains.handed(posted))
    except (InvalidRequest, DispositionRefused) as fault:
        return _give(request, document, account, posted=posted, fault=fault)
    return RedirectResponse(f"/arsip/{document}#disposisi", 303)
