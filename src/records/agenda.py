"""Entering letters in the agenda books, numbering and cancelling entries (docs/adr/0019).

The number is given by the database in the statement that enters the line, in the commit that registers: one row counts
each book and stays locked until then, so it is the last thing but the ledger that a registration takes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, cast, func, insert, select, update
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import level
from archive import ledger, stacks
from archive.reading import clean
from archive.tables import DocumentRow
from core.faults import (
    EntryCancelled,
    IdempotencyConflict,
    InOtherBook,
    InvalidRequest,
    NotFound,
    NotReady,
)
from core.settings import settings
from records.history import as_registered
from records.numbers import letter_number
from records.office import office
from records.particulars import Book, Particulars, checked
from records.tables import AgendaEntryRow, AgendaStepRow

# Read and filed: sealing follows by itself and changes nothing that a book says
REGISTRABLE = frozenset({"filed", "sealed"})
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Registration:
    """What somebody wants entered. Without a `document` it is an outgoing letter that is still to be made; `numbered`
    is whether it gets its number now. `key` makes a request without a document safe to send again."""

    book: Book
    said: Particulars
    document: UUID | None = None
    numbered: bool = True
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """The entry, and whether it is new or was there before."""

    entry: AgendaEntryRow
    new: bool


def register(session: Session, account: Account, wanted: Registration) -> Registered:
    """Enter a letter in a book; the same letter again gives the same entry.

    Raises InvalidRequest, NotFound, NotReady before the letter is filed, PagesElsewhere and CutFirst for what is no
    letter, InOtherBook when it stands in the other book, IdempotencyConflict for another request with a key that was
    used.
    """
    if wanted.book == "masuk" and not (wanted.document and wanted.numbered):
        raise InvalidRequest(what="surat masuk (harus ada berkasnya, dan langsung bernomor)")
    said = checked(wanted.book, wanted.said)
    unit, clearance = account.unit, _usual_clearance(account, said)
    if wanted.document is not None:
        letter = _locked_letter(session, wanted.document)
        unit, clearance = letter.unit, letter.clearance
    elif wanted.key is not None:
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{account.id}/{wanted.key}", 0))))
    known = _known(session, account, wanted)
    if known is not None:
        return Registered(known, new=False)
    entry = session.scalars(
        insert(AgendaEntryRow)
        .values(
            unit=unit,
            clearance=clearance,
            book=wanted.book,
            numbered=wanted.numbered,
            day=today() if wanted.numbered else None,
            document_id=wanted.document,
            account_id=account.id,
            request_key=wanted.key,
            **said.values(),
        )
        .returning(AgendaEntryRow)
    ).one()
    if wanted.book == "keluar":
        _begin(session, account, entry)
    ledger.append(session, "agenda_registered", **event(account, entry))
    return Registered(entry, new=True)


def _usual_clearance(account: Account, said: Particulars) -> int:
    """Who may see an entry that has no letter yet: as of any new letter, or as secret as it is said to be."""
    return min(account.clearance, max(level(settings().default_clearance), said.secrecy))


def _locked_letter(session: Session, document: UUID) -> DocumentRow:
    """The letter, held so that nobody else enters it meanwhile."""
    row = stacks.held_letter(session, document)
    if row.stage not in REGISTRABLE:
        raise NotReady(stage=row.stage)
    return row


def _known(session: Session, account: Account, wanted: Registration) -> AgendaEntryRow | None:
    """The entry that was made of this letter, or by this very request, before."""
    if wanted.document is not None:
        entry = entry_of(session, wanted.document)
        if entry is not None and entry.book != wanted.book:
            raise InOtherBook(number=entry.number or "–", book=entry.book)
        return entry
    if wanted.key is None:
        return None
    mine = select(AgendaEntryRow).where(AgendaEntryRow.account_id == account.id)
    entry = session.scalar(mine.where(AgendaEntryRow.request_key == wanted.key))
    if entry is not None and not _is_what_was_asked(session, entry, wanted):
        raise IdempotencyConflict
    return entry


def _is_what_was_asked(session: Session, entry: AgendaEntryRow, wanted: Registration) -> bool:
    """Whether the entry is of this very request, as it was before anybody corrected it; the number is given later."""
    was = as_registered(session, entry)
    said = checked(wanted.book, wanted.said).values() | {"letter_number": was["letter_number"]}
    draft = select(AgendaStepRow.id).where(AgendaStepRow.entry_id == entry.id, AgendaStepRow.step == "draf")
    began_as_draft = session.scalar(draft) is not None
    return said == was and began_as_draft != wanted.numbered


def today() -> Any:
    """SQL: the day at the office, by the database's clock."""
    return cast(func.timezone(settings().timezone, func.clock_timestamp()), Date)


