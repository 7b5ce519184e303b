"""Letter numbers: ``400.9/215/BAST/DINSOS/VII/2025`` and their like (domain.md §3.3, §4.5), and their roman month."""

import re
from dataclasses import dataclass
from datetime import date

from core.months import ROMAN

LONGEST = 120
# what readers make of the strokes of a roman numeral
_STROKES = str.maketrans("l1|!iíìTjJYyvx×", "IIIIIIIIIIVVVXX")
_PARTS = re.compile(r"[^/\-\s]+")
_YEAR = re.compile(r"^(?:19|20)\d\d$")
_YEAR_IN = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_YEARISH = re.compile(r"^[2Zz][0OoQ][0-9OoIlSsBZz]{2}$")
_DIGITS = str.maketrans("OoQIlSsBZz", "0001155822")
_ROMANISH = re.compile(r"^[IVXlivx1|!íìTjJYy×]{1,5}$")


@dataclass(frozen=True, slots=True)
class LetterNumber:
    """A number split: `value` normalised (no spaces, upper case kept), the month and year it names, if any."""

    value: str
    month: int | None
    year: int | None
    valid: bool


@dataclass(frozen=True, slots=True)
class Repair:
    """A number after its roman month or year was read again by the light of a date.

    `certain` when only strokes were confused (l, 1 for I); not when whole strokes had to be added or taken.
    """

    value: str
    was: str
    now: str
    certain: bool


def tidy(text: str) -> str:
    """Spaces around separators gone, doubled separators and trailing marks too."""
    text = " ".join(text[:LONGEST].split())
    text = re.sub(r"[!|]?\s*([/\\])\s*", "/", text)
    return text.strip(" :;,.|_“”\"'")


def _strokes(part: str) -> str:
    return part.translate(_STROKES)


def _collapsed(roman: str) -> str:
    return re.sub(r"(.)\1+", r"\1", roman)


def parse(text: str) -> LetterNumber:
    """The parts of a letter number. Valid: it holds a digit and a separator, or is a lone serial of digits."""
    value = tidy(text)
    parts = [m[0] for m in _PARTS.finditer(value)]
    year = next((int(p) for p in reversed(parts) if _YEAR.match(p)), None)
    month = next((ROMAN.index(p) + 1 for p in reversed(parts[1:]) if p in ROMAN), None)
    some_digit = any(c.isdigit() for c in value)
    valid = some_digit and ("/" in value or "-" in value or (value.isdigit() and len(value) >= 2))
    return LetterNumber(value.replace(" ", ""), month, year, valid)


def _month_spans(value: str) -> list[re.Match[str]]:
    """Where a roman month can stand: any part but the first, made of strokes only, rightmost first."""
    spans = [m for m in _PARTS.finditer(value) if _ROMANISH.match(m[0])]
    return [m for m in reversed(spans) if m.start() > 0]


def by_date(value: str, day: date) -> Repair | None:
    """`value` with the roman month read again so that it names `day`'s month; None when nothing has to change.

    Only strokes a reader confuses or loses are mended (``1X`` → IX, ``II`` → III): a month that is plainly another
    one stays, for a letter may be numbered in one month and signed in the next.
    """
    wanted = ROMAN[day.month - 1]
    if str(day.year) not in value and _YEAR_IN.search(value):
        return None  # the date of another year says nothing about the month
    spans = _month_spans(value)
    if any(m[0] == wanted for m in spans):
        return None
    for m in spans:
        read = _strokes(m[0])
        if read == wanted:
            # "11" can be a serial or an arabic month as well, so two strokes of ones are not certain
            return _put(value, m, wanted, certain=not m[0].isdigit())
    for m in spans:
        if _strokes_lost(_strokes(m[0]), wanted):
            return _put(value, m, wanted, certain=False)
    return None if spans else _month_lost(value, wanted)


def _strokes_lost(read: str, wanted: str) -> bool:
    """Whether `read` is `wanted` with strokes I lost, or doubled: ``II`` for III, ``V`` for IV, never ``X`` for V."""
    if _collapsed(read) == _collapsed(wanted):
        return True
    if len(read) >= len(wanted) or not read.replace("I", ""):
        return False
    strokes = iter(wanted)
    return read.replace("I", "") == wanted.replace("I", "") and all(stroke in strokes for stroke in read)


def _month_lost(value: str, wanted: str) -> Repair | None:
    """``REHSOSIX/2025`` in October: the stroke before the month was a slash. ``1957//2025``: it is not there at all."""
    match = re.search(rf"(?<=[A-Z0-9]{{2}})[I1l|!]{wanted}(?=[/-])", value)
    if match is not None:
        return _put(value, match, "/" + wanted, certain=False)
    match = re.search(r"//(?=(?:19|20)\d\d\b)", value)
    return None if match is None else _put(value, match, f"/{wanted}/", certain=False)


def _put(value: str, match: re.Match[str], now: str, certain: bool) -> Repair:
    return Repair(value[: match.start()] + now + value[match.end() :], match[0], now, certain)


def by_shape(value: str) -> Repair | None:
    """`value` with letters that can only be the strokes of a roman month mended (``V1`` → VI), without any date."""
    for m in _month_spans(value):
        read = _strokes(m[0])
        if m[0] not in ROMAN and read in ROMAN and not m[0].isdigit():
            return _put(value, m, read, certain=True)
    return None


def year_repair(value: str, day: date) -> Repair | None:
    """`value` with a misread year (``2O25``) mended, when the date says the same year."""
    for m in reversed(list(_PARTS.finditer(value))):
        told = m[0].translate(_DIGITS)
        if not _YEAR.match(m[0]) and _YEARISH.match(m[0]) and told == str(day.year):
            return _put(value, m, told, certain=True)
    return None
