"""Chains of dispositions as people see them: of a letter, and what waits for whom."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from access.accounts import Account
from archive.tables import DocumentRow
from core.db import ask
from core.faults import DatabaseUnavailable
from core.settings import settings
from records.chain import Chain, Link, State
from records.tables import DispositionRow

_WAITING: Final = "SELECT dispositions_waiting(%(person)s)"


@dataclass(frozen=True, slots=True)
class Step:
    """One link as people see it: beneath the one it came from, how far it is, whether its day is over."""

    row: DispositionRow
    depth: int
    state: State
    late: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One link in a list of somebody's own, with its letter."""

    step: Step
    letter: DocumentRow


def of_letter(session: Session, document: UUID) -> list[DispositionRow]:
    """The letter's links in the order they were given."""
    return _of(session, [document])


def _of(session: Session, documents: Collection[UUID]) -> list[DispositionRow]:
    query = select(DispositionRow).where(DispositionRow.document_id.in_(documents))
    ordered = query.order_by(DispositionRow.given_at, DispositionRow.id)
    return list(session.scalars(ordered, execution_options={"populate_existing": True}))


def chains(session: Session, documents: Collection[UUID]) -> dict[UUID, list[Step]]:
    """Each letter's chain as people see it; letters without one are left out."""
    by_letter: dict[UUID, list[DispositionRow]] = {}
    for row in _of(session, documents):
        by_letter.setdefault(row.document_id, []).append(row)
    return {document: laid_out(rows) for document, rows in by_letter.items()}


def laid_out(rows: Sequence[DispositionRow]) -> list[Step]:
    """The links of one letter, each beneath the one it came from."""
    chain, by_id, day = chain_of(rows), {row.id: row for row in rows}, today()
    return [_step(by_id[link.id], depth, chain.state(link), day) for link, depth in chain.in_order()]


def _step(row: DispositionRow, depth: int, state: State, day: date) -> Step:
    return Step(row, depth, state, late=state != "done" and row.due_on is not None and row.due_on < day)


def may_end(rows: Sequence[DispositionRow], account: Account) -> set[UUID]:
    """Which waiting links of a letter the account may say are done."""
    chain = chain_of(rows)
    return {link.id for link in chain.waiting if chain.may_end(link, account.id) and chain.state(link) != "done"}


def chain_of(rows: Iterable[DispositionRow]) -> Chain:
    return Chain(
        tuple(
            Link(
                row.id,
                row.parent_id,
                row.handed_by,
                row.recipient_id,
                read=row.read_at is not None,
                done=row.done_at is not None,
                on_paper=row.sheet_id is not None and row.handed_by == row.given_by,
            )
            for row in rows
        )
    )


def received(session: Session, account: Account, most: int) -> list[Item]:
    """What waits for the account, first what is due first."""
    below = aliased(DispositionRow)
    mine = (DispositionRow.recipient_id == account.id) & DispositionRow.ended_at.is_(None)
    waits = select(DispositionRow).where(mine, ~exists().where(below.parent_id == DispositionRow.id))
    first = (DispositionRow.due_on.asc().nulls_last(), DispositionRow.given_at)
    return _items(session, waits.order_by(*first).limit(most))


def handed_out(session: Session, account: Account, most: int) -> list[Item]:
    """What the account handed to others and is not done yet, the oldest first; also what it signed on paper."""
    mine = select(DispositionRow).where(DispositionRow.handed_by == account.id, DispositionRow.ended_at.is_(None))
    return _items(session, mine.order_by(DispositionRow.given_at).limit(most))


def finished(session: Session, account: Account, most: int) -> list[Item]:
    """What the account was handed and is done, by them or below them, the newest first."""
    mine = select(DispositionRow).where(DispositionRow.recipient_id == account.id, DispositionRow.ended_at.is_not(None))
    return _items(session, mine.order_by(DispositionRow.ended_at.desc()).limit(most))


def _items(session: Session, query: Any) -> list[Item]:
    rows = list(session.scalars(query))
    documents = [row.document_id for row in rows]
    letters = {row.id: row for row in session.scalars(select(DocumentRow).where(DocumentRow.id.in_(documents)))}
    steps = {step.row.id: step for one in chains(session, documents).values() for step in one}
    return [Item(steps[row.id], letters[row.document_id]) for row in rows]


def waiting_count(person: UUID) -> int:
    """How many links wait for an account; 0 while the database is away, as every page asks."""
    try:
        row = ask(_WAITING, {"person": person})
    except DatabaseUnavailable:
        return 0
    return int(row[0]) if row else 0


def today() -> date:
    """The day at the office."""
    return datetime.now(ZoneInfo(settings().timezone)).date()
