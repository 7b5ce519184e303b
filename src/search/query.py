"""From a person's words to hits with their places on the page."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, Literal, NamedTuple, Self
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from search import facets as facetting
from search import suiting
from search.facets import Facet, Filters
from search.marks import Box, Shown, shown
from search.near import ENOUGH, Added, Plan, planned
from search.nearness import distance
from search.parsing import Query, parse, spellings
from search.ranking import BLOCK_WIDE, ranked

Sort = Literal["relevansi", "terbaru", "terlama"]

_AROUND = 12  # words of the snippet before and after the first hit

_LISTED = """SELECT s.document_id, s.document_seq, s.number
    FROM {0}, :seq, :number, :most, CAST(:asked AS jsonb)) s"""
_NEWEST = text(
    _LISTED.format("search_pages(ARRAY[CAST(:query AS tsquery)]") + " ORDER BY s.document_seq DESC, s.number"
)
_OLDEST = text(_LISTED.format("search_oldest(CAST(:query AS tsquery)") + " ORDER BY s.document_seq, s.number")
# Without a word only conditions, or what a letter lacks, are asked for, and each that suits is shown by its first page
_LETTERS = text("""
    SELECT s.document_id, s.document_seq, s.number
    FROM search_letters(:seq, :most, CAST(:asked AS jsonb)) s ORDER BY s.document_seq DESC
""")
_COUNT_LETTERS = text("SELECT count(*) FROM search_letters(:last, :most, CAST(:asked AS jsonb))")
_COUNT = text("SELECT search_count(CAST(:query AS tsquery), CAST(:asked AS jsonb), :most)")
_LAST = 2**62
_MOST_COUNTED = 10_000
_MEANT_WITHIN = 2.5  # search/nearness.py


@dataclass(frozen=True, slots=True)
class Hit:
    """One page. `snippet` is words with whether each is a hit; `boxes` are (x0, y0, x1, y1) as fractions of the
    page's picture, origin top left."""

    document: UUID
    page: int
    snippet: tuple[tuple[str, bool], ...]
    boxes: tuple[Box, ...]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Results:
    """`next` is the cursor of the following hits, or None. `total` is exact up to 10,000 (that there are more a sample
    may tell), and where near words are searched up to 300; `exact` False: there are as many or more. `added` are the
    near words that were searched besides those asked for and that these hits have, as they write them; `did_you_mean`
    is the question with words that stand in letters, where nothing has what was asked."""

    total: int
    hits: tuple[Hit, ...]
    next: str | None
    exact: bool = True
    added: tuple[Added, ...] = ()
    did_you_mean: str | None = None
    facets: tuple[Facet, ...] = ()


class _Place(NamedTuple):
    """Where leafing goes on: behind a page, among the ranked ones or (no `score`) among those by date. `near`: those
    with near words are among them. `before` and `weights`: search/ranking.py."""

    seq: int
    number: int
    near: bool = False
    score: int | None = None
    before: int = _LAST
    weights: tuple[int, ...] = ()

    @classmethod
    def of(cls, cursor: str) -> Self:
        near, told = cursor.endswith("n"), cursor.removesuffix("n").split(".")
        if len(told) == 2:
            return cls(int(told[0]), int(told[1]), near)
        seq, number, score, before, *weights = map(int, told)
        return cls(seq, number, near, score, before, tuple(weights))

    def __str__(self) -> str:
        ranked = () if self.score is None else (self.score, self.before, *self.weights)
        return ".".join(map(str, (self.seq, self.number, *ranked))) + ("n" if self.near else "")


class _Listed(NamedTuple):
    """A page that is to be shown, and the place behind it."""

    document: UUID
    number: int
    place: _Place


@dataclass(frozen=True, slots=True)
class _Part:
    """The next pages, and how many there are in all; not `exact`: at least so many."""

    pages: list[_Listed]
    total: int
    exact: bool = True

    @classmethod
    def of(cls, pages: list[_Listed], counted: int, most: int) -> Self:
        """Counted to one more than `most`."""
        return cls(pages, min(counted, most), counted <= most)


