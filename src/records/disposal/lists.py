"""Lists of records to be moved, handed over or destroyed: proposed, changed while they are open, led through steps.

The machine refuses in words for people; the database refuses once more (docs/adr/0026), and decides of two at once.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from archive import ledger, stacks
from archive.tables import DocumentRow
from core.faults import DisposalRefused, InvalidRequest, NotFound
from records.disposal import machine
from records.disposal import panel as panels
from records.disposal.machine import Command, Facts, RefusedError, Stand
from records.disposal.panel import Panel
from records.disposal.tables import DisposalActionRow, DisposalItemRow, DisposalPaperRow, DisposalRow
from records.disposal.workflow import KINDS, Kind, Status, Step, Workflow, workflows
from records.filing import letters
from records.filing.tables import BerkasRow

MOST_AT_ONCE: Final = 500  # berkas in one request
_LONGEST: Final = 500
_UNLIST = text("SELECT disposal_unlist(:list, CAST(:gone AS uuid[]))")
_BLOCKED = text("SELECT berkas_id, why FROM disposal_blocked(:list)")


@dataclass(frozen=True, slots=True)
class Listed:
    """A list as it stands now: its row, its workflow, and why which of its berkas are blocked."""

    row: DisposalRow
    workflow: Workflow
    stand: Stand
    facts: Facts
    blocked: Mapping[UUID, tuple[str, ...]]

    def problems(self, account: Account, step: Step) -> list[str]:
        """Why this account can't take that step now, but for what it would still declare or choose."""
        chosen = 1 if step.chooses and self.facts.lines > 1 else None
        command = Command(step.id, account.id, declared=True, chosen=chosen)
        return machine.problems(self.workflow, self.stand, self.facts, command)


@contextmanager
def guarded() -> Iterator[None]:
    """The database's own refusal, should it come: somebody was quicker."""
    try:
        yield
    except IntegrityError as error:
        if "disposal:" not in str(error.orig):
            raise
        raise DisposalRefused(what="keadaannya berubah sementara itu; muat ulang halamannya") from error


def words(value: str, what: str, *, needed: bool = False) -> str:
    """What somebody typed, in one form. Raises InvalidRequest."""
    told = " ".join(value.split())
    if len(told) > _LONGEST or not told.isprintable() or (needed and not told):
        raise InvalidRequest(what=f"{what} ({'1–' if needed else 'paling panjang '}{_LONGEST} huruf)")
    return told


def _stand(row: DisposalRow) -> Stand:
    begun = row.began_at is not None
    status = cast(Status, row.status)
    return Stand(status, row.proposed_by, row.assessed_by, row.executed_by, row.digest, begun)


def find(session: Session, listed: UUID, *, lock: bool = False) -> DisposalRow:
    """The list, if this transaction's account may see it. Raises NotFound."""
    query = select(DisposalRow).where(DisposalRow.id == listed)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound
    return row


def look(session: Session, row: DisposalRow) -> Listed:
    """All that decides on its next step."""
    blocked: dict[UUID, tuple[str, ...]] = {}
    if row.done_at is None and row.status not in ("batal", "ditolak"):
        for berkas, why in session.execute(_BLOCKED, {"list": row.id}):
            blocked[berkas] = (*blocked.get(berkas, ()), why)
    lines = session.scalar(select(func.count()).where(DisposalItemRow.disposal_id == row.id)) or 0
    papers = set(
        session.scalars(
            select(DisposalPaperRow.paper).where(DisposalPaperRow.disposal_id == row.id, ~DisposalPaperRow.void)
        )
    )
    digest = session.scalar(select(func.disposal_digest(row.id))) or ""
    workflow = workflows()[cast(Kind, row.kind)]
    facts = Facts(lines, bool(blocked), papers, digest, bool(row.panel) or not panels.is_needed(workflow))
    return Listed(row, workflow, _stand(row), facts, blocked)


def propose(
    session: Session, account: Account, kind: str, unit: str, berkas: Collection[UUID], remark: str
) -> DisposalRow:
    """A new list of a unit's berkas, with the next code of its kind. Raises InvalidRequest, NotFound."""
    account.require(Right.RETIRE)
    if kind not in KINDS:
        raise InvalidRequest(what=f"jenis daftar ({', '.join(KINDS)})")
    told = words(remark, "keterangan")
    # its code is given by a trigger
    new = {"kind": kind, "unit": unit, "clearance": 0, "year": 0, "number": 0, "code": "", "note": told}
    with guarded():
        row = session.scalars(insert(DisposalRow).values(**new, proposed_by=account.id).returning(DisposalRow)).one()
    _put_in(session, row, berkas)
    note(session, account, row, "usul", told)
    tell(session, account, row, "disposal_proposed", berkas=len(set(berkas)))
    return row


