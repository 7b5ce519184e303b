"""Which of the pages found comes first: what has more of what was asked, nearer to how it was asked, in a name, number
or subject, side by side, newer.

Only a bounded number of pages is ranked, the newest that have what was asked; where they are few, also those with near
words or with most of what was asked.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from search.near import Alternative, Group, Plan, tokens

BLOCK: Final = 100
"""Pages that have what was asked which are ranked; behind them the older ones follow, newest first."""
BLOCK_WIDE: Final = 300
"""The same of near words."""
_OF_ONE: Final = 150  # pages of one word, where most of the words are enough
_MOST_COUNTED: Final = 300  # pages of one word, of which its weight is reckoned; of one with fewer all are ranked
_ARCHIVE: Final = 10_000  # pages of an archive in which a word's weight is reckoned
_LEAST, _LEAST_OF_TWO = 0.5, 0.6
"""The share of all weight that a page has to have. One of two words alone has it where the other is far commoner, as
Ampenan has of "kelurahan Ampenan"."""
_IN_FIELD, _SIDE_BY_SIDE = 0.5, 0.1
_OWN: Final = 0.25
"""What a word of its own is worth of a misread one."""
_RARE: Final = 3  # pages that one misreading may be on

# The pages of each query that has few, and of one that has many a row without a page
_FEW = text("""
    SELECT s.query - 1 AS query, s.document_id, s.document_seq, s.number
    FROM search_few(CAST(:queries AS tsquery[]), CAST(:narrow AS tsquery[]), :before, :most, CAST(:asked AS jsonb)) s
""")
# Of each page that is ranked: which fields the letter has, where the asked words stand, and whether each condition
# (:units) holds that is more than one of some words. Of its words only the asked ones are taken out, unless one is a
# beginning or a number's hash, which stands nowhere (:whole). What has the very words (:exact) is among what has near
# ones, but where those are so many that not all are ranked.
_RATED = text("""
    WITH asked AS MATERIALIZED (SELECT array_agg(CAST(u.unit AS tsquery) ORDER BY n) AS units
      FROM unnest(CAST(:units AS text[])) WITH ORDINALITY AS u (unit, n)),
    wide AS MATERIALIZED (
      SELECT s.document_id, s.document_seq, s.number
      FROM unnest(CAST(:queries AS text[]), CAST(:mosts AS int[])) AS u (query, most),
        search_pages(CAST(u.query AS tsquery), :before, 2147483647, u.most, CAST(:asked AS jsonb)) s),
    found AS MATERIALIZED (
      SELECT w.document_id, w.document_seq, w.number FROM wide w
      UNION
      SELECT s.document_id, s.document_seq, s.number
      FROM search_pages(CAST(:exact AS tsquery), :before, 2147483647, :most, CAST(:asked AS jsonb)) s
      WHERE (SELECT count(*) FROM wide) >= :most
      UNION
      SELECT f.document_id, f.document_seq, f.number
      FROM unnest(CAST(:documents AS uuid[]), CAST(:seqs AS bigint[]), CAST(:numbers AS int[]))
        AS f (document_id, document_seq, number))
    SELECT f.document_id, f.document_seq, f.number,
      (SELECT array_agg(w.words @@ u.unit ORDER BY n) FROM unnest(asked.units) WITH ORDINALITY AS u (unit, n)) AS has,
      (SELECT jsonb_object_agg(t.lexeme, coalesce(t.positions[1], 0)) FROM unnest(w.words) t
       WHERE NOT :whole OR t.lexeme = ANY (CAST(:words AS text[]))) AS said,
      concat_ws(' ', l.nama ->> 'value', l.kepala_keluarga ->> 'value', l.nomor_surat ->> 'value',
        l.nomor_lp ->> 'value', l.perihal ->> 'value', l.kelurahan ->> 'value', l.kecamatan ->> 'value',
        l.kota ->> 'value') AS fields
    FROM asked, found f,  -- each by its index: the planner took few pages for thousands, and read the table through
      LATERAL (SELECT p.words FROM page p WHERE p.document_id = f.document_id AND p.number = f.number OFFSET 0) p,
      LATERAL (SELECT d.fields FROM document d WHERE d.id = f.document_id OFFSET 0) d,
      LATERAL (SELECT CASE WHEN :whole THEN p.words
        ELSE ts_filter(setweight(p.words, 'A', CAST(:words AS text[])), '{a}') END AS words OFFSET 0) w,
      jsonb_to_record(d.fields) AS l (nama jsonb, kepala_keluarga jsonb, nomor_surat jsonb, nomor_lp jsonb,
        perihal jsonb, kelurahan jsonb, kecamatan jsonb, kota jsonb)
