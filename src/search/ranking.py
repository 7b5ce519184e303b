"""Which of the pages found comes first: what has more of what was asked, nearer to how it was asked, in a name, number
or subject, side by side, newer.

Only a bounded number of pages is ranked, the newest that have what was asked; where they are few, also those with near
words or with most of what was asked.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import log
from typing import Any, Final, NamedTuple

from sqlalchemy.orm import Session

from core.db import cursor
from search.common import MANY
from search.near import Alternative, Group, Page, Plan
from search.tsquery import any_of, quoted, tokens

BLOCK: Final = 100
"""Pages that have what was asked which are ranked; behind them the older ones follow, newest first."""
BLOCK_WIDE: Final = 300
"""The same of near words."""
_OF_ONE: Final = 150  # pages of one word, where most of the words are enough
_ARCHIVE: Final = 10_000  # pages of an archive in which a word's weight is reckoned
_LEAST, _LEAST_OF_TWO = 0.5, 0.6
"""The share of all weight that a page has to have. One of two words alone has it where the other is far commoner, as
Ampenan has of "kelurahan Ampenan"."""
_IN_FIELD, _SIDE_BY_SIDE = 0.5, 0.1
_OWN: Final = 0.25
"""What a word of its own is worth of a misread one."""
_RARE: Final = 3  # pages that one misreading may be on

# Of each query the numbers of its pages' letters and of the pages in them, or null where they are many
_FEW: Final = """
    SELECT s.seqs, s.numbers FROM search_few(%(queries)s::tsquery[], %(narrow)s::tsquery[], %(before)s::bigint,
      %(most)s, %(asked)s::jsonb, %(parts)s::int[]) s ORDER BY s.query
"""
_RATED: Final = """
    SELECT search_rated(%(seqs)s::bigint[], %(numbers)s::int[], %(queries)s::tsquery[], %(mosts)s::int[],
      %(exact)s::tsquery, %(most)s, %(before)s::bigint, %(asked)s::jsonb, %(units)s::tsquery[],
      string_to_array(%(words)s, ' '), %(whole)s, %(least)s)
"""
_NOWHERE: Final = re.compile(r"':\*|'nik\d")
_LAST: Final = 2**62
_PARTS: Final = 7  # of a look: _Look
_ENDING: Final = 4
"""Letters that a word of a letter's fields may have behind the stem that was asked for."""


class Rated(NamedTuple):
    """A page by its rank: the lower, the earlier it is shown. `document` is the letter's id as text; `wholly`: it has
    all that was asked for, or words near it."""

    worse: int
    older: int
    number: int
    document: str
    wholly: bool


@dataclass(frozen=True, slots=True)
class Block:
    """The ranked pages. `weights` are those of all units. `behind`, a letter's number and a page: older pages than that
    one may have what was asked for and are not ranked; None: there are none."""

    pages: tuple[Rated, ...]
    weights: tuple[int, ...]
    behind: tuple[int, int] | None


class _Page(NamedTuple):
    """A page that is ranked: its letter's id and number, its own number, the asked words on it with their first places,
    each unit it has with whether by the very words, those of its words that stand for each, and what the letter's
    fields say."""

    document: str
    seq: int
    number: int
    said: dict[str, int]
    has: dict[Group, bool]
    words: dict[Group, list[str]]
    fields: str
    refused: frozenset[Alternative]
    """Alternatives of which the page has what must not be there."""

    def wholly(self, one: Alternative) -> bool:
        """Whether it has all of an alternative, near words too."""
        return one not in self.refused and all(map(self.has.__contains__, one.groups))


