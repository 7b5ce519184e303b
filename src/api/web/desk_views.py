"""The desk Periksa: one letter after the other, what is doubtful beside the paper it stands on."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from access.roles import Right
from api import checking
from api.web import accuracy, desk
from api.web.pages import ChangingVisitor, CheckingVisitor, ReadingVisitor, form, render
from archive import checks, documents, ledger, sampling, stacks
from classify.rules import labels
from core.db import transaction
from core.faults import InvalidRequest, NotReady, PagesElsewhere
from core.settings import settings
from records import returned

router = APIRouter(include_in_schema=False)

_FIELD = "isian."
_NEAREST = 30  # letters looked through for one that nobody else has before them


@router.get("/periksa")
def next_letter(request: Request, visitor: CheckingVisitor, sesudah: UUID | None = None) -> Response:
    """To the letter that waits for a person most and that nobody else has before them; `sesudah`: to one after that."""
    account = visitor.account
    with transaction(account.context) as session:
        waiting = [row.id for row in checks.waiting(session, _NEAREST)]
        taken = checks.opened_by_others(session, account, waiting)
    if sesudah in waiting:  # passed over: the others first, this one at the end of them
        at = waiting.index(sesudah) + 1
        waiting = waiting[at:] + waiting[:at]
    if waiting:
        free = next((document for document in waiting if document not in taken), waiting[0])
        return RedirectResponse(f"/periksa/{free}", 303)
    return render(
        request,
        "periksa_kosong.html",
        may_link=account.may(Right.WORK_CASES),
        may_register=account.may(Right.REGISTER),
    )


@router.get("/periksa/{document:uuid}")
def check_page(
    request: Request,
    document: UUID,
    visitor: CheckingVisitor,
    jenis: Annotated[str | None, Query(max_length=60)] = None,
) -> Response:
    """One letter to check, as of the kind it was read to be or of another; its text is shown, so that is entered."""
    account = visitor.account
    with transaction(account.context) as session:
        row = documents.find(session, document)
        if row.is_stack or row.is_joined_back:
            raise PagesElsewhere
        if stacks.waits(row):  # first how many letters it is, then what each says
            return RedirectResponse(f"/arsip/{document}/belah", 303)
        if row.kind is None or row.stage not in checks.CHECKABLE:
            raise NotReady(stage=row.stage)
        if jenis is not None and jenis not in labels():
            raise InvalidRequest(what="jenis surat")
        shown = desk.gather(session, row, jenis or row.kind)
        is_sheet = returned.entry_of(session, document) is not None
        ledger.append(session, "text_viewed", actor=account.id, document=document, digest=row.sha256)
    return render(request, "periksa.html", desk=shown, row=row, is_sheet=is_sheet)


@router.get("/ketepatan")
def accuracy_page(
    request: Request, visitor: ReadingVisitor, jenis: Annotated[str | None, Query(max_length=60)] = None
) -> Response:
    """How often reading was right, computed from the letters that people confirmed."""
    with transaction(visitor.account.context) as session:
        rows, samples = checks.accuracy(session), sampling.checked(session)
    known = {row.kind for row in rows}
    kinds = sorted(((kind, label) for kind, label in labels().items() if kind in known), key=lambda pair: pair[1])
    return render(
        request,
        "ketepatan.html",
        report=accuracy.report(rows, jenis or None),
        sample=accuracy.sample(samples, jenis or None),
        percent=settings().sample_percent,
        kinds=kinds,
        chosen=jenis,
        size=(accuracy.WIDTH, accuracy.HEIGHT),
    )


@router.post("/periksa/{document:uuid}")
def confirm(document: UUID, visitor: ChangingVisitor, posted: Annotated[dict[str, str], Depends(form)]) -> Response:
    """Take the person's word, then on to the next letter; back to this one when a check fails on what was typed."""
    account = visitor.account
    account.require(Right.CHECK)
    said = {name.removeprefix(_FIELD): text for name, text in posted.items() if name.startswith(_FIELD)}
    looked_at = None if posted.get("semua") else {name for name in posted.get("dilihat", "").split(",") if name in said}
    with transaction(account.context) as session:
        before = documents.find(session, document).fields
        row = checking.confirm(
            session, account, document, posted.get("jenis", ""), said, looked_at=looked_at, seen=_seen(posted)
        )
    typed = {name for name, field in row.fields.items() if before.get(name, {}).get("text") != field["text"]}
    again = any(row.fields[name]["failed"] for name in typed)
    return RedirectResponse(f"/periksa/{document}" if again else "/periksa", 303)


def _seen(posted: dict[str, str]) -> datetime | None:
    """When the letter had last been checked, as the form was made. Raises InvalidRequest."""
    try:
        return datetime.fromisoformat(posted["terperiksa"]) if posted.get("terperiksa") else None
    except ValueError as error:
        raise InvalidRequest(what="formulir; buka lagi suratnya") from error
