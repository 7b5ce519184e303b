"""What the page Bukti shows of reading objects again: what was read on each day as bars, bad days marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from archive.prooftables import FixityDayRow
from core import clock

DAYS: Final = 60
WIDTH, HEIGHT = 240, 60  # the drawing's own units
KINDS: Final = {
    "original": "berkas asli",
    "pdf": "PDF",
    "manifest": "manifes",
    "checkpoint": "titik periksa",
    "picture": "gambar halaman",
    "snapshot": "potret basis data",
    "destruction": "daftar pemusnahan",
}
WHAT: Final = {"object_changed": "isinya berubah", "object_unreadable": "tidak bisa dibaca"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One day's bar: left and upper edge, width and height; whether something was bad that day."""

    x: float
    y: float
    width: float
    height: float
    bad: bool


def bars(days: Sequence[FixityDayRow]) -> list[Bar]:
    """The last days as bars, today's at the right end; the tallest is the day on which most was read."""
    first = clock.today() - timedelta(days=DAYS - 1)
    shown = [day for day in days if day.day >= first]
    most = max((day.objects for day in shown), default=0) or 1
    step = WIDTH / DAYS
    return [
        Bar(
            x=round((day.day - first).days * step, 1),
            y=round(HEIGHT * (1 - day.objects / most), 1),
            width=round(step * 0.8, 1),
            height=round(HEIGHT * day.objects / most, 1),
            bad=day.bad > 0,
        )
        for day in shown
    ]
