"""From a person's words to hits with their places on the page."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from archive import documents
from archive.tables import PUNCTUATION
from search import facets as facetting
from search import identities, suiting
from search.facets import Facet, Filters
from search.near import Added, Plan, planned
from search.nearness import distance
from search.parsing import Query, parse, spellings

Box = tuple[float, float, float, float]
Sort = Literal["relevansi", "terbaru", "terlama"]

# Marks around a hit's words; control characters never stand in a page's text (archive/reading.py strips them)
_ON, _OFF = "\x01", "\x02"
_AROUND = 12  # words of the snippet before and after the first hit

_HITS = text(
    f"""
    SELECT s.document_id, s.document_seq, s.number, s.text,
           ts_headline('indonesian', translate(s.text, '{PUNCTUATION}', '{"|" * len(PUNCTUATION)}'), q,
                       'HighlightAll=true, StartSel={_ON}, StopSel={_OFF}') AS marked
    FROM CAST(:marks AS tsquery) q,
         search_pages(CAST(:query AS tsquery), :before_seq, :after_number, :most, CAST(:asked AS jsonb)) s
    ORDER BY s.document_seq DESC, s.number
    """  # noqa: S608 - constants of this module only
)
_OLDEST = text(
    f"""
    SELECT s.document_id, s.document_seq, s.number, s.text,
           ts_headline('indonesian', translate(s.text, '{PUNCTUATION}', '{"|" * len(PUNCTUATION)}'), q,
                       'HighlightAll=true, StartSel={_ON}, StopSel={_OFF}') AS marked
    FROM CAST(:marks AS tsquery) q,
         search_oldest(CAST(:query AS tsquery), :after_seq, :after_number, :most, CAST(:asked AS jsonb)) s
    ORDER BY s.document_seq, s.number
    """  # noqa: S608 - constants of this module only
)
# Without a word only conditions are asked for, and each letter that suits is shown by its first page
_LETTERS = text("""
    SELECT s.document_id, s.document_seq, s.number, s.text, s.text AS marked
    FROM search_letters(:before_seq, :most, CAST(:asked AS jsonb)) s ORDER BY s.document_seq DESC
""")
_COUNT_LETTERS = text("SELECT count(*) FROM search_letters(:last, :most, CAST(:asked AS jsonb))")
_MARKS = text(
    f"""
    SELECT p.number, p.reading,
           ts_headline('indonesian', translate(p.text, '{PUNCTUATION}', '{"|" * len(PUNCTUATION)}'), q,
                       'HighlightAll=true, StartSel={_ON}, StopSel={_OFF}') AS marked
    FROM CAST(:query AS tsquery) q, page p
    WHERE p.document_id = :document AND p.words @@ q
    """  # noqa: S608 - constants of this module only
)
_COUNT = text("SELECT search_count(CAST(:query AS tsquery), CAST(:asked AS jsonb))")
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
    """`next` is the cursor of the following hits, or None. `total` is exact up to 10,000; `exact` False: there are
    more. `added` are the near words that were searched besides those asked for; `did_you_mean` is the question with
    words that stand in letters, where nothing has what was asked."""

    total: int
    hits: tuple[Hit, ...]
    next: str | None
    exact: bool = True
    added: tuple[Added, ...] = ()
    did_you_mean: str | None = None
    facets: tuple[Facet, ...] = ()


@dataclass(frozen=True, slots=True)
class PageMarks:
    """The hits on one page: whether each word in reading order is one, and the boxes of those that are."""

    flags: tuple[bool, ...]
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """Which of the hits are wanted, and in which order."""

    cursor: str | None
    most: int
    sort: Sort


def _cursor(value: str | None) -> tuple[bool, int, int]:
    """Whether it stands among the pages of near words, and after which page of which letter."""
    if value is None:
        return False, _LAST, 0
    seq, _, number = value.removesuffix("n").partition(".")
    return value.endswith("n"), int(seq), int(number)


def is_cursor(value: str) -> bool:
    """Whether the value is a cursor that search() gave."""
    return re.fullmatch(r"\d{1,18}\.\d{1,9}n?", value) is not None


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
) -> Results:
    """Pages that this transaction's account may see and that have what is asked for, newest letter first; behind them
    those that have near words in its place (search/near.py), but for those switched off.

    `sort` "terbaru" and "terlama" go by the order in which letters came alone; letters asked for by conditions alone
    come newest first. `facets` are counted when asked for. `identity_key` is the key of the index of identity numbers;
    without it none is found.
    """
    asked = parse(words)
    suits = suiting.suits(session, asked, spellings) | (filters or Filters()).asked()
    told = {"asked": json.dumps(suits) if suits else None}
    plan = planned(session, asked.tsquery(identity_key, spellings), told["asked"], switched_off)
    rows, total = _found(session, asked, plan, told, _Part(cursor, limit + 1, sort))
    shown = rows[:limit]
    found = [row for row, _ in shown]
    letters = documents.several(session, [row.document_id for row in found])
    readings = documents.readings(session, [(row.document_id, row.number) for row in found])
    hits = tuple(
        _hit(row, readings[row.document_id, row.number], letters[row.document_id].received_at, asked)
        for row in found
        if (row.document_id, row.number) in readings  # not a page that a split or join moved between two statements
    )
    following = _following(*shown[-1]) if len(rows) > limit else None
    counted = (
        facetting.counted(session, plan.wide if asked.has_words else None, told["asked"]) if facets and total else ()
    )
    meant = _meant(words, plan, hits)
    return Results(min(total, _MOST_COUNTED), hits, following, total <= _MOST_COUNTED, plan.added, meant, counted)


def _meant(words: str, plan: Plan, hits: tuple[Hit, ...]) -> str | None:
    """The question with each word that stands nowhere replaced by the nearest of the first hit's marked words."""
    marked = [re.sub(r"^\W+|\W+$", "", word) for hit in hits[:1] for word, is_hit in hit.snippet if is_hit]
    if plan.exactly or not marked:
        return None
    meant = words
    for word in re.findall(r"[^\W\d_]{3,}", words):
        near = min(marked, key=lambda other: distance(word.lower(), other.lower()))
        if distance(word.lower(), near.lower()) <= _MEANT_WITHIN:
            meant = re.sub(rf"\b{re.escape(word)}\b", near.replace("\\", ""), meant)
    return meant if meant != words else None


