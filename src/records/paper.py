"""Where the paper of letters lies (SOP B keeps cases "sebagai data elektronik dan manual"), and whose is not there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Role
from archive import ledger, stacks
from archive.tables import DocumentRow
from core.faults import InvalidRequest
from records import boxes
from records.papertables import PaperBoxRow, PaperPlaceRow

MOST_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Lies:
    """Where the paper of a letter lies."""

    box: PaperBoxRow
    folder: str

    @property
    def code(self) -> str:
        return boxes.code_of(self.box)

    @property
    def words(self) -> str:
        """`Boks UMUM-0012 (Boks 12), folder 001/2026; gedung A, rak 3`."""
        stands = boxes.words(boxes.stand_of(self.box))
        folder = f", folder {self.folder}" if self.folder else ""
        return f"Boks {self.code} ({self.box.name}){folder}" + (f"; {stands[:1].lower()}{stands[1:]}" if stands else "")


@dataclass(frozen=True, slots=True)
class Said:
    """One time that somebody said where a letter's paper lies; no `lies`: that it is not there."""

    at: datetime
    account: UUID
    lies: Lies | None


class Missing(NamedTuple):
    """A letter without a place on paper, in a list of all of them."""

    seq: int
    id: UUID
    filename: str
    kind: str | None
    unit: str
    received_at: datetime


def place(
    session: Session, account: Account, documents: Collection[UUID], box: PaperBoxRow | None, folder: str = ""
) -> int:
    """Say where the paper of letters lies, or (no box) that it is not there; how many of them that was news of.

    Raises InvalidRequest; NotFound, PagesElsewhere, CutFirst or NotReady when one of them is no letter.
    """
    told = boxes.plain(folder, "folder")
    wanted = sorted(set(documents))
    if not 0 < len(wanted) <= MOST_AT_ONCE:
        raise InvalidRequest(what=f"surat (1 sampai {MOST_AT_ONCE} sekaligus)")
    for document in wanted:  # always in this order, so that two who do the same don't wait for each other for ever
        stacks.held_letter(session, document)
    before = {row.document_id: (row.box_id, row.folder) for row in _last(session, wanted)}
    now = (box.id, told) if box is not None else (None, "")
    moved = [document for document in wanted if before.get(document, (None, "")) != now]
    if not moved:
        return 0
    session.execute(
        update(PaperPlaceRow).where(PaperPlaceRow.document_id.in_(moved), PaperPlaceRow.last).values(last=False),
        execution_options={"synchronize_session": False},
    )
    row = {"box_id": now[0], "folder": now[1], "account_id": account.id}
    session.execute(insert(PaperPlaceRow), [{"document_id": document, **row} for document in moved])
    for document in moved:
        told_box = str(box.id) if box is not None else None
        ledger.append(session, "paper_placed", actor=account.id, document=document, box=told_box)
    return len(moved)


def _last(session: Session, documents: Collection[UUID]) -> list[PaperPlaceRow]:
    query = select(PaperPlaceRow).where(PaperPlaceRow.document_id.in_(documents), PaperPlaceRow.last)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def lying(session: Session, documents: Collection[UUID]) -> dict[UUID, Lies]:
    """Where the paper of these letters lies, of those where it is known; that of a destroyed one is gone with it."""
    query = (
        select(PaperPlaceRow.document_id, PaperPlaceRow.folder, PaperBoxRow)
        .join(PaperBoxRow, PaperBoxRow.id == PaperPlaceRow.box_id)
        .join(DocumentRow, DocumentRow.id == PaperPlaceRow.document_id)
        .where(PaperPlaceRow.document_id.in_(documents), PaperPlaceRow.last, DocumentRow.destroyed_at.is_(None))
    )
    return {document: Lies(box, folder) for document, folder, box in session.execute(query)}


def history(session: Session, document: UUID) -> list[Said]:
    """Where a letter's paper was said to lie, oldest first."""
    query = (
        select(PaperPlaceRow, PaperBoxRow)
        .outerjoin(PaperBoxRow, PaperBoxRow.id == PaperPlaceRow.box_id)
        .where(PaperPlaceRow.document_id == document)
        .order_by(PaperPlaceRow.seq)
    )
    return [
        Said(row.at, row.account_id, Lies(box, row.folder) if box is not None else None)
        for row, box in session.execute(query)
    ]


def in_box(session: Session, box: UUID) -> list[tuple[DocumentRow, str]]:
    """The visible letters that lie in a box, with their folder, in the order of folders."""
    query = (
        select(DocumentRow, PaperPlaceRow.folder)
        .join(PaperPlaceRow, PaperPlaceRow.document_id == DocumentRow.id)
        .where(PaperPlaceRow.box_id == box, PaperPlaceRow.last, DocumentRow.destroyed_at.is_(None))
        .order_by(PaperPlaceRow.folder, DocumentRow.seq)
    )
    return [(row, folder) for row, folder in session.execute(query)]


def _nowhere(account: Account) -> ColumnElement[bool]:
    """An archived letter whose paper lies nowhere that anybody knows of, of those that the account may see."""
    there = (DocumentRow.stage == "sealed") & DocumentRow.destroyed_at.is_(None)
    found = ~DocumentRow.placed & there & stacks.are_letters()
    # said here too, and not to row security alone: the index of a small unit is much shorter than that of all
    return found if account.role == Role.ARSIPARIS else found & (DocumentRow.unit == account.unit)


def missing(session: Session, account: Account, *, before: int | None = None, limit: int) -> list[DocumentRow]:
    """Visible archived letters without a place on paper, the newest first, of those with `seq` under `before`."""
    return list(session.scalars(_newest(select(DocumentRow), account, before, limit)))


def missing_count(session: Session, account: Account) -> int:
    """How many visible archived letters have no place on paper."""
    return session.scalar(select(func.count()).select_from(DocumentRow).where(_nowhere(account))) or 0


def missing_lines(session: Session, account: Account, *, before: int | None, limit: int) -> list[Missing]:
    """As missing(), with no more of each letter than a list of all of them says."""
    columns = select(
        DocumentRow.seq, DocumentRow.id, DocumentRow.filename, DocumentRow.kind, DocumentRow.unit,
        DocumentRow.received_at,
    )  # fmt: skip
    return [Missing(*row) for row in session.execute(_newest(columns, account, before, limit))]


def _newest(query: Any, account: Account, before: int | None, limit: int) -> Any:
    found = query.where(_nowhere(account)).order_by(DocumentRow.seq.desc()).limit(limit)
    return found if before is None else found.where(DocumentRow.seq < before)
