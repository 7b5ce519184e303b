"""Everything that is held on one person (UU 27/2022 pasal 7: the right to see it and to have a copy).

A person is found by NIK, or by name and birth. What the asker may not see is not in it; that is decided by the
policies of row-level security. Erasure is no part of this: a record goes by the retention law's workflow alone
(UU 43/2009 pasal 51, docs/adr/0026).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from archive import ledger
from archive.ledger import Event
from archive.tables import ConfirmationRow, DocumentRow
from cases import clients, names
from cases.clients import Similar, Told
from cases.matching import ALIKE
from cases.tables import CaseActionRow, CaseFileRow, CaseLetterRow, ClientCorrectionRow, ClientRow
from core.faults import InvalidRequest
from records.tables import AgendaCorrectionRow, AgendaEntryRow, DispositionRow


@dataclass(frozen=True, slots=True)
class Held:
    """What is held on a person: rows that the asker may see. `events`: what happened to their letters, and who saw
    them, oldest first; `confirmed`, `corrected`, `renamed`: what people put right in letters, in the books and of
    clients, with what stood there before; `niks`: the whole NIK of clients of whom it is known, from the asker or from
    their letters."""

    clients: list[ClientRow]
    cases: list[CaseFileRow]
    actions: list[CaseActionRow]
    letters: list[DocumentRow]
    agenda: list[AgendaEntryRow]
    dispositions: list[DispositionRow]
    events: list[Event]
    confirmed: list[ConfirmationRow]
    corrected: list[AgendaCorrectionRow]
    renamed: list[ClientCorrectionRow]
    niks: Mapping[UUID, str]


def asked_for(person: Told) -> Told:
    """A person as somebody asked for them. Raises InvalidRequest unless NIK, or name and birth, say who it is."""
    if person.nik is None and person.birth_date is None:
        raise InvalidRequest(what="NIK, atau nama dengan tanggal lahir: nama saja bisa milik orang lain")
    return person


def held(session: Session, account: Account, key: str, person: Told) -> Held:
    """What is held on that person; that it was asked for is entered in the ledger. `key`: of the index of NIKs.

    Raises Forbidden, InvalidRequest.
    """
    account.require(Right.EXPORT)
    found = _find(session, key, asked_for(person))
    ledger.append(
        session,
        "person_looked_up",
        actor=account.id,
        clients=len(found.clients),
        cases=len(found.cases),
        letters=len(found.letters),
    )
    return found


def taken_out(session: Session, account: Account, key: str, person: Told) -> Held:
    """The same, to be given away: each letter's own history says so. Raises as held() does."""
    account.require(Right.EXPORT)
    found = _find(session, key, asked_for(person))
    for letter in found.letters:
        ledger.append(session, "person_exported", actor=account.id, document=letter.id, digest=letter.sha256)
    ledger.append(session, "person_exported", actor=account.id, letters=len(found.letters))
    return found


def _find(session: Session, key: str, person: Told) -> Held:
    units = session.scalars(select(ClientRow.unit).distinct().order_by(ClientRow.unit)).all()
    alike = [one for unit in units for one in clients.similar(session, key, person, unit)]
    people = [one.client for one in alike if _is_sure(person, one)]
    ids = [one.id for one in people]

    cases = list(session.scalars(select(CaseFileRow).where(CaseFileRow.client_id.in_(ids)).order_by(CaseFileRow.id)))
    letters = _letters(session, [case.id for case in cases], person)
    of = [letter.id for letter in letters]
    entries = select(AgendaEntryRow).where(AgendaEntryRow.document_id.in_(of)).order_by(AgendaEntryRow.registered_at)
    agenda = list(session.scalars(entries))
    done = select(CaseActionRow).where(CaseActionRow.case_id.in_([case.id for case in cases]))
    given = select(DispositionRow).where(DispositionRow.document_id.in_(of))
    said = select(ConfirmationRow).where(ConfirmationRow.document_id.in_(of))
    corrected = select(AgendaCorrectionRow).where(AgendaCorrectionRow.entry_id.in_([one.id for one in agenda]))
    renamed = select(ClientCorrectionRow).where(ClientCorrectionRow.client_id.in_(ids))
    return Held(
        people,
        cases,
        list(session.scalars(done.order_by(CaseActionRow.at))),
        letters,
        agenda,
        list(session.scalars(given.order_by(DispositionRow.given_at))),
        [event for letter in of for event in ledger.document_events(session, letter)],
        list(session.scalars(said.order_by(ConfirmationRow.at))),
        list(session.scalars(corrected.order_by(AgendaCorrectionRow.at))),
        list(session.scalars(renamed.order_by(ClientCorrectionRow.at))),
        _niks(key, people, letters, person),
    )


def _is_sure(person: Told, one: Similar) -> bool:
    """Whether it is them. A name alone is no proof, nor a day of birth with a name that is only somewhat alike, as a
    clerk is asked about: others' data would be given away."""
    return one.why == "nik" or (one.why == "name_birth" and names.alike(person.name, one.client.name) >= ALIKE)


def _niks(key: str, people: Sequence[ClientRow], letters: Sequence[DocumentRow], person: Told) -> dict[UUID, str]:
    """The NIK of each client, whole. Of a client only its index is kept: a number that has that index is theirs."""
    read = {str(field.get("value")) for letter in letters for name, field in letter.fields.items() if name == "nik"}
    known = {clients.nik_index(key, nik): nik for nik in (*read, *([person.nik] if person.nik else []))}
    return {one.id: known[one.nik_index] for one in people if one.nik_index in known}


def _letters(session: Session, cases: Sequence[UUID], person: Told) -> list[DocumentRow]:
    """Letters of their cases, and those in which their NIK was read. None that was destroyed: nothing of it is left."""
    linked = select(CaseLetterRow.document_id).where(
        CaseLetterRow.case_id.in_(cases), CaseLetterRow.removed_at.is_(None)
    )
    theirs: list[ColumnElement[bool]] = [DocumentRow.id.in_(linked)]
    if person.nik is not None:
        asked = func.jsonb_build_object("nik", cast(person.nik, Text))
        theirs.append(func.jsonb_path_exists(DocumentRow.fields, cast("$.*.value ? (@ == $nik)", JSONPATH), asked))
    rows = select(DocumentRow).where(or_(*theirs), DocumentRow.destroyed_at.is_(None), ~DocumentRow.is_joined_back)
    return list(session.scalars(rows.order_by(DocumentRow.seq)))
