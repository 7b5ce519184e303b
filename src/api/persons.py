"""One person's data, as the API and the page ask for it."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from access.accounts import Account
from api.casework import identity_key
from cases import clients, personfile, persons
from cases.clients import Correction, Told
from cases.persons import Held
from cases.tables import ClientRow
from core import clock
from core.db import transaction
from ingest.sniff import EXTENSIONS


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file to be sent, and its name, which says nothing of the person."""

    name: str
    body: Iterator[bytes]


def person(name: str, nik: str | None, birth_date: date | None) -> Told:
    """Who is asked for. Raises InvalidRequest."""
    return persons.asked_for(clients.told(name or ("–" if nik else ""), nik, birth_date))


def look(account: Account, asked: Told) -> tuple[Held, dict[str, Any]]:
    """What is held on them, as rows and as JSON values. Raises Forbidden."""
    with transaction(account.context) as session:
        found = persons.held(session, account, identity_key(), asked)
        return found, personfile.told(session, found)


def correct(account: Account, client: UUID, wanted: Correction, reason: str) -> ClientRow:
    """Put right what is known of a client. Raises Forbidden, NotFound, InvalidRequest, CaseRefused."""
    with transaction(account.context) as session:
        return clients.correct(session, account, identity_key(), client, wanted, reason)


def take(account: Account, asked: Told) -> Parcel:
    """All of it as a ZIP: the export stands in the ledger before the first byte goes. Raises Forbidden."""
    with transaction(account.context) as session:
        found = persons.taken_out(session, account, identity_key(), asked)
        told, files = personfile.told(session, found), personfile.files(session, found, EXTENSIONS)
    folder = f"data-orang-{secrets.token_hex(4)}"
    return Parcel(f"{folder}.zip", personfile.stream(told, files, folder, clock.now()))
