"""How long steps took against the SOP's standard, case by case and counted over months; pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from cases.deadlines import spent
from cases.durations import Duration, Unit, parse
from cases.machine import CaseState
from cases.officehours import Office
from cases.timers import Times, reached, timers


@dataclass(frozen=True, slots=True)
class Measured:
    """What is measured: one time of an SOP, of `steps` or of a limit with that `name`; `allowed` is "" where no
    standard is printed."""

    sop: str
    steps: tuple[int, ...]
    name: str
    allowed: str


@dataclass(frozen=True, slots=True)
class Spell:
    """What it took once: `amount` of `unit`, and whether that was too late."""

    of: Measured
    ended: datetime
    amount: int
    unit: Unit
    late: bool


@dataclass(frozen=True, slots=True)
class MonthOf:
    """One time of an SOP in one month: how often it came to its end, what it took in the middle and at most, and how
    often that was too late."""

    of: Measured
    month: date
    count: int
    median: Duration
    longest: Duration
    late: int

    @property
    def share(self) -> float | None:
        """The median as a share of the standard; None without one."""
        return self.median.amount / parse(self.of.allowed).amount if self.of.allowed else None


def spells(state: CaseState, times: Mapping[int, Times], opened: datetime, office: Office) -> Iterator[Spell]:
    """What came to its end in one case. Steps without a standard are counted in office minutes; skipped ones not."""
    sop = state.sop
    for timer in timers(state, times, opened, opened, office):
        if timer.ended is not None:
            unit = parse(timer.allowed).unit
            took = spent(timer.started, timer.ended, unit, office)
            of = Measured(sop.id, timer.steps, timer.name, timer.allowed)
            yield Spell(of, timer.ended, took.amount, unit, timer.standing == "late")
    timed = {step.number for step in sop.steps if step.time} | {n for one in sop.shared_times for n in one.steps}
    for step in sop.steps:
        began, ended = reached(state, step.number, times, opened), times[step.number].ended
        if step.number in timed or began is None or ended is None or state.of(step.number).state == "skipped":
            continue
        took = spent(began, ended, Unit.OFFICE_MINUTES, office)
        yield Spell(Measured(sop.id, (step.number,), "", ""), ended, took.amount, took.unit, late=False)


def by_month(found: Iterable[Spell], office: Office, since: datetime) -> list[MonthOf]:
    """Spells that ended since that moment, by SOP, time and month, in that order."""
    groups: dict[tuple[Measured, Unit, date], list[Spell]] = defaultdict(list)
    for one in found:
        if one.ended >= since:
            groups[one.of, one.unit, office.day_of(one.ended).replace(day=1)].append(one)
    rows = [
        MonthOf(
            of=of,
            month=month,
            count=len(of_month),
            median=Duration(int(median(one.amount for one in of_month)), unit),
            longest=Duration(max(one.amount for one in of_month), unit),
            late=sum(one.late for one in of_month),
        )
        for (of, unit, month), of_month in groups.items()
    ]
    return sorted(rows, key=lambda row: (row.of.sop, row.of.name, row.of.steps, row.of.allowed, row.month))
