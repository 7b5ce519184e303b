"""Where the letters of one file begin: as it is proposed, as it was decided, and what a person says of it.

A letter that a visible agenda book, chain of dispositions, case or berkas holds is neither split nor joined back: it
would be of other pages there. Of a case that somebody may not see they are told nothing, also not by a refusal
(docs/adr/0015).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from access.accounts import Account
from archive import documents, stacks
from archive.stacks import Decision
from archive.tables import DocumentRow
from cases import book
from core.faults import LetterInUse, NotReady, PagesElsewhere
from records import agenda, inbox
from records.filing import berkas


@dataclass(frozen=True, slots=True)
class Begun:
    """One letter: its pages, its likely kind, whether and why it is taken to begin there; its document once made."""

    id: UUID | None
    first_page: int
    last_page: int
    kind: str | None
    sure: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cutting:
    """One file: `apart` are its pages that belong to no letter."""

    row: DocumentRow
    pages: int
    apart: frozenset[int]
    letters: tuple[Begun, ...]


def gather(session: Session, document: UUID) -> Cutting:
    """The letters that a file was split into, or seems to hold. Raises NotFound; NotReady until it is filed;
    PagesElsewhere when it was joined back into its stack."""
    row = documents.find(session, document)
    if row.is_joined_back:
        raise PagesElsewhere
    if row.pages is None or row.stage == "held" or (row.kind is None and not row.is_stack):
        raise NotReady(stage=row.stage)
    apart = stacks.apart(session, row)
    return Cutting(row, row.pages, apart, tuple(_made(session, row) if row.is_stack else _proposed(row, apart)))


def _made(session: Session, row: DocumentRow) -> Iterable[Begun]:
    parts = stacks.letters_of(session, row.id)
    rows = documents.several(session, [part.id for part in parts])
    return (Begun(*part, kind=rows[part.id].kind, sure=True, reasons=()) for part in parts)


def _proposed(row: DocumentRow, apart: frozenset[int]) -> Iterable[Begun]:
    """As reading proposed it; one letter where it saw no second, or where a person decided so; none in sheets alone."""
    found = row.verdict.get("letters") if row.letters is None else None
    if not found and len(apart) == row.pages:
        return []
    if not found:
        [span] = stacks.spans_of((), row.pages or 1, apart)
        return [Begun(None, span.first, span.last, row.kind, sure=True, reasons=())]
    return (Begun(None, cut["first"], cut["last"], cut["kind"], cut["sure"], tuple(cut["reasons"])) for cut in found)


def decide(session: Session, account: Account, document: UUID, said: Decision) -> DocumentRow:
    """As archive.stacks.decide(), but for a letter that a book or a case holds. Raises LetterInUse too."""
    return stacks.decide(session, account, document, said, _unused)


def join(session: Session, account: Account, document: UUID) -> DocumentRow:
    """As archive.stacks.join(), but for letters that a book or a case holds. Raises LetterInUse too."""
    return stacks.join(session, account, document, _unused)


def _unused(session: Session, held: Collection[UUID]) -> None:
    entry = agenda.entry_among(session, held)
    if entry is not None:
        number = f"nomor {entry.number} tahun {entry.year}" if entry.numbered else "(draf, belum bernomor)"
        raise LetterInUse(where=f"agenda surat {entry.book} {number}")
    if inbox.chains(session, held):
        raise LetterInUse(where="disposisi")
    cases = book.of_letters(session, held)
    if cases:
        raise LetterInUse(where=f"kasus {cases[0].number}")
    filed = next((found for one in held if (found := berkas.of_letter(session, one)) is not None), None)
    if filed is not None:
        raise LetterInUse(where=f"berkas {berkas.number_of(filed)}")
