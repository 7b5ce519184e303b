"""The query language: what somebody types, as terms and conditions. Nothing that is typed is an error.

orang terlantar            letters with both words (each in any of its forms)
"orang terlantar"          the words side by side
tarakan ATAU samarinda     one of them (OR); DAN and AND join what stands side by side anyway
-samarinda, BUKAN samarinda   without the word (NOT)
tarak*                     words that begin so
dari:15 Juli 2025, dari:Juli 2025   the days and months of these two may have spaces
444/PKM-KR/XII/2025        a number, with any marks between its parts
15-02-2024, 15 Pebruari 2024   a day, however the letter writes it
6473011203990001           an identity number, by its keyed hash
nama: nomor: hal: nik: jenis: kode: kasus: agenda: disposisi: dari: sampai:   fields (search/suiting.py)
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from typing import Final, Literal, NamedTuple

from classify.dates import MONTHS, dates, month
from search import identities

FIELDS: Final = ("nama", "nomor", "hal", "nik", "jenis", "kode", "kasus", "agenda", "disposisi", "dari", "sampai")
Forms = Callable[[str], Iterable[str]]
"""Words that may stand for one that was asked for."""

_LONGEST: Final = 2000  # letters of a query that are read; nobody types more
_MOST_TERMS: Final = 40
_LONGEST_WORD: Final = 100
_PART: Final = re.compile(r"[^\W_]+")
_TOKEN: Final = re.compile(rf'(-?)(?:({"|".join(FIELDS)}):\s?)?(?:"([^"]*)"?|(\S+))', re.IGNORECASE)
# What is a value or in quotes, and so no day of its own, but for the days of dari: and sampai:
_NO_DAY: Final = re.compile(
    rf'(?:^|(?<=\s))-?(?:(?:{"|".join(FIELDS)}):\s?)?"[^"]*"?'
    rf"|(?:^|(?<=\s))-?(?:{'|'.join(FIELDS[:-2])}):\s?\S+",
    re.IGNORECASE,
)
_MONTH: Final = re.compile(r"(?:dari|sampai):\s?(([^\W\d_]+)\s\d{4})\b", re.IGNORECASE)
_FIELD_BEFORE: Final = re.compile(rf"(-?)(?:({'|'.join(FIELDS)}):\s?)?$", re.IGNORECASE)
_LETTERS_APART: Final = re.compile(r"(?:[^\W\d_]\.){2,}[^\W\d_]?\.?")
_ABBREVIATED: Final = re.compile("[b-df-hj-np-tv-z]{2,5}|an")  # no word of the language, but letters: ktp, rt
_PREFIXED: Final = re.compile("(me(?:ng|ny|n|m)?|pe(?:ng|ny|n|m|r)?|[bt]er|di|ke)([a-z]+)")
_OF_ONE_SORT: Final = re.compile(r"\d+|[^\W\d]+")
_OR: Final = frozenset(("or", "OR", "ATAU"))
_AND: Final = frozenset(("AND", "DAN"))
_NOT: Final = frozenset(("NOT", "BUKAN"))
_ROMAN: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing asked for. `parts` are its words, lower-case; of a `number`, its digits; of a `day`, its words where it
    was written in words."""

    sort: Literal["word", "phrase", "prefix", "day", "number"]
    parts: tuple[str, ...]
    without: bool = False
    field: str | None = None
    day: date | None = None
    quoted: bool = False


class Condition(NamedTuple):
    """What is asked of a field that is no word of the page, as typed, and in which alternative."""

    name: str
    value: str
    without: bool = False
    alternative: int = 0


@dataclass(frozen=True, slots=True)
class Query:
    """Alternatives of terms that all must fit, and what was asked of fields."""

    alternatives: tuple[tuple[Term, ...], ...]
    fields: tuple[Condition, ...] = ()
    strict: bool = False
    """Whether words were joined by a DAN: then each of them is meant."""

    @property
    def has_words(self) -> bool:
        """Whether any word, and not only conditions, is asked for."""
        return any(not term.without for terms in self.alternatives for term in terms)

    @property
    def numbers(self) -> frozenset[str]:
        """The identity numbers asked for."""
        terms = (term for terms in self.alternatives for term in terms)
        return frozenset(term.parts[0] for term in terms if term.sort == "number" and not term.without)

    def tsquery(self, key: str | None, forms: Forms) -> str:
        """The question as to_tsquery('indonesian', …) reads it; empty when no word is asked for."""
        asked = []
        for terms in self.alternatives:
            if any(not term.without for term in terms):
                in_text = [term for term in terms if not (term.without and term.field)]
                asked.append(" & ".join(written(term, key, forms) for term in in_text))
        return " | ".join(f"({one})" for one in asked)


