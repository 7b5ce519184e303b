"""Dates as Indonesian offices write them, and the dates behind them.

Known forms (domain.md §3–4): ``10 Juni 2025``, ``10 Juni'25``, ``12-05-1994``, ``12/5/94``, ``12.05.1994``,
``2025-06-10``, old and short month names (``Pebruari``, ``Nopember``, ``Agust.``), roman months (``12-IX-2025``),
and dates in words (``Dua Puluh Delapan bulan Juli tahun Dua Ribu Dua Puluh Lima``).
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from rapidfuzz import fuzz, process

from core import months

MONTHS = (
    ("januari", "jan"), ("februari", "pebruari", "feb", "peb", "febuari"), ("maret", "mar", "mrt"),
    ("april", "apr"), ("mei", "may"), ("juni", "jun"), ("juli", "jul"), ("agustus", "agust", "agst", "agt", "ags"),
    ("september", "sept", "sep"), ("oktober", "okt", "october"), ("november", "nopember", "nov", "nop"),
    ("desember", "des", "dec", "december"),
)  # fmt: skip
OLDEST = 1900
NEWEST = 2099

_MONTH_OF = {name: number for number, names in enumerate(MONTHS, 1) for name in names}
_LONG = [name for name in _MONTH_OF if len(name) >= 5]
# what readers make of digits inside a date; a letter month is never touched by this
_DIGITS = str.maketrans("OoQDIl|i!SsBZzGT", "0000111115582267")
_D = r"[0-9OoQIl|i!SsBZz]"
_NAMED = re.compile(
    rf"(?<![\w/])({_D}{{1,2}})[\s.,\-]{{0,3}}([^\W\d_][^\s\d,]{{2,10}})[\s.,\-'’]{{0,3}}({_D}{{4}}|(?<=['’]){_D}{{2}})(?!\w)"
)
# a separator misread as a colon still parts day and month
_NUMERIC = re.compile(
    rf"(?<![\w/.\-])({_D}{{1,2}})\s?([-/.:])\s?({_D}{{1,2}})\s?([-/.:])\s?({_D}{{4}}|\d\d)(?![\w/\-])"
)
_ROMAN = re.compile(r"(?<![\w/.\-])(\d{1,2})\s?([-/.])\s?([IVX]{1,4})\s?\2\s?(\d{4})(?![\w/\-])")
_ISO = re.compile(r"(?<![\w/.\-])(\d{4})-(\d\d)-(\d\d)(?![\w/\-])")
_WORDS = re.compile(r"\b((?:[a-z]+ ){1,4})bulan ([a-z]{3,10}) tahun ((?:[a-z]+ ?){2,9})", re.IGNORECASE)

_SCALES = {"ribu": 1000, "juta": 1_000_000}
_UNITS = {
    "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8, "sembilan": 9,
}  # fmt: skip
_ONE = {f"se{word}": f"satu {word}" for word in ("puluh", "belas", "ratus", "ribu", "juta")}
_ONE_AMID = re.compile(r"\b(?!(?:ribu|juta)\b)\w+ se(?:ribu|juta)\b")  # 101,000 is "seratus satu ribu"
_MOST_WORDS = 17  # of 999,999,999


@dataclass(frozen=True, slots=True)
class Dated:
    """A date found in a text: the day, what was read and where, whether letters had to be guessed, and the guess."""

    day: date
    text: str
    start: int
    end: int
    exact: bool
    mended: str | None = None


def month(name: str) -> tuple[int, bool] | None:
    """The month (1…12) a name means and whether it stands in the table; None when it is no month.

    Misread names count from five letters on, and only when one month alone is near.
    """
    folded = name.casefold().strip(".")
    if folded in _MONTH_OF:
        return _MONTH_OF[folded], True
    if len(folded) < 4:
        return None
    near = process.extract(folded, _LONG, scorer=fuzz.ratio, score_cutoff=72, limit=3)
    found = {_MONTH_OF[choice] for choice, score, _ in near if score >= near[0][1] - 8}
    return (found.pop(), False) if len(found) == 1 else None


def _spelling(name: str) -> str:
    """The month's name nearest to what was read, in its capitals."""
    near = process.extractOne(name.casefold(), _MONTH_OF.keys(), scorer=fuzz.ratio)[0]
    return near.upper() if name.isupper() else near.capitalize()


