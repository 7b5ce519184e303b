"""How a case stands against its SOP's standard times; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from cases.deadlines import Standing, deadline, spent, standing
from cases.durations import Duration, parse, words
from cases.machine import CaseState
from cases.officehours import Office


@dataclass(frozen=True, slots=True)
class Times:
    """When a step was begun and settled, as far as it was."""

    started: datetime | None
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Timer:
    """One standard time of a case: of `steps`, or a limit of that name beside them.

    `ended` is None while it runs; `spent` is in the words of SOPs.
    """

    name: str
    steps: tuple[int, ...]
    started: datetime
    due: datetime
    ended: datetime | None
    standing: Standing
    allowed: str
    spent: str


@dataclass(frozen=True, slots=True)
class Span:
    """One standard time from when it ran to when it ended (None: it runs), before anything is counted."""

    name: str
    steps: tuple[int, ...]
    started: datetime
    ended: datetime | None
    allowed: Duration


def timers(
    state: CaseState, times: Mapping[int, Times], opened: datetime, now: datetime, office: Office
) -> tuple[Timer, ...]:
    """The timers of every step that was reached, of shared times and limits that began, in the SOP's order.

    A step's time runs from when somebody began it, or else from when it could have been begun: a step that nobody
    takes up is late too. A step that was skipped has none.
    """
    return tuple(timed(span, now, office) for span in spans(state, times, opened))


def spans(state: CaseState, times: Mapping[int, Times], opened: datetime) -> Iterator[Span]:
    """What runs, or ran, of the SOP's standard times, in the SOP's order; not yet how it stands."""
    sop = state.sop
    own: list[tuple[tuple[int, ...], str]] = [((s.number,), s.time.text) for s in sop.steps if s.time is not None]
    own += [(shared.steps, shared.time.text) for shared in sop.shared_times]
    for steps, time in sorted(own):
        started = reached(state, steps[0], times, opened)
        skipped = all(state.of(number).state == "skipped" for number in steps)
        if started is not None and not skipped:
            ended = _latest(times, steps) if all(times[n].ended for n in steps) else None
            yield Span("", steps, started, ended, parse(time))
    for limit in sop.limits:
        began = times[limit.starts].started or times[limit.starts].ended
        if began is not None and state.of(limit.starts).state != "skipped":
            ended = times[limit.ends].ended
            yield Span(limit.text, (limit.starts, limit.ends), began, ended, parse(limit.time.text))


def timed(span: Span, now: datetime, office: Office) -> Timer:
    """How one of them stands; one that ended, as it stood then."""
    due, until = deadline(span.started, span.allowed, office), span.ended or now
    used = spent(span.started, until, span.allowed.unit, office)
    how = standing(span.started, due, until)
    if span.ended is not None and how == "soon":
        how = "on_time"
    return Timer(span.name, span.steps, span.started, due, span.ended, how, words(span.allowed), words(used))


def reached(state: CaseState, number: int, times: Mapping[int, Times], opened: datetime) -> datetime | None:
    """From when a step's time runs: somebody began it, or it could have been begun; None when it can't yet."""
    step, mine = state.sop.step(number), times[number]
    if mine.started is not None:
        return mine.started
    if not state.is_ready(step):
        return None
    return _latest(times, step.after) or opened


def _latest(times: Mapping[int, Times], steps: tuple[int, ...]) -> datetime | None:
    ends = [ended for number in steps if (ended := times[number].ended) is not None]
    return max(ends, default=None)