def ranked(
    session: Session, plan: Plan, asked: str | None, before: int = _LAST, weights: tuple[int, ...] | None = None
) -> Block:
    """The pages of a plan that are ranked, the best first, of letters before the one of number `before`. `weights` are
    those of an earlier block, so that leafing goes on in the order it began with."""
    units = list(dict.fromkeys(unit for one in plan.alternatives for unit in one.units or one.groups))
    few = _few(session, plan, asked, before) if plan.widened else {}
    if not plan.widened:
        weights = (1,) * len(units)
    elif weights is None or len(weights) != len(units):
        weights = _weights(units, few)
    weighed = dict(zip(units, weights, strict=True))
    newest = BLOCK_WIDE if plan.widened else BLOCK
    in_part = {one: _enough_in_part(one, weighed) for one in plan.alternatives}
    known = {page for one, enough in in_part.items() for page in _promising(one, weighed, few, in_part=enough)}
    more = False
    if plan.widened:
        queries = list(_queries(plan, weighed, few))
    elif plan.pages is None:
        queries = [([plan.exact], newest)]
    else:
        there = sorted((page for page in plan.pages if page[0] < before), key=lambda page: (-page[0], page[1]))
        known, queries, more = {*there[:newest]}, [], len(there) > newest
    scales = [_scale(one, weighed, in_part=enough) for one, enough in in_part.items()]
    least = min(map(_fewest_words, scales), default=0)
    pages, rest = _read(session, plan, units, queries, known, asked, before, least) if queries or known else ([], {})
    worths = _worths(units, pages, rest, _outside(session, few, known, pages, asked, before))
    rated = [one for page in pages if (one := _rated(page, scales, worths))]
    wholly = sorted((page.older, page.number) for page in rated if page.wholly)
    cut = len(wholly) >= newest and (more or any(most == newest for _, most in queries))
    return Block(tuple(sorted(rated)), weights, (-wholly[newest - 1][0], wholly[newest - 1][1]) if cut else None)


_Few = dict[tuple[Alternative, Group], set[Page] | None]
"""Of each unit of an alternative its pages, or None where they are many."""


def _few(session: Session, plan: Plan, asked: str | None, before: int) -> _Few:
    found: _Few = {}
    looks: dict[tuple[Alternative, Group], _Asked] = {}
    for one in plan.alternatives:
        for unit in sorted(one.units or one.groups, key=lambda unit: unit in one.parts):
            may_be_many = not unit.is_plain or plan.common.many(unit.weights)
            if may_be_many and unit.is_plain and asked is None:
                found[one, unit] = None
            else:
                parts = [(one, part) for part in one.parts.get(unit, ()) if (one, part) in looks]
                looks[one, unit] = _Asked(one.of([unit]), unit.exact if may_be_many else "", parts)
    return found | dict(zip(looks, _pages(session, looks, asked, before), strict=True))


class _Asked(NamedTuple):
    """What is looked for; without near words where it may have many pages, or ""; and of which other looks each page
    that has it is one."""

    query: str
    narrow: str = ""
    parts: Sequence[Any] = ()


def _pages(session: Session, looks: Mapping[Any, _Asked], asked: str | None, before: int) -> Iterator[set[Page] | None]:
    if not looks:  # no word that the index knows
        return
    places = {key: place for place, key in enumerate(looks, 1)}
    most = max(1, *(len(look.parts) for look in looks.values()))
    told = {
        "queries": [look.query for look in looks.values()],
        "narrow": [look.narrow or None for look in looks.values()],
        "parts": [[*map(places.__getitem__, look.parts), *[0] * (most - len(look.parts))] for look in looks.values()],
        "before": before,
        "most": MANY,
        "asked": asked,
    }
    for seqs, numbers in cursor(session).execute(_FEW, told).fetchall():
        yield None if seqs is None else set(zip(seqs, numbers, strict=True))


def _outside(
    session: Session, few: _Few, known: set[Page], pages: Sequence[_Page], asked: str | None, before: int
) -> dict[Group, dict[str, int]]:
    """Of each unit with pages that need not be read: on how many of those stands each near word that a page has, and
    (for "") the asked one."""
    left = {unit: of_unit - known for (_, unit), of_unit in few.items() if of_unit and not of_unit <= known}
    near = {
        unit: {word for page in pages for word in page.words.get(unit, ()) if unit.weights[word] < 1} for unit in left
    }
    wanted = [(unit, word) for unit, words in near.items() if words for word in ("", *words)]
    if not wanted:
        return {}
    queries = {(unit, word): quoted(word) if word else unit.exact for unit, word in wanted}
    looks = {key: _Asked(query) for key, query in queries.items()}
    found: dict[Group, dict[str, int]] = {}
    for (unit, word), of_word in zip(looks, _pages(session, looks, asked, before), strict=True):
        found.setdefault(unit, {})[word] = len((of_word or left[unit]) & left[unit])
    return found