def number_in_words(text: str) -> int | None:
    """``dua ribu dua puluh lima`` → 2025; None when the words are no number from one to below a billion."""
    words = text.casefold().split()
    if not words or len(words) > _MOST_WORDS or _ONE_AMID.search(" ".join(words)):
        return None
    # a part is below a thousand; `low` is the place its last word filled, `scale` what the part before counted
    total, part, low, scale = 0, 0, 1000, 10**9
    for word in " ".join(_ONE.get(word, word) for word in words).split():
        if word in _UNITS and low > 1:
            part, low = part + _UNITS[word], 1
        elif word == "belas" and 1 <= part % 100 <= 9:
            part += 10
        elif word == "puluh" and 1 <= part % 100 <= 9:  # behind ten itself comes nothing: eleven has a word of its own
            part, low = part + part % 100 * 9, 10 if part % 100 > 1 else 1
        elif word == "ratus" and 1 <= part <= 9:
            part, low = part * 100, 100
        elif part and _SCALES.get(word, scale) < scale:
            scale = _SCALES[word]
            total, part, low = total + part * scale, 0, 1000
        else:
            return None
    return total + part


def century(two_digits: int, today: int = NEWEST) -> int:
    """The full year of a year written with two digits: the last one not after `today`."""
    year = 2000 + two_digits
    return year if year <= today else year - 100


def _day(year: int, number: int, day: int) -> date | None:
    try:
        return date(year, number, day) if OLDEST <= year <= NEWEST else None
    except ValueError:
        return None


def _year(text: str, latest: int) -> int:
    digits = text.translate(_DIGITS)
    return int(digits) if len(digits) == 4 else century(int(digits), latest)


def _named(text: str, latest: int) -> list[Dated]:
    found = []
    for match in _NAMED.finditer(text):
        known = month(match[2])
        raw = match[1], match[3]
        days, years = (part.translate(_DIGITS) for part in raw)
        if known is None or not (days + years).isdigit():
            continue
        if match.end(1) == match.start(2) and match[1].isalpha() and not known[1]:
            continue  # "September 2025" names no day: its S is no 5
        day = _day(_year(years, latest), known[0], int(days))
        if day is not None:
            exact = known[1] and raw == (days, years)
            mended = None if exact else f"{days} {_spelling(match[2])} {years}"
            found.append(Dated(day, match[0], *match.span(), exact, mended))
    return found


def _plain(text: str, latest: int) -> list[Dated]:
    found = []
    for match in _NUMERIC.finditer(text):
        raw, parted = (match[1], match[3], match[5]), (match[2], match[4])
        if parted == (":", ":") or (":" not in parted and parted[0] != parted[1]):
            continue
        days, months, years = (part.translate(_DIGITS) for part in raw)
        day = _day(_year(years, latest), int(months), int(days)) if (days + months + years).isdigit() else None
        if day is not None:
            exact = raw == (days, months, years) and ":" not in parted
            sign = next(sign for sign in parted if sign != ":")
            found.append(
                Dated(day, match[0], *match.span(), exact, None if exact else sign.join((days, months, years)))
            )
    return found


def _coded(text: str) -> list[Dated]:
    """``12-IX-2025`` and ``2025-09-12``."""
    found = []
    for match in _ROMAN.finditer(text):
        day = _day(int(match[4]), months.ROMAN.index(match[3]) + 1, int(match[1])) if match[3] in months.ROMAN else None
        if day is not None:
            # readers see "11" as II too, so that month alone is left to a person
            found.append(Dated(day, match[0], *match.span(), match[3] != "II"))
    for match in _ISO.finditer(text):
        day = _day(int(match[1]), int(match[2]), int(match[3]))
        if day is not None:
            found.append(Dated(day, match[0], *match.span(), True))
    return found


def _spelled(text: str) -> list[Dated]:
    found = []
    for match in _WORDS.finditer(text):
        known = month(match[2])
        # the words before "bulan" may begin with others: "tanggal dua puluh delapan"
        before = match[1].split()
        days = next((n for i in range(len(before)) if (n := number_in_words(" ".join(before[i:]))) is not None), None)
        after = match[3].split()
        years = next(
            (n for i in range(len(after), 1, -1) if (n := number_in_words(" ".join(after[:i]))) is not None), None
        )
        if known is not None and days is not None and years is not None:
            day = _day(years, known[0], days)
            if day is not None:
                found.append(Dated(day, match[0].strip(), *match.span(), known[1]))
    return found


@lru_cache(maxsize=512)
def dates(text: str, latest: int = NEWEST) -> tuple[Dated, ...]:
    """Every date in `text` (its first 4,000 characters), in order; `latest` is the last year two digits may mean."""
    text = text[:4000]
    found = sorted(
        [*_named(text, latest), *_coded(text), *_plain(text, latest), *_spelled(text)], key=lambda d: (d.start, -d.end)
    )
    kept: list[Dated] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return tuple(kept)


def first(text: str, latest: int = NEWEST) -> Dated | None:
    """The first date in `text`, or None."""
    found = dates(text, latest)
    return found[0] if found else None


def long(day: date) -> str:
    """``10 Juni 2025``: the form letters print."""
    return f"{day.day} {months.MONTHS[day.month - 1]} {day.year}"
