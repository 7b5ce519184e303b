"""Bytes first, row second; the same bytes once; and nobody learns what lies above them."""

import hashlib
import io
import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from api import ready
from archive import blobs, documents, objects, officekey
from archive.documents import New
from cli.engines import Stack
from core.db import transaction
from core.faults import EmptyFile, Fault, IdempotencyConflict, InvalidRequest, StoreUnavailable, UnsupportedType
from core.settings import settings
from ingest import accept
from tests.assets.bulk import unique_jpeg
from tests.conftest import BAD
from tests.integration.conftest import MakeAccount
from tests.integration.driving import send


def _letter() -> bytes:
    return unique_jpeg(random.randrange(10**6), 20)


def _arrivals(superuser: Engine, document: UUID) -> list[tuple[bool, str]]:
    with superuser.connect() as connection:
        rows = connection.execute(
            text("SELECT first, filename FROM arrival WHERE document_id = :id ORDER BY at"), {"id": document}
        )
        return [(first, name) for first, name in rows]


def _documents(superuser: Engine, unit: str) -> int:
    with superuser.connect() as connection:
        found: int = connection.scalar(text("SELECT count(*) FROM document WHERE unit = :unit"), {"unit": unit})
        return found


def _stored() -> set[str]:
    """Names of all original bytes in the store."""
    found = blobs.client().list_objects(settings().s3_bucket, prefix="documents/", recursive=True)
    return {item.object_name or "" for item in found}


def _plain(new: New) -> bytes:
    key = officekey.unwrap(new.wrapped, officekey.DOCUMENTS, str(new.id).encode())
    return blobs.get(objects.original_at(new.id, key), new.stored.version)


def test_the_same_bytes_twice_are_one_letter_and_two_arrivals(
    account: MakeAccount, superuser: Engine, unit: str
) -> None:
    who, colleague, data = account("petugas"), account("petugas"), _letter()
    first = send(who, data, name="a.jpg")
    again = send(colleague, data, name="b.jpg")
    assert first.duplicate_of is None
    assert (again.document.id, again.duplicate_of) == (first.document.id, first.document.id)
    assert _arrivals(superuser, first.document.id) == [(True, "a.jpg"), (False, "b.jpg")]
    assert _documents(superuser, unit) == 1
    assert first.document.sha256 == hashlib.sha256(data).hexdigest()
    with transaction(who.context) as session:
        row = documents.find(session, first.document.id)
    assert (row.filename, row.size, row.stage) == ("a.jpg", len(data), "received")


def test_rehearsing_leaves_no_letter_no_event_and_no_object(account: MakeAccount, superuser: Engine) -> None:
    def traces() -> tuple[object, ...]:
        with superuser.connect() as connection:
            counted = "SELECT (SELECT count(*) FROM document), (SELECT count(*) FROM arrival), max(seq) FROM ledger"
            return (*connection.execute(text(counted)).one(), _stored())

    who = account("petugas")
    before = traces()
    ready.for_letters()
    assert traces() == before
    assert send(who, _letter()).duplicate_of is None  # on connections that have rehearsed


def test_each_unit_has_its_own(account: MakeAccount) -> None:
    data = _letter()
    here, there = send(account("petugas"), data), send(account("petugas", unit="lain"), data)
    assert here.document.id != there.document.id
    assert there.duplicate_of is None


def test_twin_digests_of_a_weak_kind_are_two_letters(account: MakeAccount) -> None:
    one, other = (BAD / "md5_twin_a.pdf").read_bytes(), (BAD / "md5_twin_b.pdf").read_bytes()
    assert hashlib.md5(one).digest() == hashlib.md5(other).digest()
    who = account("petugas")
    assert send(who, one).document.id != send(who, other).document.id