def _promising(one: Alternative, weighed: dict[Group, int], few: _Few, *, in_part: bool) -> Iterator[Page]:
    """The known pages that may have all of an alternative or, `in_part`, enough of it; the others need not be read."""
    rare = [(unit, pages) for unit in one.units or one.groups if (pages := few.get((one, unit))) is not None]
    if all_of_it := [pages for unit, pages in rare if unit in one.groups]:
        yield from set.intersection(*all_of_it)
    if in_part:
        got = Counter[Page]()
        for unit, pages in rare:
            got.update(dict.fromkeys(pages, weighed[unit]))
        whole = sum(weighed[unit] for unit in one.units)
        maybe = whole - sum(weighed[unit] for unit, _ in rare)
        needed = [pages for unit, pages in rare if unit.needed]
        for page, weight in got.items():
            if (weight + maybe) / whole >= _least(len(one.units)) and all(page in pages for pages in needed):
                yield page


def _weights(units: Sequence[Group], few: _Few) -> tuple[int, ...]:
    """The rarer among the letters that may be seen, the more a unit weighs; in tenths."""
    counts = {unit: MANY if pages is None else len(pages) for (_, unit), pages in few.items()}
    return tuple(round(10 * log(1 + _ARCHIVE / (1 + counts[unit]))) for unit in units)


_Look = Sequence[str | None]
"""What is looked for at once: a tsquery or None, and up to three pairs of which a page has both. The index finds in one
step what has two, but goes through all words of one for every page that has one of them."""


def _queries(plan: Plan, weighed: dict[Group, int], few: _Few) -> Iterator[tuple[_Look, int]]:
    """What is looked for besides the pages that are known, and how many of it."""
    for one in plan.alternatives:
        if all(few[one, unit] is None for unit in one.groups):  # else all of its pages are among those of one of these
            yield _apart(one, plan.common.often), BLOCK_WIDE
        if not any(few[one, unit] for unit in one.units):  # what is rare decides, and nobody wants what lacks it
            yield from (([query], _OF_ONE) for query in _most_of(one, weighed, few))


def _apart(one: Alternative, often: frozenset[str]) -> _Look:
    """What has all groups of an alternative. Of two that both have words that many pages have, these are looked for by
    themselves, since for each of so many pages all other words would be gone through."""
    first, *others = one.groups
    if not others:
        return [one.wide]
    by_themselves = [sorted(often & group.weights.keys()) if group.is_plain else [] for group in one.groups]
    if len(others) > 1 or one.without or not all(by_themselves):
        return [None, first.wide, one.of(others)]
    second = others[0]
    common, more = (any_of([*map(quoted, words)]) for words in by_themselves)
    rest, of_more = (any_of([*map(quoted, sorted(group.weights.keys() - often))]) for group in one.groups)
    return [None, common, more, rest or None, second.wide, of_more or None, first.wide]


def _most_of(one: Alternative, weighed: dict[Group, int], few: _Few) -> Iterator[str]:
    """Queries that together find each page with enough of what is asked for that is not known: it has one of the
    weightier units, as the others together don't suffice."""
    if not _enough_in_part(one, weighed):
        return
    needed = [unit for unit in one.units if unit.needed]
    if any(few[one, unit] is not None for unit in needed):
        return
    free = sorted((unit for unit in one.units if not unit.needed), key=lambda unit: -weighed[unit])
    many = [unit for unit in free if few[one, unit] is None]
    least = _least(len(one.units)) * sum(weighed[unit] for unit in one.units) - sum(weighed[unit] for unit in needed)
    for n, unit in enumerate(many):
        if sum(weighed[other] for other in many[n:]) < least:
            return
        others = " | ".join(f"({other.wide})" for other in many if other is not unit)
        asked = one.of([*needed, unit])
        yield asked if weighed[unit] >= least else f"{asked} & ({others})"


