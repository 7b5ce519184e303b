"""The registration queue: one letter after the other, its line filled in from what was read; Enter registers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import CLEARANCES, Right
from api.web import agenda_form as forms
from api.web.desk import Snippet, snippet
from api.web.pages import ChangingVisitor, RegisteringVisitor, form, render
from archive import checks, documents, ledger, stacks
from archive.reading import PageReading
from archive.tables import DocumentRow
from core.db import transaction
from core.faults import Fault, InvalidRequest, NotFound, NotReady
from records import agenda, waiting
from records.agenda import Registration
from records.office import office
from records.particulars import Book, Particulars, sifat
from records.tables import AgendaEntryRow

router = APIRouter(include_in_schema=False)

_NEAREST = 30  # letters looked through for one that nobody else has before them
Posted = Annotated[dict[str, str], Depends(form)]


@dataclass(frozen=True, slots=True)
class Turn:
    """One letter in the queue: its line as proposed for a book, and where on the paper each field stands."""

    row: DocumentRow
    book: Book
    texts: dict[str, str]
    places: dict[str, Snippet]
    sizes: dict[int, tuple[int, int]]
    waiting: int


@router.get("/agenda/antrean")
def next_letter(
    request: Request, visitor: RegisteringVisitor, sesudah: UUID | None = None, baru: UUID | None = None
) -> Response:
    """To the oldest letter that stands in no book and that nobody else has before them; `baru` was just registered."""
    account = visitor.account
    with transaction(account.context) as session:
        found = _next(session, account, sesudah)
        done = _entry(session, baru)
    if found is None:
        return render(request, "agenda_kosong.html", done=done)
    return RedirectResponse(_address(found, done), 303)


def _address(document: UUID, done: AgendaEntryRow | None) -> str:
    return f"/agenda/antrean/{document}" + (f"?baru={done.id}" if done is not None else "")


def _next(session: Session, account: Account, after: UUID | None = None) -> UUID | None:
    rows = [row.id for row in waiting.waiting(session, _NEAREST)]
    if after in rows:  # passed over: the others first, this one at the end of them
        at = rows.index(after) + 1
        rows = rows[at:] + rows[:at]
    taken = checks.opened_by_others(session, account, rows)
    return next((document for document in rows if document not in taken), rows[0] if rows else None)


def _entry(session: Session, entry: UUID | None) -> AgendaEntryRow | None:
    """The entry that the last key press made, to be named; what is not there is not."""
    try:
        return agenda.find(session, entry) if entry is not None else None
    except NotFound:
        return None


@router.get("/agenda/antrean/{document:uuid}")
def register_page(
    request: Request,
    document: UUID,
    visitor: RegisteringVisitor,
    buku: Annotated[str | None, Query(max_length=10)] = None,
    baru: UUID | None = None,
) -> Response:
    """One letter with its line to confirm; its text is shown, so that is entered in the ledger."""
    account = visitor.account
    with transaction(account.context) as session:
        row = documents.find(session, document)
        entry = agenda.entry_of(session, document)
        if entry is not None:
            return RedirectResponse(f"/agenda/nomor/{entry.id}", 303)
        stacks.require_letter(row)
        if row.stage not in agenda.REGISTRABLE:
            raise NotReady(stage=row.stage)
        proposal = waiting.proposal(row)
        book = forms.book_of(buku) if buku else proposal.book
        turn = _turn(session, row, book, forms.shown(book, proposal.lines[book]))
        done = _entry(session, baru)
        ledger.append(session, "text_viewed", actor=account.id, document=document, digest=row.sha256)
    return _shown(request, turn, done=done)


def _shown(request: Request, turn: Turn, *, done: AgendaEntryRow | None = None, fault: Fault | None = None) -> Response:
    return render(
        request,
        "agenda_antrean.html",
        status=422 if fault else 200,
        turn=turn,
        row=turn.row,
        done=done,
        fault=fault,
        printed=sifat(turn.row.fields)[0],
        **_choices(turn.book, turn.texts),
    )


def _choices(book: Book, texts: Mapping[str, str]) -> dict[str, Any]:
    return {
        "book": book,
        "texts": texts,
        "fields": forms.FIELDS[book],
        "focus": forms.focus(book, texts),
        "urgencies": forms.URGENCY_WORDS,
        "secrecies": CLEARANCES,
        "books": forms.BOOK_WORDS,
        "recipients": office().disposition.recipients,
        "reasons": office().reasons,
    }


def _turn(session: Session, row: DocumentRow, book: Book, texts: dict[str, str]) -> Turn:
    read = {field.name: row.fields[field.read] for field in forms.FIELDS[book] if field.read in row.fields}
    numbers = sorted({1} | {field["page"] for field in read.values() if field["page"]})
    readings = documents.readings(session, [(row.id, number) for number in numbers])
    sizes = {number: PageReading.from_json(reading).preview for (_, number), reading in readings.items()}
    places = {name: place for name, field in read.items() if (place := snippet(field, sizes)) is not None}
    return Turn(row, book, texts, places, sizes, waiting.waiting_count(session))


@router.post("/agenda/antrean/{document:uuid}")
def register(request: Request, document: UUID, visitor: ChangingVisitor, posted: Posted) -> Response:
    """Enter the letter as the form says, then on to the next one; the form again with what is wrong in it."""
    account = visitor.account
    account.require(Right.REGISTER)
    book = forms.book_of(posted.get("buku", ""))
    numbered = posted.get("draf", "") == ""
    try:
        with transaction(account.context) as session:
            wanted = Registration(book, forms.posted(book, posted), document, numbered)
            done = agenda.register(session, account, wanted).entry
    except InvalidRequest as fault:
        with transaction(account.context) as session:
            turn = _turn(session, documents.find(session, document), book, _typed(book, posted))
        return _shown(request, turn, fault=fault)
    return RedirectResponse(f"/agenda/antrean?baru={done.id}", 303)


def _typed(book: Book, posted: Mapping[str, str]) -> dict[str, str]:
    """What was typed, to be shown again: nobody types a line twice for one wrong date."""
    return {field.name: posted.get(field.name, "") for field in forms.FIELDS[book]}


@router.post("/agenda/antrean/{document:uuid}/bukan-surat")
def leave_out(document: UUID, visitor: ChangingVisitor, posted: Posted) -> Response:
    """Leave a file out of the books, with a reason, then on to the next one."""
    account = visitor.account
    account.require(Right.REGISTER)
    with transaction(account.context) as session:
        waiting.leave_out(session, account, document, posted.get("alasan", ""))
    return RedirectResponse("/agenda/antrean", 303)


@router.get("/agenda/surat-keluar")
def outgoing_page(request: Request, visitor: RegisteringVisitor) -> Response:  # noqa: ARG001 - only who registers may
    """A number for an outgoing letter that is still to be made; the form's key makes it safe to send twice."""
    texts = forms.shown("keluar", Particulars(code=office().code(None)))
    return _blank(request, texts, str(uuid4()))


def _blank(request: Request, texts: Mapping[str, str], key: str, fault: Fault | None = None) -> Response:
    status = 422 if fault else 200
    return render(request, "agenda_keluar.html", status=status, key=key, fault=fault, **_choices("keluar", texts))


@router.post("/agenda/surat-keluar")
def register_outgoing(request: Request, visitor: ChangingVisitor, posted: Posted) -> Response:
    """Enter the outgoing letter, and show its number; the form again with what is wrong in it."""
    account = visitor.account
    account.require(Right.REGISTER)
    key, numbered = posted.get("kunci", "")[:200], posted.get("draf", "") == ""
    try:
        with transaction(account.context) as session:
            said = forms.posted("keluar", posted)
            done = agenda.register(session, account, Registration("keluar", said, None, numbered, key or None)).entry
    except InvalidRequest as fault:
        return _blank(request, _typed("keluar", posted), key, fault)
    return RedirectResponse(f"/agenda/nomor/{done.id}", 303)
