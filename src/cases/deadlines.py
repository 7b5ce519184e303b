"""When something has to be done: an SOP's standard times on an office's calendar. Moments carry their time zone."""

from datetime import date, datetime, timedelta
from itertools import chain, islice
from typing import Final, Literal

from cases.durations import Duration, Unit
from cases.officehours import Office, following

Standing = Literal["on_time", "soon", "late"]
_SOON: Final = 0.25  # of the way from start to deadline: from here on people are warned


def deadline(start: datetime, duration: Duration, office: Office) -> datetime:
    """The last moment (UTC) at which what begins at `start` is done in time.

    Office minutes run only while the office is open. Days: the day of the start does not count, the last one counts
    whole: until closing time for working days, until midnight for calendar days.
    """
    unit = _counted(duration.unit, office)
    if unit is Unit.CLOCK_MINUTES:
        return start + timedelta(minutes=duration.amount)
    if unit is Unit.OFFICE_MINUTES:
        return _after_minutes(start, timedelta(minutes=duration.amount), office)
    day = office.day_of(start)
    if unit is Unit.CALENDAR_DAYS:
        return office.end_of_day(day + timedelta(days=duration.amount))
    working = (day for day in following(day) if office.is_open_on(day))
    return office.closing(next(islice(working, duration.amount - 1, None)))


def spent(start: datetime, until: datetime, unit: Unit, office: Office) -> Duration:
    """How much of a unit lies between two moments, in whole ones; 0 when the second is not after the first."""
    counted = _counted(unit, office)
    if until <= start:
        return Duration(0, unit)
    if counted is Unit.CLOCK_MINUTES:
        amount = int((until - start) / timedelta(minutes=1))
    elif counted is Unit.OFFICE_MINUTES:
        amount = int(_open_between(start, until, office) / timedelta(minutes=1))
    else:
        first, last = office.day_of(start), office.day_of(until)
        days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
        amount = sum(counted is Unit.CALENDAR_DAYS or office.is_open_on(day) for day in days)
    return Duration(amount, unit)


def standing(start: datetime, end: datetime, now: datetime) -> Standing:
    """How something stands at `now` that began at `start` and has to be done by `end`."""
    if now > end:
        return "late"
    return "soon" if end - now <= _SOON * (end - start) else "on_time"


def _counted(unit: Unit, office: Office) -> Unit:
    """What a unit is counted in at this office: a plain "hari" is what the office means by it."""
    if unit is not Unit.DAYS:
        return unit
    return Unit.WORKING_DAYS if office.days == "kerja" else Unit.CALENDAR_DAYS


def _after_minutes(start: datetime, left: timedelta, office: Office) -> datetime:
    first = office.day_of(start)
    for day in chain((first,), following(first)):
        for opens, closes in office.spans(day):
            begins = max(opens, start)
            if begins >= closes:
                continue
            if begins + left <= closes:
                return begins + left
            left -= closes - begins
    raise AssertionError("a calendar has no end")


def _open_between(start: datetime, until: datetime, office: Office) -> timedelta:
    total = timedelta()
    day: date = office.day_of(start)
    while day <= office.day_of(until):
        for opens, closes in office.spans(day):
            total += max(timedelta(), min(closes, until) - max(opens, start))
        day += timedelta(days=1)
    return total
