"""Identity numbers of persons (NIK, KK, BPJS, NIP): found by equality, and in no index to be read.

The index of words holds no such number. In its place stands a keyed hash of it, so that who knows the whole number
finds its letters, and who reads the index learns none. The key lies outside the database (ARSIP_IDENTITY_KEY).
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from archive.tables import DocumentRow, PageRow
from classify.numbers import CONFUSED

# The index leaves out what these match: search_words() in PostgreSQL has the same two (workers/migrations, 0027).
# A run of thirteen digits or more, with what readers take for digits; and a NIK in groups: six digits of a place, day
# (1-31, for women 41-71), month, year, four digits (domain.md §4.1).
_SEEN: Final = "[0-9OoQIlSBZ]"
_RUN: Final = rf"\b(?={_SEEN}{{13,20}}\b){_SEEN}*[0-9]{{6}}{_SEEN}*"
_GAP: Final = r"[ .\-]?"
_GROUPED: Final = (
    rf"\b[0-9](?:{_GAP}[0-9]){{5}}{_GAP}[0-7]{_GAP}[0-9]{_GAP}[01]{_GAP}[0-9](?:{_GAP}[0-9]){{6}}\b(?!{_GAP}[0-9])"
)
_NUMBER: Final = re.compile(f"{_GROUPED}|{_RUN}")
# Both have so many signs in a row, but for gaps; most texts have not, which is soon told
_LEAST: Final = b"0" * 13
_SQUEEZED: Final = bytes(ord("0" if re.match(_SEEN, chr(sign)) else "-") for sign in range(256))
NOBODYS: Final = "nik0"
"""A word that stands for no number: what is searched for when there is no key to hash with."""


def spans(text: str) -> list[tuple[int, int, str]]:
    """Where identity numbers stand in a text, and their digits."""
    if _LEAST not in text.encode("ascii", "replace").translate(_SQUEEZED, b" .-"):
        return []
    return [(found.start(), found.end(), digits(found[0])) for found in _NUMBER.finditer(text)]


def digits(number: str) -> str:
    """The digits of a number as somebody writes it or a reader saw it."""
    return re.sub("[^0-9]", "", number.translate(CONFUSED))


def numbers_in(text: str) -> frozenset[str]:
    """The identity numbers in a text."""
    return frozenset(number for _, _, number in spans(text))


def of_page(text: str, fields: Mapping[str, Mapping[str, Any]], number: int) -> frozenset[str]:
    """The identity numbers of a page: those in its text, and those that the letter's fields have there, as checks or a
    person put them right; what stands at no known place belongs to the first page."""
    told = [str(field["value"]) for field in fields.values() if (field.get("page") or 1) == number]
    return numbers_in(text).union(*map(numbers_in, told))


def blind(numbers: Iterable[str], key: str) -> list[str]:
    """The words that stand for these numbers in the index, sorted: equal for equal numbers, and without the key
    nothing can be learned from them."""
    hashes = (hmac.digest(key.encode(), b"letter:" + number.encode(), hashlib.sha256) for number in numbers)
    return sorted(f"nik{int.from_bytes(whole[:8])}" for whole in hashes)


def marked(words: Sequence[str], asked: frozenset[str]) -> list[bool]:
    """For each word of a page whether it is part of one of these numbers."""
    text, at = " ".join(words), 0
    found = [(start, end) for start, end, number in spans(text) if number in asked] if asked else []
    flags = []
    for word in words:
        flags.append(any(start < at + len(word) and at < end for start, end in found))
        at += len(word) + 1
    return flags


def enter_missing(session: Session, key: str, most: int = 200) -> int:
    """Index anew pages that were stored without their numbers' hashes: by an earlier version, or out of an earlier
    copy. How many; a bounded number in one transaction, and no page that another worker has in hand."""
    due = select(PageRow.id, PageRow.text, PageRow.number, DocumentRow.fields).join_from(PageRow, DocumentRow)
    due = due.where(PageRow.identities.is_(None), PageRow.text.is_not(None)).limit(most)
    rows = session.execute(due.with_for_update(of=PageRow, skip_locked=True)).all()
    for page, text, number, fields in rows:
        numbers = blind(of_page(text or "", fields, number), key)
        session.execute(update(PageRow).where(PageRow.id == page).values(identities=numbers))
    return len(rows)


def enter_fields(document: DocumentRow, pages: Iterable[PageRow], key: str) -> None:
    """Let the index find a letter by its fields' numbers as they are right now; of pages loaded in this transaction."""
    for page in pages:
        numbers = blind(of_page(page.text or "", document.fields, page.number), key)
        if page.document_id == document.id and page.identities != numbers:
            page.identities = numbers
