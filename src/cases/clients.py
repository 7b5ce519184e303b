"""Clients: entered once, found again by NIK or by name and birth. Who is the same person, the clerk decides."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Row, Text, cast, func, select, text, update
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from archive import ledger
from cases import names
from cases.matching import ALIKE, ALIKE_WITH_BIRTH
from cases.tables import CaseFileRow, ClientRow
from classify.fieldspec import mask
from core.faults import CaseRefused, InvalidRequest, NotFound

_NIK: Final = re.compile(r"\d{16}")
_LONGEST_NAME: Final = 200
_LONGEST_REASON: Final = 500
_CORRECT: Final = text("SELECT client_correct(:client, :why, :name, :born, :nik, :masked)")
_MOST: Final = 10


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a client: NIK (16 digits) and birth may be unknown (SOP A: the SKT stands for a NIK)."""

    name: str
    nik: str | None = None
    birth_date: date | None = None


@dataclass(frozen=True, slots=True)
class Similar:
    """A client who may be the same person, and why (`nik`, `name_birth`, `name`)."""

    client: ClientRow
    why: str
    cases: int


def told(name: str, nik: str | None = None, birth_date: date | None = None) -> Told:
    """What somebody typed, in one form. Raises InvalidRequest."""
    plain = " ".join(name.split())
    if not plain or len(plain) > _LONGEST_NAME or not plain.isprintable():
        raise InvalidRequest(what=f"nama klien (1 sampai {_LONGEST_NAME} huruf)")
    number = re.sub(r"[\s.-]", "", nik or "")
    if number and not _NIK.fullmatch(number):
        raise InvalidRequest(what="NIK klien (16 angka, atau kosong bila tidak ada)")
    return Told(plain, number or None, birth_date)


def nik_index(key: str, nik: str) -> bytes:
    """The blind index of a NIK: equal for equal NIKs, and nothing can be learned from it without the key."""
    return hmac.digest(key.encode(), b"nik:" + nik.encode(), hashlib.sha256)


def find(session: Session, client: UUID) -> ClientRow:
    """The client, if this transaction's account may see them. Raises NotFound."""
    row = session.get(ClientRow, client)
    if row is None:
        raise NotFound
    return row


def of_nik(session: Session, key: str, nik: str, unit: str) -> list[UUID]:
    """The visible clients of a unit with that NIK."""
    same = select(ClientRow.id).where(ClientRow.unit == unit, ClientRow.nik_index == nik_index(key, nik))
    return list(session.scalars(same))


def _kept(client: ClientRow) -> ClientRow:
    """The client, of whom something is kept. Raises CaseRefused where all of it was destroyed."""
    if client.forgotten_at is not None:
        raise CaseRefused(why="arsip klien ini sudah dimusnahkan; datanya tidak diisi lagi")
    return client


def add(session: Session, account: Account, key: str, person: Told, *, unit: str, clearance: int) -> ClientRow:
    """A new client."""
    row = ClientRow(
        unit=unit,
        clearance=clearance,
        name=person.name,
        birth_date=person.birth_date,
        nik_index=nik_index(key, person.nik) if person.nik else None,
        nik_masked=mask("nik", person.nik) if person.nik else None,
        added_by=account.id,
    )
    session.add(row)
    session.flush()
    return row


def hold(session: Session, case: UUID) -> None:
    """Let one at a time change the client of a case, before any case is held: the change goes to all cases they have
    open, also those that this account does not see."""
    client = select(CaseFileRow.client_id).where(CaseFileRow.id == case).scalar_subquery()
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(cast(client, Text), 0))))
    held = select(CaseFileRow.id).where(CaseFileRow.client_id == client, CaseFileRow.closed_at.is_(None))
    session.execute(held.order_by(CaseFileRow.id).with_for_update())


def learn_nik(session: Session, key: str, client: ClientRow, nik: str) -> bool:
    """Give a client the NIK that was not known of them. False when it is theirs already.

    Raises InvalidRequest, and CaseRefused when they have another one, or another client of their unit has this one.
    """
    number = told(client.name, nik).nik
    if number is None:
        raise InvalidRequest(what="NIK klien (16 angka)")
    index = nik_index(key, number)
    _wait_for(session, client.unit, index)
    session.refresh(client)
    if _kept(client).nik_index is not None:
        if client.nik_index == index:
            return False
        raise CaseRefused(why=f"klien ini sudah punya NIK lain ({client.nik_masked})")
    _require_free(session, client, index)
    session.execute(
        update(ClientRow)
        .where(ClientRow.id == client.id, ClientRow.nik_index.is_(None))
        .values(nik_index=index, nik_masked=mask("nik", number)),
        execution_options={"synchronize_session": False},
    )
    session.refresh(client)
    if client.nik_index != index:  # somebody else was first
        raise CaseRefused(why=f"klien ini sudah punya NIK lain ({client.nik_masked})")
    return True


