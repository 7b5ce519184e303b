"""Agenda books: leafing through them, entering letters, cancelling, and the steps of outgoing letters."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from sqlalchemy.orm import Session

from access.accounts import Account
from api.auth import AgendaReader, Reader, Registrar
from api.schemas import agenda as schemas
from archive import documents, ledger
from archive.tables import DocumentRow
from core.db import transaction
from records import agenda, book, correcting, history, outgoing, printing, sheet, waiting
from records.agenda import Registration
from records.columns import Layout
from records.particulars import Book
from records.tables import AgendaEntryRow

router = APIRouter(tags=["agenda"])

MEDIA = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
Unit = Annotated[
    str | None,
    Query(pattern=book.UNIT, description="Whose book; the asker's own unit when it is left out"),
]
Year = Annotated[int, Query(ge=book.FIRST_YEAR, le=book.LAST_YEAR)]
Month = Annotated[int | None, Query(ge=1, le=12)]
Day = Annotated[int | None, Query(ge=1, le=31)]


@router.get("/agenda")
def list_lines(
    account: AgendaReader,
    year: Year,
    kind: Annotated[Book, Query(alias="book")] = "masuk",
    unit: Unit = None,
    month: Month = None,
    day: Day = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> schemas.AgendaLines:
    """Lines of a book in the order of their numbers, none left out; those above the asker's ceiling are closed."""
    whose, period = unit or account.unit, book.Period(year, month, day)
    with transaction(account.context) as session:
        found = book.lines(session, whose, kind, period, after=cursor, most=limit + 1)
    following = str(found[limit - 1].number) if len(found) > limit else None
    shown = [schemas.line(one) for one in found[:limit]]
    return schemas.AgendaLines(unit=whose, book=kind, year=year, lines=shown, next=following)


@router.get("/agenda/books")
def list_books(account: AgendaReader) -> schemas.AgendaShelves:
    """The books that the asker may leaf through, with their last numbers."""
    with transaction(account.context) as session:
        shelves = book.shelves(session)
    return schemas.AgendaShelves(
        books=[schemas.AgendaShelf(unit=s.unit, book=s.book, year=s.year, last=s.last) for s in shelves]
    )


_PRINTED: dict[int | str, dict[str, Any]] = {
    200: {"content": {printed: {"schema": {"type": "string", "format": "binary"}} for printed in MEDIA.values()}}
}


