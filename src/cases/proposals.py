"""Proposals as people meet them: those of a letter, the letters that wait for a person, and the word that none fits."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, or_, select
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Role
from archive import ledger, stacks
from archive.tables import DocumentRow
from cases import book
from cases.book import Case
from cases.tables import CaseDeclinedRow, CaseFileRow, CaseLetterRow, CaseProposalRow

MOST_COUNTED: Final = 1000


@dataclass(frozen=True, slots=True)
class Proposal:
    """A step of an open case that a letter may be for, or an SOP under which it may open one; and why, in words."""

    case: Case | None
    sop: str
    step: int
    score: float
    reasons: tuple[str, ...]

    @property
    def short(self) -> str:
        """The step in a few words; "" where the case is still to be opened."""
        return self.case.state.sop.step(self.step).short if self.case else ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A letter that is linked to nothing, with its proposals."""

    row: DocumentRow
    proposals: tuple[Proposal, ...]


def of_letter(session: Session, document: UUID) -> tuple[Proposal, ...]:
    """The visible proposals for a letter, the likeliest first."""
    return tuple(_of(session, [document])[document])


def waiting(session: Session, account: Account, *, after: int = 0, limit: int) -> list[Waiting]:
    """At most `limit` visible letters that wait to be linked, oldest first, with `seq` above `after`."""
    waits = _waits(account) & (CaseProposalRow.document_seq > after)
    query = select(DocumentRow).where(DocumentRow.seq.in_(select(CaseProposalRow.document_seq).where(waits)))
    query = query.where(stacks.are_letters()).order_by(DocumentRow.seq).limit(limit)
    return _with_proposals(session, list(session.scalars(query)))


def of_stack(session: Session, stack: UUID) -> list[Waiting]:
    """The visible letters of a stack that are linked to nothing, in the order of its pages; also those without any
    proposal."""
    linked = select(CaseLetterRow.id).where(
        CaseLetterRow.document_id == DocumentRow.id, CaseLetterRow.removed_at.is_(None)
    )
    cut = (DocumentRow.part_of == stack) & DocumentRow.stage.in_(("filed", "sealed")) & stacks.are_letters()
    query = select(DocumentRow).where(cut, ~linked.exists()).order_by(DocumentRow.first_page)
    return _with_proposals(session, list(session.scalars(query)))


def _with_proposals(session: Session, rows: list[DocumentRow]) -> list[Waiting]:
    found = _of(session, [row.id for row in rows])
    return [Waiting(row, tuple(found[row.id])) for row in rows]


def waiting_count(session: Session, account: Account, most: int = MOST_COUNTED) -> int:
    """How many visible letters wait to be linked, counted up to `most`."""
    query = select(CaseProposalRow.document_seq).join(DocumentRow, DocumentRow.seq == CaseProposalRow.document_seq)
    some = query.where(_waits(account), stacks.are_letters()).distinct().limit(most)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def decline(session: Session, account: Account, document: UUID) -> None:
    """Say that a letter is for none of what is proposed: it waits no more, until something else is. Linking it by hand
    stays possible. Raises NotFound; PagesElsewhere, CutFirst or NotReady for what is no letter."""
    stacks.held_letter(session, document)  # no worker makes its proposals anew meanwhile
    rows = session.execute(
        select(CaseProposalRow.case_id, CaseProposalRow.sop).where(CaseProposalRow.document_id == document).distinct()
    ).all()
    if rows:
        told: list[dict[str, object]] = [{"case_id": case, "sop": sop} for case, sop in rows]
        session.execute(insert(CaseDeclinedRow).values(document_id=document, account_id=account.id), told)
        ledger.append(session, "proposals_declined", actor=account.id, document=document, proposals=len(rows))


def _open() -> ColumnElement[bool]:
    """Of proposals: those of cases that are still open, and those that open one."""
    is_open = select(CaseFileRow.id).where(CaseFileRow.id == CaseProposalRow.case_id, CaseFileRow.closed_at.is_(None))
    return or_(CaseProposalRow.case_id.is_(None), is_open.exists())


def _waits(account: Account) -> ColumnElement[bool]:
    """Of proposals: those of letters that wait. The unit is said, so that the index of the queue begins with it."""
    waits = CaseProposalRow.waits & _open()
    return waits if account.role is Role.ARSIPARIS else waits & (CaseProposalRow.unit == account.unit)


def _of(session: Session, letters: Collection[UUID]) -> dict[UUID, list[Proposal]]:
    query = select(CaseProposalRow).where(CaseProposalRow.document_id.in_(letters), _open())
    rows = list(session.scalars(query.order_by(CaseProposalRow.rank)))
    wanted = {row.case_id for row in rows if row.case_id is not None}
    cases = {case.row.id: case for case in book.several(session, wanted)} if wanted else {}
    found: dict[UUID, list[Proposal]] = defaultdict(list)
    for row in rows:
        case = cases.get(row.case_id) if row.case_id else None
        if case is not None or row.sop is not None:
            sop = row.sop or (case.row.sop if case else "")
            found[row.document_id].append(Proposal(case, sop, row.step, row.score, tuple(row.reasons)))
    return found
