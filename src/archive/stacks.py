"""Stacks: one file that holds several letters. Which pages are which letter's, and how people and workers decide it.

A stack stays a document, with its bytes and its record; its pages become those of letters of their own. Separator
sheets and their blank backs stay with the stack. Letters are made, and pages moved, by document_split() and
document_join() in PostgreSQL only (docs/adr/0014).
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, func, select, text, update
from sqlalchemy.orm import Session

from access.accounts import Account
from archive import ledger
from archive.checks import CHECKABLE
from archive.pagelock import lock_pages
from archive.tables import DocumentRow, PageRow
from core.faults import CutFirst, CutMeanwhile, InvalidRequest, NotFound, NotReady, PagesElsewhere

_FREE: dict[str, Any] = {"attempts": 0, "lease": None, "lease_owner": None, "lease_until": None}
_SPLIT = text(
    "SELECT document_split(:whole, :ids, CAST(:firsts AS int[]), CAST(:lasts AS int[]), CAST(:names AS text[]),"
    " CAST(:wholes AS boolean[]))"
)
_JOIN = text("SELECT document_join(:whole)")
# For SQL of its own, where the document is `d`: no stack, and not joined back into one
MAY_BE_LETTER: Final = "(COALESCE(d.letters, 1) = 1 AND (d.part_of IS NULL OR d.first_page IS NOT NULL))"

# Raises LetterInUse when a book or a case, which this room knows nothing of, holds one of the documents
Unused = Callable[[Session, Collection[UUID]], None]


class Span(NamedTuple):
    """Pages of one letter, counted from 1 in the document they are cut from, both included; `whole`: nobody has to be
    asked whether it is really one."""

    first: int
    last: int
    whole: bool = True


class Part(NamedTuple):
    """One letter of a stack: its document, and which pages of the stack it is made of."""

    id: UUID
    first_page: int
    last_page: int


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a person says that letters begin (page numbers), and how the document stood when they looked: how many
    pages it had, and `DocumentRow.letters`."""

    begins: frozenset[int]
    pages: int
    letters: int | None


def waits(row: DocumentRow) -> bool:
    """Whether a person has to say where the letters of this file begin."""
    return row.letters is None and row.checked_at is None and bool(row.verdict.get("letters"))


def is_letter(row: DocumentRow) -> bool:
    """Whether it is one letter, known as such: what books and cases can hold."""
    return not (row.is_stack or row.is_joined_back or waits(row)) and row.kind is not None


def require_letter(row: DocumentRow) -> None:
    """Raise PagesElsewhere, CutFirst or NotReady for what is not `is_letter`."""
    if row.is_stack or row.is_joined_back:
        raise PagesElsewhere
    if waits(row):
        raise CutFirst
    if row.kind is None:
        raise NotReady(stage=row.stage)