def test_fifty_at_once_with_one_key_are_one_arrival(account: MakeAccount, superuser: Engine, unit: str) -> None:
    who, data = account("petugas"), _letter()
    with ThreadPoolExecutor(50) as pool:
        receipts = list(pool.map(lambda _: send(who, data, key="kiriman-1"), range(50)))
    (document,) = {receipt.document.id for receipt in receipts}
    assert {receipt.duplicate_of for receipt in receipts} == {None}  # each is the first one's answer
    assert _documents(superuser, unit) == 1
    assert _arrivals(superuser, document) == [(True, "surat.jpg")]


def test_sixteen_at_once_without_a_key_are_one_letter(account: MakeAccount, superuser: Engine, unit: str) -> None:
    who, data = account("petugas"), _letter()
    with ThreadPoolExecutor(16) as pool:
        receipts = list(pool.map(lambda _: send(who, data), range(16)))
    assert sum(receipt.duplicate_of is None for receipt in receipts) == 1
    assert _documents(superuser, unit) == 1
    assert sorted(first for first, _ in _arrivals(superuser, receipts[0].document.id)) == [False] * 15 + [True]


def test_one_key_at_two_levels_at_once_leaves_no_letter_without_an_arrival(
    account: MakeAccount, superuser: Engine, unit: str
) -> None:
    who, data = account("petugas", clearance="rahasia"), _letter()
    levels = ["biasa", "terbatas", "rahasia"] * 4
    with ThreadPoolExecutor(12) as pool:
        receipts = list(pool.map(lambda level: send(who, data, clearance=level, key="k"), levels))
    assert len({receipt.document.id for receipt in receipts}) == 1
    assert _documents(superuser, unit) == 1


def test_a_key_answers_as_it_did_before(account: MakeAccount, superuser: Engine) -> None:
    who, data = account("petugas"), _letter()
    first = send(who, data, key="k1")
    repeated, second, second_again = send(who, data, key="k1"), send(who, data, key="k2"), send(who, data, key="k2")
    assert (repeated.document.id, repeated.duplicate_of) == (first.document.id, None)
    assert second.duplicate_of == second_again.duplicate_of == first.document.id
    assert len(_arrivals(superuser, first.document.id)) == 2


def test_a_key_used_for_other_bytes_is_refused(account: MakeAccount, superuser: Engine, unit: str) -> None:
    who, colleague = account("petugas"), account("petugas")
    send(who, _letter(), key="k")
    with pytest.raises(IdempotencyConflict):
        send(who, _letter(), key="k")
    assert _documents(superuser, unit) == 1
    assert send(colleague, _letter(), key="k").duplicate_of is None  # keys are each sender's own


def test_two_letters_racing_for_one_key(account: MakeAccount, superuser: Engine, unit: str) -> None:
    who, letters = account("petugas"), [_letter() for _ in range(8)]

    def race(data: bytes) -> str:
        try:
            return str(send(who, data, key="k").document.id)
        except IdempotencyConflict:
            return "conflict"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(race, letters))
    assert outcomes.count("conflict") == 7
    assert _documents(superuser, unit) == 1


def test_a_copy_above_the_senders_ceiling_stays_unknown_to_them(account: MakeAccount) -> None:
    above, below, data = account("petugas", clearance="rahasia"), account("petugas", clearance="terbatas"), _letter()
    hidden = send(above, data, clearance="rahasia")
    own = send(below, data)
    assert own.duplicate_of is None
    assert own.document.id != hidden.document.id
    with transaction(below.context) as session:
        assert documents.find(session, own.document.id).clearance == 1
    assert send(below, data).duplicate_of == own.document.id
    assert send(above, data).duplicate_of == hidden.document.id  # the first that one sees


@pytest.mark.parametrize("name", ["exe_as.pdf", "html_as.pdf", "svg_as.pdf", "empty.pdf"])
def test_what_is_refused_leaves_nothing(account: MakeAccount, superuser: Engine, unit: str, name: str) -> None:
    data, before = (BAD / name).read_bytes(), _stored()
    with pytest.raises(EmptyFile if not data else UnsupportedType):
        send(account("petugas"), data, name=name)
    assert _documents(superuser, unit) == 0
    assert _stored() == before