def _put_in(session: Session, row: DisposalRow, berkas: Collection[UUID]) -> None:
    wanted = set(berkas)
    if not wanted or len(wanted) > MOST_AT_ONCE:
        raise InvalidRequest(what=f"berkas (1–{MOST_AT_ONCE} sekaligus)")
    rows = session.execute(select(BerkasRow.id, BerkasRow.unit).where(BerkasRow.id.in_(wanted)))
    units = {one: unit for one, unit in rows}  # noqa: C416 - a row is not typed as a pair
    if len(units) < len(wanted):
        raise NotFound
    if set(units.values()) != {row.unit}:
        raise InvalidRequest(what=f"berkas (satu daftar untuk satu unit pengolah: {row.unit})")
    values = [{"disposal_id": row.id, "berkas_id": one} for one in sorted(wanted)]
    with guarded():
        session.execute(insert(DisposalItemRow).values(values).on_conflict_do_nothing())


def change(
    session: Session, account: Account, listed: UUID, add: Collection[UUID] = (), remove: Collection[UUID] = ()
) -> DisposalRow:
    """Put berkas on an open list, or take them off. Raises NotFound, DisposalRefused, InvalidRequest."""
    account.require(Right.RETIRE)
    row = _open(session, listed)
    if add:
        _put_in(session, row, add)
    if remove:
        with guarded():
            session.execute(_UNLIST, {"list": row.id, "gone": sorted(set(remove))})
    note(session, account, row, "isi", "")
    tell(session, account, row, "disposal_changed", added=len(set(add)), removed=len(set(remove)))
    return row


def _open(session: Session, listed: UUID) -> DisposalRow:
    row = find(session, listed, lock=True)
    if row.status != "usul":
        raise DisposalRefused(what="daftar sudah ditutup; buka kembali dulu, persetujuannya gugur")
    return row


def judge(session: Session, account: Account, listed: UUID, berkas: UUID, verdict: str, reason: str) -> DisposalRow:
    """The panel's word on one berkas "dinilai kembali". Raises DisposalRefused, InvalidRequest, NotFound."""
    account.require(Right.APPRAISE)
    row = _open(session, listed)
    why = words(reason, "alasan", needed=True)
    if verdict not in ("musnah", "permanen"):
        raise InvalidRequest(what="putusan (musnah atau permanen)")
    if account.id == row.proposed_by:
        raise DisposalRefused(what=machine.SAME_PERSON)
    fate = session.scalar(
        select(BerkasRow.fate)
        .join(DisposalItemRow, DisposalItemRow.berkas_id == BerkasRow.id)
        .where(DisposalItemRow.disposal_id == row.id, BerkasRow.id == berkas)
    )
    if fate is None:
        raise NotFound
    if fate != "dinilai_kembali":
        raise DisposalRefused(what="nasib akhir berkas ini ditetapkan jadwal; panitia hanya memutuskan dinilai kembali")
    with guarded():
        session.execute(
            update(DisposalItemRow)
            .where(DisposalItemRow.disposal_id == row.id, DisposalItemRow.berkas_id == berkas)
            .values(verdict=verdict, verdict_reason=why),
            execution_options={"synchronize_session": False},
        )
    note(session, account, row, "putusan", why)
    tell(session, account, row, "disposal_judged", verdict=verdict, berkas=str(berkas))
    return row


def seat(session: Session, account: Account, listed: UUID, panel: Panel) -> DisposalRow:
    """Keep who appraises an open list, and by which decree. Raises DisposalRefused, InvalidRequest, NotFound."""
    account.require(Right.RETIRE)
    row = _open(session, listed)
    if not panels.is_needed(workflows()[cast(Kind, row.kind)]):
        raise InvalidRequest(what="panitia penilai (daftar ini tidak dinilai panitia)")
    with guarded():
        _update(session, row, {"panel": panel.to_json()})
    note(session, account, row, "panitia", "")
    tell(session, account, row, "disposal_seated", members=len(panel.members))
    return row