@router.get("/agenda/print", response_class=Response, responses=_PRINTED)
def print_book(
    account: AgendaReader,
    year: Year,
    layout: Layout = "masuk",
    ending: Annotated[Literal["pdf", "xlsx"], Query(alias="format")] = "pdf",
    unit: Unit = None,
    month: Month = None,
    day: Day = None,
) -> Response:
    """A book of a day, a month or a year as PDF/A or spreadsheet; `berpasangan` is both books on facing pages."""
    with transaction(account.context) as session:
        printed = printing.gather(session, unit or account.unit, layout, book.Period(year, month, day))
        if ending == "pdf":
            printing.refuse_too_long(printed)
        told: dict[str, Any] = {
            "book": layout,
            "unit": printed.unit,
            "year": year,
            "lines": printed.lines,
            "format": ending,
        }
        ledger.append(session, "agenda_printed", actor=account.id, **told)
    made = printing.as_pdf(printed) if ending == "pdf" else printing.as_xlsx(printed)
    name = printing.filename(printed, ending)
    return Response(made, media_type=MEDIA[ending], headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.get("/agenda/waiting")
def list_waiting(account: Registrar, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> schemas.AgendaWaiting:
    """Letters that stand in no book yet, oldest first, with what they propose."""
    with transaction(account.context) as session:
        rows = waiting.waiting(session, limit)
        count = waiting.waiting_count(session)
    return schemas.AgendaWaiting(waiting=count, letters=[_proposal(row, None) for row in rows])


def _proposal(row: DocumentRow, entry: AgendaEntryRow | None) -> schemas.AgendaProposal:
    found = waiting.proposal(row)
    return schemas.AgendaProposal(
        document=row.id,
        entry=schemas.entry(entry) if entry is not None else None,
        book=found.book,
        masuk=schemas.told(found.lines["masuk"]),
        keluar=schemas.told(found.lines["keluar"]),
    )


@router.get("/documents/{document}/agenda")
def get_letters_entry(document: UUID, account: Reader) -> schemas.AgendaProposal:
    """The entry in which a letter stands, or null, and what its fields propose for one."""
    with transaction(account.context) as session:
        return _proposal(documents.find(session, document), agenda.entry_of(session, document))


_BEFORE: dict[int | str, dict[str, Any]] = {200: {"description": "It was entered before", "model": schemas.AgendaEntry}}


@router.post("/documents/{document}/agenda", status_code=201, responses=_BEFORE)
def register(
    document: UUID, new: schemas.NewAgendaEntry, account: Registrar, response: Response
) -> schemas.AgendaEntry:
    """Enter a letter in a book. Its number is given in this commit; the same letter again gives the same entry."""
    return _register(account, new, response, document=document, key=None)


@router.post("/agenda/outgoing", status_code=201, responses=_BEFORE)
def register_outgoing(
    new: schemas.NewAgendaEntry,
    account: Registrar,
    response: Response,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> schemas.AgendaEntry:
    """Enter an outgoing letter that is not in the archive yet; the same key again gives the same entry."""
    return _register(account, new, response, document=None, key=idempotency_key or None)


def _register(
    account: Account, new: schemas.NewAgendaEntry, response: Response, *, document: UUID | None, key: str | None
) -> schemas.AgendaEntry:
    wanted = Registration(new.book, schemas.particulars(new), document, new.numbered, key)
    with transaction(account.context) as session:
        done = agenda.register(session, account, wanted)
    response.status_code = 201 if done.new else 200
    return schemas.entry(done.entry)


@router.post("/documents/{document}/agenda/leave-out")
def leave_out(document: UUID, why: schemas.Reason, account: Registrar) -> schemas.LeftOut:
    """Say that a file is no letter for the books. It may be registered later all the same."""
    with transaction(account.context) as session:
        waiting.leave_out(session, account, document, why.reason)
    return schemas.LeftOut(document=document, left_out=True)


@router.get("/agenda/entries/{entry}")
def get_entry(entry: UUID, account: AgendaReader) -> schemas.AgendaEntryWithSteps:
    """One line, with the steps of its letter."""
    with transaction(account.context) as session:
        return _with_steps(session, agenda.find(session, entry))


def _with_steps(session: Session, row: AgendaEntryRow) -> schemas.AgendaEntryWithSteps:
    steps = outgoing.taken(session, row.id)
    seen = documents.several(session, [step.document_id for step in steps if step.document_id is not None])
    return schemas.entry_with_steps(row, steps, history.of_entry(session, row.id), seen)


_SHEET: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA["pdf"]: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/agenda/entries/{entry}/disposition", response_class=Response, responses=_SHEET)
def print_disposition(entry: UUID, account: AgendaReader) -> Response:
    """The entry's sheet of disposition, to be filled in by pen; scanned again it is linked by its code."""
    with transaction(account.context) as session:
        row = agenda.find(session, entry)
        ledger.append(session, "disposition_printed", **agenda.event(account, row))
    headers = {
        "Content-Disposition": f'attachment; filename="disposisi-{row.unit}-{row.book}-{row.number or "draf"}.pdf"'
    }
    return Response(sheet.as_pdf(row), media_type=MEDIA["pdf"], headers=headers)


@router.patch("/agenda/entries/{entry}")
def correct(entry: UUID, said: schemas.AgendaCorrection, account: Registrar) -> schemas.AgendaEntryWithSteps:
    """Put right what a line says, with a reason. Its number stays; what stood there before is kept with it."""
    with transaction(account.context) as session:
        return _with_steps(session, correcting.correct(session, account, entry, schemas.corrected(said), said.reason))


@router.post("/agenda/entries/{entry}/cancel")
def cancel(entry: UUID, why: schemas.Reason, account: Registrar) -> schemas.AgendaEntry:
    """Strike an entry through. It keeps its number, with the reason; nothing is deleted."""
    with transaction(account.context) as session:
        return schemas.entry(agenda.cancel(session, account, entry, why.reason))


@router.post("/agenda/entries/{entry}/steps")
def take_step(entry: UUID, new: schemas.NewAgendaStep, account: Registrar) -> schemas.AgendaEntryWithSteps:
    """Tell that an outgoing letter was initialled, numbered, signed or sent. `nomor` gives a draft its number."""
    with transaction(account.context) as session:
        row = outgoing.take(session, account, entry, new.step, on_day=new.on_day, document=new.document)
        return _with_steps(session, row)
