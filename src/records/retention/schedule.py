"""The office's retention schedules: brought, looked at with what they would change, and applied."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from archive import ledger
from core import clock
from core.faults import InvalidRequest, NotFound
from records.filing.tables import BerkasRow
from records.retention import series
from records.retention.tables import ScheduleRowRow, ScheduleVersionRow
from records.tablefile import TableError

_LONGEST: Final = 200
SWEPT_AT_ONCE: Final = 20_000
_IN_FORCE: Final = text("SELECT schedule_in_force()")
_SWEEP: Final = text("SELECT retention_sweep(:most)")
_EFFECT: Final = text("SELECT * FROM schedule_effect(:version)")


@dataclass(frozen=True, slots=True)
class Effect:
    """What one schedule would make of all berkas of one code that stand alike now: how many, under which series, with
    which years and nasib akhir; before, and after."""

    code: str
    berkas: int
    later: int  # of these, how many would be kept longer than now
    sooner: int  # and how many not as long
    series: str | None
    was: tuple[str, int | None, int | None]  # nasib akhir, aktif, inaktif
    becomes: tuple[str, int | None, int | None]

    @property
    def changes(self) -> bool:
        """Whether anything would be otherwise."""
        return self.was != self.becomes or bool(self.later or self.sooner)


def bring(
    session: Session,
    account: Account,
    data: bytes,
    *,
    name: str,
    basis: str = "",
    valid_from: date,
    valid_to: date | None = None,
) -> ScheduleVersionRow:
    """Keep a schedule that somebody brought as a file; nothing goes by it until it is applied.

    Raises Forbidden, InvalidRequest, TableRefused with every line that is wrong.
    """
    if valid_to is not None and valid_to < valid_from:
        raise InvalidRequest(what="masa berlaku (akhirnya lebih awal dari mulainya)")
    return _keep(
        session, account, data, name=_plain(name, "nama JRA"), basis=_plain(basis, "dasar hukum", needed=False),
        valid_from=valid_from, valid_to=valid_to, sample=False,
    )  # fmt: skip


def bring_sample(session: Session, account: Account) -> ScheduleVersionRow:
    """Keep the sample that comes with the product: once applied, phases are shown by it where no other schedule is in
    force, and nothing is ever destroyed by it. Raises Forbidden."""
    account.require(Right.RETAIN)
    known = session.scalar(select(ScheduleVersionRow).where(ScheduleVersionRow.sample).limit(1))
    return known or _keep(
        session, account, series.sample(), name=series.SAMPLE_NAME, basis="contoh", valid_from=series.SAMPLE_FROM,
        valid_to=None, sample=True,
    )  # fmt: skip


def _keep(session: Session, account: Account, data: bytes, **told: Any) -> ScheduleVersionRow:
    account.require(Right.RETAIN)
    try:
        rows = series.parse(data)
    except TableError as error:
        raise error.refused from error
    version = ScheduleVersionRow(digest=hashlib.sha256(data).hexdigest(), imported_by=account.id, **told)
    session.add(version)
    session.flush()
    session.execute(insert(ScheduleRowRow), [{"version_id": version.id, **asdict(row)} for row in rows])
    ledger.append(
        session, "schedule_imported", actor=account.id, digest=version.digest, schedule=str(version.id),
        lines=len(rows), sample=version.sample,
    )  # fmt: skip
    return version


def versions(session: Session) -> list[ScheduleVersionRow]:
    """All that were brought, the newest first."""
    return list(session.scalars(select(ScheduleVersionRow).order_by(ScheduleVersionRow.imported_at.desc())))


def find(session: Session, version: UUID) -> ScheduleVersionRow:
    """That schedule. Raises NotFound."""
    row = session.get(ScheduleVersionRow, version)
    if row is None:
        raise NotFound
    return row


def rows(session: Session, version: UUID) -> list[ScheduleRowRow]:
    """Its series, in the order of the file."""
    query = select(ScheduleRowRow).where(ScheduleRowRow.version_id == version).order_by(ScheduleRowRow.line)
    return list(session.scalars(query))


def in_force(session: Session) -> ScheduleVersionRow | None:
    """The schedule that counts today, if any."""
    version = session.scalar(_IN_FORCE)
    return session.get(ScheduleVersionRow, version) if version else None


def effect(session: Session, version: UUID) -> list[Effect]:
    """What applying it would make of every berkas there is, by code; those the asker may not see are counted too.

    Raises NotFound.
    """
    find(session, version)
    return [
        Effect(
            row.code or "", row.berkas, row.later, row.sooner, row.series,
            (row.was_fate, row.was_active, row.was_inactive),
            (row.new_fate, row.new_active, row.new_inactive),
        )
        for row in session.execute(_EFFECT, {"version": version})
    ]  # fmt: skip


def apply(session: Session, account: Account, version: UUID) -> ScheduleVersionRow:
    """Let a schedule count from its day on. What becomes of berkas follows by sweep(). Raises Forbidden, NotFound,
    InvalidRequest when it was applied before."""
    account.require(Right.RETAIN)
    row = find(session, version)
    if row.applied_at is not None:
        raise InvalidRequest(what="JRA ini (sudah diterapkan)")
    session.execute(
        update(ScheduleVersionRow)
        .where(ScheduleVersionRow.id == version)
        .values(applied_by=account.id, applied_at=func.now())
    )
    session.refresh(row)
    ledger.append(
        session, "schedule_applied", actor=account.id, digest=row.digest, schedule=str(version), sample=row.sample
    )
    return row


def end(session: Session, account: Account, version: UUID, last: date) -> ScheduleVersionRow:
    """Say until which day a schedule counts. Raises Forbidden, NotFound, InvalidRequest."""
    account.require(Right.RETAIN)
    row = find(session, version)
    if last < row.valid_from:
        raise InvalidRequest(what="hari terakhir berlaku (lebih awal dari mulainya)")
    session.execute(update(ScheduleVersionRow).where(ScheduleVersionRow.id == version).values(valid_to=last))
    session.refresh(row)
    ledger.append(session, "schedule_ended", actor=account.id, digest=row.digest, schedule=str(version))
    return row


def sweep(session: Session) -> int:
    """Set the clocks of a part of the berkas that a new day or schedule changes; how many it was, 0: none is left."""
    return session.scalar(_SWEEP, {"most": SWEPT_AT_ONCE}) or 0


def series_of(session: Session, berkas: Sequence[BerkasRow]) -> dict[UUID, tuple[ScheduleRowRow, ScheduleVersionRow]]:
    """The series that berkas go by, with its schedule, by the series' id."""
    wanted = {row.series_id for row in berkas if row.series_id is not None}
    query = (
        select(ScheduleRowRow, ScheduleVersionRow)
        .join(ScheduleVersionRow, ScheduleVersionRow.id == ScheduleRowRow.version_id)
        .where(ScheduleRowRow.id.in_(wanted))
    )
    return {row.id: (row, version) for row, version in session.execute(query)}


def starts_today() -> date:
    """The day that a new schedule is proposed to count from."""
    return clock.today()


def _plain(told: str, what: str, *, needed: bool = True) -> str:
    plain = " ".join(told.split())
    if len(plain) > _LONGEST or not plain.isprintable() or (needed and not plain):
        raise InvalidRequest(what=f"{what} ({'1–' if needed else 'paling panjang '}{_LONGEST} huruf)")
    return plain
