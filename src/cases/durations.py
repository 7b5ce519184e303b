"""How long something may take, as SOPs print it: `15 menit`, `1 jam 30 menit`, `3 hari`, `3 x 24 jam`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_PART = re.compile(
    r"(?:(?P<days>\d+)\s*[x×]\s*24|(?P<amount>\d+))\s*(?P<unit>menit|jam|hari kerja|hari kalender|hari)\b"
)
_MINUTES: Final = {"menit": 1, "jam": 60}
HOW_TO: Final = (
    "tulis misalnya “15 menit”, “1 jam 30 menit”, “3 hari”, “3 hari kerja”, “14 hari kalender”, “3 x 24 jam”"
)


class Unit(StrEnum):
    """What a duration is counted in."""

    OFFICE_MINUTES = "menit"  # run while the office is open
    CLOCK_MINUTES = "menit jam dinding"  # run day and night: "3 x 24 jam"
    DAYS = "hari"  # working days or calendar days, as the office set
    WORKING_DAYS = "hari kerja"
    CALENDAR_DAYS = "hari kalender"


@dataclass(frozen=True, slots=True)
class Duration:
    """So many of one unit."""

    amount: int
    unit: Unit


def parse(text: str) -> Duration:
    """`"1 jam 30 menit"` → 90 office minutes. Raises ValueError, saying how it is written, for anything else."""
    found = list(_PART.finditer(text.strip().lower()))
    rest = _PART.sub("", text.strip().lower()).strip()
    # several parts add up only where they are of one sort: hours and minutes
    if not found or rest or (len(found) > 1 and any(part["unit"] not in _MINUTES or part["days"] for part in found)):
        raise ValueError(HOW_TO)
    duration = _sum([_one(part) for part in found])
    if duration.amount < 1:
        raise ValueError(HOW_TO)
    return duration


def _one(part: re.Match[str]) -> Duration:
    if part["days"]:
        if part["unit"] != "jam":
            raise ValueError(HOW_TO)
        return Duration(int(part["days"]) * 24 * 60, Unit.CLOCK_MINUTES)
    if part["unit"] in _MINUTES:
        return Duration(int(part["amount"]) * _MINUTES[part["unit"]], Unit.OFFICE_MINUTES)
    return Duration(int(part["amount"]), Unit(part["unit"]))


def _sum(parts: list[Duration]) -> Duration:
    return Duration(sum(part.amount for part in parts), parts[0].unit)


def words(duration: Duration) -> str:
    """As an SOP would print it: `1 jam 30 menit`, `3 x 24 jam`, `3 hari`."""
    whole_days, left = divmod(duration.amount, 24 * 60)
    if duration.unit is Unit.CLOCK_MINUTES and whole_days and not left:
        return f"{whole_days} x 24 jam"
    if duration.unit in (Unit.OFFICE_MINUTES, Unit.CLOCK_MINUTES):
        return hours(duration.amount)
    return f"{duration.amount} {duration.unit.value}"


def hours(minutes: int) -> str:
    """`4520` → `75 jam 20 menit`."""
    whole, left = divmod(minutes, 60)
    parts = ([f"{whole} jam"] if whole else []) + ([f"{left} menit"] if left or not whole else [])
    return " ".join(parts)


def total(durations: Iterable[Duration]) -> str:
    """What several durations add up to, as an SOP prints its total: minutes and hours in one, days beside them."""
    listed = list(durations)
    minutes = sum(d.amount for d in listed if d.unit in (Unit.OFFICE_MINUTES, Unit.CLOCK_MINUTES))
    parts = [hours(minutes)] if minutes else []
    for unit in (Unit.DAYS, Unit.WORKING_DAYS, Unit.CALENDAR_DAYS):
        days = sum(d.amount for d in listed if d.unit is unit)
        parts += [f"{days} {unit.value}"] if days else []
    return " dan ".join(parts)
