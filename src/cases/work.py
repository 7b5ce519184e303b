"""Working on a case: its steps, its letters, what is waived, and closing it."""

from typing import Final
from uuid import UUID

from sqlalchemy import case as when
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from archive import ledger, stacks
from archive.tables import DocumentRow
from cases import book, clients
from cases.book import Case
from cases.closing import Gap
from cases.machine import Command, Lack, RefusedError, apply
from cases.seeking import standing
from cases.tables import CaseActionRow, CaseFileRow, CaseLetterRow, CaseStepRow
from cases.words import GAPS, LACKS
from core.faults import CaseClosed, CaseIncomplete, CaseRefused, InvalidRequest, NotFound
from records import paper
from records.filing import tree
from records.papertables import PaperBoxRow

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
    letter = stacks.held_letter(session, document)  # before the case, as those do who enter it in a book
    found = _open(session, case)
    number, reason = _step(found, step), _reason(why)
    if letter.unit != found.row.unit or letter.clearance > found.row.clearance:
        # whoever sees the case would else not see what stands in it
        raise CaseRefused(why="surat ini milik unit lain atau lebih rahasia daripada kasusnya")
    present = [one.link for one in found.letters if one.document.id == document and one.link.step == number]
    if present:
        return present[0]
    row = CaseLetterRow(case_id=case, step=number, document_id=document, linked_by=account.id, why=reason)
    _put(session, row)
    told = _told_of(found.row, letter)
    ledger.append(session, "letter_linked", actor=account.id, document=told, case=str(case), step=number)
    return row


def link_by_itself(session: Session, case: UUID, document: UUID, step: int, why: str) -> bool:
    """A worker's link of a letter that is certainly for that step. False when a person was first: the letter is linked
    somewhere by now, was taken off this case before or said not to be for it, is disposed of, or the case was closed.

    Raises what link() raises for what is no letter.
    """
    letter = stacks.held_letter(session, document)
    row = session.scalar(select(CaseFileRow).where(CaseFileRow.id == case).with_for_update())
    if row is None or row.closed_at is not None:
        return False
    stand = standing(session, document)
    if stand.linked or case in stand.removed or case in stand.declined:
        return False
    try:
        _put(session, CaseLetterRow(case_id=case, step=step, document_id=document, linked_by=None, why=why))
    except CaseRefused:
        return False
    told_of = _told_of(row, letter)
    ledger.append(session, "letter_linked", actor=ledger.WORKER, document=told_of, case=str(case), step=step)
    return True


def _put(session: Session, row: CaseLetterRow) -> None:
    """Enter a link. Raises CaseRefused for a letter whose berkas is being destroyed or was disposed of: the database
    lets nothing out of it any more."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        if "disposal:" not in str(error.orig):
            raise
        raise CaseRefused(why="berkas surat ini sedang atau sudah disusutkan") from error


def unlink(session: Session, account: Account, case: UUID, link: UUID) -> None:
    """Take a letter off a step; that it was there stays known. Raises NotFound, CaseClosed."""
    of_link = select(CaseLetterRow.document_id).where(CaseLetterRow.id == link).scalar_subquery()
    session.execute(select(DocumentRow.id).where(DocumentRow.id == of_link).with_for_update(key_share=True))
    found = _open(session, case)
    letter = next((one for one in found.letters if one.link.id == link), None)
    if letter is None:
        raise NotFound
    session.execute(
        update(CaseLetterRow).where(CaseLetterRow.id == link).values(removed_at=func.now(), removed_by=account.id)
    )
    told, step = _told_of(found.row, letter.document), letter.link.step
    ledger.append(session, "letter_unlinked", actor=account.id, document=told, case=str(case), step=step)


def _told_of(case: CaseFileRow, letter: DocumentRow) -> UUID | None:
    """The letter in whose history a link is told: none where the case is above it, as who sees the letter must not
    learn that there is such a case."""
    return letter.id if letter.clearance == case.clearance else None


def learn_nik(session: Session, account: Account, key: str, case: UUID, document: UUID) -> Case:
    """Give the case's client the NIK that a letter of the case carries.

    Raises Forbidden, NotFound, CaseClosed, CaseRefused, InvalidRequest.
    """
    account.require(Right.CHECK)
    clients.hold(session, case)
    found = _open(session, case)
    letter = next((one.document for one in found.letters if one.document.id == document), None)
    if letter is None:
        raise NotFound
    if clients.learn_nik(session, key, found.client, nik_in(letter)):
        told = _told_of(found.row, letter)
        ledger.append(session, "client_nik_learned", actor=account.id, document=told, case=str(case))
    return _again(session, case)


def nik_in(letter: DocumentRow) -> str:
    """The NIK that a letter says; "" when it says none."""
    return str(letter.fields.get("nik", {}).get("value") or "")


def waive(session: Session, account: Account, case: UUID, place: str, reason: str) -> Case:
    """Let the case close without something that is missing, a lack or a gap by its place.

    Raises Forbidden, NotFound, CaseClosed, InvalidRequest.
    """
    account.require(Right.WAIVE)
    found = _open(session, case)
    missing: list[Lack | Gap] = [*found.lacks, *found.gaps]
    lack = next((one for one in missing if one.place == place), None)
    if lack is None:
        raise NotFound
    said = _reason(reason)
    if not said:
        raise InvalidRequest(what="alasan pengecualian")
    _note(session, account, case, "waive", step=lack.step, place=place, reason=said)
    ledger.append(session, "case_waived", actor=account.id, case=str(case), step=lack.step, place=place)
    return _again(session, case)


def classify(session: Session, account: Account, case: UUID, code: str) -> Case:
    """Say under which kode klasifikasi the case is filed. Raises NotFound, CaseClosed, InvalidRequest."""
    found = _open(session, case)
    said = tree.checked(session, code)
    if found.row.classification == said:
        return found
    session.execute(
        update(CaseFileRow)
        .where(CaseFileRow.id == case)
        .values(classification=said, classified_by=account.id, classified_at=func.now())
    )
    _note(session, account, case, "classify", reason=said)
    ledger.append(session, "case_classified", actor=account.id, case=str(case), code=said)
    return _again(session, case)


def put_on_paper(session: Session, account: Account, case: UUID, box: PaperBoxRow | None, folder: str) -> int:
    """Say of a case's letters that their paper lies in that box, or (None) is not there; of how many that was news.

    Papers are moved after the closing too. Raises NotFound, InvalidRequest.
    """
    found = book.find(session, case)
    letters = {one.document.id for one in found.letters if stacks.is_letter(one.document)}
    return paper.place(session, account, letters, box, folder)


def close(session: Session, account: Account, case: UUID) -> Case:
    """Close the case: every step settled, or ended by a branch, and nothing missing. Raises CaseIncomplete.

    From `closed_at`, and the event that says the same, the time runs for which it has to be kept.
    """
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
    ledger.append(
        session,
        "case_closed",
        actor=account.id,
        case=str(case),
        ended_by=ended.id if ended else None,
        code=found.row.classification,
    )
    return _again(session, case)


def _still_to_do(found: Case) -> list[str]:
    what = [] if found.state.is_through else [f"langkah {s.number} ({s.short})" for s in found.state.current]
    what += [f"langkah {lack.step}: {lack.paper.text} {LACKS[lack.why]}" for lack in found.lacks]
    return what + [_gap_in_words(gap) for gap in found.gaps]


def _gap_in_words(gap: Gap) -> str:
    if not gap.rows:
        return GAPS[gap.why]
    return f"langkah {gap.step}: {gap.rows[0].paper.text} {GAPS[gap.why]}"


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
