"""What the page Laporan shows: how long each step took against the SOP, month by month, as a line and as numbers."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from api.web import words
from cases import durations
from cases.reports import StepTimes
from cases.spells import MonthOf

# The drawing's own units. The standard lies half way up; what takes twice as long, or longer, lies at the top
WIDTH, HEIGHT = 240, 60
_HIGHEST: Final = 2.0


@dataclass(frozen=True, slots=True)
class Month:
    """One month in words."""

    name: str
    count: int
    median: str
    longest: str
    late: int


@dataclass(frozen=True, slots=True)
class Line:
    """One time of an SOP: `points` of its line, one a month (`x,y x,y …`), empty where no standard is printed."""

    label: str
    allowed: str
    months: tuple[Month, ...]
    count: int
    late: int
    points: str
    last: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one SOP."""

    name: str
    lines: tuple[Line, ...]


def groups(report: StepTimes) -> tuple[Group, ...]:
    """The report as the page shows it, SOP by SOP."""
    return tuple(
        Group(
            report.sops[sop].name.text,
            tuple(_line(report, list(of_one)) for _, of_one in groupby(rows, key=lambda row: row.of)),
        )
        for sop, rows in groupby(report.rows, key=lambda row: row.of.sop)
    )


def _line(report: StepTimes, rows: list[MonthOf]) -> Line:
    of = rows[0].of
    points = [(_x(report, row.month), _y(row.share)) for row in rows if row.share is not None]
    return Line(
        label=report.label(of),
        allowed=of.allowed,
        months=tuple(
            Month(
                words.month(row.month), row.count, durations.words(row.median), durations.words(row.longest), row.late
            )
            for row in reversed(rows)
        ),
        count=sum(row.count for row in rows),
        late=sum(row.late for row in rows),
        points=" ".join(f"{x},{y}" for x, y in points),
        last=points[-1] if points else None,
    )


def _x(report: StepTimes, month: date) -> float:
    whole = _months(report.first, report.last)
    return round(WIDTH * _months(report.first, month) / whole, 1) if whole else WIDTH / 2


def _y(share: float) -> float:
    return round(HEIGHT * (1 - min(share, _HIGHEST) / _HIGHEST), 1)


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month