""")
_NOWHERE: Final = re.compile(r"':\*|'nik\d")
_LAST: Final = 2**62
_PART: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, order=True)
class Rated:
    """A page by its rank: the lower, the earlier it is shown."""

    worse: int
    older: int
    number: int
    document: UUID
    wholly: bool
    """Whether it has all that was asked for, or words near it."""


@dataclass(frozen=True, slots=True)
class Block:
    """The ranked pages. `weights` are those of all units. `behind`, a letter's number and a page: older pages than that
    one may have what was asked for and are not ranked; None: there are none."""

    pages: tuple[Rated, ...]
    weights: tuple[int, ...]
    behind: tuple[int, int] | None


Page = tuple[UUID, int, int]
"""A letter, its number, and the page of it."""


@dataclass(frozen=True, slots=True)
class _Page:
    """A page that is ranked: the asked words on it with their first places, each unit it has with whether by the very
    words, and the words of the letter's fields with a space on either side of each."""

    row: Any
    said: dict[str, int]
    has: dict[Group, bool]
    fields: str
    refused: frozenset[Alternative]
    """Alternatives of which the page has what must not be there."""

    def wholly(self, one: Alternative) -> bool:
        """Whether it has all of an alternative, near words too."""
        return one not in self.refused and all(group in self.has for group in one.groups)


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
    known = {page for pages in few.values() if pages is not None for page in pages}
    queries = list(_queries(plan, weighed, few)) if plan.widened else [(plan.exact, newest)]
    pages = _read(session, plan, units, queries, known, asked, before) if queries or known else []
    worths = _worths(units, pages)
    in_part = {one: _enough_in_part(one, weighed) for one in plan.alternatives}
    rated = [one for page in pages if (one := _rated(page, in_part, weighed, worths))]
    wholly = sorted((page.older, page.number) for page in rated if page.wholly)
    cut = len(wholly) >= newest and any(most == newest for _, most in queries)
    return Block(tuple(sorted(rated)), weights, (-wholly[newest - 1][0], wholly[newest - 1][1]) if cut else None)


_Few = dict[tuple[Alternative, Group], list[Page] | None]
"""Of each unit of an alternative its pages, or None where they are many."""


def _few(session: Session, plan: Plan, asked: str | None, before: int) -> _Few:
    wanted = [(one, unit) for one in plan.alternatives for unit in one.units or one.groups]
    told = {"queries": [one.of([unit]) for one, unit in wanted], "narrow": [unit.exact for _, unit in wanted]}
    found: list[list[Page] | None] = [[] for _ in wanted]
    for row in session.execute(_FEW, told | {"before": before, "most": _MOST_COUNTED, "asked": asked}):
        pages = found[row.query]
        if row.document_id is None:
            found[row.query] = None
        elif pages is not None:
            pages.append((row.document_id, row.document_seq, row.number))
    return dict(zip(wanted, found, strict=True))


def _weights(units: Sequence[Group], few: _Few) -> tuple[int, ...]:
    """The rarer among the letters that may be seen, the more a unit weighs; in tenths."""
    counts = {unit: _MOST_COUNTED if pages is None else len(pages) for (_, unit), pages in few.items()}
    return tuple(round(10 * log(1 + _ARCHIVE / (1 + counts[unit]))) for unit in units)


def _queries(plan: Plan, weighed: dict[Group, int], few: _Few) -> Iterator[tuple[str, int]]:
    """What is looked for besides the pages that are known, and how many of it."""
    for one in plan.alternatives:
        if all(few[one, unit] is None for unit in one.groups):  # else all of its pages are among those of one of these
            yield one.wide, BLOCK_WIDE
        if not any(few[one, unit] for unit in one.units):  # what is rare decides, and nobody wants what lacks it
            yield from ((query, _OF_ONE) for query in _most_of(one, weighed, few))


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
    least = _least(one.units) * sum(weighed[unit] for unit in one.units) - sum(weighed[unit] for unit in needed)
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


def _least(units: Sequence[Group]) -> float:
    return _LEAST_OF_TWO if len(units) == 2 else _LEAST


