"""All that was done with a case, by date: its own steps and letters, and the dispositions of its letters."""

from uuid import UUID

from sqlalchemy.orm import Session

from cases import book
from cases.book import Case, Done
from records import inbox
from records.inbox import Step


def of_case(session: Session, case: Case) -> list[Done]:
    """What was done with a case, oldest first."""
    done = book.history(session, case.row.id)
    for document, steps in inbox.chains(session, {one.document.id for one in case.letters}).items():
        done += _handed(document, steps)
    return sorted(done, key=lambda one: one.at)


def _handed(document: UUID, steps: list[Step]) -> list[Done]:
    """What was done with a letter's chain. Only who is in it ends a link, so the chain names them all."""
    rows = [step.row for step in steps]
    names = {row.recipient_id: row.recipient for row in rows} | {row.given_by: row.giver for row in rows}
    done = []
    for row in rows:
        by, whom = row.on_behalf or row.giver, f"kepada {row.recipient}"
        done.append(Done(row.given_at, row.given_by, "dispose", None, whom, document=document, by=by))
        if row.done_at is not None and row.done_by is not None:
            ender = names.get(row.done_by, "")
            done.append(Done(row.done_at, row.done_by, "disposed", None, row.done_note, document=document, by=ender))
    return done
