"""From a person's words to hits with their places on the page."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from archive import documents
from archive.tables import PUNCTUATION

Box = tuple[float, float, float, float]

# Marks around a hit's words; control characters never stand in a page's text (archive/reading.py strips them)
_ON, _OFF = "\x01", "\x02"
_AROUND = 12  # words of the snippet before and after the first hit

_HITS = text(
    f"""
    SELECT s.document_id, s.document_seq, s.number, s.text,
           ts_headline('indonesian', translate(s.text, '{PUNCTUATION}', '{"|" * len(PUNCTUATION)}'), q,
                       'HighlightAll=true, StartSel={_ON}, StopSel={_OFF}') AS marked
    FROM websearch_to_tsquery('indonesian', :words) q,
         search_pages(q, :before_seq, :after_number, :most) s
    ORDER BY s.document_seq DESC, s.number
    """  # noqa: S608 - constants of this module only
)
_MARKS = text(
    f"""
    SELECT p.number, p.reading,
           ts_headline('indonesian', translate(p.text, '{PUNCTUATION}', '{"|" * len(PUNCTUATION)}'), q,
                       'HighlightAll=true, StartSel={_ON}, StopSel={_OFF}') AS marked
    FROM websearch_to_tsquery('indonesian', :words) q, page p
    WHERE p.document_id = :document AND p.words @@ q
    """  # noqa: S608 - constants of this module only
)
_COUNT = text("SELECT search_count(websearch_to_tsquery('indonesian', :words))")
_LAST = 2**62


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
    """`next` is the cursor of the following hits, or None."""

    total: int
    hits: tuple[Hit, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class PageMarks:
    """The hits on one page: whether each word in reading order is one, and the boxes of those that are."""

    flags: tuple[bool, ...]
    boxes: tuple[Box, ...]


@cache
def _stop_words() -> frozenset[str]:
    lines = files("search").joinpath("stopwords.txt").read_text("utf-8").splitlines()
    return frozenset(word for word in lines if word and not word.startswith("#"))


def prepared(words: str) -> str:
    """What is asked for, as PostgreSQL's web search understands it.

    Marks inside a word are treated as in the index, so a letter's number is found as it is written. Words that
    stand in every letter (dan, yang …) are left out unless nothing else is asked for or they stand in quotes.
    """
    words = words.replace("\x00", " ")
    joined = re.sub(rf"(?<=\w)[{re.escape(PUNCTUATION)}]+(?=\w)", "|", words)
    kept = []
    quoted = False
    for part in joined.split():
        if quoted or '"' in part or part.casefold() not in _stop_words():
            kept.append(part)
        quoted ^= part.count('"') % 2 == 1
    return " ".join(kept) or joined


def _cursor(value: str | None) -> tuple[int, int]:
    if value is None:
        return _LAST, 0
    seq, _, number = value.partition(".")
    return int(seq), int(number)


def is_cursor(value: str) -> bool:
    """Whether the value is a cursor that search() gave."""
    return re.fullmatch(r"\d{1,18}\.\d{1,9}", value) is not None


def search(session: Session, words: str, *, limit: int = 20, cursor: str | None = None) -> Results:
    """Pages that this transaction's account may see and that have all the words, newest letter first."""
    asked = prepared(words)
    before_seq, after_number = _cursor(cursor)
    rows = session.execute(
        _HITS, {"words": asked, "before_seq": before_seq, "after_number": after_number, "most": limit + 1}
    ).all()
    total = session.scalar(_COUNT, {"words": asked}) or 0
    found = rows[:limit]
    letters = documents.several(session, [row.document_id for row in found])
    readings = documents.readings(session, [(row.document_id, row.number) for row in found])
    hits = tuple(
        _hit(row, readings[row.document_id, row.number], letters[row.document_id].received_at)
        for row in found
        if (row.document_id, row.number) in readings  # not a page that a split or join moved between two statements
    )
    following = f"{found[-1].document_seq}.{found[-1].number}" if len(rows) > limit else None
    return Results(total, hits, following)


def marks_in(session: Session, document: UUID, words: str) -> dict[int, PageMarks]:
    """The hits on each page of one letter that search() would find, by page number.

    The caller has found the letter in this transaction, so whoever asks may see it.
    """
    rows = session.execute(_MARKS, {"words": prepared(words), "document": document})
    return {row.number: _page_marks(row.marked, row.reading) for row in rows}


def _page_marks(marked: str, reading: dict[str, Any]) -> PageMarks:
    flags = tuple(_marked_words(marked))
    # a stored word is [text, x0, y0, x1, y1, confidence, line] (archive/reading.py); of an endless page only the
    # beginning is text (workers/pipeline.py)
    return PageMarks(flags, tuple(_box(word) for word, hit in zip(reading["words"], flags, strict=False) if hit))


def _hit(row: Any, reading: dict[str, Any], received_at: datetime) -> Hit:
    marks = _page_marks(row.marked, reading)
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