def held_letter(session: Session, document: UUID) -> DocumentRow:
    """The letter, held until the transaction ends: nobody splits it while it is registered, linked or shown.

    Raises NotFound, and as require_letter() does.
    """
    row = session.scalar(
        select(DocumentRow)
        .where(DocumentRow.id == document)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    require_letter(row)
    return row


def are_letters() -> ColumnElement[bool]:
    """Of documents that are filed: those that are one letter, known as such."""
    proposed = func.jsonb_array_length(func.coalesce(DocumentRow.verdict["letters"], text("'[]'::jsonb"))) > 0
    undecided = DocumentRow.letters.is_(None) & DocumentRow.checked_at.is_(None) & proposed
    return (func.coalesce(DocumentRow.letters, 1) == 1) & ~DocumentRow.is_joined_back & ~undecided


def letters_of(session: Session, stack: UUID) -> list[Part]:
    """The visible letters of a stack, in the order of its pages; none when it is no stack."""
    rows = session.execute(
        select(DocumentRow.id, DocumentRow.first_page, DocumentRow.last_page)
        .where(DocumentRow.part_of == stack, DocumentRow.first_page.is_not(None))
        .order_by(DocumentRow.first_page)
    )
    return [Part(letter, first or 0, last or 0) for letter, first, last in rows]


def apart(session: Session, row: DocumentRow) -> frozenset[int]:
    """Pages of a file that belong to no letter: separator sheets and their blank backs."""
    if row.is_stack:
        return frozenset(session.scalars(select(PageRow.number).where(PageRow.document_id == row.id)))
    return frozenset() if row.part_of else frozenset(row.verdict.get("apart", ()))


def spans_of(begins: Iterable[int], pages: int, left_out: Collection[int]) -> tuple[Span, ...]:
    """The letters that begin on those pages, of 1 … `pages`: each goes on to the next, but for the sheets before it.

    The first page that is not left out begins a letter in any case. A sheet that no letter begins behind stays where it
    lies, as a page of the letter around it. Raises InvalidRequest for a page that cannot begin a letter.
    """
    first = next((number for number in range(1, pages + 1) if number not in left_out), None)
    starts = {first, *begins}
    if first is None or any(start not in range(1, pages + 1) or start in left_out for start in starts):
        raise InvalidRequest(what="halaman tempat surat mulai")
    ordered = sorted(start for start in starts if start is not None)
    spans = []
    for start, following in zip(ordered, [*ordered[1:], pages + 1], strict=True):
        last = following - 1
        while last in left_out:
            last -= 1
        spans.append(Span(start, last))
    return tuple(spans)


def decide(session: Session, account: Account, document: UUID, said: Decision, unused: Unused) -> DocumentRow:
    """Take a person's word for where letters begin; one letter is kept as it is. Saying the same again changes nothing.

    Raises NotFound, InvalidRequest; NotReady while it is being read, or held; PagesElsewhere for a file whose pages are
    other letters' or were joined back; CutMeanwhile when it is not as the person saw it; LetterInUse.
    """
    row = _locked(session, document)
    spans = spans_of(said.begins, said.pages, apart(session, row))
    if row.is_joined_back:
        raise PagesElsewhere
    if _is_so(session, row, spans, said.pages):
        return row
    if row.is_stack:
        raise PagesElsewhere
    if row.kind is None or row.stage not in CHECKABLE:
        raise NotReady(stage=row.stage)
    if (row.pages, row.letters) != (said.pages, said.letters):
        raise CutMeanwhile
    if len(spans) == 1:
        _keep_whole(session, account, row)
    else:
        unused(session, [row.id])
        _split(session, account.id, row, spans)
    session.refresh(row)
    return row


def _is_so(session: Session, row: DocumentRow, spans: Sequence[Span], pages: int) -> bool:
    """Whether the letters that these spans name, of a document of so many pages, are there already."""
    if row.letters is None or (row.pages != pages and row.part_of is None):
        return False
    if not row.is_stack and len(spans) == 1:
        return row.pages == pages
    cut = {(part.first_page, part.last_page) for part in letters_of(session, row.file_id)}
    wanted = {(row.place_in_file(span.first), row.place_in_file(span.last)) for span in spans}
    return wanted == cut if row.is_stack else wanted <= cut


def hold_claimed(session: Session, row: DocumentRow) -> bool:
    """Hold what a worker is about to write of the document that it claimed: its pages, and its row, and those of its
    stack, until the transaction ends. False when somebody was first."""
    lock_pages(session, {row.id, row.file_id})
    now = _locked(session, row.id)
    return now.lease == row.lease and now.stage == row.stage


def split_surely(session: Session, row: DocumentRow, spans: Sequence[Span]) -> bool:
    """A worker's split of the file that it holds at `read`, where paper itself says how. False when somebody was first.

    The stack is filed by it; its letters are to be filed, and those that are not `whole` to be asked about.
    """
    now = _locked(session, row.id)
    if now.lease != row.lease or now.stage != "read":
        return False
    _split(session, ledger.WORKER, now, spans)
    return True


def join(session: Session, account: Account, document: UUID, unused: Unused) -> DocumentRow:
    """Give the pages of a stack's letters back to it: it is one letter again, and can be split otherwise.

    The letters stay as they were sealed, without pages, and are in no list. Raises NotFound; PagesElsewhere when it is
    no stack; NotReady until all its letters are sealed; CutMeanwhile when one was cut in this moment; LetterInUse.
    """
    letters = letters_of(session, document)
    lock_pages(session, [document, *(letter.id for letter in letters)])
    row = _locked(session, document)
    if not row.is_stack:
        raise PagesElsewhere
    stages = [_locked(session, letter.id).stage for letter in letters]
    if letters != letters_of(session, document):
        raise CutMeanwhile
    unready = [stage for stage in stages if stage != "sealed"] + [row.stage] * (row.stage not in ("filed", "sealed"))
    if unready:
        raise NotReady(stage=unready[0])
    unused(session, [document, *(letter.id for letter in letters)])
    session.execute(_JOIN, {"whole": document})
    for letter in letters:
        ledger.append(
            session,
            "letter_joined",
            actor=account.id,
            document=letter.id,
            digest=row.sha256,
            part_of=str(document),
        )
    ledger.append(session, "joined", actor=account.id, document=document, letters=[str(part.id) for part in letters])
    session.refresh(row)
    return row


def _locked(session: Session, document: UUID) -> DocumentRow:
    """The document, with its pages and its stack locked until the transaction ends. Raises NotFound."""
    lock_pages(session, [document])
    stack = select(DocumentRow.part_of).where(DocumentRow.id == document).scalar_subquery()
    found = {
        row.id: row
        for row in session.scalars(
            select(DocumentRow)
            .where((DocumentRow.id == document) | (DocumentRow.id == stack))
            .order_by(DocumentRow.seq)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    if document not in found:
        raise NotFound
    return found[document]


def _keep_whole(session: Session, account: Account, row: DocumentRow) -> None:
    """It is one letter: filed as such, and sealed anew."""
    session.execute(
        update(DocumentRow)
        .where(DocumentRow.id == row.id)
        .values(stage="read", letters=1, doubt=None, sealed_at=None, manifest_key=None, manifest_version=None, **_FREE)
    )
    ledger.append(session, "kept_whole", actor=account.id, document=row.id)


def _split(session: Session, actor: str | UUID, row: DocumentRow, spans: Sequence[Span]) -> None:
    """Make the letters, with an event for each and one for what they were."""
    stack = row if row.part_of is None else session.get_one(DocumentRow, row.part_of)
    ids = [row.id if row.part_of is not None and at == 0 else uuid4() for at in range(len(spans))]
    places = [Span(row.place_in_file(span.first), row.place_in_file(span.last)) for span in spans]
    session.execute(
        _SPLIT,
        {
            "whole": row.id,
            "ids": ids,
            "firsts": [span.first for span in spans],
            "lasts": [span.last for span in spans],
            "names": [name_of(stack.filename, place) for place in places],
            "wholes": [span.whole for span in spans],
        },
    )
    ledger.append(session, "split", actor=actor, document=row.id, letters=[str(letter) for letter in ids])
    for letter, place in zip(ids, places, strict=True):
        ledger.append(
            session,
            "letter_cut",
            actor=actor,
            document=letter,
            digest=row.sha256,
            part_of=str(stack.id),
            first=place.first,
            last=place.last,
        )


def name_of(filename: str, place: Span) -> str:
    """What a letter of a stack is called: `pindaian.pdf` → `pindaian hal. 3-5.pdf`."""
    stem, dot, suffix = filename.rpartition(".")
    pages = f"{place.first}" if place.first == place.last else f"{place.first}-{place.last}"
    return f"{stem} hal. {pages}.{suffix}" if dot and stem else f"{filename} hal. {pages}"