def _found(
    session: Session, asked: Query, plan: Plan, told: dict[str, str | None], part: _Part
) -> tuple[list[tuple[Any, bool]], int]:
    """The next pages, each with whether it has near words only, and how many there are in all."""
    if asked.has_words:
        rows = _paged(session, plan, told, part)
        return rows, session.scalar(_COUNT, told | {"query": plan.wide}) or 0 if plan.added else plan.exactly
    if told["asked"] is None:
        return [], 0
    _, before_seq, _ = _cursor(part.cursor)
    letters = session.execute(_LETTERS, told | {"before_seq": before_seq, "most": part.most})
    total = session.scalar(_COUNT_LETTERS, told | {"last": _LAST, "most": _MOST_COUNTED + 1}) or 0
    return [(row, False) for row in letters], total


def _paged(session: Session, plan: Plan, told: dict[str, Any], part: _Part) -> list[tuple[Any, bool]]:
    among_near, before_seq, after_number = _cursor(part.cursor)
    most = part.most
    if part.sort != "relevansi":
        place: dict[str, Any] = {"most": most, "after_number": after_number, "query": plan.wide, "marks": plan.wide}
        first = 0 if part.cursor is None else before_seq
        seqs = {"before_seq": before_seq, "after_seq": first}
        statement = _HITS if part.sort == "terbaru" else _OLDEST
        return [(row, False) for row in session.execute(statement, told | place | seqs)]
    found: list[tuple[Any, bool]] = []
    if not among_near:
        place = {"before_seq": before_seq, "after_number": after_number, "most": most}
        asked = told | place | {"query": plan.exact, "marks": plan.exact}
        found = [(row, False) for row in session.execute(_HITS, asked)]
        before_seq, after_number = _LAST, 0
    if plan.added and len(found) < most:
        place = {"before_seq": before_seq, "after_number": after_number, "most": most - len(found)}
        asked = told | place | {"query": plan.near_only, "marks": plan.wide}
        found += [(row, True) for row in session.execute(_HITS, asked)]
    return found


def _following(row: Any, near: bool) -> str:
    return f"{row.document_seq}.{row.number}{'n' if near else ''}"


def marks_in(
    session: Session, document: UUID, words: str, *, identity_key: str | None = None, switched_off: Collection[str] = ()
) -> dict[int, PageMarks]:
    """The hits on each page of one letter that search() would find, by page number.

    The caller has found the letter in this transaction, so whoever asks may see it.
    """
    asked = parse(words)
    plan = planned(session, asked.tsquery(identity_key, spellings), None, switched_off)
    rows = session.execute(_MARKS, {"query": plan.wide, "document": document})
    return {row.number: _page_marks(row.marked, row.reading, asked) for row in rows}


def _page_marks(marked: str, reading: dict[str, Any], asked: Query) -> PageMarks:
    flags = _marked_words(marked)
    if asked.numbers:
        words = re.sub(f"[{_ON}{_OFF}]", "", marked).split()
        stored = [word[0] for word in reading["words"]]
        numbered = identities.marked(stored if len(stored) == len(words) else words, asked.numbers)
        flags = [flag or is_number for flag, is_number in zip(flags, numbered, strict=True)]
    # a stored word is [text, x0, y0, x1, y1, confidence, line] (archive/reading.py); of an endless page only the
    # beginning is text (workers/pipeline.py)
    boxes = tuple(_box(word) for word, hit in zip(reading["words"], flags, strict=False) if hit)
    return PageMarks(tuple(flags), boxes)


def _hit(row: Any, reading: dict[str, Any], received_at: datetime, asked: Query) -> Hit:
    marks = _page_marks(row.marked, reading, asked)
    words = row.text.split()
    first = next((i for i, hit in enumerate(marks.flags) if hit), 0)
    around = range(max(0, first - _AROUND), min(len(words), first + _AROUND + 1))
    snippet = tuple((words[i], marks.flags[i]) for i in around)
    return Hit(row.document_id, row.number, snippet, marks.boxes, received_at)


def _marked_words(marked: str) -> list[bool]:
    """For each word of the page whether a mark stands in it or goes on through it."""
    marks, on = [], False
    for word in marked.split():
        marks.append(on or _ON in word)
        opened, closed = word.rfind(_ON), word.rfind(_OFF)
        on = opened > closed if max(opened, closed) >= 0 else on
    return marks


def _box(word: list[Any]) -> Box:
    return word[1], word[2], word[3], word[4]
