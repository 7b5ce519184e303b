"""What the page Ketepatan shows: how often each field was read right, month by month, as a line and as numbers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Final

from api.web import words
from archive.checks import Accuracy
from archive.sampling import Sampled
from classify.fieldspec import label

# The drawing's own units; most months one line shows
WIDTH, HEIGHT = 240, 60
_MOST_MONTHS: Final = 24
_Z: Final = 1.96  # so many deviations hold 95 % of a normal distribution
_LOWEST: Final = 0.5  # what reads worse than this lies at the bottom: the difference that matters is above


@dataclass(frozen=True, slots=True)
class Line:
    """One field: shares in per cent, and the points of its line, one a month (`x,y x,y …`)."""

    label: str
    told: int
    right: float
    sure: float | None
    coverage: float
    points: str
    last: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Report:
    """All lines over the same months."""

    lines: tuple[Line, ...]
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Sample:
    """Letters filed unasked that were checked all the same: counts, and between which shares (per cent) the truth lies.

    `share` of the sampled letters nothing had to be corrected; of all such letters that holds, with 95 % confidence,
    for a share from `low` to `high`.
    """

    letters: int
    right: int
    share: float
    low: float
    high: float
    facts: int
    facts_right: int


def sample(rows: Iterable[Sampled], kind: str | None) -> Sample | None:
    """The samples of one kind of letter, or of all; None when none was checked."""
    wanted = [row for row in rows if kind is None or row.kind == kind]
    letters, right = sum(row.letters for row in wanted), sum(row.right for row in wanted)
    if not letters:
        return None
    low, high = interval(right, letters)
    facts, facts_right = sum(row.facts for row in wanted), sum(row.facts_right for row in wanted)
    return Sample(letters, right, 100 * right / letters, low, high, facts, facts_right)


def interval(right: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, in per cent: honest also for few letters and when all were right."""
    share, room = right / count, _Z * _Z / count
    middle = (share + room / 2) / (1 + room)
    reach = _Z / (1 + room) * sqrt(share * (1 - share) / count + room / (4 * count))
    return round(max(0.0, 100 * (middle - reach)), 2), round(min(100.0, 100 * (middle + reach)), 2)


def report(rows: Iterable[Accuracy], kind: str | None) -> Report | None:
    """The lines of one kind of letter, or of all; None when nothing was confirmed."""
    wanted = [row for row in rows if kind is None or row.kind == kind]
    if not wanted:
        return None
    months = sorted({row.month for row in wanted})[-_MOST_MONTHS:]
    by_name: dict[str, list[Accuracy]] = defaultdict(list)
    for row in (row for row in wanted if row.month >= months[0]):
        by_name[row.name].append(row)
    names = sorted(by_name, key=lambda name: (name != "kind", -sum(row.told for row in by_name[name])))
    lines = tuple(_line(name, by_name[name], months) for name in names)
    return Report(lines, words.month(months[0]), words.month(months[-1]))


def _line(name: str, rows: list[Accuracy], months: list[date]) -> Line:
    told, right = sum(row.told for row in rows), sum(row.right for row in rows)
    sure, sure_right = sum(row.sure for row in rows), sum(row.sure_right for row in rows)
    points = []
    for number, month in enumerate(months):
        of_month = [row for row in rows if row.month == month]
        if of_month:
            share = sum(row.right for row in of_month) / sum(row.told for row in of_month)
            x = WIDTH * number / max(1, len(months) - 1) if len(months) > 1 else WIDTH / 2
            points.append((round(x, 1), round(HEIGHT * min(1.0, (1 - share) / (1 - _LOWEST)), 1)))
    return Line(
        label="Jenis surat" if name == "kind" else label(name),
        told=told,
        right=100 * right / told,
        sure=100 * sure_right / sure if sure else None,
        coverage=100 * sure / told,
        points=" ".join(f"{x},{y}" for x, y in points),
        last=points[-1],
    )
