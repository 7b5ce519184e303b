"""Letter numbers of outgoing letters (domain.md §3.3): ``400.9.4.1/12/DINSOS/XI/2026``. Pure."""

from datetime import date

from core.months import ROMAN


def letter_number(pattern: str, *, code: str, number: int, abbreviation: str, day: date) -> str:
    """The number that the office's pattern makes of a serial; month and year are those of the day it is given."""
    return pattern.format(kode=code, nomor=number, opd=abbreviation, bulan=ROMAN[day.month - 1], tahun=day.year)
