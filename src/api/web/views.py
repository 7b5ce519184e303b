"""The pages: sending letters, the archive, one letter, search, the ledger; and faults as people meet them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from access.accounts import Account, names_of
from access.roles import CLEARANCES, Right
from api import need
from api.finding import Asked, page_address
from api.procedures import procedures
from api.schemas.documents import Stage
from api.web import chains, letter, words
from api.web.linking_views import known
from api.web.pages import (
    AnyVisitor,
    ChangingVisitor,
    LedgerVisitor,
    ReadingVisitor,
    UploadingVisitor,
    Visitor,
    render,
)
from archive import documents, fixitystate, ledger, locks, proofs, stacks
from cases import proposals
from core.db import transaction
from core.faults import Fault, InvalidRequest, TooLarge, Unauthenticated
from core.settings import settings
from records import agenda, dispositions, paper, returned
from records.disposal import book as disposal

router = APIRouter(include_in_schema=False)

_LETTERS: Final = 25
_EVENTS: Final = 60
Address = Annotated[str, Query(max_length=4000)]
Number = Annotated[int, Query(ge=1, le=100_000)]
Cursor = Annotated[int | None, Query(ge=1, le=2**62)]


@router.get("/")
def start(visitor: AnyVisitor) -> Response:
    """To where the role's work is: sending letters, else finding them, else reading the ledger."""
    account = visitor.account
    work = {"/unggah": Right.UPLOAD, "/cari": Right.READ, "/catatan": Right.READ_LEDGER}
    return RedirectResponse(next(path for path, right in work.items() if account.may(right)), 303)


@router.get("/unggah")
def upload_page(request: Request, visitor: UploadingVisitor) -> Response:
    """Where letters are sent from."""
    levels = CLEARANCES[: visitor.account.clearance + 1]
    usual = settings().default_clearance
    return render(
        request,
        "unggah.html",
        levels=levels,
        usual=usual if usual in levels else levels[-1],
        limit_mb=settings().max_upload_mb,
        too_large=TooLarge(limit_mb=settings().max_upload_mb),
    )


@router.get("/pemisah.pdf")
def separator_sheet(visitor: UploadingVisitor) -> Response:  # noqa: ARG001 - only who uploads may
    """A sheet to print and lay between letters, so that a stack can be scanned at once."""
    from ingest.separator import separator_pdf  # draws with what only this sheet needs

    headers = {"Content-Disposition": 'inline; filename="lembar-pemisah.pdf"'}
    return Response(separator_pdf(), media_type="application/pdf", headers=headers)


@router.get("/arsip")
def archive_page(
    request: Request, visitor: ReadingVisitor, tahap: Stage | None = None, sebelum: Cursor = None
) -> Response:
    """Letters that the visitor may see, newest first."""
    with transaction(visitor.account.context) as session:
        rows = documents.newest(session, stage=tahap, before=sebelum, limit=_LETTERS + 1)
    onward = {"tahap": tahap, "sebelum": rows[_LETTERS - 1].seq} if len(rows) > _LETTERS else None
    return render(
        request,
        "arsip.html",
        rows=rows[:_LETTERS],
        levels=CLEARANCES,
        stage=tahap,
        first=sebelum is None,
        onward=_address("/arsip", onward),
    )


@router.get("/arsip/{document:uuid}")
def letter_page(
    request: Request,
    document: UUID,
    visitor: ReadingVisitor,
    c: Address = "",
    halaman: Number = 1,
    riwayat: Literal["baru", "semua"] = "baru",
) -> Response:
    """One letter; its text is shown, so the view is entered in the ledger."""
    return _shown(request, visitor, document, Wanted(c, halaman, whole=riwayat == "semua"))