def take(
    session: Session,
    account: Account,
    listed: UUID,
    step: str,
    *,
    declared: bool = False,
    chosen: Collection[UUID] = (),
    deed: Mapping[str, Any] | None = None,
) -> DisposalRow:
    """Take a step with the list. `chosen`: the berkas that were approved, where only some were; `deed`: what the berita
    acara says of the execution. Raises DisposalRefused with every reason, NotFound, Forbidden."""
    row = find(session, listed, lock=True)
    seen = look(session, row)
    wanted = seen.workflow.step(step)
    account.require(Right.APPRAISE if wanted is not None and wanted.by in ("penilai", "penerima") else Right.RETIRE)
    command = Command(step, account.id, declared=declared, chosen=len(set(chosen)) or None)
    try:
        after = machine.apply(seen.workflow, seen.stand, seen.facts, command)
    except RefusedError as refused:
        raise DisposalRefused(what=str(refused)) from refused
    assert wanted is not None  # noqa: S101 - what the machine took
    if wanted.executes and not deed:
        raise InvalidRequest(what="isian berita acara (nomor, tempat, dan siapa)")
    _write(session, row, wanted, after, declared, set(chosen), deed)
    if row.status == "dilaporkan":
        _put_away(session, account, row)
    note(session, account, row, step, "")
    tell(session, account, row, "disposal_step", step=step, status=row.status, list_digest=row.digest)
    return row


def _put_away(session: Session, account: Account, row: DisposalRow) -> None:
    """File the papers of the list that lie in no berkas where its berita acara lies: they are kept as that is
    (domain.md §1.4, 9). What another unit has, or is above that berkas' level, stays where it is."""
    where = session.get(BerkasRow, row.filed_in) if row.filed_in is not None else None
    if where is None:
        return
    loose = (
        select(DocumentRow.id)
        .join(DisposalPaperRow, DisposalPaperRow.document_id == DocumentRow.id)
        .where(DisposalPaperRow.disposal_id == row.id, ~DisposalPaperRow.void, ~DocumentRow.in_berkas)
        .where(DocumentRow.unit == where.unit, DocumentRow.clearance <= where.clearance, stacks.are_letters())
    )
    if papers := set(session.scalars(loose)):
        letters.file(session, account, where.id, papers)


def _write(
    session: Session,
    row: DisposalRow,
    step: Step,
    after: Stand,
    declared: bool,
    chosen: set[UUID],
    deed: Mapping[str, Any] | None,
) -> None:
    values: dict[str, Any] = {"status": after.status}
    if step.executes:
        values = {"began_at": func.now(), "deed": dict(deed or {})}
    elif step.declares:
        values["declared"] = declared
    with guarded():
        if step.chooses:
            item = update(DisposalItemRow).where(DisposalItemRow.disposal_id == row.id)
            session.execute(
                item.values(chosen=DisposalItemRow.berkas_id.in_(chosen)),
                execution_options={"synchronize_session": False},
            )
        _update(session, row, values)


def _update(session: Session, row: DisposalRow, values: Mapping[str, Any]) -> None:
    session.execute(
        update(DisposalRow).where(DisposalRow.id == row.id).values(**values),
        execution_options={"synchronize_session": False},
    )
    session.refresh(row)


def reopen(session: Session, account: Account, listed: UUID, reason: str) -> DisposalRow:
    """Open a closed list for changes: its papers and what was decided since are void. Raises DisposalRefused."""
    return _stop(session, account, listed, reason, "buka")


def withdraw(session: Session, account: Account, listed: UUID, reason: str) -> DisposalRow:
    """Give the list up; its berkas may be proposed again. Raises DisposalRefused."""
    return _stop(session, account, listed, reason, "batal")


def _stop(session: Session, account: Account, listed: UUID, reason: str, action: str) -> DisposalRow:
    account.require(Right.RETIRE)
    row = find(session, listed, lock=True)
    why = words(reason, "alasan")
    try:
        after = machine.reopened(_stand(row), why) if action == "buka" else machine.withdrawn(_stand(row), why)
    except RefusedError as refused:
        raise DisposalRefused(what=str(refused)) from refused
    with guarded():
        _update(session, row, {"status": after.status})
    note(session, account, row, action, why)
    if action == "buka":
        tell(session, account, row, "disposal_reopened")
    else:
        tell(session, account, row, "disposal_withdrawn")
    return row


def note(session: Session, account: Account, row: DisposalRow, action: str, reason: str) -> None:
    session.add(DisposalActionRow(disposal_id=row.id, account_id=account.id, action=action, reason=reason))
    session.flush()


def tell(session: Session, account: Account, row: DisposalRow, action: str, **detail: Any) -> None:
    ledger.append(session, action, actor=account.id, disposal=str(row.id), code=row.code, **detail)