def is_cursor(value: str) -> bool:
    """Whether the value is a cursor that search() gave."""
    found = re.fullmatch(r"\d{1,18}\.\d{1,9}(?:\.\d{1,9}\.(\d{1,19})(?:\.\d{1,4}){0,200})?n?", value)
    return found is not None and int(found[1] or 0) <= _LAST


def search(
    session: Session,
    words: str,
    *,
    limit: int = 20,
    cursor: str | None = None,
    identity_key: str | None = None,
    switched_off: Collection[str] = (),
    filters: Filters | None = None,
    sort: Sort = "relevansi",
    facets: bool = False,
    exactly: bool = False,
) -> Results:
    """Pages that this account may see and that have what is asked for, the best first (search/ranking.py);
    where they are few also those that have near words in its place (search/nearwords.py) but for those switched off, or
    most of it. None of the latter when it is to be found `exactly`.

    `sort` "terbaru" and "terlama" go by the order in which letters came alone, and give what has all that is asked for;
    letters asked for by conditions alone, or by what they lack, come newest first. `facets` are counted when asked for.
    `identity_key` is the key of the index of identity numbers; without it none is found.
    """
    query = parse(words)
    chosen = (filters or Filters()).asked()
    place = _Place.of(cursor) if cursor else None
    suits = suiting.narrowed(suiting.suits(session, query, spellings), chosen)
    if not query.has_words:
        suits |= suiting.lacking(query, identity_key)
        part = _by_conditions(session, _told(suits), place, limit + 1) if suits else _Part([], 0)
        counted = facetting.counted(session, None, _told(suits)) if facets and part.total else ()
        return _results(session, query, None, part, limit, counted)
    plan = planned(session, query, identity_key, _told(suits), switched_off, enough=_enough(place, exactly=exactly))
    asked = _told(suits | suiting.in_fields(query, plan.forms) if plan.near else suits)
    part = (
        _ranked(session, plan, asked, place, limit + 1)
        if sort == "relevansi"
        else _dated(session, plan, asked, place, limit + 1, sort)
    )
    counted = facetting.counted(session, plan.wide, asked) if facets and part.total else ()
    results = _results(session, query, plan, part, limit, counted)
    return replace(results, did_you_mean=_meant(words, plan, results.hits))


def _enough(place: _Place | None, *, exactly: bool) -> int:
    """So few pages have what was asked that near words are searched; who leafs on gets what the first page began."""
    if exactly or (place is not None and not place.near):
        return 0
    return ENOUGH if place is None else _LAST


def _told(suits: dict[str, Any]) -> str | None:
    return json.dumps(suits) if suits else None


def _results(
    session: Session, query: Query, plan: Plan | None, part: _Part, limit: int, counted: tuple[Facet, ...]
) -> Results:
    listed = part.pages[:limit]
    pages = shown(session, [(one.document, one.number) for one in listed], plan, query) if listed else []
    following = str(listed[-1].place) if len(part.pages) > limit else None
    return Results(
        part.total,
        tuple(_hit(page) for page in pages),
        following,
        part.exact,
        _written(plan, pages) if plan else (),
        facets=counted,
    )


def _written(plan: Plan, pages: list[Shown]) -> tuple[Added, ...]:
    """The near words that these pages have, as they write them."""
    written = {word: one for page in reversed(pages) for word, one in page.written.items()}
    found = ((one.asked, [written[word] for word in one.words if word in written]) for one in plan.added)
    return tuple(Added(asked, tuple(dict.fromkeys(words))) for asked, words in found if words)


def _meant(words: str, plan: Plan, hits: tuple[Hit, ...]) -> str | None:
    """The question with each word that no hit has replaced by the nearest of the first hit's marked words, unless that
    was plainly misread: a digit among letters."""
    if plan.exactly or not hits:
        return None
    said = [[re.sub(r"^\W+|\W+$", "", word) for word, is_hit in hit.snippet if is_hit] for hit in hits]
    marked = [word for word in said[0] if word.isalpha()]
    if not marked:
        return None
    meant, known = words, {word.lower() for each in said for word in each}
    for word in re.findall(r"[^\W\d_]{3,}", words):
        if word.lower() in known:
            continue
        near = min(marked, key=lambda other: distance(word.lower(), other.lower()))
        if distance(word.lower(), near.lower()) <= _MEANT_WITHIN:
            meant = re.sub(rf"\b{re.escape(word)}\b", near.replace("\\", ""), meant)
    return meant if meant != words else None


