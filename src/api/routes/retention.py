"""Retention: schedules with their effect, work lists and what falls due, holds."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from access.accounts import Account
from api import csvfile, holding
from api.auth import Holder, Reader, Retainer, RetentionReader
from api.routes.filing import Limit, told
from api.schemas import retention as schemas
from api.tablefile import ProgramsTable, documented
from archive import ledger
from core import clock
from core.csvlines import Cell
from core.db import transaction
from core.faults import InvalidRequest
from records import tablefile
from records.filing.berkas import number_of
from records.retention import effects, holds, schedule, worklists
from records.retention.clocks import FATES, PHASES
from records.retention.worklists import Due, List

router = APIRouter(tags=["retention"])

_ROWS_AT_ONCE: Final = 1_000
_YEARS: Final = 20
_HEADS = (
    *("unit", "nomor berkas", "kode", "uraian", "kurun waktu", "jumlah surat", "ditutup", "pemicu", "inaktif mulai"),
    *("retensi habis", "fase", "nasib akhir", "ditahan"),
)
_LINE = (
    *("umum", "012/2026", "400.9.4.1", "Pemulangan orang terlantar, kasus 001/2026", "2026", 14, "2026-11-26"),
    *("2026-11-26", "2029-01-01", "2032-01-01", "Aktif", "Musnah", "tidak"),
)
_EFFECT_LINE = (
    *("umum", "012/2026", "400.9.4.1", "Pemulangan orang terlantar, kasus 001/2026", "Musnah", 2, 3, "2032-01-01"),
    *("Rehabilitasi sosial tuna sosial", "Permanen", 3, 7, "2037-01-01", "lebih lama"),
)
_SCHEDULE_FORM = documented(
    name={"type": "string", "maxLength": 200, "example": "JRA Kota 2026"},
    valid_from={"type": "string", "format": "date", "example": "2026-01-01"},
    valid_to={"type": "string", "format": "date", "example": "2030-12-31", "optional": True},
    basis={"type": "string", "maxLength": 200, "example": "Perwali 1/2026", "optional": True},
)


@router.get("/schedules")
def list_schedules(account: Reader) -> schemas.Schedules:
    """The retention schedules (JRA) that were brought."""
    with transaction(account.context) as session:
        now = schedule.in_force(session)
        return schemas.Schedules(schedules=[schemas.schedule(row, now) for row in schedule.versions(session)])


@router.post("/schedules", status_code=201, openapi_extra=_SCHEDULE_FORM)
def bring_schedule(account: Retainer, table: ProgramsTable) -> schemas.ScheduleDetail:
    """Bring a schedule (CSV or XLSX). Every line that is wrong is named, and then nothing is kept; nothing goes by it
    until it is applied."""
    with transaction(account.context) as session:
        row = schedule.bring(
            session,
            account,
            table.data,
            name=table.text("name"),
            basis=table.text("basis"),
            valid_from=day(table.text("valid_from"), "valid_from") or clock.today(),
            valid_to=day(table.text("valid_to"), "valid_to"),
        )
        return schemas.schedule_detail(row, schedule.in_force(session), schedule.rows(session, row.id))


@router.post("/schedules/sample", status_code=201)
def bring_sample(account: Retainer) -> schemas.ScheduleDetail:
    """Bring the sample schedule that comes with the product; nothing is ever destroyed by it."""
    with transaction(account.context) as session:
        row = schedule.bring_sample(session, account)
        return schemas.schedule_detail(row, schedule.in_force(session), schedule.rows(session, row.id))


@router.get("/schedules/{schedule_id}")
def get_schedule(schedule_id: UUID, account: Reader) -> schemas.ScheduleDetail:
    """One schedule with its series."""
    with transaction(account.context) as session:
        row = schedule.find(session, schedule_id)
        return schemas.schedule_detail(row, schedule.in_force(session), schedule.rows(session, row.id))


@router.get(
    "/schedules/{schedule_id}/effect",
    response_model=schemas.ScheduleEffect,
    responses=csvfile.documented(effects.HEADS, _EFFECT_LINE),
)
def get_effect(
    schedule_id: UUID, account: Retainer, form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json"
) -> Any:
    """What applying it would make of every berkas, by code, also of those above the asker's ceiling; as CSV of each
    berkas that the asker may see."""
    with transaction(account.context) as session:
        if form == "json":
            return schemas.effect(schedule.effect(session, schedule_id))
        schedule.find(session, schedule_id)
        ledger.append(session, "berkas_listed", actor=account.id, list="dampak", format="csv")
    return csvfile.stream("dampak-jra.csv", effects.HEADS, _effect_on_each(account, schedule_id))


def _effect_on_each(account: Account, schedule_id: UUID) -> Iterator[list[tuple[Cell, ...]]]:
    after = None
    while True:
        with transaction(account.context) as session:
            found = effects.on_each(session, schedule_id, limit=_ROWS_AT_ONCE, after=after)
        yield effects.lines(found)
        if len(found) < _ROWS_AT_ONCE:
            return
        after = effects.position(found[-1].row)


@router.post("/schedules/{schedule_id}/apply")
def apply_schedule(schedule_id: UUID, account: Retainer) -> schemas.Schedule:
    """Let a schedule count from its day on; the clocks of all berkas are set before this answers."""
    apply(account, schedule_id)
    with transaction(account.context) as session:
        return schemas.schedule(schedule.find(session, schedule_id), schedule.in_force(session))


@router.put("/schedules/{schedule_id}/end")
def end_schedule(schedule_id: UUID, wanted: schemas.ScheduleEnd, account: Retainer) -> schemas.Schedule:
    """Say until which day a schedule counts."""
    with transaction(account.context) as session:
        schedule.end(session, account, schedule_id, wanted.valid_to)
    sweep(account)
    with transaction(account.context) as session:
        return schemas.schedule(schedule.find(session, schedule_id), schedule.in_force(session))


@router.get("/retention")
def report(account: RetentionReader) -> schemas.RetentionReport:
    """How many berkas each work list has, how many are newly due, and what falls due in the next twenty years."""
    this = clock.today().year
    with transaction(account.context) as session:
        lists = worklists.counts(session)
        return schemas.RetentionReport(
            lists={str(name): count for name, count in lists.items()},
            news=worklists.news(session),
            years=[schemas.due(one) for one in worklists.by_year(session, this - _YEARS, this + _YEARS)],
        )


@router.get("/retention/{of}", response_model=schemas.WorkList, responses=csvfile.documented(_HEADS, _LINE))
def work_list(
    of: List,
    account: Reader,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    limit: Limit = 50,
    cursor: Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}\.\d{4}\.\d{1,9}\.[a-z0-9-]{1,40}$")] = None,
) -> Any:
    """One work list, what is due longest first; as CSV all of it at once."""
    if form == "csv":
        with transaction(account.context) as session:
            ledger.append(session, "berkas_listed", actor=account.id, list=of, format="csv")
        return csvfile.stream(f"berkas-{of.replace('_', '-')}.csv", _HEADS, _all(account, of))
    with transaction(account.context) as session:
        found = worklists.listed(session, of, limit=limit + 1, after=_after(cursor))
        shown = told(session, [one.row for one in found[:limit]])
    last = worklists.position(of, found[limit - 1].row) if len(found) > limit else None
    return schemas.WorkList(berkas=shown, next=".".join(str(part) for part in last) if last else None)


@router.get("/holds")
def list_holds(
    account: Reader,
    state: schemas.HoldStates = "standing",
    limit: Limit = 50,
    cursor: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> schemas.Holds:
    """Holds that stand, or that were released."""
    with transaction(account.context) as session:
        rows = holds.newest(session, standing=state == "standing", limit=limit + 1, before=cursor)
    following = str(rows[limit - 1].row.seq) if len(rows) > limit else None
    return schemas.Holds(holds=[schemas.hold(one) for one in rows[:limit]], next=following)


@router.post("/holds", status_code=201)
def place_hold(new: schemas.NewHold, account: Holder) -> schemas.Hold:
    """Hold a letter, a berkas with all that will lie in it, or the letters that a search finds now."""
    with transaction(account.context) as session:
        row = holding.place(
            session,
            account,
            document=new.document,
            berkas=new.berkas,
            query=new.query,
            kind=new.kind,
            reason=new.reason,
        )
        return schemas.hold(holds.find(session, row.id))


@router.get("/holds/{hold}")
def get_hold(hold: UUID, account: Reader) -> schemas.Hold:
    """One hold."""
    with transaction(account.context) as session:
        return schemas.hold(holds.find(session, hold))


@router.post("/holds/{hold}/release")
def release_hold(hold: UUID, wanted: schemas.Release, account: Retainer) -> schemas.Hold:
    """End a hold; who placed it can't."""
    with transaction(account.context) as session:
        holds.release(session, account, hold, wanted.reason)
        return schemas.hold(holds.find(session, hold))