@lru_cache(64)  # each search is parsed for its note too
def parse(typed: str) -> Query:
    """What somebody typed, up to 2,000 letters of it."""
    typed = "".join(c if c.isprintable() else " " for c in typed[:_LONGEST])
    alternatives: list[list[Term]] = [[]]
    fields: list[Condition] = []
    without = strict = False
    for minus, name, quoted, plain in _tokens(typed):
        if not name and plain in _OR:
            alternatives.append([])
        elif not name and plain in _NOT:
            without = True
        elif not name and plain in _AND:
            strict = True
        else:
            without |= minus == "-"
            if name and name not in ("nama", "nomor", "hal", "nik"):
                fields.append(Condition(name, quoted or plain, without, len(alternatives) - 1))
            else:
                alternatives[-1] += _terms(name or None, quoted, plain, without)
            without = False
    kept = [_without_stop_words(terms[:_MOST_TERMS]) for terms in alternatives[:_MOST_TERMS]]
    return Query(tuple(tuple(terms) for terms in kept if terms), tuple(fields), strict)


def _tokens(typed: str) -> list[tuple[str, str, str, str]]:
    """(minus, field, quoted, plain) of each thing typed; a day or an identity number is one thing, its spaces too."""
    held = [(one.start, one.end) for one in dates(_NO_DAY.sub(lambda found: "|" * len(found[0]), typed))]
    held += [found.span(1) for found in _MONTH.finditer(typed) if month(found[2])]
    held += [(start, end) for start, end, _ in identities.spans(typed)]
    tokens, at = [], 0
    for start, end in sorted(held):
        if start >= at:
            before = _FIELD_BEFORE.search(typed, at, start)
            minus, name = (before[1], before[2] or "") if before else ("", "")
            tokens += _TOKEN.findall(typed[at : before.start() if before else start])
            tokens.append((minus, name, "", typed[start:end]))
            at = end
    return [(minus, name.lower(), quoted, plain) for minus, name, quoted, plain in tokens + _TOKEN.findall(typed[at:])]


def _terms(field: str | None, quoted: str, plain: str, without: bool) -> list[Term]:
    if quoted:
        parts = _parts(quoted)
        phrase = Term("phrase", parts, without, field, quoted=True)
        return [phrase] if parts and not field else _each(parts, without, field)
    if field == "nik" or identities.numbers_in(plain):
        number = identities.digits(plain)
        return [Term("number", (number,), without)] if number else []
    found = dates(plain)
    if found and not field and found[0].start == 0 and found[0].end == len(plain):
        in_words = () if any(char.isdigit() for char in plain) else _parts(plain)
        return [Term("day", in_words, without, day=found[0].day)]
    if _LETTERS_APART.fullmatch(plain):
        return _each(("".join(_parts(plain)),), without, field)
    parts = _parts(plain)
    if plain.endswith("*") and len(parts) == 1:
        return [Term("prefix", parts, without, field)]
    if len(parts) > 1:
        return [Term("phrase", parts, without, field)]
    return _each(parts, without, field)


def _each(parts: tuple[str, ...], without: bool, field: str | None) -> list[Term]:
    return [Term("word", (part,), without, field) for part in parts]


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part[:_LONGEST_WORD] for part in _PART.findall(text.lower())[:_MOST_TERMS])


def _without_stop_words(terms: list[Term]) -> list[Term]:
    """The terms without words that stand in every letter, unless nothing else is asked for."""
    kept = [term for term in terms if term.sort != "word" or term.parts[0] not in stop_words()]
    return kept or terms


@cache
def stop_words() -> frozenset[str]:
    """Words that stand in every letter."""
    lines = files("search").joinpath("stopwords.txt").read_text("utf-8").splitlines()
    return frozenset(word for word in lines if word and not word.startswith("#"))