@router.post("/arsip/{document:uuid}")
def letter_with_numbers(
    request: Request,
    document: UUID,
    visitor: ChangingVisitor,
    untuk: Annotated[str, Form(max_length=40)] = "",
    c: Address = "",
    halaman: Number = 1,
) -> Response:
    """The letter with its identity numbers, for a purpose that is entered in the ledger."""
    visitor.account.require(Right.READ)
    return _shown(request, visitor, document, Wanted(c, halaman, purpose=need.purpose(untuk)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a letter is to be shown: words marked, part, history, identity numbers for a purpose."""

    mark: str
    near: int
    whole: bool = False
    purpose: need.Purpose | None = None


def _shown(request: Request, visitor: Visitor, document: UUID, wanted: Wanted) -> Response:
    account = visitor.account
    asked = _asked(account, wanted.mark)
    bare = need.has_need(account) or wanted.purpose is not None
    with transaction(account.context) as session:
        shown = letter.gather(session, account, document, asked=asked, near=wanted.near, whole=wanted.whole, bare=bare)
        entry = agenda.entry_of(session, document)
        sheet_of = returned.entry_of(session, document)
        proposed = proposals.of_letter(session, document)
        places = paper.history(session, document)
        names = names_of(session, {str(one.account) for one in places})
        dispositions.mark_read(session, account, document)
        proven = proofs.is_covered(session, document)
        lock = locks.told_of(session, shown.row.file_id)
        flaws = fixitystate.flaws_of(session, document)
        gone_by, copied_by = disposal.destroyed_by(session, document), disposal.authentic(session, document)
        chain = chains.shown(session, account, [document]).get(document)
        need.opens(session, account, shown.row, wanted.purpose)
        if shown.pages:
            ledger.append(session, "text_viewed", actor=account.id, document=document, digest=shown.row.sha256)
    is_letter = stacks.is_letter(shown.row)
    there = shown.row.destroyed_at is None  # of a stub nothing can be changed any more
    return render(
        request,
        "surat.html",
        letter=shown,
        levels=CLEARANCES,
        row=shown.row,
        may_upload=account.may(Right.UPLOAD),
        may_check=account.may(Right.CHECK) and there,
        entry=entry,
        sheet_of=sheet_of,
        chain=chain,
        may_dispose=account.may(Right.DISPOSE) and is_letter and there,
        may_register=account.may(Right.REGISTER) and is_letter and there and shown.row.stage in agenda.REGISTRABLE,
        may_work=account.may(Right.WORK_CASES) and is_letter and there,
        proposals=known(proposed),
        sops=procedures(),
        is_letter=is_letter,
        lies=places[-1].lies if places else None,
        proven=proven,
        lock=lock,
        flaws=flaws,
        gone_by=gone_by,
        copied_by=copied_by,
        may_appraise=account.may(Right.APPRAISE),
        places=[(one, words.who(str(one.account), account, names)) for one in reversed(places)],
        may_place=account.may(Right.PLACE) and there,
        address=page_address,
        mark=wanted.mark if asked.words else "",
        near=wanted.near,
        purposes=need.PURPOSES,
    )


def _asked(account: Account, address: str) -> Asked:
    """What to mark; nothing where the address was made for somebody else: the letter itself they may see or not."""
    try:
        return Asked.opened(account, address) if address else Asked("")
    except InvalidRequest:
        return Asked("")


@router.post("/arsip/{document:uuid}/coba-lagi")
def try_again(document: UUID, visitor: ChangingVisitor) -> Response:
    """Let a held letter go on from where it stopped."""
    visitor.account.require(Right.UPLOAD)
    with transaction(visitor.account.context) as session:
        documents.try_again(session, visitor.account, document)
    return RedirectResponse(f"/arsip/{document}", 303)


@router.get("/catatan")
def ledger_page(request: Request, visitor: LedgerVisitor, sebelum: Cursor = None) -> Response:
    """What happened in the whole archive, newest first."""
    account = visitor.account
    with transaction(account.context) as session:
        events = ledger.events_before(session, sebelum, _EVENTS + 1)
        names = names_of(session, [event.actor for event in events])
    onward = {"sebelum": events[_EVENTS - 1].seq} if len(events) > _EVENTS else None
    return render(
        request,
        "catatan.html",
        entries=words.entries(events[:_EVENTS], account, names, folded=False),
        may_read=account.may(Right.READ),
        first=sebelum is None,
        onward=_address("/catatan", onward),
    )


def _address(path: str, query: Mapping[str, str | int | None] | None) -> str | None:
    """The path with what is set of the query, or None without one."""
    if not query:
        return None
    return f"{path}?{urlencode({name: value for name, value in query.items() if value is not None})}"


def fault_page(request: Request, fault: Fault, status: int, headers: dict[str, str]) -> Response:
    """A fault as a page; whoever is not signed in is asked to, and then goes on to where they wanted."""
    if isinstance(fault, Unauthenticated):
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        onward = {"lanjut": asked} if request.method == "GET" and asked != "/" else {}
        return RedirectResponse(_address("/masuk", onward) or "/masuk", 303)
    return render(request, "gangguan.html", status=status, headers=headers, fault=fault, number=status)