def _wait_for(session: Session, unit: str, index: bytes) -> None:
    """Let one at a time give a NIK to a client of that unit."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{unit}/{index.hex()}", 0))))


def _require_free(session: Session, client: ClientRow, index: bytes) -> None:
    """Raise CaseRefused where another client of the unit has that NIK."""
    same = select(ClientRow).where(
        ClientRow.unit == client.unit, ClientRow.nik_index == index, ClientRow.id != client.id
    )
    other = session.scalar(same.limit(1))
    if other is not None:
        raise CaseRefused(why=f"NIK ini sudah milik klien lain, {other.name}; mungkin keduanya orang yang sama")


@dataclass(frozen=True, slots=True)
class Correction:
    """A client as they should stand here. `nik`: None leaves it as it is, "" says that none is known."""

    name: str
    birth_date: date | None
    nik: str | None = None


def correct(session: Session, account: Account, key: str, client: UUID, wanted: Correction, reason: str) -> ClientRow:
    """Put right a client's name, day of birth, NIK; what stood there before is kept. What is so already is no change.

    Raises Forbidden, NotFound, InvalidRequest, and CaseRefused for a NIK that another client of the unit has, and for a
    client who is forgotten.
    """
    account.require(Right.EXPORT)
    person = told(wanted.name, wanted.nik, wanted.birth_date)
    row, why = _kept(find(session, client)), " ".join(reason.split())
    if not 0 < len(why) <= _LONGEST_REASON or not why.isprintable():
        raise InvalidRequest(what=f"alasan (1–{_LONGEST_REASON} huruf)")
    index, masked = row.nik_index, row.nik_masked
    if wanted.nik is not None:
        index, masked = (nik_index(key, person.nik), mask("nik", person.nik)) if person.nik else (None, None)
    if index is not None and index != row.nik_index:
        _wait_for(session, row.unit, index)
        _require_free(session, row, index)
    said = {"client": client, "why": why, "name": person.name, "born": person.birth_date}
    if session.scalar(_CORRECT, {**said, "nik": index, "masked": masked}):
        ledger.append(session, "client_corrected", actor=account.id, client=str(client))
        session.refresh(row)
    return row


def similar(session: Session, key: str, person: Told, unit: str) -> list[Similar]:
    """Visible clients of a unit who may be this person, the surest first: same NIK; much the same name."""
    index = nik_index(key, person.nik) if person.nik else None
    columns = (ClientRow.id, ClientRow.name, ClientRow.birth_date, ClientRow.nik_index)
    everybody = session.execute(select(*columns).where(ClientRow.unit == unit)).all()
    judged = [(judgement, row.id) for row in everybody if (judgement := _judge(person, index, row)) is not None]
    best = sorted(judged, key=lambda pair: (-pair[0][0], str(pair[1])))[:_MOST]
    rows = {row.id: row for row in session.scalars(select(ClientRow).where(ClientRow.id.in_([i for _, i in best])))}
    cases = _case_counts(session, list(rows))
    return [Similar(rows[client], why, cases.get(client, 0)) for (_, why), client in best]


def _judge(
    person: Told, index: bytes | None, row: Row[UUID, str, date | None, bytes | None]
) -> tuple[float, str] | None:
    """How sure it is that they are one, and why; None: they are not."""
    if index is not None and row.nik_index == index:
        return 1000, "nik"
    if index is not None and row.nik_index is not None:
        return None  # two people with a NIK each
    alike = names.alike(person.name, row.name)
    if person.birth_date is not None and row.birth_date is not None:
        same_birth = person.birth_date == row.birth_date
        return (alike + 100, "name_birth") if same_birth and alike >= ALIKE_WITH_BIRTH else None
    return (alike, "name") if alike >= ALIKE else None


def _case_counts(session: Session, clients: Sequence[UUID]) -> dict[UUID, int]:
    counts: dict[UUID, int] = {}
    for client in session.scalars(select(CaseFileRow.client_id).where(CaseFileRow.client_id.in_(clients))):
        counts[client] = counts.get(client, 0) + 1
    return counts
