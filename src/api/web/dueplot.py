"""The drawing on the page Retensi: how many berkas' retention ends in which year, one bar a year, by nasib akhir."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from records.retention.worklists import Year

# The drawing's own units
WIDTH, HEIGHT = 480, 120
_MOST_BARS: Final = 24
_GAP: Final = 0.2  # of a bar's place
_FATES: Final = ("musnah", "dinilai_kembali", "permanen", "belum_ditetapkan")


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a year's bar."""

    fate: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Plot:
    """The whole drawing; `numbers` say the same as it shows."""

    bars: tuple[Bar, ...]
    years: tuple[tuple[float, int], ...]
    fates: tuple[str, ...]
    numbers: tuple[Year, ...]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def label(self) -> str:
        """What the drawing is of, for who can't see it."""
        years = [one.year for one in self.numbers]
        whole = sum(one.berkas for one in self.numbers)
        return f"Berkas yang retensinya habis, {years[0]} sampai {years[-1]}: {whole} berkas" if years else ""


def plot(found: Sequence[Year]) -> Plot:
    """The years with berkas, and those between them; the last ones where there are too many to be told apart."""
    if not found:
        return Plot((), (), (), ())
    last = max(one.year for one in found)
    first = max(min(one.year for one in found), last - _MOST_BARS + 1)
    numbers = tuple(one for one in found if one.year >= first)
    place = WIDTH / (last - first + 1)
    highest = max(sum(one.berkas for one in numbers if one.year == year) for year in range(first, last + 1)) or 1
    bars = []
    for year in range(first, last + 1):
        top = float(HEIGHT)
        for fate in _FATES:
            count = sum(one.berkas for one in numbers if one.year == year and one.fate == fate)
            if count:
                tall = HEIGHT * count / highest
                top -= tall
                x = place * (year - first + _GAP / 2)
                bars.append(Bar(fate, round(x, 1), round(top, 1), round(place * (1 - _GAP), 1), round(tall, 1)))
    step = max(1, (last - first + 1) // 8)
    years = tuple((round(place * (year - first + 0.5), 1), year) for year in range(first, last + 1, step))
    return Plot(tuple(bars), years, tuple(f for f in _FATES if any(one.fate == f for one in numbers)), numbers)
