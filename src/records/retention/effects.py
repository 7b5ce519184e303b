"""What a schedule would make of each berkas before it is applied, by the pure clock (clocks.py): for whoever looks
before they apply it. The counts over all of them are schedule.effect()'s."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.settings import settings
from records.filing.berkas import spans
from records.filing.tables import BerkasRow
from records.retention import schedule
from records.retention.clocks import FATES, TRIGGERS, Clock, Fate, Series, Told
from records.retention.clocks import clock as clock_of
from records.retention.tables import ScheduleRowRow

Change = Literal["sama", "lebih lama", "lebih singkat", "berubah"]
Position = tuple[int, int, str]
HEADS: Final = (
    *("unit", "nomor berkas", "kode", "uraian", "nasib akhir kini", "aktif kini", "inaktif kini", "habis kini"),
    *("jenis arsip", "nasib akhir baru", "aktif baru", "inaktif baru", "habis baru", "perubahan"),
)
_FATES: Final[Mapping[str, Fate]] = {fate: fate for fate in FATES}


@dataclass(frozen=True, slots=True)
class One:
    """One berkas as it stands, with its series in the schedule (None: it has none), nasib akhir and clock there."""

    row: BerkasRow
    series: ScheduleRowRow | None
    fate: Fate
    clock: Clock

    @property
    def change(self) -> Change:
        """Whether it is kept longer or not as long as now; else whether anything is otherwise."""
        was, becomes = self.row.expires_on, self.clock.expires_on
        if was != becomes:
            return "lebih lama" if becomes is None or (was is not None and becomes > was) else "lebih singkat"
        years = (self.series.active_years, self.series.inactive_years) if self.series else (None, None)
        same = (self.row.fate, self.row.active_years, self.row.inactive_years) == (self.fate, *years)
        return "sama" if same else "berubah"


def on_each(session: Session, version: UUID, *, limit: int, after: Position | None = None) -> list[One]:
    """At most `limit` visible berkas by their number, those after `after`. Raises NotFound."""
    schedule.find(session, version)
    by_code = {row.code: row for row in schedule.rows(session, version)}
    order = (BerkasRow.year, BerkasRow.number, BerkasRow.unit)
    query = select(BerkasRow).where(BerkasRow.disposed_at.is_(None)).order_by(*order).limit(limit)
    if after is not None:
        query = query.where(func.row(*order) > func.row(*after))
    rows = list(session.scalars(query))
    times = spans(session, [row.id for row in rows])
    return [_one(row, _nearest(by_code, row.code), times[row.id].last if row.id in times else None) for row in rows]


def position(row: BerkasRow) -> Position:
    """Where a berkas stands, for `after`."""
    return row.year, row.number, row.unit


def _nearest(by_code: Mapping[str, ScheduleRowRow], code: str | None) -> ScheduleRowRow | None:
    """The row of a code, else that of the nearest code above it."""
    parts = (code or "").split(".")
    above = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((by_code[one] for one in above if one in by_code), None)


def _one(row: BerkasRow, series: ScheduleRowRow | None, last: date | None) -> One:
    goes_by = None
    if series is not None:
        trigger = next(one for one in TRIGGERS if one == series.trigger)
        goes_by = Series(series.active_years, series.inactive_years, _FATES[series.fate], trigger)
    told = Told(row.closed_on, row.trigger_said, last)
    made = clock_of(goes_by, told, start=settings().retention_start, today=clock.today())
    return One(row, series, _fate(row, goes_by), made)


def _fate(row: BerkasRow, series: Series | None) -> Fate:
    if row.permanent:
        return "permanen"
    if series is None:
        return "belum_ditetapkan"
    judged = _FATES.get(row.appraised_fate or "") if series.fate == "dinilai_kembali" else None
    return judged or series.fate


def lines(found: Sequence[One]) -> list[tuple[str | int | None, ...]]:
    """What a table says of each (HEADS)."""
    return [
        (
            one.row.unit, f"{one.row.number:03d}/{one.row.year}", one.row.code, one.row.title,
            FATES[_FATES[one.row.fate]], one.row.active_years, one.row.inactive_years, _day(one.row.expires_on),
            one.series.series if one.series else "tidak ada di JRA ini", FATES[one.fate],
            one.series.active_years if one.series else None, one.series.inactive_years if one.series else None,
            _day(one.clock.expires_on), one.change,
        )
        for one in found
    ]  # fmt: skip


def _day(day: date | None) -> str | None:
    return str(day) if day is not None else None
