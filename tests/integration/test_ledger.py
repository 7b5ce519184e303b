"""The ledger only ever grows, in one unbroken chain, and says nothing of any person."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from archive import ledger
from core.db import engine, transaction
from tests.assets.bulk import unique_jpeg
from tests.integration.conftest import MakeAccount
from tests.integration.driving import Hands, engine_of, send

ORDER = "SELECT seq, at, body, prev, hash FROM ledger ORDER BY seq"


def _derived(seq: int, at: object, body: str, prev: bytes) -> bytes:
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return hashlib.sha256(prev + f"{seq}|{stamp}|{body}".encode()).digest()


@pytest.mark.parametrize("role", ["postgres", "arsip_owner", "arsip_worker"])
@pytest.mark.parametrize(
    "change",
    ["UPDATE ledger SET body = body", "DELETE FROM ledger", "TRUNCATE ledger", "TRUNCATE ledger CASCADE"],
)
def test_nobody_changes_what_was_written(archive, account: MakeAccount, role: str, change: str) -> None:
    who = account("petugas")
    with transaction(who.context) as session:
        ledger.append(session, "viewed", actor=who.id)
    with engine_of(archive, role) as engine, engine.connect() as connection:
        if role == "arsip_owner":  # even one who takes the wall down first
            connection.execute(text("ALTER TABLE ledger NO FORCE ROW LEVEL SECURITY"))
        with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
            connection.execute(text(change))
        connection.rollback()


def test_eight_at_once_make_one_chain(account: MakeAccount, superuser: Engine) -> None:
    who = account("petugas")
    with superuser.connect() as connection:
        before = connection.scalar(text("SELECT coalesce(max(seq), 0) FROM ledger"))

    def write(writer: int) -> None:
        for number in range(50):
            with transaction(who.context) as session:
                ledger.append(session, "viewed", actor=who.id, page=number, writer=writer)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    with superuser.connect() as connection:
        rows = connection.execute(text(ORDER)).all()
    assert [row.seq for row in rows] == list(range(1, before + 401))
    prev = bytes(32)
    for seq, at, body, said_prev, digest in rows:
        assert bytes(said_prev) == prev
        prev = _derived(seq, at, body, prev)
        assert bytes(digest) == prev
    mine = [json.loads(row.body) for row in rows[before:]]
    for writer in range(8):
        assert [body["page"] for body in mine if body["writer"] == writer] == list(range(50))
    times = [row.at for row in rows[before:]]
    assert times == sorted(times)


def test_what_is_rolled_back_leaves_no_gap(account: MakeAccount) -> None:
    who = account("auditor")
    with transaction(who.context) as session:
        ledger.append(session, "viewed", actor=who.id)
        before = ledger.head(session)
    with Session(engine()) as session:
        ledger.append(session, "viewed", actor=who.id)
        session.rollback()
    with transaction(who.context) as session:
        assert ledger.head(session) == before
        ledger.append(session, "viewed", actor=who.id)
        assert ledger.head(session)[0] == before[0] + 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    detail=st.dictionaries(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True).filter(lambda k: k not in ("action", "actor", "session")),
        st.integers(0, 2**53)
        | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
        max_size=4,
    ).filter(lambda d: not {"document", "digest"} & set(d))
)
def test_a_body_is_canonical_and_comes_back_whole(archive, worker_engine: Engine, detail: dict[str, object]) -> None:
    with Session(worker_engine) as session:  # rolled back: the chain stays short
        ledger.append(session, "tried_again", actor=ledger.WORKER, document=uuid4(), digest="0" * 64, **detail)
        seq, at, body, prev, digest = session.execute(text(ORDER + " DESC LIMIT 1")).one()
        assert bytes(digest) == _derived(seq, at, body, bytes(prev))
        parsed = json.loads(body)
        assert body == json.dumps(parsed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        event = ledger.events_before(session, None, 1)[0]
        assert event.detail == detail
        assert event.hash == bytes(digest).hex()
        session.rollback()


def test_no_personal_data_gets_in(account: MakeAccount, hands: Hands) -> None:
    """A letter's whole life, with a name and a number that must stay out of every event."""
    who = account("petugas")
    data = unique_jpeg(7_001, 40)
    document = send(who, data, name="KTP Budi Santoso 6473011203990001.jpg").document
    assert hands.finish(document.id).stage == "sealed"
    send(who, data, name="Salinan Budi Santoso.jpg")
    events = hands.events(document.id)
    assert [action for action, _ in events] == ["received", "paged", "page_read", "filed", "sealed", "arrived_again"]
    allowed = {
        "received": {"size", "version", "digest", "object"},
        "arrived_again": {"size", "version", "digest"},
        "paged": {"pages"},
        "page_read": {"page", "digest"},
        "filed": {"kind", "doubt"},
        "sealed": {"digest", "manifest", "version", "pdf", "pdf_version", "object"},
    }
    for action, body in events:
        assert set(body) == allowed[action] | {"action", "actor", "document"}
        assert body["actor"] in (str(who.id), ledger.WORKER)
    told = json.dumps(events).lower()
    assert not any(secret in told for secret in ("budi", "santoso", "6473011203990001", ".jpg", who.name, who.unit))
