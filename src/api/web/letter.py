"""What the page of one letter shows."""

from dataclasses import dataclass, replace
from itertools import chain, groupby, repeat
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from access.accounts import Account, names_of
from access.roles import CLEARANCES
from api.cards import photo_of
from api.casework import identity_key
from api.finding import WINDOW, Asked
from api.web import twin
from api.web import words as plain
from archive import documents, ledger, stacks
from archive.reading import PageReading
from archive.signatures import Signature, several
from archive.tables import DocumentRow
from cases import book
from cases.book import Case
from classify.fieldspec import kind_spec, label, mask
from classify.maskedtext import masked_words
from core.faults import Fault, fault_from
from records.particulars import sifat
from search.marks import Box, PageMarks, in_letter
from search.similar import similar

_HISTORY: Final = 10
"""Lines of history that a letter's page shows unasked: it stays light, however often the letter was looked at."""
_SIMILAR: Final = 5
_REASONS: Final = {"kasus": "kasus yang sama", "pengirim": "pengirim yang sama", "isi": "isinya mirip"}
_LOWEST_SURE: Final = 0.6


@dataclass(frozen=True, slots=True)
class Page:
    """One page: `size` of its picture in pixels (0, 0 while it is not read), lines of words with whether each is a
    hit, and the boxes of the hits as fractions of the picture. `masked`: it is a card, whose photo is not shown."""

    number: int
    read: bool
    size: tuple[int, int]
    lines: tuple[tuple[tuple[str, bool], ...], ...]
    boxes: tuple[Box, ...]
    doubtful: bool
    masked: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """One field as people read it; `doubtful` until a person looked at it, `failed` is what speaks against it."""

    label: str
    text: str
    doubtful: bool
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as its page shows it. `secrecy` (0…3; None where no Sifat was read) and `urgency` are what its Sifat
    says. `windows` are the first and last page of each part of a thick file, `stack` is
    what the letter was scanned in, `parts` are the letters of what is itself a stack, `hidden`:
    its identity numbers are. `similar` are letters like it, each with why."""

    row: DocumentRow
    clearance: str
    kind: str
    fault: Fault | None
    words: str
    hits: tuple[int, ...]
    pages: tuple[Page, ...]
    windows: tuple[tuple[int, int], ...]
    history: list[plain.Entry]
    earlier: int
    facts: tuple[Fact, ...]
    secrecy: int | None
    urgency: str
    stack: DocumentRow | None
    parts: tuple[DocumentRow, ...]
    twins: tuple[twin.Other, ...]
    cases: tuple[Case, ...]
    similar: tuple[tuple[DocumentRow, str], ...]
    signatures: tuple[Signature, ...]
    hidden: bool

    @property
    def hit_before(self) -> int | None:
        """The last page with a hit before those shown."""
        return max((page for page in self.hits if page < self.pages[0].number), default=None)

    @property
    def hit_after(self) -> int | None:
        """The first page with a hit behind those shown."""
        return min((page for page in self.hits if page > self.pages[-1].number), default=None)

    @property
    def waits(self) -> bool:
        """Whether a person has to say where the letters of this file begin."""
        return stacks.waits(self.row)


def gather(
    session: Session, account: Account, document: UUID, *, asked: Asked, near: int, whole: bool = False, bare: bool
) -> Letter:
    """The letter with what is asked for marked, the part of its pages that has page `near`, its newest history or the
    `whole`; `bare`: with identity numbers. Raises NotFound."""
    row = documents.find(session, document)
    states = documents.page_states(session, document)
    marks = _marks(session, document, asked)
    first = min((near - 1) // WINDOW, max(0, len(states) - 1) // WINDOW) * WINDOW
    part = states[first : first + WINDOW]
    readings = documents.readings(session, [(document, number) for number, read in part if read])
    events = ledger.document_events(session, document)
    names = names_of(session, [event.actor for event in events])
    secrecy, urgency = sifat(row.fields)
    pages = [_page(row, number, readings.get((document, number)), marks.get(number)) for number, _ in part]
    history = plain.entries(events, account, names, folded=True)
    shown = len(history) if whole else _HISTORY
    return Letter(
        row=row,
        clearance=CLEARANCES[row.clearance],
        kind=f"Tumpukan {row.letters} surat" if row.is_stack else plain.kind(row.kind),
        fault=fault_from(row.fault_slug, row.fault_facts or {}) if row.fault_slug else None,
        words=asked.words,
        hits=tuple(sorted(marks)),
        pages=tuple(pages if bare else map(_without_numbers, pages)),
        windows=tuple((n, min(n + WINDOW - 1, len(states))) for n in range(1, len(states) + 1, WINDOW)),
        history=history[-shown:],
        earlier=max(0, len(history) - shown),
        facts=tuple(_fact(name, row.fields[name], bare=bare) for name in _in_order(row)),
        secrecy=secrecy if "sifat" in row.fields else None,
        urgency=urgency,
        # a stack with a secret letter in it is above who may see this one
        stack=documents.several(session, [row.part_of]).get(row.part_of) if row.part_of else None,
        parts=_parts(session, row),
        twins=twin.others(session, document),
        cases=tuple(book.of_letters(session, [document])),
        similar=_similar(session, document),
        signatures=tuple(several(row.signatures or [])),
        hidden=not bare,
    )


def _similar(session: Session, document: UUID) -> tuple[tuple[DocumentRow, str], ...]:
    found = similar(session, document, limit=_SIMILAR)
    rows = documents.several(session, [one.document for one in found])
    return tuple((rows[one.document], ", ".join(_REASONS[why] for why in one.reasons)) for one in found)


def _marks(session: Session, document: UUID, asked: Asked) -> dict[int, PageMarks]:
    if not asked.words:
        return {}
    return in_letter(session, document, asked.words, identity_key=identity_key(), switched_off=asked.off)


def _parts(session: Session, row: DocumentRow) -> tuple[DocumentRow, ...]:
    ids = [part.id for part in stacks.letters_of(session, row.id)] if row.is_stack else []
    rows = documents.several(session, ids)
    return tuple(rows[letter] for letter in ids)


def _in_order(row: DocumentRow) -> list[str]:
    order = [spec.name for spec in kind_spec(row.kind or "").fields]
    return sorted(row.fields, key=lambda name: order.index(name) if name in order else len(order))


def _fact(name: str, field: dict[str, Any], *, bare: bool) -> Fact:
    text = field["text"] if bare else mask(name, field["text"])
    return Fact(label(name), text, not field["sure"], tuple(field["failed"]))


def _page(row: DocumentRow, number: int, reading: dict[str, Any] | None, marks: PageMarks | None) -> Page:
    if reading is None:
        return Page(number, read=False, size=(0, 0), lines=(), boxes=(), doubtful=False, masked=False)
    # of an endless page only the beginning is text (workers/pipeline.py): no flag tells of the words behind it
    flags = chain(marks.flags if marks else (), repeat(False))
    # a stored word is [text, x0, y0, x1, y1, confidence, line] (archive/reading.py)
    numbered = [(word[6], word[0], hit) for word, hit in zip(reading["words"], flags, strict=False)]
    lines = tuple(
        tuple((text, hit) for _, text, hit in line) for _, line in groupby(numbered, key=lambda word: word[0])
    )
    sure = [word[5] for word in reading["words"] if word[5] is not None]
    doubtful = bool(sure) and sum(sure) / len(sure) < _LOWEST_SURE
    width, height = reading["preview"]
    masked = photo_of(row.kind, PageReading.from_json(reading)) is not None
    return Page(number, True, (width, height), lines, marks.boxes if marks else (), doubtful, masked)


def _without_numbers(page: Page) -> Page:
    """The page with identity numbers hidden; a number may go on in the next word, or line."""
    hidden = iter(masked_words([word for line in page.lines for word, _ in line]))
    return replace(page, lines=tuple(tuple((next(hidden), hit) for _, hit in line) for line in page.lines))
