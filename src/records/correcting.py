"""Correcting what an agenda line says; its number stays, and so does what stood there before (docs/adr/0023)."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from archive import ledger
from core.faults import InvalidRequest
from records import agenda
from records.particulars import BOOKS, Particulars, checked
from records.tables import AgendaEntryRow

_CORRECT: Final = text("SELECT agenda_correct(:entry, :why, CAST(:said AS jsonb))")


def correct(session: Session, account: Account, entry: UUID, changed: Mapping[str, Any], reason: str) -> AgendaEntryRow:
    """Put right some of a line's columns (by name, as in Particulars), with a reason. What is so already is no change.

    Raises Forbidden, NotFound, EntryCancelled, InvalidRequest: also for the number of an outgoing letter, and once it
    has one for the kode that stands in it.
    """
    account.require(Right.REGISTER)
    row = agenda.locked(session, entry)
    why = agenda.reason_of(reason)
    was = Particulars(**{name: getattr(row, name) for name in Particulars.__slots__})
    book = next(one for one in BOOKS if one == row.book)
    told = checked(book, replace(was, **changed)).values()
    said = {name: told[name] for name in changed if told[name] != getattr(row, name)}
    if row.book == "keluar" and ("letter_number" in said or (row.numbered and "code" in said)):
        raise InvalidRequest(what="nomor surat dan kodenya (sudah diberikan; batalkan nomornya bila keliru)")
    if not said:
        return row
    values = {"entry": entry, "why": why, "said": json.dumps(said, default=str)}
    session.execute(_CORRECT, values)
    ledger.append(session, "agenda_corrected", corrected=sorted(said), **agenda.event(account, row))
    session.refresh(row)
    return row
