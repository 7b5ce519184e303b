"""The clock of a berkas (UU 43/2009, JRA; domain.md §1.2): pure, without database, people or today's date of its own.

Retention is aktif and then inaktif years from a trigger. The database does the same for all berkas (migration 0014); a
property test holds the two together. Here it is for one berkas under a series that need not be in force.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Start = Literal["tanggal_pemicu", "1_januari_berikutnya"]
Phase = Literal["aktif", "inaktif", "habis"]
Trigger = Literal[
    "kasus_selesai",
    "kebijakan_diganti",
    "hak_kewajiban_selesai",
    "data_diperbarui",
    "dipertanggungjawabkan",
    "setelah_pemeriksaan",
    "masalah_selesai",
    "tanggal_dokumen",
]
Fate = Literal["musnah", "permanen", "dinilai_kembali", "belum_ditetapkan"]

TRIGGERS: Final[dict[Trigger, str]] = {
    "kasus_selesai": "kegiatan atau kasus selesai",
    "kebijakan_diganti": "kebijakan diganti yang baru",
    "hak_kewajiban_selesai": "hak dan kewajiban selesai",
    "data_diperbarui": "data diperbarui",
    "dipertanggungjawabkan": "kegiatan dipertanggungjawabkan",
    "setelah_pemeriksaan": "setelah pemeriksaan",
    "masalah_selesai": "masalah selesai",
    "tanggal_dokumen": "tanggal surat terakhir",
}
FATES: Final[dict[Fate, str]] = {
    "musnah": "Musnah",
    "permanen": "Permanen",
    "dinilai_kembali": "Dinilai kembali",
    "belum_ditetapkan": "Belum ditetapkan",
}
PHASES: Final[dict[Phase, str]] = {"aktif": "Aktif", "inaktif": "Inaktif", "habis": "Retensi habis"}


@dataclass(frozen=True, slots=True)
class Series:
    """What a schedule says of one series: whole years, the trigger they count from, and the end."""

    active_years: int
    inactive_years: int
    fate: Fate
    trigger: Trigger


@dataclass(frozen=True, slots=True)
class Told:
    """What people told of a berkas: the day it was closed, the day they say the trigger happened, and the newest date
    of its letters."""

    closed_on: date | None = None
    trigger_said: date | None = None
    last_letter: date | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """When a berkas becomes inaktif and when its retention is over (each the first such day), and where it stands.

    `stopped`: a hold stands, so nothing may follow from its phase. Without a trigger or a series it is aktif and has no
    dates.
    """

    trigger_on: date | None
    inactive_on: date | None
    expires_on: date | None
    phase: Phase
    stopped: bool


def trigger_day(series: Series | None, told: Told) -> date | None:
    """The day from which a berkas counts. An open one has none; closing counts where the series waits for nothing else.

    The last letter's date counts for `tanggal_dokumen`; what any other trigger waits for, a person must have told.
    """
    if told.closed_on is None:
        return None
    if series is None or series.trigger == "kasus_selesai":
        return told.trigger_said or told.closed_on
    if series.trigger == "tanggal_dokumen":
        return told.last_letter or told.closed_on
    return told.trigger_said


def first_day(happened: date, years: int, start: Start) -> date:
    """The first day after so many whole years from the trigger. No day early: 29 February goes to 1 March."""
    begin = date(happened.year + 1, 1, 1) if start == "1_januari_berikutnya" else happened
    try:
        return begin.replace(year=begin.year + years)
    except ValueError:
        return date(begin.year + years, 3, 1)


def clock(series: Series | None, told: Told, *, start: Start, today: date, held: bool = False) -> Clock:
    """Where a berkas stands on that day under that series."""
    happened = trigger_day(series, told)
    if series is None or happened is None:
        return Clock(happened, None, None, "aktif", held)
    inactive_on = first_day(happened, series.active_years, start)
    expires_on = first_day(happened, series.active_years + series.inactive_years, start)
    phase: Phase = "habis" if expires_on <= today else "inaktif" if inactive_on <= today else "aktif"
    return Clock(happened, inactive_on, expires_on, phase, held)
