"""What somebody may go on to write: kinds, names, numbers and words out of letters that they may see."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from classify.rules import labels
from classify.vocabulary import ADDRESS, places
from search import identities
from search.parsing import parse, spellings

Kind = Literal["kata", "nama", "nomor", "tempat", "jenis"]

_BORN: Final = "tempat_tgl_lahir"
_LEAST: Final = 3  # letters: fewer begin too many words to be of help
_LOOKED_AT: Final = 30  # pages, the newest that have a word that begins so
_FIELDS: Final[dict[str, Kind]] = {
    "nama": "nama",
    "kepala_keluarga": "nama",
    "nomor_surat": "nomor",
    "kelurahan": "tempat",
    "kecamatan": "tempat",
    "kota": "tempat",
    "provinsi": "tempat",
    ADDRESS: "tempat",
    _BORN: "tempat",
}
# Each of these pages' text, and what its letter's fields say, in the order of _FIELDS
_HITS = text("""
    SELECT h.document_id, h.text, ARRAY(SELECT d.fields #>> ARRAY[f.name, 'value']
      FROM unnest(CAST(:fields AS text[])) WITH ORDINALITY AS f (name, n) ORDER BY f.n) AS told
    FROM search_begun(to_tsquery('indonesian', :query), :most) h JOIN document d ON d.id = h.document_id
""")
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that can be searched for, and what it is."""

    text: str
    kind: Kind


def suggest(session: Session, prefix: str, *, limit: int = 8) -> list[Suggestion]:
    """What begins so, the most frequent first: kinds of letters, then names, numbers and places, then words.

    The last word is the one being written; those before it have to stand on the page too. No identity number is given.
    """
    typed = prefix.strip().lower()
    last = _WORD.findall(typed)[-1:]
    if not last or len(last[0]) < _LEAST or typed[-1] != last[0][-1]:
        return []
    begun = " ".join([*_WORD.findall(typed)[:-1], f"{last[0]}*"])
    kinds = [label for label in labels().values() if f" {typed}" in f" {label.lower()}"]
    kinds.sort(key=lambda label: not label.lower().startswith(typed))
    found = [Suggestion(label, "jenis") for label in kinds]
    told = {"query": parse(begun).tsquery(None, spellings), "most": _LOOKED_AT, "fields": list(_FIELDS)}
    rows = session.execute(_HITS, told).all()
    begins = re.compile(rf"(?<![^\W_]){last[0]}[^\W_]*", re.IGNORECASE)
    letters = {row.document_id: row.told for row in rows}.values()
    for kind in ("nama", "nomor", "tempat"):
        found += _most(_in_fields(letters, kind, begins))
    if not last[0].isdigit():  # which is a part of something; a number is suggested whole
        found += _most(_words((row.text for row in rows), begins))
    return list({one.text.lower(): one for one in reversed(found)}.values())[::-1][:limit]


def _in_fields(letters: Iterable[list[str | None]], kind: Kind, begins: re.Pattern[str]) -> Iterator[Suggestion]:
    for told in letters:
        for (name, of), said in zip(_FIELDS.items(), told, strict=True):
            for value in _values(name, said) if said and of == kind else ():
                if begins.search(value) and not _hidden(value):
                    yield Suggestion(value, of)


def _values(name: str, said: str) -> Iterator[str]:
    """What the field says: of an address the village and the district, of a birth the place, no house and no day."""
    if name == ADDRESS:
        yield from (place for _, place in places(said))
    elif name == _BORN:
        yield re.split(r"[,\d]", said)[0].strip(" /-")
    else:
        yield said


def _words(texts: Iterable[str], begins: re.Pattern[str]) -> Iterator[Suggestion]:
    for word in begins.findall(" ".join(texts)):
        if not _hidden(word):
            yield Suggestion(word.lower(), "kata")


def _hidden(said: str) -> bool:
    return bool(identities.numbers_in(said))


def _most(found: Iterator[Suggestion]) -> list[Suggestion]:
    return [one for one, _ in Counter(found).most_common()]
