"""Working on a case: its steps, its letters, what is waived, and closing it."""

from typing import Final
from uuid import UUID

from sqlalchemy import case as when
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from archive import ledger, stacks
from archive.tables import DocumentRow
from cases import book, clients
from cases.book import Case
from cases.machine import Command, RefusedError, apply
from cases.tables import CaseActionRow, CaseFileRow, CaseLetterRow, CaseStepRow
from cases.words import LACKS
from core.faults import CaseClosed, CaseIncomplete, CaseRefused, InvalidRequest, NotFound

_LONGEST: Final = 1000
_MOST_NAMED: Final = 5


def act(session: Session, account: Account, case: UUID, command: Command) -> Case:
    """Do something with a step. Raises NotFound, CaseClosed, CaseRefused, InvalidRequest."""
    found = _open(session, case)
    command = Command(command.action, _step(found, command.step), _reason(command.reason), command.branch)
    try:
        state = apply(found.state, command, found.linked)
    except RefusedError as error:
        raise CaseRefused(why=str(error)) from error
    progress = state.of(command.step)
    settled, running = progress.state in ("done", "skipped"), progress.state == "running"
    session.execute(
        update(CaseStepRow)
        .where(CaseStepRow.case_id == case, CaseStepRow.number == command.step)
        .values(
            state=progress.state,
            taken=list(progress.taken),
            ended_at=func.now() if settled else None,
            # a step that is begun again goes on from when it was begun first
            started_at=when(
                (CaseStepRow.started_at.is_(None), func.now() if running else None), else_=CaseStepRow.started_at
            ),
        )
    )
    _note(session, account, case, command.action, step=command.step, branch=command.branch, reason=command.reason)
    ledger.append(
        session,
        "case_step",
        actor=account.id,
        case=str(case),
        step=command.step,
        did=command.action,
        state=progress.state,
    )
    return _again(session, case)


def link(session: Session, account: Account, case: UUID, document: UUID, step: int, why: str = "") -> CaseLetterRow:
    """Link a letter to a step; linked already, it stays as it is.

    Raises NotFound, CaseClosed, CaseRefused; PagesElsewhere, CutFirst or NotReady for what is no letter.
    """
    found, letter = _open(session, case), stacks.held_letter(session, document)
    number, reason = _step(found, step), _reason(why)
    if letter.unit != found.row.unit or letter.clearance > found.row.clearance:
        # whoever sees the case would else not see what stands in it
        raise CaseRefused(why="surat ini milik unit lain atau lebih rahasia daripada kasusnya")
    present = [one.link for one in found.letters if one.document.id == document and one.link.step == number]
    if present:
        return present[0]
    row = CaseLetterRow(case_id=case, step=number, document_id=document, linked_by=account.id, why=reason)
    session.add(row)
    session.flush()
    told = _told_of(found, letter)
    ledger.append(session, "letter_linked", actor=account.id, document=told, case=str(case), step=number)
    return row


def unlink(session: Session, account: Account, case: UUID, link: UUID) -> None:
    """Take a letter off a step; that it was there stays known. Raises NotFound, CaseClosed."""
    found = _open(session, case)
    letter = next((one for one in found.letters if one.link.id == link), None)
    if letter is None:
        raise NotFound
    session.execute(
        update(CaseLetterRow).where(CaseLetterRow.id == link).values(removed_at=func.now(), removed_by=account.id)
    )
    told, step = _told_of(found, letter.document), letter.link.step
    ledger.append(session, "letter_unlinked", actor=account.id, document=told, case=str(case), step=step)


def _told_of(found: Case, letter: DocumentRow) -> UUID | None:
    """The letter in whose history a link is told: none where the case is above it, as who sees the letter must not
    learn that there is such a case."""
    return letter.id if letter.clearance == found.row.clearance else None


def learn_nik(session: Session, account: Account, key: str, case: UUID, document: UUID) -> Case:
    """Give the case's client the NIK that a letter of the case carries.

    Raises Forbidden, NotFound, CaseClosed, CaseRefused, InvalidRequest.
    """
    account.require(Right.CHECK)
    found = _open(session, case)
    letter = next((one.document for one in found.letters if one.document.id == document), None)
    if letter is None:
        raise NotFound
    if clients.learn_nik(session, key, found.client, nik_in(letter)):
        told = _told_of(found, letter)
        ledger.append(session, "client_nik_learned", actor=account.id, document=told, case=str(case))
    return _again(session, case)


def nik_in(letter: DocumentRow) -> str:
    """The NIK that a letter says; "" when it says none."""
    return str(letter.fields.get("nik", {}).get("value") or "")


def waive(session: Session, account: Account, case: UUID, place: str, reason: str) -> Case:
    """Let the case close without something that is missing. Raises Forbidden, NotFound, CaseClosed, InvalidRequest."""
    account.require(Right.WAIVE)
    found = _open(session, case)
    lack = next((lack for lack in found.lacks if lack.place == place), None)
    if lack is None:
        raise NotFound
    said = _reason(reason)
    if not said:
        raise InvalidRequest(what="alasan pengecualian")
    _note(session, account, case, "waive", step=lack.step, place=place, reason=said)
    ledger.append(session, "case_waived", actor=account.id, case=str(case), step=lack.step, place=place)
    return _again(session, case)


def close(session: Session, account: Account, case: UUID) -> Case:
    """Close the case: every step settled, or ended by a branch, and nothing required missing. Raises CaseIncomplete."""
    found = _open(session, case)
    what = _still_to_do(found)
    if what:
        raise CaseIncomplete(what="; ".join(what[:_MOST_NAMED]) + (" …" if len(what) > _MOST_NAMED else ""))
    ended = found.state.ended_by
    session.execute(
        update(CaseFileRow)
        .where(CaseFileRow.id == case)
        .values(closed_at=func.now(), closed_by=account.id, ended_by=ended.id if ended else None)
    )
    _note(session, account, case, "close", branch=ended.id if ended else None)
    ledger.append(session, "case_closed", actor=account.id, case=str(case), ended_by=ended.id if ended else None)
    return _again(session, case)


def _still_to_do(found: Case) -> list[str]:
    what = [] if found.state.is_through else [f"langkah {s.number} ({s.short})" for s in found.state.current]
    return what + [f"langkah {lack.step}: {lack.paper.text} {LACKS[lack.why]}" for lack in found.lacks]


def _open(session: Session, case: UUID) -> Case:
    """The case, held against others until the transaction ends. Raises NotFound, CaseClosed."""
    found = book.find(session, case, to_change=True)
    if found.row.closed_at is not None:
        raise CaseClosed(number=found.number)
    return found


def _again(session: Session, case: UUID) -> Case:
    session.expire_all()
    return book.find(session, case)


def _step(found: Case, number: int) -> int:
    if not 1 <= number <= len(found.state.steps):
        raise InvalidRequest(what=f"langkah (1 sampai {len(found.state.steps)})")
    return number


def _reason(text: str) -> str:
    plain = " ".join(text.split())
    if len(plain) > _LONGEST or not plain.isprintable():
        raise InvalidRequest(what=f"alasan (paling panjang {_LONGEST} huruf)")
    return plain


def _note(
    session: Session,
    account: Account,
    case: UUID,
    action: str,
    *,
    step: int | None = None,
    branch: str | None = None,
    place: str | None = None,
    reason: str = "",
) -> None:
    row = CaseActionRow(
        case_id=case, account_id=account.id, action=action, step=step, branch=branch, place=place, reason=reason
    )
    session.add(row)
    session.flush()
