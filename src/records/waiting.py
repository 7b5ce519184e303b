"""The registration queue: letters that are read and stand in no book yet, and files that are no letters for one."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from access.accounts import Account
from archive import documents, ledger, stacks
from archive.checks import KIND_IN_DOUBT
from archive.tables import DocumentRow
from core.faults import InOtherBook, InvalidRequest
from core.settings import settings
from records.agenda import REGISTRABLE, entry_of
from records.office import office
from records.particulars import BOOKS, Book, Particulars, proposed
from records.tables import AgendaLeftOutRow

_LONGEST_REASON = 300


def _waits() -> ColumnElement[bool]:
    """A letter that is in no book, no evidence of an outgoing one, not left out, and of a kind for the books.

    What stays within a case may stand in a book but has to in none, so nobody is asked, unless its kind is in doubt.
    """
    here = office()
    waits = ~DocumentRow.booked & DocumentRow.stage.in_(REGISTRABLE)
    in_doubt = (DocumentRow.doubt == KIND_IN_DOUBT) & DocumentRow.checked_at.is_(None)
    internal = DocumentRow.kind.in_(here.internal) & ~func.coalesce(in_doubt, False)
    return waits & DocumentRow.kind.not_in(here.not_letters) & ~internal & stacks.are_letters()


def waiting(session: Session, limit: int) -> list[DocumentRow]:
    """Visible letters that wait for registration, oldest first."""
    return list(session.scalars(select(DocumentRow).where(_waits()).order_by(DocumentRow.seq).limit(limit)))


def waiting_count(session: Session) -> int:
    """How many visible letters wait for registration."""
    return session.scalar(select(func.count()).select_from(DocumentRow).where(_waits())) or 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a letter's own fields propose: its line in either book, and which book it is likely for."""

    book: Book
    lines: Mapping[Book, Particulars]


def proposal(row: DocumentRow) -> Proposal:
    """The lines that a clerk is shown to confirm. A letter of this very office goes out; others came in."""
    received = row.received_at.astimezone(ZoneInfo(settings().timezone)).date()
    code = office().code(row.kind)
    lines = {book: proposed(book, row.fields, received_on=received, code=code) for book in BOOKS}
    own = _folded(lines["masuk"].party) == _folded(office().name)
    return Proposal("keluar" if own else "masuk", lines)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def leave_out(session: Session, account: Account, document: UUID, reason: str) -> None:
    """Say that a file is no letter for the books; it may be registered later all the same.

    Raises NotFound, InvalidRequest; InOtherBook when it stands in a book.
    """
    documents.find(session, document)
    why = " ".join(reason.split())
    if not 0 < len(why) <= _LONGEST_REASON:
        raise InvalidRequest(what=f"alasan (1–{_LONGEST_REASON} huruf)")
    entry = entry_of(session, document)
    if entry is not None:
        raise InOtherBook(book=entry.book, number=entry.number or "–")
    added = session.scalar(
        insert(AgendaLeftOutRow)
        .values(document_id=document, account_id=account.id, reason=why)
        .on_conflict_do_nothing()
        .returning(AgendaLeftOutRow.document_id)
    )
    if added is not None:
        ledger.append(session, "agenda_left_out", actor=account.id, document=document)