def _begin(session: Session, account: Account, entry: AgendaEntryRow) -> None:
    """The first step of an outgoing letter: its number, or its draft."""
    if entry.numbered:
        _write_number(session, entry)
    step = {"step": "nomor", "on_day": entry.day} if entry.numbered else {"step": "draf", "on_day": today()}
    session.execute(
        insert(AgendaStepRow).values(entry_id=entry.id, account_id=account.id, document_id=entry.document_id, **step)
    )


def give_number(session: Session, entry: AgendaEntryRow) -> None:
    """Number a draft of an outgoing letter, today. The caller holds the entry."""
    change = update(AgendaEntryRow).where(AgendaEntryRow.id == entry.id).values(numbered=True, day=today())
    session.execute(change, execution_options={"synchronize_session": False})
    session.refresh(entry)
    _write_number(session, entry)


def _write_number(session: Session, entry: AgendaEntryRow) -> None:
    """Compose the letter's number from the serial that it was just given."""
    unit = office().unit(entry.unit)
    number, day = _given(entry)
    written = letter_number(unit.number, code=entry.code, number=number, abbreviation=unit.abbreviation, day=day)
    change = update(AgendaEntryRow).where(AgendaEntryRow.id == entry.id).values(letter_number=written)
    session.execute(change, execution_options={"synchronize_session": False})
    session.refresh(entry)


def _given(entry: AgendaEntryRow) -> tuple[int, date]:
    assert entry.number is not None  # noqa: S101 - the table's own checks
    assert entry.day is not None  # noqa: S101
    return entry.number, entry.day


def event(account: Account, entry: AgendaEntryRow) -> dict[str, Any]:
    """What the ledger says of an entry: which line it is, never what stands in it."""
    line: dict[str, Any] = {"entry": str(entry.id), "book": entry.book, "unit": entry.unit}
    if entry.number is not None:
        line |= {"year": entry.year, "number": entry.number}
    return {"actor": account.id, "document": entry.document_id, **line}


def find(session: Session, entry: UUID) -> AgendaEntryRow:
    """The entry, if this transaction's account may see it. Raises NotFound."""
    row = session.get(AgendaEntryRow, entry)
    if row is None:
        raise NotFound
    return row


def entry_of(session: Session, document: UUID) -> AgendaEntryRow | None:
    """The entry in which a letter stands, or that it is evidence of; None when it is in no book."""
    of_letter = select(AgendaEntryRow).where(AgendaEntryRow.cancelled_at.is_(None))
    direct = session.scalar(of_letter.where(AgendaEntryRow.document_id == document))
    if direct is not None:
        return direct
    step = select(AgendaStepRow.entry_id).where(AgendaStepRow.document_id == document)
    return session.scalar(of_letter.where(AgendaEntryRow.id.in_(step)).limit(1))


def entry_among(session: Session, documents: Collection[UUID]) -> AgendaEntryRow | None:
    """An entry in which one of these letters stands; None when none is in a book."""
    live = AgendaEntryRow.cancelled_at.is_(None)
    return session.scalar(select(AgendaEntryRow).where(live, AgendaEntryRow.document_id.in_(documents)).limit(1))


def locked(session: Session, entry: UUID) -> AgendaEntryRow:
    """The entry, held until the transaction ends. Raises NotFound, EntryCancelled."""
    row = session.scalar(
        select(AgendaEntryRow)
        .where(AgendaEntryRow.id == entry)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    if row.cancelled_at is not None:
        raise EntryCancelled
    return row


def reason_of(text: str) -> str:
    """Why a line is changed, on one line. Raises InvalidRequest."""
    why = " ".join(clean(text).split())
    if not 0 < len(why) <= _LONGEST_REASON:
        raise InvalidRequest(what=f"alasan (1–{_LONGEST_REASON} huruf)")
    return why


def cancel(session: Session, account: Account, entry: UUID, reason: str) -> AgendaEntryRow:
    """Strike an entry through: it keeps its number, with the reason.

    Raises NotFound, EntryCancelled, InvalidRequest.
    """
    row = locked(session, entry)
    why = reason_of(reason)
    session.execute(
        update(AgendaEntryRow)
        .where(AgendaEntryRow.id == entry)
        .values(cancelled_at=func.now(), cancelled_by=account.id, cancel_reason=why),
        execution_options={"synchronize_session": False},
    )
    ledger.append(session, "agenda_cancelled", **event(account, row))
    session.refresh(row)
    return row
