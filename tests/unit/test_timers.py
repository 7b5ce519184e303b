"""How cases stand against the times of their SOPs."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cases.machine import CaseState, Progress
from cases.officehours import office
from cases.sop import Sop
from cases.sopfiles import packaged
from cases.timers import Timer, Times, timers

A, B, C = (packaged()[name] for name in ("pemulangan-tarakan", "pemulangan-kaltara", "rujukan-lk3-tarakan"))
OFFICE = office("Asia/Makassar", "senin-jumat 08.00-16.00", "kerja", None)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo("Asia/Makassar"))


def standing(sop: Sop, now: str, *spans: tuple[str | None, str | None]) -> list[Timer]:
    """Timers of a case opened on Thursday, 26 November at 8: each span is a step's start and end."""
    left = len(sop.steps) - len(spans)
    times = [Times(at(start) if start else None, at(end) if end else None) for start, end in spans]
    states = [Progress("done" if t.ended else "running" if t.started else "waiting") for t in times]
    state = CaseState(sop, (*states, *[Progress()] * left))
    numbered = dict(enumerate([*times, *[Times(None, None)] * left], 1))
    return list(timers(state, numbered, at("11-26 08:00"), at(now), OFFICE))


def test_a_step_that_nobody_takes_up_is_late_too() -> None:
    [first] = standing(A, "11-26 08:05")
    assert (first.steps, first.allowed, first.spent, first.standing) == ((1,), "15 menit", "5 menit", "on_time")
    assert [t.standing for t in standing(A, "11-26 08:12")] == ["soon"]
    assert [t.standing for t in standing(A, "11-26 08:16")] == ["late"]


def test_what_is_done_in_time_stays_so() -> None:
    first, second = standing(A, "12-30 08:00", ("11-26 08:00", "11-26 08:14"))
    assert (first.standing, first.spent, first.ended) == ("on_time", "14 menit", at("11-26 08:14"))
    assert (second.steps, second.standing, second.started) == ((2,), "late", at("11-26 08:14"))


def test_one_time_runs_over_two_steps() -> None:
    done = [("11-26 08:00", "11-26 09:00")] * 3
    both = [t for t in standing(A, "11-27 08:00", *done) if t.steps == (4, 5)]
    assert [(t.started, t.due, t.allowed) for t in both] == [(at("11-26 09:00"), at("12-01 16:00"), "3 hari")]
    half = [t for t in standing(A, "12-02 08:00", *done, ("11-26 09:00", "11-27 09:00")) if t.steps == (4, 5)]
    assert [(t.standing, t.ended) for t in half] == [("late", None)]
    whole = [("11-26 09:00", "11-27 09:00"), ("11-27 09:00", "11-30 09:00")]
    [ended] = [t for t in standing(A, "12-30 08:00", *done, *whole) if t.steps == (4, 5)]
    assert (ended.standing, ended.spent, ended.ended) == ("on_time", "2 hari", at("11-30 09:00"))


def test_the_shelter_counts_calendar_days() -> None:
    done = [("11-26 08:00", "11-26 09:00")] * 5
    [limit] = [t for t in standing(A, "12-11 08:00", *done, ("11-26 10:00", None)) if t.name]
    assert (limit.allowed, limit.spent, limit.standing) == ("14 hari kalender", "15 hari kalender", "late")
    assert not [t for t in standing(A, "12-11 08:00", *done[:2]) if t.name]


def test_three_times_24_hours_run_over_the_weekend() -> None:
    done = [("11-26 08:00", "11-26 08:05")] * 11
    [last] = [t for t in standing(B, "11-28 08:05", *done) if t.steps == (12,)]
    assert last.due == at("11-26 08:05") + timedelta(hours=72)
    assert (last.allowed, last.spent) == ("3 x 24 jam", "2 x 24 jam")


def test_an_sop_without_times_has_no_deadline() -> None:
    assert standing(C, "12-30 08:00", ("11-26 08:00", "11-26 09:00")) == []
