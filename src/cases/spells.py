"""How long steps took against the SOP's standard, case by case and counted over months; pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from statistics import median

from cases.deadlines import spent
from cases.durations import Duration, Unit, parse
from cases.machine import CaseState
from cases.officehours import Office
from cases.timers import Times, reached, spans, timed


@dataclass(frozen=True, slots=True)
class Measured:
    """What is measured: one time of an SOP, of `steps` or of a limit with that `name`; `allowed` is "" where no
    standard is printed."""

    sop: str
    steps: tuple[int, ...]
    name: str
    allowed: str


_measured = lru_cache(maxsize=1000)(Measured)  # one for all cases, of which many are kept (cases/reports.py)


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


def spells(
    state: CaseState, times: Mapping[int, Times], opened: datetime, office: Office, since: datetime | None = None
) -> Iterator[Spell]:
    """What came to its end in one case, of it only what did since that moment: to count office hours takes its time.

    Steps without a standard are counted in office minutes; skipped ones not.
    """
    sop = state.sop
    for span in spans(state, times, opened):
        if span.ended is not None and (since is None or span.ended >= since):
            timer, unit = timed(span, span.ended, office), span.allowed.unit
            took = spent(span.started, span.ended, unit, office)
            yield Spell(
                _measured(sop.id, span.steps, span.name, timer.allowed),
                span.ended,
                took.amount,
                unit,
                timer.standing == "late",
            )
    standard = {step.number for step in sop.steps if step.time} | {n for one in sop.shared_times for n in one.steps}
    for step in sop.steps:
        began, ended = reached(state, step.number, times, opened), times[step.number].ended
        skipped = state.of(step.number).state == "skipped"
        if step.number in standard or began is None or ended is None or skipped or (since and ended < since):
            continue
        took = spent(began, ended, Unit.OFFICE_MINUTES, office)
        yield Spell(_measured(sop.id, (step.number,), "", ""), ended, took.amount, took.unit, late=False)


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