def apply(account: Account, version: UUID) -> None:
    """Apply a schedule, and set the clocks of all berkas by it."""
    with transaction(account.context) as session:
        schedule.apply(session, account, version)
    sweep(account)


def sweep(account: Account) -> None:
    """Set the clocks of all berkas, part by part, each in a transaction of its own."""
    changed = 1
    while changed:
        with transaction(account.context) as session:
            changed = schedule.sweep(session)


def day(text: str, what: str) -> date | None:
    """A day of a form; None for an empty one. Raises InvalidRequest."""
    if not text:
        return None
    found = tablefile.day(text)
    if found is None:
        raise InvalidRequest(what=what)
    return found


def _after(cursor: str | None) -> tuple[date, int, int, str] | None:
    if cursor is None:
        return None
    first, year, number, unit = cursor.split(".", 3)
    return day(first, "cursor") or date.min, int(year), int(number), unit


def _all(account: Account, of: List) -> Iterator[list[tuple[Cell, ...]]]:
    """Part by part, each in a transaction of its own: none stays open for as long as somebody's line is slow."""
    after = None
    while True:
        with transaction(account.context) as session:
            found = worklists.listed(session, of, limit=_ROWS_AT_ONCE, after=after)
        yield [_line(one) for one in found]
        if len(found) < _ROWS_AT_ONCE:
            return
        after = worklists.position(of, found[-1].row)


def _line(one: Due) -> tuple[Cell, ...]:
    row = one.row
    days = (row.closed_on, row.trigger_on, row.inactive_on, row.expires_on)
    return (
        row.unit,
        number_of(row),
        row.code,
        row.title,
        str(one.span or ""),
        row.letters,
        *(told.isoformat() if told else None for told in days),
        next(name for phase, name in PHASES.items() if phase == row.phase),
        next(name for fate, name in FATES.items() if fate == row.fate),
        "ya" if one.held else "tidak",
    )
