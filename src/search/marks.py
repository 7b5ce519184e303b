"""Which words of a page are hits, and where they stand on its picture."""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import accumulate, compress, count
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from archive.tables import PUNCTUATION
from core.db import cursor
from search import identities
from search.near import Plan, planned
from search.parsing import Query, parse
from search.tsquery import tokens

Box = tuple[float, float, float, float]

# Marks around a hit's words; control characters never stand in a page's text (archive/reading.py strips them)
_ON, _OFF = "\x01", "\x02"
_HEADLINE: Final = f"""ts_headline('indonesian', translate(p.text, '{PUNCTUATION}', '{"|" * len(PUNCTUATION)}'),
    CAST(:marks AS tsquery), 'HighlightAll=true, StartSel={_ON}, StopSel={_OFF}') AS marked"""
_OF_LETTER = text(
    f"""SELECT p.number, p.reading, {_HEADLINE} FROM page p
    WHERE p.document_id = :document AND p.words @@ CAST(:query AS tsquery)"""  # noqa: S608 - constants of this module
)
_OF_PAGE = text(f"SELECT {_HEADLINE} FROM page p WHERE p.document_id = :document AND p.number = :number")  # noqa: S608
# Of each page its text, and where each word of the index stands that is a hit, for whoever asks, under the policies of
# both tables; a page that was moved between two statements is left out. What has beginnings is looked at word by word.
_SHOWN: Final = """
    SELECT p.document_id, p.number, p.text, d.received_at,
      (SELECT coalesce(json_object_agg(t.lexeme, t.positions), '{}') FROM unnest(w.words) t
       WHERE t.positions IS NOT NULL AND (NOT %(begins)s OR t.lexeme = ANY (asked.words)
         OR EXISTS (SELECT FROM unnest(%(beginnings)s::text[]) b WHERE starts_with(t.lexeme, b))))
    FROM unnest(%(documents)s::uuid[], %(numbers)s::int[]) WITH ORDINALITY AS u (document, number, n)
      JOIN page p ON p.document_id = u.document AND p.number = u.number JOIN document d ON d.id = p.document_id,
      string_to_array(%(words)s, ' ') AS asked (words),
      LATERAL (SELECT CASE WHEN %(begins)s THEN p.words
        ELSE ts_filter(setweight(p.words, 'A', asked.words), '{a}') END AS words OFFSET 0) w
    ORDER BY u.n
"""
# Of each page the words at the places asked for, or all of them: without the rest, which is most of a page
_WORDS: Final = """
    SELECT json_agg(CASE WHEN u.places IS NULL THEN w.words
      ELSE (SELECT jsonb_agg(w.words -> place::int ORDER BY n)
            FROM unnest(string_to_array(u.places, ' ')) WITH ORDINALITY AS i (place, n)) END ORDER BY u.n)
    FROM unnest(%(documents)s::uuid[], %(numbers)s::int[], %(places)s::text[]) WITH ORDINALITY
        AS u (document, number, places, n)
      LEFT JOIN page p ON p.document_id = u.document AND p.number = u.number  -- it may just have gone to another letter
      LEFT JOIN LATERAL (SELECT p.reading -> 'words' AS words OFFSET 0) w ON true
"""
_PART: Final = re.compile(r"[^\W_]+")
_MOST_PLACES: Final = 250  # of one word, and
_LAST_PLACE: Final = 16_000  # of a page: PostgreSQL keeps few more


class PageMarks(NamedTuple):
    """The hits on one page: whether each word in reading order is one, and the boxes of those that are."""

    flags: tuple[bool, ...]
    boxes: tuple[Box, ...]


class Shown(NamedTuple):
    """A page that was found. `written`: how it writes the words of the index that are hits."""

    document: UUID
    number: int
    text: str
    received_at: datetime
    marks: PageMarks
    written: Mapping[str, str]


class _Row(NamedTuple):
    document_id: UUID
    number: int
    text: str
    received_at: datetime
    places: dict[str, list[int]]


def shown(session: Session, pages: Sequence[tuple[UUID, int]], plan: Plan | None, asked: Query) -> list[Shown]:
    """These pages, each by its letter and number, with the hits on them."""
    query = plan.any_of_it if plan else ""
    wanted = list(tokens(query))
    beginnings = [word for word, whole in wanted if not whole]
    told: dict[str, Any] = {
        "documents": [document for document, _ in pages],
        "numbers": [number for _, number in pages],
        "words": " ".join(word for word, whole in wanted if whole),
        "beginnings": beginnings,
        "begins": bool(beginnings),
    }
    rows = [_Row(*row) for row in cursor(session).execute(_SHOWN, told).fetchall()]
    hits = [by_index(row.text, row.places) or (_by_text(session, row, query), {}) for row in rows]
    marked = _boxed(session, rows, [flags for flags, _ in hits], asked) if rows else []
    return [
        Shown(row.document_id, row.number, row.text, row.received_at, marks, written)
        for row, marks, (_, written) in zip(rows, marked, hits, strict=True)
    ]


