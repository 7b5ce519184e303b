"""The agenda books as pages: leafing through them, one entry, its steps, cancelling it."""

from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from access.accounts import names_of
from access.roles import CLEARANCES, Right
from api.web import agenda_form as forms
from api.web import chains
from api.web.pages import AgendaVisitor, ChangingVisitor, form, render
from archive import documents
from archive.tables import DocumentRow
from core.db import transaction
from core.faults import InvalidRequest
from core.months import MONTHS
from core.settings import settings
from records import agenda, book, history, outgoing, returned, steps, waiting
from records.office import office
from records.particulars import Particulars

router = APIRouter(include_in_schema=False)

_LINES: Final = 50
_DRAFTS: Final = 20
Posted = Annotated[dict[str, str], Depends(form)]


def _optional(value: str, what: str) -> int | None:
    """A number from a filter that may be left empty. Raises InvalidRequest."""
    if not value:
        return None
    if not (value.isascii() and value.isdigit()):
        raise InvalidRequest(what=what)
    return int(value)


@router.get("/agenda")
def book_page(
    request: Request,
    visitor: AgendaVisitor,
    buku: Annotated[str, Query(max_length=10)] = "masuk",
    unit: Annotated[str | None, Query(pattern=book.UNIT)] = None,
    tahun: Annotated[str, Query(max_length=4)] = "",
    bulan: Annotated[str, Query(max_length=2)] = "",
    hari: Annotated[str, Query(max_length=2)] = "",
    sesudah: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> Response:
    """A book by year, month or day, line by line; what the visitor may not see of it stays closed."""
    account = visitor.account
    kind, whose = forms.book_of(buku), unit or account.unit
    year = _optional(tahun, "tahun") or datetime.now(ZoneInfo(settings().timezone)).year
    period = book.Period(year, _optional(bulan, "bulan"), _optional(hari, "tanggal"))
    with transaction(account.context) as session:
        shelves = book.shelves(session)
        lines = book.lines(session, whose, kind, period, after=sesudah, most=_LINES + 1)
        shown = lines[:_LINES]
        sent = book.sent_days(session, [line.entry.id for line in shown if line.entry is not None])
        drafts = book.drafts(session, whose, _DRAFTS) if kind == "keluar" else []
        left = waiting.waiting_count(session) if account.may(Right.REGISTER) else 0
    asked = {"buku": kind, "unit": whose, "tahun": year, "bulan": period.month or "", "hari": period.day or ""}
    more = {**asked, "sesudah": shown[-1].number} if len(lines) > _LINES else None
    return render(
        request,
        "agenda.html",
        book=kind,
        books=forms.BOOK_WORDS,
        unit=whose,
        unit_name=office().unit(whose).name,
        units=sorted({shelf.unit for shelf in shelves} | {whose}),
        years=sorted({shelf.year for shelf in shelves} | {year}, reverse=True),
        months=MONTHS,
        period=period,
        lines=shown,
        sent=sent,
        drafts=drafts,
        waiting=left,
        may_register=account.may(Right.REGISTER),
        asked=urlencode(asked),
        print=urlencode(_print_query(whose, period)),
        first=sesudah == 0,
        onward=f"/agenda?{urlencode(more)}" if more else None,
    )


# What a sheet that came back says, by its own fields
_HANDED: Final = ("diteruskan_kepada", "instruksi")


def _text_of(row: DocumentRow, name: str) -> str:
    return str(row.fields[name]["text"]) if name in row.fields else ""


def _print_query(unit: str, period: book.Period) -> dict[str, str | int]:
    parts = {"month": period.month, "day": period.day}
    narrower = {name: number for name, number in parts.items() if number is not None}
    return {"unit": unit, "year": period.year, **narrower}


@router.get("/agenda/nomor/{entry:uuid}")
def entry_page(request: Request, entry: UUID, visitor: AgendaVisitor) -> Response:
    """One entry: what it says, how far an outgoing letter has come, and what may be done with it."""
    account = visitor.account
    with transaction(account.context) as session:
        row = agenda.find(session, entry)
        done = outgoing.taken(session, entry)
        sheets = returned.of_entry(session, entry)
        chain = chains.shown(session, account, [row.document_id]).get(row.document_id) if row.document_id else None
        corrections = history.of_entry(session, entry)
        letters = documents.several(session, [d for d in (row.document_id, *(s.document_id for s in done)) if d])
        told_by = [row.account_id, row.cancelled_by, *(step.account_id for step in done)]
        told_by += [one.account_id for one in corrections]
        names = names_of(session, [str(person) for person in told_by if person is not None])
    said = Particulars(**{name: getattr(row, name) for name in Particulars.__slots__})
    open_steps = () if row.book == "masuk" or row.cancelled_at else steps.possible([step.step for step in done])
    return render(
        request,
        "agenda_nomor.html",
        row=row,
        said=said,
        fields=forms.FIELDS[forms.book_of(row.book)],
        books=forms.BOOK_WORDS,
        urgencies=forms.URGENCY_WORDS,
        secrecies=CLEARANCES,
        unit_name=office().unit(row.unit).name,
        done=done,
        letters=letters,
        sheets=[(one, [_text_of(one, name) for name in _HANDED]) for one in sheets],
        names=names,
        chain=chain,
        corrections=[(one, history.values_before(one)) for one in corrections],
        step_words=steps.LABELS,
        open_steps=open_steps,
        may_register=account.may(Right.REGISTER),
        may_read=account.may(Right.READ),
        may_dispose=account.may(Right.DISPOSE) and row.document_id in letters,
        today=datetime.now(ZoneInfo(settings().timezone)).date(),
    )


@router.post("/agenda/nomor/{entry:uuid}/batal")
def cancel(entry: UUID, visitor: ChangingVisitor, posted: Posted) -> Response:
    """Strike the entry through; its letter is offered for registration again."""
    account = visitor.account
    account.require(Right.REGISTER)
    with transaction(account.context) as session:
        agenda.cancel(session, account, entry, posted.get("alasan", ""))
    return RedirectResponse(f"/agenda/nomor/{entry}", 303)


@router.post("/agenda/nomor/{entry:uuid}/langkah")
def take_step(entry: UUID, visitor: ChangingVisitor, posted: Posted) -> Response:
    """Tell that the outgoing letter was initialled, numbered, signed or sent."""
    account = visitor.account
    account.require(Right.REGISTER)
    step = next((one for one in steps.STEPS if one == posted.get("langkah")), None)
    if step is None:
        raise InvalidRequest(what="langkah")
    on_day = forms.day(posted.get("tanggal", ""), "tanggal")
    with transaction(account.context) as session:
        outgoing.take(session, account, entry, step, on_day=on_day, document=_scan(posted.get("bukti", "")))
    return RedirectResponse(f"/agenda/nomor/{entry}", 303)


def _scan(text: str) -> UUID | None:
    """The letter that shows a step: its id, or its page's address as copied. Raises InvalidRequest."""
    told = text.strip().partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    try:
        return UUID(told) if told else None
    except ValueError as error:
        raise InvalidRequest(what="bukti (salin alamat halaman surat yang sudah dipindai)") from error