def _read(
    session: Session,
    plan: Plan,
    units: Sequence[Group],
    queries: Sequence[tuple[str, int]],
    known: Iterable[Page],
    asked: str | None,
    before: int,
) -> list[_Page]:
    """Those pages, and those that the queries find."""
    plain = [unit for unit in units if unit.is_plain]
    knotty = [unit for unit in units if not unit.is_plain]
    without = [one for one in plan.alternatives if one.without]
    conditions = [said for unit in knotty for said in (unit.wide, unit.exact)] + [one.without for one in without]
    pages = list(known)
    told: dict[str, Any] = {
        "queries": [query for query, _ in queries],
        "mosts": [most for _, most in queries],
        "exact": plan.exact,
        "most": BLOCK_WIDE,
        "documents": [document for document, _, _ in pages],
        "seqs": [seq for _, seq, _ in pages],
        "numbers": [number for _, _, number in pages],
        "units": conditions,
        "whole": any(_NOWHERE.search(one) for one in conditions),
        "words": list({word for unit in units for word in unit.weights} | _words(without)),
        "asked": asked,
        "before": before,
    }
    return [_page(row, plain, knotty, without) for row in session.execute(_RATED, told)]


def _words(without: Iterable[Alternative]) -> set[str]:
    return {word for one in without for word, _ in tokens(one.without)}


def _page(row: Any, plain: Sequence[Group], knotty: Sequence[Group], without: Sequence[Alternative]) -> _Page:
    said: dict[str, int] = row.said or {}
    has = {}
    for unit in plain:
        worths = [unit.weights[word] for word in said if word in unit.weights]
        if worths:
            has[unit] = max(worths) == 1
    conditions = row.has or ()
    for unit, wide, exact in zip(knotty, conditions[::2], conditions[1::2], strict=False):
        if wide:
            has[unit] = exact
    kept = conditions[2 * len(knotty) :]
    refused = frozenset(one for one, holds in zip(without, kept, strict=True) if not holds)
    return _Page(row, said, has, f" {' '.join(_PART.findall(row.fields.lower()))} ", refused)


def _worths(units: Sequence[Group], pages: Sequence[_Page]) -> dict[Group, dict[str, float]]:
    """What each word is worth that stands for a unit: less where it is near the asked one and on more pages, so is no
    misreading of it but a word of its own, as surat near Sumiat."""
    on = Counter(word for page in pages for word in page.said)
    worths = {}
    for unit in units:
        exactly = sum(page.has.get(unit, False) for page in pages)
        worths[unit] = {
            word: worth * (_OWN if worth < 1 and exactly and on[word] > max(_RARE, exactly) else 1)
            for word, worth in unit.weights.items()
            if word in on
        }
    return worths


def _rated(
    page: _Page, in_part: dict[Alternative, bool], weighed: dict[Group, int], worths: dict[Group, dict[str, float]]
) -> Rated | None:
    """The page by its rank in the alternative that it fits best, if any."""
    wholly = {one: page.wholly(one) for one in in_part}
    fits = [one for one, enough in in_part.items() if enough or wholly[one]]
    score = max((_worth(one.units or one.groups, page, weighed, worths) for one in fits), default=0)
    if not score and not any(wholly.values()):
        return None
    return Rated(-score, -page.row.document_seq, page.row.number, page.row.document_id, any(wholly.values()))


def _worth(
    units: Sequence[Group], page: _Page, weighed: dict[Group, int], worths: dict[Group, dict[str, float]]
) -> int:
    """In thousandths; 0: less than enough of what is asked for."""
    whole = sum(weighed[unit] for unit in units)
    there = [unit for unit in units if unit in page.has]
    share = sum(weighed[unit] for unit in there) / whole
    if share < _least(units) or any(unit.needed and unit not in page.has for unit in units):
        return 0
    said = page.said
    words = {unit: [word for word in said if word in unit.weights] for unit in there}
    got = sum(weighed[unit] * _nearest(worths[unit], words[unit], page.has[unit]) for unit in there)
    in_field = sum(any(_stands(word, page.fields) for word in words[unit]) for unit in there) / len(units)
    places = [min(said[word] for word in words[unit]) for unit in there if words[unit]]
    apart = sum(abs(one - other) - 1 for one, other in pairwise(places)) / max(1, len(places) - 1)
    together = 1 / (1 + max(0, apart)) if len(places) > 1 else 0
    return round(1000 * got / whole * share**2 * (1 + _IN_FIELD * in_field) * (1 + _SIDE_BY_SIDE * together))


def _nearest(worths: dict[str, float], words: list[str], exactly: bool) -> float:
    return 1.0 if exactly else max((worths[word] for word in words if worths[word] < 1), default=0.5)


def _stands(word: str, fields: str) -> bool:
    """Whether the word, or one that it is the stem of, stands there."""
    begin = fields.find(f" {word}")
    while begin >= 0:
        if fields.find(" ", begin + 1) - begin - 1 - len(word) <= 4:
            return True
        begin = fields.find(f" {word}", begin + 1)
    return False
