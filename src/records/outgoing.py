"""What is told of an outgoing letter on its way: numbered, initialled, signed, sent, with a scan as evidence."""

from datetime import date
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from access.accounts import Account
from archive import ledger, stacks
from core.faults import InvalidRequest, StepNotYet, StepTaken
from records import agenda
from records.steps import LABELS, STEPS, Step, lacking
from records.tables import AgendaEntryRow, AgendaStepRow


def taken(session: Session, entry: UUID) -> list[AgendaStepRow]:
    """The steps told so far, in the order of the procedure."""
    rows = session.scalars(select(AgendaStepRow).where(AgendaStepRow.entry_id == entry))
    return sorted(rows, key=lambda row: STEPS.index(row.step))


def take(
    session: Session, account: Account, entry: UUID, step: Step, *, on_day: date | None, document: UUID | None
) -> AgendaEntryRow:
    """Tell that a step was done, on a day (None: today), with the scan that shows it; `nomor` gives the number.

    Raises NotFound (also for the scan), EntryCancelled, InvalidRequest for an incoming letter, StepTaken, StepNotYet;
    PagesElsewhere, CutFirst or NotReady when the scan is no letter.
    """
    row = agenda.locked(session, entry)
    if row.book != "keluar":
        raise InvalidRequest(what="langkah (hanya untuk surat keluar)")
    done = [one.step for one in taken(session, entry)]
    if step in done or "terkirim" in done:
        raise StepTaken(step=LABELS[step])
    if before := lacking(step, done):
        raise StepNotYet(step=LABELS[step], missing=", ".join(LABELS[one] for one in before))
    if document is not None:
        stacks.held_letter(session, document)
    if step == "nomor":
        agenda.give_number(session, row)
    session.execute(
        insert(AgendaStepRow).values(
            entry_id=entry,
            step=step,
            on_day=row.day if step == "nomor" else on_day or agenda.today(),
            document_id=document,
            account_id=account.id,
        )
    )
    ledger.append(session, "agenda_step_taken", step=step, **agenda.event(account, row))
    return row