@cache
def _variants() -> dict[str, tuple[str, ...]]:
    lines = files("search").joinpath("variants.csv").read_text("utf-8").splitlines()
    groups = (tuple(line.split(",")) for line in lines if line and not line.startswith("#"))
    return {spelling: group for group in groups for spelling in group}


def spellings(word: str) -> tuple[str, ...]:
    """The word, and other spellings of it (variants.csv; K.T.P. of ktp); one may be several words."""
    apart = (" ".join(word),) if _ABBREVIATED.fullmatch(word) else ()
    return (*_variants().get(word, (word,)), *apart)


def written(term: Term, key: str | None, forms: Forms) -> str:
    """One term as to_tsquery('indonesian', …) reads it."""
    if term.sort == "number":
        word = identities.blind(term.parts, key)[0] if key else identities.NOBODYS
        said = f"'{word}'"
    elif term.sort == "day" and term.day is not None:
        said = _any(_phrase(parts) for parts in (*_ways(term.day), term.parts) if parts)
    elif term.sort == "prefix":
        begun = term.parts[0]
        said = " | ".join([f"'{begun}':*", *_stems_cut(begun), *_stems_behind(begun), *_other_spellings(begun)])
    elif term.sort == "phrase" or term.without:
        said = _any(_phrase(one.split()) for one in (*spellings(" ".join(term.parts)), *_other_gaps(term)))
    else:
        words = dict.fromkeys((*spellings(term.parts[0]), *forms(term.parts[0]), *_other_gaps(term)))
        said = _any(_phrase(one.split()) for one in words)
    return f"!({said})" if term.without else f"({said})"


def _stems_cut(beginning: str) -> list[str]:
    """Stems of words that begin so, where the cut lies in an ending that the stemmer takes off: of tarak, tara(kan)."""
    cut = [beginning.removesuffix(end) for end in ("k", "ka", "a", "n", "ny") if beginning.endswith(end)]
    return [f"'{stem}'" for stem in cut if len(stem) > 2]


def _stems_behind(beginning: str) -> list[str]:
    """Beginnings of stems whose words begin so, with a prefix that the stemmer takes off whole words, and off their
    beginnings only where these are long: of pendamp, (pen)damp(ing). Three letters would begin too many other words."""
    found = _PREFIXED.fullmatch(beginning)
    if found is None:
        return []
    first = "" if found[2][0] not in "aeiou" else {"meny": "s", "peny": "s", "mem": "p", "pem": "p"}.get(found[1], "")
    return [f"'{first}{found[2]}':*"] if len(first + found[2]) > 3 else []


def _other_spellings(beginning: str) -> list[str]:
    """The spellings of words of which one begins so: of terlan, terlantar and telantar."""
    begun = [group for one, group in _variants().items() if one.startswith(beginning) and len(beginning) > 2]
    return [f"'{one}'" for one in dict.fromkeys(chain.from_iterable(begun)) if " " not in one]


def _other_gaps(term: Term) -> Iterator[str]:
    """A letter's number with a mark more or less between its parts, as a reader or a person may leave one out."""
    if term.field != "nomor":
        return
    parts = term.parts
    yield from (" ".join((*parts[:n], parts[n] + parts[n + 1], *parts[n + 2 :])) for n in range(len(parts) - 1))
    apart = [one for part in parts for one in _OF_ONE_SORT.findall(part)]
    if len(apart) > len(parts):
        yield " ".join(apart)
    if len(parts) == 1 and parts[0].isdigit():
        yield from (f"{parts[0][:n]} {parts[0][n:]}" for n in range(2, len(parts[0]) - 1))


def _phrase(parts: Sequence[str]) -> str:
    return " <-> ".join(f"'{part}'" for part in parts)


def _any(alternatives: Iterable[str]) -> str:
    return " | ".join(f"({one})" for one in alternatives)


def _ways(day: date) -> list[tuple[str, ...]]:
    """How letters write a day: with the month's name in any spelling, in digits from either end, in roman digits,
    the year also in two."""
    days = dict.fromkeys((str(day.day), f"{day.day:02}"))
    months = dict.fromkeys((*MONTHS[day.month - 1], str(day.month), f"{day.month:02}", _ROMAN[day.month - 1]))
    years = (str(day.year), f"{day.year % 100:02}")
    ways = [(one, month, year) for one in days for month in months for year in years]
    return [*ways, (str(day.year), f"{day.month:02}", f"{day.day:02}")]