def _enough_in_part(one: Alternative, weighed: dict[Group, int]) -> bool:
    """Whether most of what an alternative asks for may be enough."""
    free = [weighed[unit] for unit in one.units if not unit.needed]
    if len(free) == 2:
        return len(one.units) == 2 and max(free) >= _LEAST_OF_TWO * sum(free)
    return len(free) > 2


def _least(units: int) -> float:
    return _LEAST_OF_TWO if units == 2 else _LEAST


def _read(
    session: Session,
    plan: Plan,
    units: Sequence[Group],
    queries: Sequence[tuple[_Look, int]],
    known: Iterable[Page],
    asked: str | None,
    before: int,
    least: int,
) -> tuple[list[_Page], dict[str, int]]:
    """Those pages, and those that the queries find; and of pages that have fewer than `least` of the words only on how
    many each word stands."""
    plain = [unit for unit in units if unit.is_plain]
    knotty = [unit for unit in units if not unit.is_plain]
    without = [one for one in plan.alternatives if one.without]
    conditions = [said for unit in knotty for said in (unit.wide, unit.exact)] + [one.without for one in without]
    pages = list(known)
    told: dict[str, Any] = {
        "queries": [[*look, *[None] * (_PARTS - len(look))] for look, _ in queries],
        "mosts": [most for _, most in queries],
        "exact": plan.exact,
        "most": BLOCK_WIDE,
        "seqs": [seq for seq, _ in pages],
        "numbers": [number for _, number in pages],
        "units": conditions,
        "whole": any(_NOWHERE.search(one) for one in conditions),
        "words": " ".join({word for unit in units for word in unit.weights} | _words(without)),
        "asked": asked,
        "before": before,
        "least": least,
    }
    rows, rest = (cursor(session).execute(_RATED, told).fetchone() or ((None, None),))[0]
    stands_for: dict[str, list[Group]] = {}
    for unit in units:
        for word in unit.weights:
            stands_for.setdefault(word, []).append(unit)
    return [_page(row, stands_for, plain, knotty, without) for row in rows or ()], rest or {}


def _words(without: Iterable[Alternative]) -> set[str]:
    return {word for one in without for word, _ in tokens(one.without)}


def _page(
    row: list[Any],
    stands_for: dict[str, list[Group]],
    plain: Sequence[Group],
    knotty: Sequence[Group],
    without: Sequence[Alternative],
) -> _Page:
    document, seq, number, holds, found, fields = row
    said: dict[str, int] = found or {}
    words: dict[Group, list[str]] = {}
    for word in said:
        for unit in stands_for.get(word, ()):
            words.setdefault(unit, []).append(word)
    has = {unit: any(unit.weights[word] == 1 for word in words[unit]) for unit in plain if unit in words}
    conditions = holds or ()
    for unit, wide, exact in zip(knotty, conditions[::2], conditions[1::2], strict=False):
        if wide:
            has[unit] = exact
    kept = conditions[2 * len(knotty) :]
    refused = frozenset(one for one, holds in zip(without, kept, strict=True) if not holds)
    return _Page(document, seq, number, said, has, words, fields, refused)


def _worths(
    units: Sequence[Group], pages: Sequence[_Page], rest: dict[str, int], outside: dict[Group, dict[str, int]]
) -> dict[Group, dict[str, float]]:
    """What each word is worth that stands for a unit: less where it is near the asked one and on more pages, so is no
    misreading of it but a word of its own, as surat near Sumiat."""
    on = Counter(word for page in pages for word in page.said)
    on.update(rest)
    worths = {}
    for unit in units:
        more = outside.get(unit, {})
        exactly = sum(page.has.get(unit, False) for page in pages) + more.get("", 0)
        if unit.is_plain:
            exactly += sum(rest.get(word, 0) for word, worth in unit.weights.items() if worth == 1)
        worths[unit] = {
            word: worth * (_OWN if worth < 1 and exactly and on[word] + more.get(word, 0) > max(_RARE, exactly) else 1)
            for word, worth in unit.weights.items()
            if word in on
        }
    return worths


