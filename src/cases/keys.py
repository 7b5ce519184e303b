"""The keys by which letters and cases find each other (docs/adr/0021): hashes under the identity key, of one unit.

Who has the database without that key learns of no NIK and no name from them, and other units' letters are not met.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from archive.tables import DocumentRow, PageRow
from cases import clients, names, quotes
from cases.letterfacts import LetterFacts, facts
from cases.tables import CaseFileRow, CaseLetterRow, ClientRow
from classify.marks import MOST_LETTERS
from records.tables import AgendaEntryRow

_MOST_PAGES: Final = 10
_ENTER_LETTER: Final = text(
    "INSERT INTO letter_key (value, document_seq) SELECT unnest(CAST(:values AS bigint[])), :seq ON CONFLICT DO NOTHING"
)
_ENTER_NUMBERS: Final = text(
    "INSERT INTO letter_key (value, document_seq)"
    " SELECT * FROM unnest(CAST(:values AS bigint[]), CAST(:seqs AS bigint[])) ON CONFLICT DO NOTHING RETURNING value"
)
_ENTER_CLIENT: Final = text(
    "INSERT INTO client_key (value, client_id) SELECT unnest(CAST(:values AS bigint[])), :client"
    " ON CONFLICT DO NOTHING RETURNING value"
)


@dataclass(frozen=True, slots=True)
class Read:
    """A letter as it is sought by: its fields' facts, the numbers that it quotes by their keys, the codes on it."""

    facts: LetterFacts
    nik: bytes | None
    quoted: dict[str, str]
    codes: tuple[str, ...]


def read(session: Session, row: DocumentRow, key: str) -> Read:
    """What a letter is sought by: its fields, and the text and codes of its first pages."""
    pages = session.execute(
        select(PageRow.text, PageRow.reading["codes"])
        .where(PageRow.document_id == row.id, PageRow.read_at.is_not(None))
        .order_by(PageRow.number)
        .limit(_MOST_PAGES)
    ).all()
    told = facts(row.kind, row.fields)
    body = "\n".join(page_text or "" for page_text, _ in pages)[:MOST_LETTERS]
    quoted = dict(quotes.quoted(body, told.number))
    about = quotes.key(told.about)
    if about is not None:
        quoted[about] = told.about
    return Read(
        facts=told,
        nik=clients.nik_index(key, told.nik) if told.nik else None,
        quoted=quoted,
        codes=tuple(code["text"] for _, codes in pages for code in codes or ()),
    )


def of_nik(nik: bytes) -> str:
    """The mark of a letter whose client has the NIK of that blind index."""
    return f"nik:{nik.hex()}"


def of_number(number: str) -> list[str]:
    """The mark of a letter that bears that number; none when it tells no letter from others."""
    told = quotes.key(number)
    return [f"no:{told}"] if told is not None else []


def of_quote(number: str) -> list[str]:
    """The mark of a letter that quotes that number; none when it tells no letter from others."""
    told = quotes.key(number)
    return [f"quote:{told}"] if told is not None else []


def of_name(name: str) -> list[str]:
    """The marks of a name, of letters as of clients."""
    return [f"name:{part}" for part in sorted(names.keys(name))]


def values(key: str, unit: str, marks: Iterable[str]) -> list[int]:
    """The marks as they are stored, in their order."""
    digests = (hmac.digest(key.encode(), f"{unit}\0{mark}".encode(), hashlib.sha256)[:8] for mark in marks)
    return [int.from_bytes(digest, signed=True) for digest in digests]


def enter_letter(session: Session, row: DocumentRow, said: Read, key: str) -> None:
    """Let cases find the letter. Commit before seeking: of a letter and a case that come at once, one finds the
    other."""
    marks = [*of_number(said.facts.number), *of_name(said.facts.name), *(f"quote:{one}" for one in said.quoted)]
    marks += [of_nik(said.nik)] if said.nik else []
    session.execute(_ENTER_LETTER, {"values": values(key, row.unit, marks), "seq": row.seq})


@dataclass(frozen=True, slots=True)
class CaseKeys:
    """What a case is found by: its client, and the numbers of its letters, as read and as a clerk confirmed them in the
    agenda, each with the letter's sequence number. `since`: letters are due to be sought for it."""

    case: UUID
    unit: str
    clearance: int
    closed: bool
    since: datetime | None
    client: UUID
    name: str
    nik: bytes | None
    numbers: tuple[tuple[int, str], ...]


def case_keys(session: Session, case: UUID) -> CaseKeys | None:
    """What the case is found by; None when there is none."""
    found = session.execute(
        select(CaseFileRow, ClientRow)
        .join(ClientRow, ClientRow.id == CaseFileRow.client_id)
        .where(CaseFileRow.id == case)
    ).one_or_none()
    if found is None:
        return None
    row, client = found
    letters = session.execute(
        select(DocumentRow.seq, DocumentRow.kind, DocumentRow.fields, AgendaEntryRow.letter_number)
        .join(CaseLetterRow, CaseLetterRow.document_id == DocumentRow.id)
        .outerjoin(
            AgendaEntryRow,
            (AgendaEntryRow.document_id == DocumentRow.id) & AgendaEntryRow.cancelled_at.is_(None),
        )
        .where(CaseLetterRow.case_id == case, CaseLetterRow.removed_at.is_(None))
    ).all()
    numbers = [(seq, facts(kind, fields).number) for seq, kind, fields, _ in letters]
    numbers += [(seq, booked) for seq, _, _, booked in letters if booked]
    told = tuple(dict.fromkeys((seq, number) for seq, number in numbers if number))
    return CaseKeys(
        case=row.id,
        unit=row.unit,
        clearance=row.clearance,
        closed=row.closed_at is not None,
        since=row.seek_since,
        client=client.id,
        name=client.name,
        nik=client.nik_index,
        numbers=told,
    )


def enter_case(session: Session, told: CaseKeys, key: str) -> bool:
    """Let letters find the case. Whether there is a key that was not there: then commit before seeking."""
    marks = [(seq, mark) for seq, number in told.numbers for mark in of_number(number)]
    named = {"values": values(key, told.unit, of_name(told.name)), "client": told.client}
    numbered = {"values": values(key, told.unit, (mark for _, mark in marks)), "seqs": [seq for seq, _ in marks]}
    added = session.scalars(_ENTER_CLIENT, named).all()
    if marks:
        added = [*added, *session.scalars(_ENTER_NUMBERS, numbered)]
    return bool(added)