def _by_conditions(session: Session, asked: str | None, place: _Place | None, most: int) -> _Part:
    told = {"asked": asked, "seq": place.seq if place else _LAST, "most": most}
    rows = [_listed(row, near=False) for row in session.execute(_LETTERS, told)]
    total = session.scalar(_COUNT_LETTERS, {"asked": asked, "last": _LAST, "most": _MOST_COUNTED + 1})
    return _Part.of(rows, total or 0, _MOST_COUNTED)


def _dated(session: Session, plan: Plan, asked: str | None, place: _Place | None, most: int, sort: Sort) -> _Part:
    first = _LAST if sort == "terbaru" else 0
    told = {"query": plan.wide, "asked": asked, "most": most}
    told |= {"seq": place.seq if place else first, "number": place.number if place else 0}
    rows = session.execute(_NEWEST if sort == "terbaru" else _OLDEST, told)
    pages = [_listed(row, near=plan.widened) for row in rows]
    if not plan.added:
        return _Part.of(pages, plan.exactly, _MOST_COUNTED)
    counted = session.scalar(_COUNT, {"query": plan.wide, "asked": asked, "most": BLOCK_WIDE})
    return _Part(pages, counted or 0, exact=(counted or 0) < BLOCK_WIDE)


def _ranked(session: Session, plan: Plan, asked: str | None, place: _Place | None, most: int) -> _Part:
    """The ranked pages, and behind them what is older than those, newest first."""
    if place is not None and place.score is None:
        return _with_older(_rest(session, plan, asked, place, most), plan)
    block = ranked(session, plan, asked, *((place.before, place.weights) if place else ()))
    before = place.before if place else max((1 - page.older for page in block.pages), default=_LAST)
    behind = None if place is None else (-(place.score or 0), -place.seq, place.number)
    following = (one for one in block.pages if behind is None or one[:3] > behind)
    pages = [
        _Listed(
            UUID(one.document),
            one.number,
            _Place(-one.older, one.number, plan.widened, -one.worse, before, block.weights),
        )
        for one in islice(following, most)
    ]
    if block.behind and len(pages) < most:
        pages += _rest(session, plan, asked, _Place(*block.behind, plan.widened), most - len(pages))
    return _with_older(pages, plan) if block.behind else _Part(pages, len(block.pages))


def _with_older(pages: list[_Listed], plan: Plan) -> _Part:
    """Where more have what was asked for than are ranked. Who was given near words needs the first hits, not how many
    there are: to count them took a quarter of a second at a million letters."""
    return _Part(pages, BLOCK_WIDE, exact=False) if plan.added else _Part.of(pages, plan.exactly, _MOST_COUNTED)


def _rest(session: Session, plan: Plan, asked: str | None, behind: _Place, most: int) -> list[_Listed]:
    query = (
        f"({plan.wide}) & !({plan.exact})" if plan.added and plan.exactly else plan.wide
    )  # all of the latter are ranked
    told = {"query": query, "asked": asked, "seq": behind.seq, "number": behind.number, "most": most}
    return [_listed(row, near=plan.widened) for row in session.execute(_NEWEST, told)]


def _listed(row: Any, *, near: bool) -> _Listed:
    return _Listed(row.document_id, row.number, _Place(row.document_seq, row.number, near))


def _hit(page: Shown) -> Hit:
    words, flags = page.text.split(), page.marks.flags
    first = flags.index(True) if True in flags else 0
    around = slice(max(0, first - _AROUND), first + _AROUND + 1)
    snippet = tuple(zip(words[around], flags[around], strict=True))
    return Hit(page.document, page.number, snippet, page.marks.boxes, page.received_at)
