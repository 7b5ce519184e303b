"""The second opinion on fields in doubt: where the other reader shall look, and what follows from what it read there.

Two readers of different kind hardly misread the same letters the same way: a field on which both agree is sure when
nothing but its letters was in doubt. Where they differ, both readings are shown to a person; no value is changed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from rapidfuzz import fuzz

from archive.reading import Box, PageReading, clean
from classify.drafts import EDGE
from classify.fields import AGREED, Field
from classify.fieldspec import field_spec, key
from classify.typed import typed

MOST_LINES = 12  # of one field; more is no field
_RELATED = 50.0  # of 100: less alike, the other reader saw something else there (the frames of a comb, a stamp)
_IN_WORDS = frozenset(("nama", "teks"))  # what differs in case and dots only is the same


@dataclass(frozen=True, slots=True)
class Question:
    """What the other reader is asked: the lines of a field on its page, as fractions of the upright page."""

    field: str
    page: PageReading
    lines: tuple[Box, ...]


def questions(
    fields: Sequence[Field], pages: Sequence[PageReading], wanted: Collection[str], earlier: Mapping[str, Any]
) -> list[Question]:
    """Of the `wanted` fields those in doubt whose place is known, but for those asked before (`earlier`, as stored).

    In the order of their pages, so that each is drawn once.
    """
    by_number = {page.number: page for page in pages}
    found = []
    for field in fields:
        if field.name in wanted and not field.sure and answered(field, earlier) is None:
            page = by_number[field.page]
            if lines := _lines(field, page):
                found.append(Question(field.name, page, lines))
    return sorted(found, key=lambda question: question.page.number)


def answered(field: Field, earlier: Mapping[str, Any]) -> str | None:
    """What the other reader read at this very place when the letter was filed before."""
    before = earlier.get(field.name)
    if before is None or (before["page"], before["box"]) != (field.page, list(field.box)):
        return None
    told: str | None = before.get("other")
    return told


def weighed(field: Field, said: str) -> Field:
    """The field with the other reader's text beside it: sure where both agree and nothing else is in doubt."""
    other = " ".join(clean(said).split()).strip(EDGE)
    if not other or fuzz.ratio(key(other), key(field.text)) < _RELATED:
        return field
    if not _agree(field, other):
        return replace(field, other=other)
    passed = tuple(dict.fromkeys((*field.passed, AGREED)))
    return replace(field, other=other, passed=passed, sure=field.sure or field.provable)


def _agree(field: Field, other: str) -> bool:
    value, failed = typed(field.name, other)
    spec = field_spec(field.name)
    if spec is not None and spec.type in _IN_WORDS:
        return _words(value) == _words(field.value)
    return value == field.value and not failed


def _words(text: str) -> list[str]:
    return [word for part in text.split() if (word := key(part))]


def _lines(field: Field, page: PageReading) -> tuple[Box, ...]:
    """The lines that the field takes, each the box around its words; none where the PDF itself gave the text."""
    x0, y0, x1, y1 = field.box
    if page.source != "ocr":
        return ()
    inside = [
        word
        for word in page.words
        if x0 <= (word.box[0] + word.box[2]) / 2 <= x1 and y0 <= (word.box[1] + word.box[3]) / 2 <= y1
    ]
    rows = [[word.box for word in row] for _, row in groupby(inside, key=lambda word: word.line)]
    return tuple(
        (
            min(box[0] for box in row),
            min(box[1] for box in row),
            max(box[2] for box in row),
            max(box[3] for box in row),
        )
        for row in rows[:MOST_LINES]
    )
