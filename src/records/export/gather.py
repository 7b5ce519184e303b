"""Everything of one berkas that its bag will hold, read in one transaction: where the bytes lie, and what happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from archive import ledger, objects
from archive.ledger import Event
from archive.objects import Place
from archive.tables import DocumentRow
from core.faults import KeyDestroyed, NotFound
from records.filing.tables import BerkasLetterRow, BerkasRow

ORIGINAL, COPY, MANIFEST = "asli", "salinan.pdf", "manifes.json"
_PDF: Final = "application/pdf"


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the bag as it lies in the archive. `sha256` and `size` are of its plain bytes, where known."""

    name: str
    place: Place
    version: str | None
    sha256: str | None
    size: int | None
    media_type: str
    original_name: str | None = None
    made_of: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One letter: its folder in the bag, the day it bears, its files (none where it was destroyed) and its events."""

    row: DocumentRow
    folder: str
    day: date
    sources: tuple[Source, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A berkas to be exported: the letters that the asker may see, and the stacks that lie wholly in it.

    `hidden`: how many more lie in it that the asker may not see.
    """

    berkas: BerkasRow
    items: tuple[Item, ...]
    stacks: tuple[Source, ...]
    hidden: int

    @property
    def number(self) -> str:
        """`012/2026`."""
        return f"{self.berkas.number:03d}/{self.berkas.year}"

    @property
    def folder(self) -> str:
        """The bag's name: of unit and number, and of no person."""
        return f"berkas-{self.berkas.unit}-{self.berkas.year}-{self.berkas.number:03d}"

    @property
    def sources(self) -> tuple[Source, ...]:
        """All files that lie in the archive."""
        return (*(source for item in self.items for source in item.sources), *self.stacks)


def berkas_of_case(session: Session, case: UUID) -> UUID:
    """The berkas of a case. Raises NotFound."""
    found = session.scalar(select(BerkasRow.id).where(BerkasRow.case_id == case))
    if found is None:
        raise NotFound
    return found


def gather(session: Session, account: Account, berkas: UUID, endings: Mapping[str, str]) -> Parcel:
    """The berkas with its letters, oldest first; the export is entered in the ledger. `endings` of names by media type.

    Raises Forbidden, NotFound.
    """
    account.require(Right.EXPORT)
    row = session.get(BerkasRow, berkas)
    if row is None:
        raise NotFound
    letters = _letters(session, berkas)
    whole = _whole_stacks(session, [letter for letter, _ in letters])
    stacks = tuple(
        _original(session, stack, f"tumpukan/{number:03d}/{ORIGINAL}{endings[stack.media_type]}")
        for number, stack in enumerate(whole, 1)
    )
    lie: dict[UUID | None, str] = {stack.id: source.name for stack, source in zip(whole, stacks, strict=True)}
    items = tuple(
        Item(letter, f"surat/{number:03d}", day, sources, tuple(ledger.document_events(session, letter.id)))
        for number, (letter, day) in enumerate(letters, 1)
        for sources in [_sources(session, letter, f"surat/{number:03d}", endings, lie)]
    )
    parcel = Parcel(row, items, stacks, max(0, row.letters - len(items)))
    _note(session, account, parcel)
    return parcel


def _letters(session: Session, berkas: UUID) -> list[tuple[DocumentRow, date]]:
    day = func.letter_day(DocumentRow.fields, DocumentRow.received_at).label("day")
    found = session.execute(
        select(DocumentRow, day)
        .join(BerkasLetterRow, BerkasLetterRow.document_id == DocumentRow.id)
        .where(BerkasLetterRow.berkas_id == berkas)
        .order_by(day, DocumentRow.seq)
    )
    return [(letter, bears) for letter, bears in found]


def _whole_stacks(session: Session, letters: list[DocumentRow]) -> list[DocumentRow]:
    """The stacks of which every letter is among these: another's letter leaves with no berkas but its own."""
    ids = {letter.id for letter in letters}
    stacks = {letter.part_of for letter in letters if letter.part_of is not None}
    parts = session.execute(
        select(DocumentRow.part_of, DocumentRow.id).where(
            DocumentRow.part_of.in_(stacks), DocumentRow.first_page.is_not(None)
        )
    ).all()
    elsewhere = {stack for stack, part in parts if part not in ids}
    seen = session.scalars(select(DocumentRow).where(DocumentRow.id.in_(stacks - elsewhere)).order_by(DocumentRow.seq))
    # a stack with more letters than may be seen has a level above them, and is not seen either
    return [stack for stack in seen if (stack.letters or 0) == sum(of == stack.id for of, _ in parts)]


def _original(session: Session, row: DocumentRow, name: str) -> Source:
    place = objects.original(session, row)
    return Source(name, place, row.original_version, row.sha256, row.size, row.media_type, row.filename)


def _sources(
    session: Session, row: DocumentRow, folder: str, endings: Mapping[str, str], stacks: Mapping[UUID | None, str]
) -> tuple[Source, ...]:
    """Of a letter out of a stack its own pages only; of one that was destroyed nothing."""
    try:
        own = row.part_of is None
        name = f"{folder}/{ORIGINAL}{endings[row.media_type]}"
        found = [_original(session, row, name)] if own else []
        if row.stage == "sealed":
            made_of = name if own else stacks.get(row.part_of)
            copy = objects.pdf(session, row)
            told = objects.manifest(session, row)
            found += [
                Source(f"{folder}/{COPY}", copy, row.pdf_version, row.pdf_sha256, None, _PDF, made_of=made_of),
                Source(f"{folder}/{MANIFEST}", told, row.manifest_version, None, None, "application/json"),
            ]
    except KeyDestroyed:
        return ()
    return tuple(found)


def _note(session: Session, account: Account, parcel: Parcel) -> None:
    berkas = parcel.berkas
    for item in parcel.items:
        row, of = item.row, str(berkas.id)
        ledger.append(session, "letter_exported", actor=account.id, document=row.id, digest=row.sha256, berkas=of)
    told: dict[str, Any] = {"unit": berkas.unit, "year": berkas.year, "number": berkas.number}
    told |= {"berkas": str(berkas.id), "letters": len(parcel.items)}
    ledger.append(session, "berkas_exported", actor=account.id, **told)
