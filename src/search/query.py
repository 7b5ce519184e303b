"""From a person's words to hits with their places on the page."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from archive import documents
from archive.tables import PUNCTUATION
from search import identities, suiting
from search.parsing import Query, parse, spellings

Box = tuple[float, float, float, float]

# Marks around a hit's words; control characters never stand in a page's text (archive/reading.py strips them)
_ON, _OFF = "\x01", "\x02"
_AROUND = 12  # words of the snippet before and after the first hit

_HITS = text(
    f"""
    SELECT s.document_id, s.document_seq, s.number, s.text,
           ts_headline('indonesian', translate(s.text, '{PUNCTUATION}', '{"|" * len(PUNCTUATION)}'), q,
                       'HighlightAll=true, StartSel={_ON}, StopSel={_OFF}') AS marked
    FROM to_tsquery('indonesian', :words) q,
         search_pages(q, :before_seq, :after_number, :most, CAST(:asked AS jsonb)) s
    ORDER BY s.document_seq DESC, s.number
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
    FROM to_tsquery('indonesian', :words) q, page p
    WHERE p.document_id = :document AND p.words @@ q
    """  # noqa: S608 - constants of this module only
)
_COUNT = text("SELECT search_count(to_tsquery('indonesian', :words), CAST(:asked AS jsonb))")
_LAST = 2**62
_MOST_COUNTED = 10_000


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
    more."""

    total: int
    hits: tuple[Hit, ...]
    next: str | None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class PageMarks:
    """The hits on one page: whether each word in reading order is one, and the boxes of those that are."""

    flags: tuple[bool, ...]
    boxes: tuple[Box, ...]


def _cursor(value: str | None) -> tuple[int, int]:
    if value is None:
        return _LAST, 0
    seq, _, number = value.partition(".")
    return int(seq), int(number)


def is_cursor(value: str) -> bool:
    """Whether the value is a cursor that search() gave."""
    return re.fullmatch(r"\d{1,18}\.\d{1,9}", value) is not None


def search(
    session: Session, words: str, *, limit: int = 20, cursor: str | None = None, identity_key: str | None = None
) -> Results:
    """Pages that this transaction's account may see and that have what is asked for, newest letter first.

    `identity_key` is the key of the index of identity numbers; without it none is found.
    """
    asked = parse(words)
    before_seq, after_number = _cursor(cursor)
    rows, total = _found(session, asked, identity_key, (before_seq, after_number), limit + 1)
    found = rows[:limit]
    letters = documents.several(session, [row.document_id for row in found])
    readings = documents.readings(session, [(row.document_id, row.number) for row in found])
    hits = tuple(
        _hit(row, readings[row.document_id, row.number], letters[row.document_id].received_at, asked)
        for row in found
        if (row.document_id, row.number) in readings  # not a page that a split or join moved between two statements
    )
    following = f"{found[-1].document_seq}.{found[-1].number}" if len(rows) > limit else None
    return Results(min(total, _MOST_COUNTED), hits, following, total <= _MOST_COUNTED)


def _found(
    session: Session, asked: Query, key: str | None, after: tuple[int, int], most: int
) -> tuple[Sequence[Any], int]:
    suits = suiting.suits(session, asked, spellings)
    told = {"asked": None if suits is None else json.dumps(suits), "before_seq": after[0], "after_number": after[1]}
    if asked.has_words:
        told["words"] = asked.tsquery(key, spellings)
        rows = session.execute(_HITS, told | {"most": most}).all()
        return rows, session.scalar(_COUNT, told) or 0
    if suits is None:
        return (), 0
    rows = session.execute(_LETTERS, told | {"most": most}).all()
    return rows, session.scalar(_COUNT_LETTERS, told | {"last": _LAST, "most": _MOST_COUNTED + 1}) or 0


def marks_in(session: Session, document: UUID, words: str, *, identity_key: str | None = None) -> dict[int, PageMarks]:
    """The hits on each page of one letter that search() would find, by page number.

    The caller has found the letter in this transaction, so whoever asks may see it.
    """
    asked = parse(words)
    rows = session.execute(_MARKS, {"words": asked.tsquery(identity_key, spellings), "document": document})
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
