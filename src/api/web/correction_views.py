"""Putting right what an agenda line says: the form, with its reason."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from access.roles import CLEARANCES, Right
from api.problems import status_of
from api.web import agenda_form as forms
from api.web.agenda_form import Field
from api.web.pages import ChangingVisitor, RegisteringVisitor, form, render
from core.db import transaction
from core.faults import EntryCancelled, Fault, InvalidRequest
from records import agenda, correcting
from records.office import office
from records.particulars import Particulars
from records.tables import AgendaEntryRow

router = APIRouter(include_in_schema=False)

Posted = Annotated[dict[str, str], Depends(form)]


def _fields(row: AgendaEntryRow) -> tuple[Field, ...]:
    """The fields that may be put right: the kode of a letter that has its number stands in that number."""
    fields = forms.FIELDS[forms.book_of(row.book)]
    fixed = {"code"} if row.book == "keluar" and row.numbered else set()
    return tuple(field for field in fields if field.name not in fixed)


@router.get("/agenda/nomor/{entry:uuid}/betulkan")
def correct_page(request: Request, entry: UUID, visitor: RegisteringVisitor) -> Response:
    """The line as it is, to be put right."""
    with transaction(visitor.account.context) as session:
        row = agenda.find(session, entry)
    if row.cancelled_at is not None:
        raise EntryCancelled
    said = Particulars(**{name: getattr(row, name) for name in Particulars.__slots__})
    return _form(request, row, forms.shown(forms.book_of(row.book), said), "")


def _form(
    request: Request, row: AgendaEntryRow, texts: Mapping[str, str], reason: str, fault: Fault | None = None
) -> Response:
    return render(
        request,
        "agenda_betulkan.html",
        status=status_of(fault) if fault else 200,
        row=row,
        fields=_fields(row),
        texts=texts,
        reason=reason,
        urgencies=forms.URGENCY_WORDS,
        secrecies=CLEARANCES,
        recipients=office().disposition.recipients,
        fault=fault,
    )


@router.post("/agenda/nomor/{entry:uuid}/betulkan")
def correct(request: Request, entry: UUID, visitor: ChangingVisitor, posted: Posted) -> Response:
    """Put the line right; the form again with what is wrong in it."""
    account = visitor.account
    account.require(Right.REGISTER)
    try:
        with transaction(account.context) as session:
            row = agenda.find(session, entry)
            changed = _changed(row, posted)
            correcting.correct(session, account, entry, changed, posted.get("alasan", ""))
    except InvalidRequest as fault:
        with transaction(account.context) as session:
            row = agenda.find(session, entry)
        texts = {field.name: posted.get(field.name, "") for field in _fields(row)}
        return _form(request, row, texts, posted.get("alasan", ""), fault)
    return RedirectResponse(f"/agenda/nomor/{entry}", 303)


def _changed(row: AgendaEntryRow, posted: Mapping[str, str]) -> dict[str, Any]:
    said = forms.posted(forms.book_of(row.book), posted)
    return {field.name: getattr(said, field.name) for field in _fields(row)}
