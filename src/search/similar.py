"""Letters like a letter: of the same case, from the same sender, or of the same words."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from archive import documents
from archive.tables import DocumentRow
from search.parsing import parse, spellings, stop_words

Reason = Literal["kasus", "pengirim", "isi"]

_WORTH: Final[dict[Reason, float]] = {"kasus": 1.0, "pengirim": 0.4, "isi": 1.0}  # of "isi" times the shared words
_LOOKED_AT: Final = 100
_LEAST_SHARED: Final = 0.2
_WORDS_ASKED: Final = 5
_CASES = text("""
    SELECT DISTINCT y.document_id FROM case_letter x JOIN case_letter y ON y.case_id = x.case_id
    WHERE x.document_id = :letter AND y.document_id <> :letter AND x.removed_at IS NULL AND y.removed_at IS NULL
    LIMIT :most
""")
_HITS = text("SELECT document_id FROM search_pages(ARRAY[to_tsquery('indonesian', :query)], :last, 0, :most)")
# Words of first pages, without numbers and hashes of numbers: what is left says what a letter is about
_WORDS = text("""
    SELECT p.document_id, array(SELECT w FROM unnest(tsvector_to_array(p.words)) w WHERE w !~ '[0-9]' AND length(w) > 2)
    FROM page p WHERE p.document_id = ANY (:letters) AND p.number = 1 AND p.words IS NOT NULL
""")
_LAST: Final = 2**62


@dataclass(frozen=True, slots=True)
class Similar:
    """A letter like another: how much (the greater the more), and why."""

    document: UUID
    score: float
    reasons: tuple[Reason, ...]


def similar(session: Session, document: UUID, *, limit: int = 10) -> list[Similar]:
    """Letters like this one that the account may see, the likest first. Raises NotFound."""
    letter = documents.find(session, document)
    why: dict[UUID, dict[Reason, float]] = defaultdict(dict)
    for other in session.scalars(_CASES, {"letter": document, "most": _LOOKED_AT}):
        why[other]["kasus"] = _WORTH["kasus"]
    for other in _found(session, _value(letter, "pengirim")):
        why[other]["pengirim"] = _WORTH["pengirim"]
    for other in _found(session, _matter(letter)):
        why[other].setdefault("isi", 0.0)
    why.pop(document, None)
    visible = documents.several(session, list(why))
    _weigh_words(session, document, why)
    rated = [Similar(other, sum(why[other].values()), tuple(why[other])) for other in visible if why[other]]
    newest = sorted(rated, key=lambda one: visible[one.document].seq, reverse=True)
    return sorted(newest, key=lambda one: one.score, reverse=True)[:limit]


def _value(letter: DocumentRow, name: str) -> str:
    return str(letter.fields.get(name, {}).get("value") or "")


def _matter(letter: DocumentRow) -> str:
    """The telling words of the letter's matter, the longest."""
    words = {word for term in parse(_value(letter, "perihal")).alternatives for one in term for word in one.parts}
    return " ".join(sorted(words - stop_words(), key=lambda word: (-len(word), word))[:_WORDS_ASKED])


def _found(session: Session, words: str) -> set[UUID]:
    query = parse(words).tsquery(None, spellings) if words else ""
    return set(session.scalars(_HITS, {"query": query, "last": _LAST, "most": _LOOKED_AT})) if query else set()


def _weigh_words(session: Session, document: UUID, why: dict[UUID, dict[Reason, float]]) -> None:
    """Give "isi" its share of common words, and take it back where too few are common."""
    words = {letter: set(said) for letter, said in session.execute(_WORDS, {"letters": [document, *why]})}
    own = words.get(document, set())
    for other, reasons in why.items():
        theirs = words.get(other, set())
        shared = len(own & theirs) / len(own | theirs) if own and theirs else 0.0
        reasons.pop("isi", None)
        if shared >= _LEAST_SHARED:
            reasons["isi"] = round(_WORTH["isi"] * shared, 3)
