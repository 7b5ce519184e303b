"""A field as read, before it is checked against the others, and what all readers of values share."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import fmean

from classify import identity
from classify.fieldspec import FieldSpec, key
from classify.rows import Piece, text_of

JUNK = "“”‘’\"'«»—–_~|*#=<>{}[]\\^`•°¥€£$§□■☐☑☒▢▣◻◼✓✔✗✘"
EDGE = JUNK + " :;,.-!/?"
LOW = 0.35  # under this confidence a word at the end of a value is a speck
LONGEST = 400
_TAIL_GAP = 4.5  # letters' widths: what stands farther right belongs to something else


@dataclass(slots=True)
class Draft:
    """A value under way. `exact` says that nothing had to be guessed; the lists hold short phrases for clerks."""

    spec: FieldSpec
    text: str
    value: str
    pieces: list[Piece]
    valid: bool = True
    exact: bool = True
    labelled: bool = True
    day: date | None = None
    number: identity.Nik | identity.Nip | None = None
    passed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    certain: bool = True
    proof: bool = False
    known: frozenset[str] = frozenset()

    @property
    def confidence(self) -> float:
        """How sure the reader was of the worst word no list confirms; of all words on average when lists do, 0…1."""
        said = [p for p in self.pieces if any(c.isalnum() for c in p.text)] or self.pieces
        doubtful = [p.confidence for p in said if key(p.text) not in self.known]
        return min(doubtful) if doubtful else fmean(p.confidence for p in said)


def trimmed(pieces: Sequence[Piece], wide: bool = False) -> list[Piece]:
    """One row of a value without what is no part of it: frames in front, specks and far words behind.

    `wide` values may be spread over their row.
    """
    row = list(pieces)
    while row and not any(c.isalnum() for c in row[0].text) and row[0].text not in ("-", "("):
        row.pop(0)
    letter = sum(p.x1 - p.x0 for p in row) / max(1, sum(len(p.text) for p in row))
    if not wide:
        row = row[: next((i for i in range(1, len(row)) if _apart(row[i - 1], row[i], letter)), len(row))]
    while len(row) > 1 and (row[-1].confidence < LOW or not any(c.isalnum() or c in ")." for c in row[-1].text)):
        row.pop()
    return row


def _apart(left: Piece, right: Piece, letter: float) -> bool:
    """Whether a new thing begins; the space left for a serial ("000.8.3.3/      /DINSOS") parts nothing."""
    return right.x0 - left.x1 > _TAIL_GAP * letter and not (left.text[-1] == "/" and right.text[0] == "/")


def spanned(pieces: Sequence[Piece], start: int, end: int) -> list[Piece]:
    """The pieces that characters start…end of `text_of(pieces)` came from."""
    found, at = [], 0
    for piece in pieces:
        if at < end and at + len(piece.text) > start:
            found.append(piece)
        at += len(piece.text) + 1
    return found


def folded(pieces: Sequence[Piece]) -> str:
    text = text_of(pieces)[:LONGEST]
    return re.sub(r"\s+([,.;)])", r"\1", re.sub(r"\(\s+", "(", text)).strip(EDGE.replace(".", ""))
