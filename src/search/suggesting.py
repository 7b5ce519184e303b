"""What somebody may go on to write: kinds, names, numbers and words out of letters that they may see."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from archive import documents
from classify.rules import labels
from search import identities
from search.parsing import parse, spellings

Kind = Literal["kata", "nama", "nomor", "jenis"]

_LEAST: Final = 3  # letters: fewer begin too many words to be of help
_LOOKED_AT: Final = 60  # pages, the newest that have a word that begins so
_FIELDS: Final[dict[str, Kind]] = {"nama": "nama", "kepala_keluarga": "nama", "nomor_surat": "nomor"}
_HITS = text("SELECT document_id, text FROM search_pages(to_tsquery('indonesian', :query), :last, 0, :most)")
_WORD: Final = re.compile(r"[^\W_]+")
_LAST: Final = 2**62


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that can be searched for, and what it is."""

    text: str
    kind: Kind


def suggest(session: Session, prefix: str, *, limit: int = 8) -> list[Suggestion]:
    """What begins so, the most frequent first: kinds of letters, then names and numbers, then words.

    The last word is the one being written; those before it have to stand on the page too. No identity number is given.
    """
    typed = prefix.strip().lower()
    last = _WORD.findall(typed)[-1:]
    if not last or len(last[0]) < _LEAST or typed[-1] != last[0][-1] or last[0].isdigit():
        return []
    begun = " ".join([*_WORD.findall(typed)[:-1], f"{last[0]}*"])
    found = [Suggestion(label, "jenis") for label in labels().values() if label.lower().startswith(typed)]
    told = {"query": parse(begun).tsquery(None, spellings), "last": _LAST, "most": _LOOKED_AT}
    rows = session.execute(_HITS, told).all()
    for kind, begins in (("nama", last[0]), ("nomor", last[0])):
        found += _most(_in_fields(session, rows, kind, begins))
    found += _most(_words(rows, last[0]))
    return list({one.text.lower(): one for one in reversed(found)}.values())[::-1][:limit]


def _in_fields(session: Session, rows: Any, kind: str, begins: str) -> Iterator[Suggestion]:
    for letter in documents.several(session, list({row.document_id for row in rows})).values():
        for name, of in _FIELDS.items():
            value = str(letter.fields.get(name, {}).get("value") or "") if of == kind else ""
            if any(word.lower().startswith(begins) for word in _WORD.findall(value)) and not _hidden(value):
                yield Suggestion(value, of)


def _words(rows: Any, begins: str) -> Iterator[Suggestion]:
    for row in rows:
        for word in _WORD.findall(row.text):
            if word.lower().startswith(begins) and not _hidden(word):
                yield Suggestion(word.lower(), "kata")


def _hidden(said: str) -> bool:
    return bool(identities.numbers_in(said))


def _most(found: Iterator[Suggestion]) -> list[Suggestion]:
    return [one for one, _ in Counter(found).most_common()]