def test_a_level_above_the_ceiling_is_refused_before_any_byte_is_kept(account: MakeAccount) -> None:
    data, before = _letter(), _stored()
    with pytest.raises(InvalidRequest):
        send(account("petugas", clearance="biasa"), data, clearance="rahasia")
    assert _stored() == before


def test_the_bytes_lie_locked_before_any_row(account: MakeAccount, superuser: Engine, unit: str) -> None:
    who, data = account("petugas"), _letter()
    arrival = accept.keep(who, io.BytesIO(data), len(data), filename="x", clearance=None, idempotency_key=None)
    assert arrival.new is not None
    assert _plain(arrival.new) == data
    assert _documents(superuser, unit) == 0
    documents.receive(who, arrival)
    before = _stored()
    again = accept.keep(who, io.BytesIO(data), len(data), filename="x", clearance=None, idempotency_key=None)
    assert (again.new, _stored()) == (None, before)  # what the unit has is found before anything is put


def test_an_answer_that_fails_to_commit_leaves_no_trace(account: MakeAccount, superuser: Engine, unit: str) -> None:
    who, data = account("petugas"), _letter()
    with superuser.connect() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(7202611)"))  # the ledger's: receiving waits at its end
        before = connection.scalar(text("SELECT max(seq) FROM ledger"))
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(send, who, data)
            deadline = time.monotonic() + 10
            while not _waiting_for_ledger(superuser) and time.monotonic() < deadline:
                time.sleep(0.02)
            assert _documents(superuser, unit) == 0  # nothing is seen before all of it is
            _end_waiting(superuser)
            with pytest.raises(Fault, match="database_unavailable"):
                waiting.result(20)
        connection.rollback()
    assert _documents(superuser, unit) == 0
    with superuser.connect() as connection:
        assert connection.scalar(text("SELECT max(seq) FROM ledger")) == before
    assert send(who, data).duplicate_of is None


WAITING = "FROM pg_stat_activity WHERE usename = 'arsip_api' AND wait_event_type = 'Lock' AND wait_event = 'advisory'"


def _waiting_for_ledger(superuser: Engine) -> bool:
    with superuser.connect() as connection:
        return connection.scalar(text(f"SELECT count(*) {WAITING}")) == 1


def _end_waiting(superuser: Engine) -> None:
    with superuser.connect() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid) {WAITING}"))


def test_a_large_file_comes_from_a_memory_map(account: MakeAccount, tmp_path) -> None:
    data = unique_jpeg(42, 5_000)
    (tmp_path / "besar.jpg").write_bytes(data)
    with (tmp_path / "besar.jpg").open("rb") as file:
        arrival = accept.keep(
            account("petugas"), file, len(data), filename="besar.jpg", clearance=None, idempotency_key=None
        )
    assert arrival.new is not None
    assert arrival.new.stored.sha256 == hashlib.sha256(data).hexdigest()
    assert _plain(arrival.new) == data


def test_with_the_store_away_nothing_is_accepted(
    archive: Stack, account: MakeAccount, superuser: Engine, unit: str
) -> None:
    who, data = account("petugas"), _letter()
    frozen = archive.pid("seaweedfs")
    os.kill(frozen, signal.SIGSTOP)
    began = time.monotonic()
    try:
        with pytest.raises(StoreUnavailable):
            send(who, data)
    finally:
        os.kill(frozen, signal.SIGCONT)
    assert time.monotonic() - began < 50  # one answer's time, twice
    assert _documents(superuser, unit) == 0
    assert send(who, data).duplicate_of is None


def test_an_account_from_nowhere_enters_nothing(account: MakeAccount, superuser: Engine, unit: str) -> None:
    who = account("auditor", clearance="rahasia")
    with pytest.raises(Exception, match="row-level security"):
        send(who, _letter())
    assert _documents(superuser, unit) == 0
    with transaction(who.context) as session:
        assert session.scalar(text("SELECT count(*) FROM arrival")) == 0
