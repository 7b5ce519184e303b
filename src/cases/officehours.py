"""When the office is open: its hours as a setting, and the days on which it is closed."""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DAYS: Final = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")
_SPAN = re.compile(r"(\d{1,2})[.:](\d{2})-(\d{1,2})[.:](\d{2})")
HOW_TO: Final = "tulis misalnya “senin-kamis 07.30-12.00 13.00-16.00; jumat 07.30-11.30 13.00-16.30”"

Span = tuple[time, time]
Week = tuple[tuple[Span, ...], ...]  # seven days, Monday first
Days = Literal["kerja", "kalender"]


@dataclass(frozen=True, slots=True)
class Office:
    """An office's calendar. `days` is what it means by a plain "hari"; `closed` has holidays and other closed days."""

    zone: ZoneInfo
    week: Week
    days: Days
    closed: Container[date]

    def is_open_on(self, day: date) -> bool:
        """Whether anybody works there on that day."""
        return bool(self.week[day.weekday()]) and day not in self.closed

    def spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Opening and closing times of a day, in UTC, in order."""
        if self.is_open_on(day):
            for opens, closes in self.week[day.weekday()]:
                yield self._moment(day, opens), self._moment(day, closes)

    def closing(self, day: date) -> datetime:
        """When a day on which it is open ends, in UTC."""
        return self._moment(day, self.week[day.weekday()][-1][1])

    def end_of_day(self, day: date) -> datetime:
        """The last second of a day, in UTC."""
        return self._moment(day, time(23, 59, 59))

    def day_of(self, moment: datetime) -> date:
        """The office's date at that moment."""
        return moment.astimezone(self.zone).date()

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)


def office(zone: str, hours: str, days: Days, closed: str | None) -> Office:
    """The office as its settings say it. Raises ValueError with what to write where a setting can't be understood."""
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"zona waktu “{zone}” tidak dikenal; tulis misalnya “Asia/Makassar”") from error
    return Office(place, read_week(hours), days, _Closed(_dates(closed or "")))


def read_week(text: str) -> Week:
    """`"senin-jumat 08.00-16.00"` → opening hours of the seven days. Raises ValueError, saying how it is written."""
    week: list[tuple[Span, ...]] = [()] * len(_DAYS)
    for part in filter(None, (part.strip() for part in text.lower().split(";"))):
        names, *spans = part.split()
        for day in _weekdays(names):
            if week[day]:
                raise ValueError(f"hari {_DAYS[day]} disebut dua kali; {HOW_TO}")
            week[day] = _spans(spans)
    if not any(week):
        raise ValueError(f"kantor tidak pernah buka; {HOW_TO}")
    return tuple(week)


def _weekdays(names: str) -> Iterator[int]:
    for name in names.split(","):
        first, _, last = name.partition("-")
        if first not in _DAYS or (last and last not in _DAYS):
            raise ValueError(f"hari “{name}” tidak dikenal; {HOW_TO}")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        if end < start:
            raise ValueError(f"hari “{name}” terbalik; {HOW_TO}")
        yield from range(start, end + 1)


def _spans(texts: list[str]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for text in texts:
        found = _SPAN.fullmatch(text)
        try:
            hours = [int(part) for part in found.groups()] if found else []
            span = time(hours[0], hours[1]), time(hours[2], hours[3])
        except (IndexError, ValueError) as error:
            raise ValueError(f"jam “{text}” tidak dapat dibaca; {HOW_TO}") from error
        if span[0] >= span[1] or (spans and span[0] < spans[-1][1]):
            raise ValueError(f"jam “{text}” terbalik atau bertumpuk; {HOW_TO}")
        spans.append(span)
    if not spans:
        raise ValueError(f"jam buka belum ditulis; {HOW_TO}")
    return tuple(spans)


def _dates(text: str) -> frozenset[date]:
    try:
        return frozenset(date.fromisoformat(part) for part in text.replace(",", " ").split())
    except ValueError as error:
        raise ValueError("hari tutup tambahan tidak dapat dibaca; tulis misalnya “2026-12-15, 2026-12-16”") from error


class _Closed(Container[date]):
    """Indonesia's public holidays and cuti bersama, and further days of the office's own."""

    def __init__(self, own: frozenset[date]) -> None:
        self._own = own

    def __contains__(self, day: object) -> bool:
        return day in self._own or day in _holidays()


@cache
def _holidays() -> Container[object]:
    import holidays  # a second to import, and only who computes deadlines needs it

    # "government" is what the joint decree of three ministers adds to the public holidays: cuti bersama
    return holidays.country_holidays("ID", categories=("public", "government"))


def following(day: date) -> Iterator[date]:
    """The days after that one, one after the other."""
    while True:
        day += timedelta(days=1)
        yield day
