"""Letters in their berkas: filed by a person outside cases, taken out again, listed, and those that lie in none yet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from archive import ledger, stacks
from archive.tables import DocumentRow
from core.faults import BerkasClosed, BerkasRefused, InvalidRequest
from records.filing import berkas as shelf
from records.filing.tables import BerkasLetterRow, BerkasRow
from records.particulars import sifat

MOST_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Item:
    """One letter of a berkas, with the day it bears; `secrecy` (0–3) and `urgency` are what its Sifat says."""

    row: DocumentRow
    day: date
    secrecy: int
    urgency: str

    @property
    def subject(self) -> str:
        """What it is about, as read or confirmed; "" where nothing was."""
        return str(self.row.fields.get("perihal", {}).get("value") or "")


def file(session: Session, account: Account, berkas: UUID, documents: Collection[UUID]) -> int:
    """Put letters into a berkas outside cases; how many of them were not there. From another such berkas they move.

    Raises Forbidden, NotFound, InvalidRequest, BerkasClosed; BerkasRefused for a letter of another unit, above the
    berkas' level or of a case; PagesElsewhere, CutFirst or NotReady for what is no letter.
    """
    account.require(Right.FILE)
    if not 0 < len(documents) <= MOST_AT_ONCE:
        raise InvalidRequest(what=f"surat (1–{MOST_AT_ONCE} sekaligus)")
    # letters before the berkas, as everybody who holds both
    letters = [stacks.held_letter(session, document) for document in sorted(set(documents))]
    row = shelf.find(session, berkas, to_change=True)
    if row.case_id is not None:
        raise BerkasRefused(why="ini berkas kasus: hubungkan suratnya ke kasusnya")
    if row.closed_on is not None:
        raise BerkasClosed(number=shelf.number_of(row))
    lies = _lies(session, [letter.id for letter in letters])
    new = [letter for letter in letters if lies.get(letter.id) != row.id]
    for letter in new:
        _refuse(session, row, letter, lies.get(letter.id))
        added = insert(BerkasLetterRow).values(document_id=letter.id, berkas_id=row.id, filed_by=account.id)
        session.execute(
            added.on_conflict_do_update(
                index_elements=["document_id"],
                set_={"berkas_id": row.id, "filed_by": account.id, "filed_at": func.now()},
            )
        )
    session.refresh(row)
    for letter in new:
        ledger.append(session, "letter_filed", actor=account.id, document=letter.id, berkas=str(row.id))
    return len(new)


def take_out(session: Session, account: Account, berkas: UUID, document: UUID) -> None:
    """Take a letter out of a berkas outside cases; it waits to be filed again.

    Raises Forbidden, NotFound, BerkasClosed, BerkasRefused.
    """
    account.require(Right.FILE)
    stacks.held_letter(session, document)
    row = shelf.find(session, berkas, to_change=True)
    if row.case_id is not None:
        raise BerkasRefused(why="ini berkas kasus: lepaskan suratnya dari kasusnya")
    if row.closed_on is not None:
        raise BerkasClosed(number=shelf.number_of(row))
    taken = session.scalar(
        update(BerkasLetterRow)
        .where(BerkasLetterRow.document_id == document, BerkasLetterRow.berkas_id == row.id)
        .values(berkas_id=None, filed_by=account.id, filed_at=func.now())
        .returning(BerkasLetterRow.document_id)
    )
    if taken is None:
        raise BerkasRefused(why="surat itu tidak ada di berkas ini")
    ledger.append(session, "letter_unfiled", actor=account.id, document=document, berkas=str(row.id))


def items(session: Session, berkas: UUID, *, limit: int | None = None) -> list[Item]:
    """The letters of a berkas that the asker may see, by the day they bear."""
    day = func.letter_day(DocumentRow.fields, DocumentRow.received_at).label("day")
    query = (
        select(DocumentRow, day)
        .join(BerkasLetterRow, BerkasLetterRow.document_id == DocumentRow.id)
        .where(BerkasLetterRow.berkas_id == berkas)
        .order_by(day, DocumentRow.seq)
        .limit(limit)
    )
    return [Item(row, bears, *sifat(row.fields)) for row, bears in session.execute(query)]


def loose(session: Session, *, limit: int, before: int | None = None) -> list[DocumentRow]:
    """Archived letters that lie in no berkas, newest first; `before`: the last one's `seq`."""
    query = select(DocumentRow).where(_loose()).order_by(DocumentRow.seq.desc()).limit(limit)
    return list(session.scalars(query if before is None else query.where(DocumentRow.seq < before)))


def loose_count(session: Session) -> int:
    """How many archived letters lie in no berkas."""
    return session.scalar(select(func.count()).select_from(DocumentRow).where(_loose())) or 0


def _loose() -> ColumnElement[bool]:
    return ~DocumentRow.in_berkas & (DocumentRow.stage == "sealed") & stacks.are_letters()


def _lies(session: Session, documents: Collection[UUID]) -> dict[UUID, UUID]:
    query = select(BerkasLetterRow.document_id, BerkasLetterRow.berkas_id).where(
        BerkasLetterRow.document_id.in_(documents), BerkasLetterRow.berkas_id.is_not(None)
    )
    return {document: berkas for document, berkas in session.execute(query) if berkas is not None}


def _refuse(session: Session, row: BerkasRow, letter: DocumentRow, lies: UUID | None) -> None:
    """Raise BerkasRefused for what may not lie there."""
    if letter.unit != row.unit or letter.clearance > row.clearance:
        # whoever sees the berkas would else not see what lies in it
        raise BerkasRefused(why="surat ini milik unit lain atau lebih rahasia daripada berkasnya")
    if lies is None:
        # one that lies in a berkas above the asker's ceiling shows nothing of it, and is not moved
        if letter.in_berkas:
            raise BerkasRefused(why="surat ini sudah ada di berkas lain")
        return
    now = shelf.find(session, lies)
    if now.case_id is not None or now.closed_on is not None or now.disposed_at is not None:
        raise BerkasRefused(why=f"surat ini ada di berkas {shelf.number_of(now)}, yang mengikuti kasusnya atau ditutup")