def _boxed(session: Session, rows: Sequence[_Row], flags: list[list[bool]], asked: Query) -> list[PageMarks]:
    told = {
        "documents": [row.document_id for row in rows],
        "numbers": [row.number for row in rows],
        "places": [None if asked.numbers else " ".join(map(str, compress(count(), each))) for each in flags],
    }
    words: list[list[Any] | None] = (cursor(session).execute(_WORDS, told).fetchone() or ([],))[0]
    if asked.numbers:
        said = (row.text.split() for row in rows)
        each = zip(flags, said, words, strict=True)
        return [_with_numbers(of_page, read, these or [], asked) for of_page, read, these in each]
    return [PageMarks(tuple(each), _boxes(these or ())) for each, these in zip(flags, words, strict=True)]


def in_letter(
    session: Session, document: UUID, words: str, *, identity_key: str | None = None, switched_off: Collection[str] = ()
) -> dict[int, PageMarks]:
    """The hits on each page of one letter that search() would find, by page number.

    The caller has found the letter in this transaction, so whoever asks may see it.
    """
    asked = parse(words)
    if not asked.has_words:
        return {}
    plan = planned(session, asked, identity_key, None, switched_off)
    told = {"marks": plan.any_of_it, "document": document}
    rows = session.execute(_OF_LETTER, told | {"query": plan.wide}).all()
    if not rows and plan.widened:  # found as having most of what was asked
        rows = session.execute(_OF_LETTER, told | {"query": plan.any_of_it}).all()
    return {row.number: _of_letter(row, asked) for row in rows}


def _of_letter(row: Any, asked: Query) -> PageMarks:
    words = re.sub(f"[{_ON}{_OFF}]", "", row.marked).split()
    return _with_numbers(marked_words(row.marked), words, row.reading["words"], asked)


def _with_numbers(flags: Sequence[bool], words: list[str], stored: list[list[Any]], asked: Query) -> PageMarks:
    """With the identity numbers asked for, which no index tells; `stored` are the words of the picture."""
    if asked.numbers:
        read = [word[0] for word in stored]
        numbered = identities.marked(read if len(read) == len(words) else words, asked.numbers)
        flags = [flag or is_number for flag, is_number in zip(flags, numbered, strict=True)]
    # of an endless page only the beginning is text (workers/pipeline.py)
    return PageMarks(tuple(flags), _boxes(word for word, hit in zip(stored, flags, strict=False) if hit))


def _boxes(words: Iterable[list[Any] | None]) -> tuple[Box, ...]:
    """A stored word is [text, x0, y0, x1, y1, confidence, line] (archive/reading.py)."""
    return tuple((word[1], word[2], word[3], word[4]) for word in words if word is not None)


def by_index(said: str, index: Mapping[str, list[int]]) -> tuple[list[bool], dict[str, str]] | None:
    """Whether each word of the text is a hit, by the places that the index has of those words, and how the text writes
    each. None where those are not surely places of these words: then the text itself is to be asked."""
    for start, end, _ in identities.spans(said):  # no part of the index, as in search_words()
        said = said[:start] + re.sub(r"\S", "-", said[start:end]) + said[end:]
    words = said.split()
    parts_up_to = list(accumulate(1 if word.isalnum() else len(_PART.findall(word)) for word in words))
    flags, written = [False] * len(words), {}
    for word, places in index.items():
        if len(places) > _MOST_PLACES or places[-1] > min(_LAST_PLACE, parts_up_to[-1] if words else 0):
            return None
        for place in reversed(places):
            at = bisect_left(parts_up_to, place)
            part = _PART.findall(words[at])[place - parts_up_to[at] - 1].lower()
            # a stem is part of its word, but for a first letter that the stemmer puts back
            if word[1:] not in part:
                return None
            flags[at] = True
        written[word] = part
    return flags, written


def _by_text(session: Session, row: _Row, query: str) -> list[bool]:
    told = {"marks": query, "document": row.document_id, "number": row.number}
    marked = session.scalar(_OF_PAGE, told)
    return marked_words(row.text if marked is None else marked)  # it may just have gone to another letter


def marked_words(marked: str) -> list[bool]:
    """For each word of the page whether a mark stands in it or goes on through it."""
    marks, on = [], False
    for word in marked.split():
        marks.append(on or _ON in word)
        opened, closed = word.rfind(_ON), word.rfind(_OFF)
        on = opened > closed if max(opened, closed) >= 0 else on
    return marks
