"""Proposals as people meet them: those of a letter, the letters that wait for a person, and the word that none fits."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, distinct, func, or_, select
from sqlalchemy.orm import Session

from access.accounts import Account
from archive import documents, ledger, stacks
from archive.tables import DocumentRow
from cases import book
from cases.book import Case
from cases.tables import CaseDeclinedRow, CaseFileRow, CaseLetterRow, CaseProposalRow


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


def waiting(session: Session, *, after: int = 0, limit: int) -> list[Waiting]:
    """At most `limit` visible letters that wait to be linked, oldest first, with `seq` above `after`."""
    query = select(DocumentRow).where(_waits(), DocumentRow.seq > after).order_by(DocumentRow.seq).limit(limit)
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


def waiting_count(session: Session) -> int:
    """How many visible letters wait to be linked."""
    return session.scalar(select(func.count(distinct(DocumentRow.id))).where(_waits())) or 0


def decline(session: Session, account: Account, document: UUID) -> None:
    """Say that a letter is for none of what is proposed: it waits no more, until something else is. Linking it by hand
    stays possible. Raises NotFound."""
    row = documents.find(session, document)
    rows = session.execute(
        select(CaseProposalRow.case_id, CaseProposalRow.sop).where(CaseProposalRow.document_id == row.id).distinct()
    ).all()
    for case, sop in rows:
        session.add(CaseDeclinedRow(document_id=document, case_id=case, sop=sop, account_id=account.id))
    session.flush()
    if rows:
        ledger.append(session, "proposals_declined", actor=account.id, document=document, proposals=len(rows))


def _open() -> ColumnElement[bool]:
    """Of proposals: those of cases that are still open, and those that open one."""
    is_open = select(CaseFileRow.id).where(CaseFileRow.id == CaseProposalRow.case_id, CaseFileRow.closed_at.is_(None))
    return or_(CaseProposalRow.case_id.is_(None), is_open.exists())


def _waits() -> ColumnElement[bool]:
    asked = select(CaseProposalRow.document_id).where(CaseProposalRow.waits, _open())
    return DocumentRow.id.in_(asked) & stacks.are_letters()


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
