"""What the first twenty senders of a morning would wait for, done before anybody is let in."""

from contextlib import suppress
from dataclasses import replace
from typing import Final
from uuid import uuid4

from access import accounts, sessions
from access.accounts import Account
from access.roles import Role
from api.routes.documents import KEEPERS, KEPT_AT_ONCE
from archive import blobs, documents
from archive.objects import Place
from core.db import open_connections, transaction
from core.faults import DatabaseUnavailable, NotFound, Unauthenticated, Unavailable

_CONNECTIONS: Final = 6


def for_letters() -> None:
    """Have connections ready on which PostgreSQL and the store have met what each letter asks of them. Nothing stays of
    it; does nothing while they are away."""
    with suppress(DatabaseUnavailable):
        with transaction(accounts.GATE) as session:
            found = accounts.anybody(session)
        open_connections(_CONNECTIONS)
        if found is not None:  # else nobody can send yet
            for _ in range(_CONNECTIONS):  # the pool hands them out in turn
                _meet_database(replace(found, role=Role.PETUGAS))
    # all keepers at once, so that each opens a connection of its own
    for asked in [KEEPERS.submit(_meet_store) for _ in range(KEPT_AT_ONCE)]:
        asked.result()


def _meet_database(sender: Account) -> None:
    with suppress(Unauthenticated):
        sessions.token_account("")
    documents.is_known(sender, "", None)
    documents.rehearse(sender)


def _meet_store() -> None:
    with suppress(NotFound, Unavailable):
        blobs.get(Place(f"documents/{uuid4()}/original"))
