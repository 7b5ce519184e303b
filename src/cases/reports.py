"""Reports over cases: how long each step takes against the SOP, by month. Counted, so of no person."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from threading import Lock
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from cases import book
from cases.machine import CaseState
from cases.officehours import Office
from cases.sop import Sop
from cases.spells import Measured, MonthOf, Spell, by_month, spells
from cases.timers import Times

MOST_MONTHS: Final = 36
_TIMES: Final = text("SELECT * FROM step_times(:since)")
_MOST_KEPT: Final = 10_000
# What closed cases took, by their ids: they never change, nor does a process's calendar
_kept: Final[dict[UUID, tuple[Spell, ...]]] = {}
_keeping: Final = Lock()


@dataclass(frozen=True, slots=True)
class EndedSteps:
    """What the database says, for step_times(): from when, all steps case by case, and their SOPs by digest."""

    first: date
    last: date
    since: datetime
    rows: Sequence[Row[Any]]
    versions: dict[str, Sop]


@dataclass(frozen=True, slots=True)
class StepTimes:
    """The months since `first`, and the SOPs by id, each in the version of the case opened last."""

    first: date
    last: date
    rows: tuple[MonthOf, ...]
    sops: dict[str, Sop]

    def label(self, of: Measured) -> str:
        """`2. Isi Formulir Layanan Sosial`; of several steps or a limit its name."""
        sop = self.sops[of.sop]
        if of.name:
            return of.name
        if len(of.steps) == 1 and of.steps[0] <= len(sop.steps):
            return f"{of.steps[0]}. {sop.step(of.steps[0]).short}"
        return "Langkah " + " dan ".join(map(str, of.steps))


def ended_steps(session: Session, office: Office, months: int) -> EndedSteps:
    """The steps of cases of which one ended in this month or the `months` - 1 before it: of the cases that the reader
    may see, and for the auditor of all."""
    today = office.day_of(book.now(session))
    first = _months_before(today, months - 1)
    since = datetime.combine(first, time(), office.zone)
    rows = session.execute(_TIMES, {"since": since}).all()
    return EndedSteps(
        first, today.replace(day=1), since, rows, book.versions(session, {row.sop_digest for row in rows})
    )


def step_times(
    ended: EndedSteps, office: Office, sop: str | None = None, measure: Callable[..., Iterable[Spell]] = spells
) -> StepTimes:
    """How long the steps took. Many cases take seconds, so not within the transaction that read them. `measure` says
    what one case took; of a closed one it is asked once."""
    found: list[Spell] = []
    sops: dict[str, Sop] = {}
    for _, steps in groupby(ended.rows, key=lambda row: row.case_id):
        case = list(steps)
        version = ended.versions[case[0].sop_digest]
        if sop is None or version.id == sop:
            sops[version.id] = version  # cases come in the order they were opened
            found += _of_case(version, case, office, ended.since, measure)
    return StepTimes(ended.first, ended.last, tuple(by_month(found, office, ended.since)), sops)


def _of_case(
    sop: Sop, steps: Sequence[Row[Any]], office: Office, since: datetime, measure: Callable[..., Iterable[Spell]]
) -> Iterable[Spell]:
    case = steps[0]
    state = CaseState(sop, tuple(book.progress(row.state, row.taken) for row in steps))
    times = {row.number: Times(row.started_at, row.ended_at) for row in steps}
    if not case.closed:
        return measure(state, times, case.opened_at, office, since)
    if (kept := _kept.get(case.case_id)) is not None:
        return kept
    made = tuple(measure(state, times, case.opened_at, office))
    with _keeping:
        if len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[case.case_id] = made
    return made


def _months_before(day: date, months: int) -> date:
    whole = day.year * 12 + day.month - 1 - months
    return date(whole // 12, whole % 12 + 1, 1)
