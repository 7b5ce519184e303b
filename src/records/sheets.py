"""What a returned sheet of disposition proposes; confirmed by a person it begins its letter's chain."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from rapidfuzz import fuzz
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from archive import documents, ledger, stacks
from archive.reading import Box, PageReading
from archive.tables import DocumentRow
from core.faults import DispositionRefused, NotFound
from records import dispositions
from records.dispositions import Handed
from records.notebox import note_area
from records.office import Disposition, office
from records.tables import AgendaEntryRow, AgendaSheetRow, DispositionRow

# The fields that a sheet's boxes are read into (classify/fields.toml)
RECIPIENTS, INSTRUCTIONS = "diteruskan_kepada", "instruksi"
_ALIKE: Final = 85  # of 100
_OFFERED: Final = "ada di daftar kantor"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One returned sheet: what was ticked of the office's lists, and what else was read as ticked. `in_doubt`: a person
    has to look at its boxes first."""

    sheet: DocumentRow
    page: int
    entry: AgendaEntryRow
    recipients: tuple[str, ...]
    instructions: tuple[str, ...]
    others: tuple[str, ...]
    in_doubt: bool
    settled: bool


@dataclass(frozen=True, slots=True)
class Note:
    """Where the handwriting of a sheet stands: page, and the part of it as fractions of its picture."""

    page: int
    area: Box


def waiting(session: Session, most: int) -> list[DocumentRow]:
    """Returned sheets that nobody made a disposition of yet, oldest first, of those that may be seen."""
    open_ones = select(AgendaSheetRow.document_id).where(AgendaSheetRow.settled_at.is_(None))
    query = select(DocumentRow).where(DocumentRow.id.in_(open_ones), stacks.are_letters())
    return list(session.scalars(query.order_by(DocumentRow.seq).limit(most)))


def proposal(session: Session, document: UUID) -> Proposal:
    """What a returned sheet proposes. Raises NotFound, also for what is no sheet."""
    row, link = documents.find(session, document), _link(session, document)
    entry = session.get(AgendaEntryRow, link.entry_id)
    if entry is None:
        raise NotFound
    offered = office().disposition
    to, strange = _known(_said(row, RECIPIENTS), offered.recipients)
    what, odd = _known(_said(row, INSTRUCTIONS), offered.instructions)
    doubted = [row.fields[name] for name in (RECIPIENTS, INSTRUCTIONS) if name in row.fields]
    in_doubt = row.checked_at is None and not all(field["sure"] for field in doubted)
    return Proposal(row, link.page, entry, to, what, (*strange, *odd), in_doubt, link.settled_at is not None)


def _link(session: Session, document: UUID) -> AgendaSheetRow:
    link = session.get(AgendaSheetRow, document, populate_existing=True)
    if link is None:
        raise NotFound
    return link


def _said(row: DocumentRow, name: str) -> list[str]:
    return _parts(str(row.fields[name]["text"])) if name in row.fields else []


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _known(said: Iterable[str], offered: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What was said, in the office's words and order; and what its list does not have."""
    found, strange = set(), []
    for one in said:
        best = max(offered, key=lambda label: fuzz.ratio(label.casefold(), one.casefold()))
        if fuzz.ratio(best.casefold(), one.casefold()) >= _ALIKE:
            found.add(best)
        else:
            strange.append(one)
    return tuple(label for label in offered if label in found), tuple(strange)


def in_offices_words(fields: Mapping[str, dict[str, Any]], offered: Disposition) -> dict[str, dict[str, Any]]:
    """A letter's stored fields; lists of boxes that say only what the office's sheet offers are in its words, and sure
    unless a box itself is in doubt: what stands beside a box need not be read letter by letter."""
    told = dict(fields)
    for name, labels in ((RECIPIENTS, offered.recipients), (INSTRUCTIONS, offered.instructions)):
        field = told.get(name)
        if field is None or field["repaired"] is not None or field["failed"]:
            continue
        known, strange = _known(_parts(field["text"]), labels)
        if known and not strange:
            text = "; ".join(known)
            told[name] = {**field, "value": text, "text": text, "sure": True, "passed": [*field["passed"], _OFFERED]}
    return told


def note_of(session: Session, document: UUID) -> Note:
    """Where the handwriting of a returned sheet stands. Raises NotFound, also for what is no sheet."""
    link = _link(session, document)
    reading = documents.page_of(session, document, link.page).reading or {}
    return Note(link.page, note_area(PageReading.from_json({**reading, "number": link.page}), office().disposition))


def settle(session: Session, account: Account, document: UUID, handed: Handed | None) -> list[DispositionRow]:
    """Make a returned sheet the first links of its letter's chain, as a person confirmed it; None: nothing comes of it.

    Raises Forbidden, NotFound, InvalidRequest, DispositionRefused.
    """
    account.require(Right.REGISTER)
    found = proposal(session, document)
    link = session.scalar(
        select(AgendaSheetRow)
        .where(AgendaSheetRow.document_id == document, AgendaSheetRow.settled_at.is_(None))
        .with_for_update()
    )
    if link is None:
        raise DispositionRefused(why="lembar ini sudah dicatat")
    given: list[DispositionRow] = []
    if handed is not None:
        if found.in_doubt:
            raise DispositionRefused(why="ada kotak yang belum pasti; periksa dulu lembarnya di Periksa")
        if found.entry.document_id is None:
            raise DispositionRefused(why="surat dengan nomor agenda ini belum ada berkasnya di arsip")
        given = dispositions.from_sheet(session, account, found.entry.document_id, document, handed)
    session.execute(
        update(AgendaSheetRow)
        .where(AgendaSheetRow.document_id == document)
        .values(settled_at=func.now(), settled_by=account.id),
        execution_options={"synchronize_session": False},
    )
    if not given:
        ledger.append(session, "sheet_set_aside", actor=account.id, document=document, entry=str(found.entry.id))
    return given
