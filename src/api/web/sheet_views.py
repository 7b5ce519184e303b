"""A sheet of disposition that came back: what was ticked, confirmed with one key, begins the letter's chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from access.accounts import Account
from access.roles import Right
from api.problems import status_of
from api.web import chains
from api.web.pages import ChangingVisitor, RegisteringVisitor, form, render
from archive import documents, ledger
from archive.reading import PageReading
from core.db import transaction
from core.faults import DispositionRefused, Fault, InvalidRequest
from records import dispositions, sheets
from records.dispositions import Colleague, To
from records.office import office
from records.sheets import Proposal

router = APIRouter(include_in_schema=False)

_POST: Final = "jabatan."
_WHO: Final = "orang."
Posted = Annotated[dict[str, str], Depends(form)]


@dataclass(frozen=True, slots=True)
class Line:
    """One recipient of the sheet: its number and name, whether it is ticked, and who is likely meant ("": unknown)."""

    number: int
    post: str
    ticked: bool
    holder: str


@router.get("/disposisi/lembar/{document:uuid}")
def sheet_page(request: Request, document: UUID, visitor: RegisteringVisitor) -> Response:
    """What the sheet says, to confirm; its text is shown, so that is entered in the ledger."""
    return _sheet(request, document, visitor.account)


def _sheet(
    request: Request,
    document: UUID,
    account: Account,
    *,
    posted: Mapping[str, str] | None = None,
    fault: Fault | None = None,
) -> Response:
    with transaction(account.context) as session:
        found = sheets.proposal(session, document)
        letter = found.entry.document_id
        people = dispositions.people(session, letter) if letter is not None else []
        reading = documents.readings(session, [(document, found.page)])[document, found.page]
        ledger.append(session, "text_viewed", actor=account.id, document=document, digest=found.sheet.sha256)
    lines = _lines(found, people, posted)
    asked = next((line.number for line in lines if line.ticked and not line.holder), None)
    return render(
        request,
        "disposisi_lembar.html",
        status=status_of(fault) if fault else 200,
        sheet=found,
        size=PageReading.from_json(reading).preview,
        lines=lines,
        people=[person.name for person in people],
        form=chains.form([], account, posted=posted, instructions=found.instructions),
        asked=asked,
        begins=next((line.number for line in lines if line.ticked), 0) if asked is None else None,
        fault=fault,
    )


def _lines(found: Proposal, people: Sequence[Colleague], posted: Mapping[str, str] | None) -> list[Line]:
    """The sheet's recipients as they were ticked and are held, or as they were posted."""
    offered, names = office().disposition, {person.name for person in people}
    lines = []
    for number, post in enumerate(offered.recipients):
        holder = offered.holders.get(post, "") if posted is None else posted.get(f"{_WHO}{number}", "")
        ticked = post in found.recipients if posted is None else f"{_POST}{number}" in posted
        lines.append(Line(number, post, ticked, holder if holder in names else ""))
    return lines


@router.post("/disposisi/lembar/{document:uuid}")
def confirm(request: Request, document: UUID, visitor: ChangingVisitor, posted: Posted) -> Response:
    """Make the sheet the beginning of its letter's chain; the form again with what is wrong in it."""
    account = visitor.account
    account.require(Right.REGISTER)
    try:
        with transaction(account.context) as session:
            handed = chains.handed(posted, _recipients(posted))
            letter = sheets.settle(session, account, document, handed)[0].document_id
    except (InvalidRequest, DispositionRefused) as fault:
        return _sheet(request, document, account, posted=posted, fault=fault)
    return RedirectResponse(f"/arsip/{letter}#disposisi", 303)


def _recipients(posted: Mapping[str, str]) -> list[To]:
    """The people chosen for the recipients that are ticked, each once, who may hold two jabatan. Raises InvalidRequest
    where one is missing."""
    found: dict[str, To] = {}
    for number, post in enumerate(office().disposition.recipients):
        if f"{_POST}{number}" in posted:
            name = posted.get(f"{_WHO}{number}", "")
            if not name:
                raise InvalidRequest(what=f"orang untuk {post} (belum dipilih)")
            found.setdefault(name, To(name, post))
    return list(found.values())


@router.post("/disposisi/lembar/{document:uuid}/tanpa")
def set_aside(document: UUID, visitor: ChangingVisitor) -> Response:
    """Say that nothing comes of the sheet."""
    account = visitor.account
    account.require(Right.REGISTER)
    with transaction(account.context) as session:
        sheets.settle(session, account, document, None)
    return RedirectResponse("/disposisi", 303)