@dataclass(frozen=True, slots=True)
class _Scale:
    """An alternative with what pages are rated by: its units with their weights and what these are together, the least
    share of it a page has to have, and whether that share may be enough."""

    one: Alternative
    units: tuple[tuple[Group, int], ...]
    whole: int
    least: float
    in_part: bool
    needed: tuple[Group, ...]


def _scale(one: Alternative, weighed: dict[Group, int], *, in_part: bool) -> _Scale:
    units = tuple((unit, weighed[unit]) for unit in one.units or one.groups)
    needed = tuple(unit for unit, _ in units if unit.needed)
    return _Scale(one, units, sum(weight for _, weight in units), _least(len(units)), in_part, needed)


def _fewest_words(scale: _Scale) -> int:
    """So many of the asked words at least has a page that has all of an alternative or enough of it; 0: any number."""
    plain = [(unit, weight) for unit, weight in scale.units if unit.is_plain]
    words = [word for unit, _ in plain for word in unit.weights]
    if len(set(words)) < len(words):
        return 0
    wholly = sum(unit.is_plain for unit in scale.one.groups)
    got = accumulate(
        sorted((weight for _, weight in plain), reverse=True), initial=scale.whole - sum(w for _, w in plain)
    )
    in_part = next((n for n, weight in enumerate(got) if weight / scale.whole >= scale.least), 0)
    return min(wholly, in_part) if scale.in_part else wholly


def _rated(page: _Page, scales: Sequence[_Scale], worths: dict[Group, dict[str, float]]) -> Rated | None:
    """The page by its rank in the alternative that it fits best, if any."""
    score, wholly = 0, False
    for scale in scales:
        fits = page.wholly(scale.one)
        wholly |= fits
        if fits or scale.in_part:
            score = max(score, _worth(scale, page, worths))
    return Rated(-score, -page.seq, page.number, page.document, wholly) if score or wholly else None


def _worth(scale: _Scale, page: _Page, worths: dict[Group, dict[str, float]]) -> int:
    """In thousandths; 0: less than enough of what is asked for."""
    said, has = page.said, page.has
    there = [(unit, weight) for unit, weight in scale.units if unit in has]
    share = sum([weight for _, weight in there]) / scale.whole
    if share < scale.least or not all(map(has.__contains__, scale.needed)):
        return 0
    of_fields = page.fields.lower()
    got, in_field, places = 0.0, 0, []
    for unit, weight in there:
        words = page.words.get(unit, ())
        got += weight * _nearest(worths[unit], words, has[unit])
        in_field += any(_stands(word, of_fields) for word in words)
        if words:
            places.append(min(map(said.__getitem__, words)))
    together = 0.0
    if len(places) > 1:
        apart = sum(abs(one - other) - 1 for one, other in pairwise(places)) / (len(places) - 1)
        together = 1 / (1 + max(0, apart))
    fitting = 1 + _IN_FIELD * (in_field / len(scale.units))
    return round(1000 * got / scale.whole * share**2 * fitting * (1 + _SIDE_BY_SIDE * together))


def _nearest(worths: dict[str, float], words: Sequence[str], exactly: bool) -> float:
    return 1.0 if exactly else max((worths[word] for word in words if worths[word] < 1), default=0.5)


def _stands(word: str, fields: str) -> bool:
    """Whether the word, or one that it is the stem of, stands there; what has marks in it stands nowhere."""
    begin = fields.find(word)
    while begin >= 0:
        end = begin + len(word)
        behind = fields[end : end + _ENDING + 1]
        if not fields[begin - 1 : begin].isalnum() and not (len(behind) > _ENDING and behind.isalnum()):
            return word.isalnum()
        begin = fields.find(word, begin + 1)
    return False
