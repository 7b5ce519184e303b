"""How long steps took: in office hours against the standard, counted by the month in which they ended."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from cases.durations import Duration, Unit
from cases.machine import CaseState, Command, apply
from cases.officehours import Office, office
from cases.sopfiles import packaged
from cases.spells import by_month, spells
from cases.timers import Times

A, C = packaged()["pemulangan-tarakan"], packaged()["rujukan-lk3-tarakan"]
WITA: Office = office("Asia/Makassar", "senin-jumat 08.00-16.00", "kerja", None)
MONDAY = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)  # 08.00 at the office
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def walked(number: int, *minutes: tuple[datetime, datetime]) -> tuple[CaseState, dict[int, Times]]:
    """A case of SOP A with its first steps done between these moments."""
    state = CaseState.new(A)
    for done in range(1, number + 1):
        state = apply(state, Command("finish", done, "selesai"), [])
    times = {step.number: Times(None, None) for step in A.steps}
    times |= {at: Times(began, ended) for at, (began, ended) in enumerate(minutes, 1)}
    return state, times


def minutes(count: int) -> datetime:
    return MONDAY + timedelta(minutes=count)


def test_what_a_step_took_is_counted_in_office_hours() -> None:
    friday = MONDAY + timedelta(days=4, hours=7, minutes=50)  # ten minutes before closing
    monday = MONDAY + timedelta(days=7, minutes=10)
    state, times = walked(2, (friday - timedelta(minutes=10), friday), (friday, monday))
    first, second = spells(state, times, friday - timedelta(minutes=10), WITA)
    assert (first.amount, first.unit, first.late) == (10, Unit.OFFICE_MINUTES, False)
    assert (second.of.steps, second.of.allowed, second.amount, second.late) == ((2,), "30 menit", 20, False)


def test_a_step_that_nobody_began_is_counted_from_when_it_could_begin() -> None:
    state, times = walked(2, (minutes(0), minutes(15)), (minutes(0), minutes(60)))
    times[2] = Times(None, minutes(60))
    second = list(spells(state, times, MONDAY, WITA))[1]
    assert (second.amount, second.late) == (45, True)


def test_steps_without_a_standard_are_measured_too_and_skipped_ones_are_not() -> None:
    state = apply(CaseState.new(C), Command("finish", 1, "selesai"), [])
    state = apply(state, Command("skip", 2, "tidak perlu"), [])
    times = {step.number: Times(None, None) for step in C.steps}
    times[1], times[2] = Times(minutes(0), minutes(42)), Times(None, minutes(50))
    [only] = spells(state, times, MONDAY, WITA)
    assert (only.of.steps, only.of.allowed, only.amount, only.unit) == ((1,), "", 42, Unit.OFFICE_MINUTES)


def test_months_are_those_of_the_office_and_count_what_was_late() -> None:
    cases = [walked(1, (minutes(0), minutes(took))) for took in (5, 10, 30)]
    eve = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)  # December at the office
    cases.append(walked(1, (eve - timedelta(hours=12), eve)))
    found = [one for state, times in cases for one in spells(state, times, MONDAY, WITA)]
    november, december = by_month(found, WITA, LONG_AGO)
    assert (november.month.month, november.count, november.late) == (11, 3, 1)
    assert (november.median, november.longest) == (
        Duration(10, Unit.OFFICE_MINUTES),
        Duration(30, Unit.OFFICE_MINUTES),
    )
    assert november.share == 10 / 15
    assert (december.month.month, december.count) == (12, 1)
    assert by_month(found, WITA, eve + timedelta(days=1)) == []


def test_only_what_ended_since_is_counted() -> None:
    state = apply(CaseState.new(C), Command("finish", 1, "selesai"), [])
    state = apply(state, Command("finish", 2, "selesai"), [])
    times = {step.number: Times(None, None) for step in C.steps}
    times[1], times[2] = Times(minutes(0), minutes(42)), Times(minutes(42), minutes(50))
    whole = list(spells(state, times, MONDAY, WITA))
    assert list(spells(state, times, MONDAY, WITA, minutes(43))) == [one for one in whole if one.ended >= minutes(43)]
    assert len(whole) == 2
    state, times = walked(2, (minutes(0), minutes(15)), (minutes(15), minutes(60)))
    assert [one.of.steps for one in spells(state, times, MONDAY, WITA, minutes(60))] == [(2,)]


@settings(max_examples=60)
@given(st.data())
def test_whatever_was_done_when_each_end_is_counted_once(data: st.DataObject) -> None:
    sop = data.draw(st.sampled_from([A, C]))
    state = CaseState.new(sop)
    times = {step.number: Times(None, None) for step in sop.steps}
    at = 0
    for number in range(1, data.draw(st.integers(0, len(sop.steps))) + 1):
        done = data.draw(st.booleans())
        state = apply(state, Command("finish" if done else "skip", number, "ya"), [])
        began = minutes(at) if data.draw(st.booleans()) else None
        at += data.draw(st.integers(0, 5000))
        times[number] = Times(began, minutes(at))
    found = list(spells(state, times, MONDAY, WITA))
    assert all(one.amount >= 0 and one.ended >= MONDAY for one in found)
    assert len({(one.of.steps, one.of.name) for one in found}) == len(found)
    done_steps = {step.number for step in sop.steps if state.of(step.number).state == "done"}
    shared = {number for one in sop.shared_times for number in one.steps}
    assert {one.of.steps[0] for one in found if len(one.of.steps) == 1} == done_steps - shared
    rows = by_month(found, WITA, LONG_AGO)
    assert sum(row.count for row in rows) == len(found)
    assert sum(row.late for row in rows) == sum(one.late for one in found)
