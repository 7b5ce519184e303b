"""Each search stands in the ledger without its words, at no cost to whoever searches."""

import json
from uuid import UUID

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from core.db import transaction
from search import noted
from tests.integration.conftest import MakeAccount

KEY = "kunci-contoh"
NAME = "Siti Rahmawati 6571014203900001"


def _entered(worker_engine: Engine) -> None:
    entered = 1
    while entered:
        with Session(worker_engine) as session, session.begin():
            entered = noted.enter(session)


def _searches(superuser: Engine, account: UUID) -> list[list[dict[str, object]]]:
    with superuser.connect() as connection:
        bodies = connection.scalars(text("SELECT body FROM ledger ORDER BY seq"))
        events = [json.loads(body) for body in bodies]
    return [e["searches"] for e in events if e["action"] == "searched" and e["actor"] == str(account)]


def test_a_minute_of_searches_is_one_event_of_each_account(
    account: MakeAccount, superuser: Engine, worker_engine: Engine
) -> None:
    first, second = account("petugas"), account("pejabat")
    for who, words in ((first, NAME), (second, "terlantar"), (first, "siti  rahmawati 6571014203900001")):
        with transaction(who.context) as session:
            noted.note(session, who, KEY, words, {"words": len(words.split())}, 7)
    _entered(worker_engine)
    _entered(worker_engine)  # there is nothing left to enter twice
    (told,) = _searches(superuser, first.id)
    assert [(one["words"], one["found"]) for one in told] == [(3, 7), (3, 7)]
    assert told[0]["digest"] == told[1]["digest"]
    assert "Siti" not in json.dumps(told)
    assert len(_searches(superuser, second.id)) == 1
    with superuser.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM search_made")) == 0


def test_a_note_waits_neither_for_the_ledger_nor_for_the_disk(account: MakeAccount) -> None:
    who = account("petugas")
    with transaction(who.context) as session:
        noted.note(session, who, KEY, NAME, {}, 0)
        assert session.scalar(text("SHOW synchronous_commit")) == "off"
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        assert session.scalar(text(locks)) == 0
    with transaction(who.context) as session:
        assert session.scalar(text("SHOW synchronous_commit")) == "on"


def test_nobody_notes_a_search_for_somebody_else(account: MakeAccount) -> None:
    who, other = account("petugas"), account("petugas")
    with pytest.raises(InsufficientPrivilege, match="row-level security"), transaction(who.context) as session:
        noted.note(session, other, KEY, NAME, {}, 0)
