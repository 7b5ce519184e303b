"""The database can be lost: made again from the bucket it holds what it held, row by row."""

import hashlib
import json
import os
import subprocess
import sys
import time
from uuid import UUID, uuid4

import pytest
from minio import Minio
from sqlalchemy import text
from sqlalchemy.orm import Session

import access.tables  # noqa: F401 - declares the schema
import archive.keytables
import archive.snapshottables
import archive.tables  # noqa: F401 - declares the schema
import cases.tables  # noqa: F401 - declares its tables
import records.filing.tables
import records.papertables
import records.retention.tables
import records.tables  # noqa: F401 - declares its tables
import search.tables
from access.accounts import find_account
from access.sessions import login_fits, stored_login
from archive import (
    blobs,
    comparing,
    destructions,
    erase,
    fixity,
    journal,
    keys,
    keyset,
    ledger,
    officekey,
    oldcopies,
    rowcopy,
    snapshots,
    wholesale,
)
from archive.goneagain import SealedLists
from archive.lockedheads import Finding
from archive.objects import Place
from archive.tables import DocumentRow
from cases import book, clients
from cases.clients import told
from cases.sopfiles import packaged
from cli import rebuild
from cli.client import Stop
from cli.datadir import LOST, load_secrets
from cli.engines import disposer_env
from core.db import Base, snapshot_transaction, transaction
from core.faults import KeyDestroyed, KeyUnusable
from core.settings import settings
from search.query import search
from tests.assets.bulk import unique_jpeg
from tests.integration.driving import connected_as, engine_of, migrate, process_with, send, somebody, with_settings
from tests.integration.offices import PASSWORD, Office, lose_the_database, office, rows, verified
from workers import disposing, housekeeping, preserving
from workers import fixity as fixity_tasks

__all__ = ["office"]


def test_every_table_is_kept_or_says_why_not() -> None:
    """A new table is in snapshots by itself; who keeps one out has to name it, and why."""
    left_out = rowcopy.LEFT_OUT
    assert set(left_out) <= set(Base.metadata.tables)
    assert all(left_out.values())


def test_a_lost_database_is_made_again_row_by_row(office: Office) -> None:
    taken = preserving.preserve(now=True)
    assert taken is not None
    assert taken.parts > 5
    before = rows(office.stack)
    assert sum(map(len, before.values())) > 40
    lose_the_database(office.stack)
    made = rebuild.run()
    assert (made.entries, made.letters, dict(made.lost)) == (0, 0, {})
    after = rows(office.stack)
    [noted] = set(after["ledger"]) - set(before["ledger"])
    assert b"database_rebuilt" in noted
    after["ledger"].remove(noted)
    new_tokens = set(after.pop("token")) - set(before.pop("token"))
    assert not new_tokens
    assert after == before
    assert verified().finding is None
    with transaction(office.clerk.context) as session:
        assert search(session, "tiket").total > 0
    with transaction({"app.role": "gate"}) as session:
        assert login_fits(stored_login(session, "siti"), PASSWORD)
    assert office.hands.finish(office.letters[2]).stage == "sealed"  # work goes on where it was


def test_letters_and_ledger_after_the_snapshot_are_made_again_too(office: Office) -> None:
    preserving.preserve(now=True)
    newcomer = somebody("petugas", "umum", name="baru")
    late = send(newcomer, unique_jpeg(23, 30)).document.id
    assert office.hands.finish(late).stage == "sealed"
    with transaction(office.clerk.context) as session:
        client = clients.add(session, office.clerk, "kunci", told("Ani Contoh", None), unit="umum", clearance=1)
        book.open_case(
            session, office.clerk, packaged()["pemulangan-tarakan"], client, unit="umum", clearance=1, year=2026
        )
    with connected_as(office.hands.engine):
        housekeeping.checkpoint()
    assert preserving.preserve() is None  # no snapshot is due, the journal is
    ledger_before = rows(office.stack)["ledger"]
    lose_the_database(office.stack)
    made = rebuild.run()
    assert made.letters == 1
    assert made.lost == {"case_opened": 1}
    assert set(ledger_before) < set(rows(office.stack)["ledger"])
    assert office.hands.look(late).stage == "received"
    assert office.hands.finish(late).stage == "sealed"
    found = verified().finding  # the first checkpoint came after the snapshot: its key is not known here yet
    assert found is not None
    assert found.what == "checkpoint_unproven"
    with connected_as(office.hands.engine):
        housekeeping.checkpoint()
    assert verified().finding is None
    with transaction({"app.role": "admin"}) as session:
        assert find_account(session, "baru").id == newcomer.id


def test_what_did_not_change_is_not_written_again(office: Office) -> None:
    first = preserving.preserve(now=True)
    again = preserving.preserve(now=True)
    assert first is not None
    assert again == snapshots.Taken(first.number, first.ledger_seq, 0, 0)
    with transaction(office.clerk.context) as session:
        ledger.append(session, "viewed", actor=office.clerk.id)
    third = preserving.preserve(now=True)
    assert third is not None
    assert (third.number, third.parts) == (first.number + 1, 1)


def test_what_was_destroyed_is_in_no_journal(office: Office) -> None:
    """A snapshot is taken in its place: no rebuilding ever enters it again."""
    preserving.preserve(now=True)
    with transaction(office.clerk.context) as session:
        ledger.append(session, "viewed", actor=office.clerk.id)
        ledger.append(session, "destroyed", actor=ledger.WORKER, disposal=str(uuid4()))
    with snapshot_transaction(still=True) as session:
        generation = keyset.generation(session)
        assert generation is not None
        last = journal.write(session, generation)
        head = ledger.head(session)[0]
    assert last == head - 1
    taken = preserving.preserve()  # though none is due by the clock
    assert taken is not None
    assert taken.ledger_seq == head


def test_old_copies_go_while_what_a_rebuilding_needs_stays_under_lock(office: Office) -> None:
    disposer = {**disposer_env(load_secrets(office.stack.data)), "ARSIP_LOCK_DAYS": "0.0001"}  # nine seconds
    with with_settings(**disposer):
        erase._disposer.cache_clear()
        first = _snapshot_of_something_new(office)
        preserving.preserve()
        written = set(wholesale.names_under("snapshot/"))
        last = _snapshot_of_something_new(office)
        with connected_as(office.hands.engine):
            fixity_tasks.run()
            disposing.remove_old_copies()
        assert written < set(wholesale.names_under("snapshot/"))  # all is locked still
        time.sleep(10)
        with engine_of(office.stack, "postgres") as root, root.begin() as connection:
            connection.execute(text("UPDATE snapshot_progress SET kept_at = NULL"))
        with connected_as(office.hands.engine):
            disposing.remove_old_copies()  # nobody knows what is needed
        assert written < set(wholesale.names_under("snapshot/"))
        preserving.preserve()
        with connected_as(office.hands.engine):
            disposing.remove_old_copies()
        erase._disposer.cache_clear()
    with snapshot_transaction() as session:
        generation = keyset.generation(session)
    assert generation is not None
    lying, needed = set(wholesale.names_under("snapshot/")), set(oldcopies.needed(generation))
    gone = written - lying
    assert snapshots.index_key(first, generation.number) in gone
    assert any("part-" in name for name in gone)
    assert snapshots.index_key(last, generation.number) in needed <= {*lying, *wholesale.names_under(journal.PREFIX)}
    with connected_as(office.hands.engine):
        fixity_tasks.run()  # misses nothing of it
        with transaction() as session:
            assert (
                session.scalar(text("SELECT count(*) FROM stored_object WHERE key = ANY (:gone)"), {"gone": list(gone)})
                == 0
            )
    before = rows(office.stack)["document"]
    lose_the_database(office.stack)
    rebuild.run()
    assert rows(office.stack)["document"] == before


def _snapshot_of_something_new(office: Office) -> int:
    with transaction(office.clerk.context) as session:
        ledger.append(session, "viewed", actor=office.clerk.id)
    taken = preserving.preserve(now=True)
    assert taken is not None
    return taken.number


def test_only_the_snapshots_role_reads_everything(office: Office) -> None:
    with snapshot_transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM client")) > 0
        assert session.scalar(text("SELECT count(password_hash) FROM account")) > 0
        for table in rowcopy.kept_tables(session):
            for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
                may = text(f"SELECT has_table_privilege('arsip_snapshot', '{table}', '{right}')")
                assert session.scalar(may) is False, (table, right)


def test_nothing_of_a_letter_lies_readable_in_the_bucket(office: Office) -> None:
    preserving.preserve(now=True)
    found = [key for key in wholesale.names_under("") if key.startswith(("snapshot/", "journal/"))]
    assert len(found) > 5
    everything = b"".join(blobs.get(Place(key)) for key in found) + (wholesale.find_derived(keyset.KEY) or b"")
    for word in (
        b"Budi",
        b"siti",
        b"account",
        office.clerk.id.bytes,
        settings().identity_key.get_secret_value().encode(),
    ):
        assert word not in everything


def test_a_destruction_makes_earlier_copies_unreadable(office: Office) -> None:
    preserving.preserve(now=True)
    old = keyset.read(wholesale.find_derived(keyset.KEY) or b"")
    gone = office.letters[1]
    with engine_of(office.stack, "arsip_owner") as owner, Session(owner) as session, session.begin():
        keys.destroy(session, gone, uuid4())
    preserving.preserve(now=True)
    new = keyset.read(wholesale.find_derived(keyset.KEY) or b"")
    [before], [now] = old.generations, new.generations
    assert now == before + 1
    *_, earlier, later = sorted(wholesale.names_under(snapshots.INDEXES))
    assert snapshots.read_index(earlier, old.generations).generation == before
    assert snapshots.read_index(later, new.generations).generation == now
    with pytest.raises(KeyUnusable):
        snapshots.read_index(earlier, new.generations)
    with pytest.raises(KeyUnusable):  # nor does the new key open it under its name
        snapshots.read_index(earlier, {before: new.generations[now]})
    lose_the_database(office.stack)
    rebuild.run()
    with snapshot_transaction() as session, pytest.raises(KeyDestroyed):
        keys.of(session, gone)
    finding = verified().finding  # of this test's own doing: no list decided that destruction
    assert finding is not None
    assert finding.what == "destroyed_undecided"


def test_what_was_destroyed_after_an_older_copy_does_not_come_back(office: Office) -> None:
    """The key set and the newest snapshot are of before the destruction, as in a backup that nobody updated."""
    letter, disposal = send(office.clerk, unique_jpeg(uuid4().int % 10**6, 30)).document.id, uuid4()
    assert office.hands.finish(letter).stage == "sealed"
    preserving.preserve(now=True)
    older, there = wholesale.find_derived(keyset.KEY), set(wholesale.names_under(snapshots.INDEXES))
    with engine_of(office.stack, "arsip_owner") as owner, Session(owner) as session, session.begin():
        keys.destroy(session, letter, disposal)
    preserving.preserve(now=True)
    assert letter in destructions.known().letters
    younger = {name: blobs.get(Place(name)) for name in wholesale.names_under(destructions.PREFIX)}
    assert all(str(letter).encode() not in data for data in younger.values())
    lose_the_database(office.stack)
    assert older is not None
    wholesale.put_derived(keyset.KEY, older)
    assert set(wholesale.names_under(snapshots.INDEXES)) > there  # they open no more: their key is of later
    made = rebuild.run()
    assert made.destroyed == 1
    migrate(office.stack)
    assert again_by_a_list(letter, disposal) is None
    assert again_by_a_list(letter, uuid4()) is not None
    with transaction(office.clerk.context) as session:
        row = session.get_one(DocumentRow, letter)
        assert (row.filename, row.fields, row.destroyed_at is None) == ("dimusnahkan", {}, False)
        with pytest.raises(KeyDestroyed):
            keys.of(session, letter)
        assert session.scalar(text("SELECT count(*) FROM page WHERE document_id = :id"), {"id": letter}) == 0
        assert ledger.document_events(session, letter)[-1].action == "destroyed_again"
    with engine_of(office.stack, "postgres") as root, root.connect() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        others = "document_key k USING document d WHERE d.id = k.document_id AND d.destroyed_at IS NULL"
        connection.execute(text(f"DELETE FROM {others} AND k.destroyed_at IS NOT NULL"))  # other tests' keys
        assert connection.scalar(text("SELECT destroyed_undecided()")) is None
        connection.execute(text("DELETE FROM ledger WHERE action = 'destroyed_again'"))
        assert connection.scalar(text("SELECT destroyed_undecided()")) == letter
        connection.rollback()


def test_as_many_others_that_were_destroyed_are_listed_too(office: Office) -> None:
    """As after an older database was restored, in which other letters are destroyed until it are as many as before."""
    for gone in (uuid4(), uuid4()):
        with engine_of(office.stack, "postgres") as root, Session(root) as session:
            session.execute(text("SET LOCAL session_replication_role = replica"))
            emptied = "INSERT INTO document_key (document_id, destroyed_at, disposal) VALUES (:d, now(), :d)"
            session.execute(text(emptied), {"d": gone})
            destructions.write(session)
            there = set(wholesale.names_under(destructions.PREFIX))
            destructions.write(session)
            assert set(wholesale.names_under(destructions.PREFIX)) == there  # nothing is new
            session.rollback()
        assert destructions.known().letters[gone] == gone


def again_by_a_list(letter: UUID, disposal: UUID) -> Finding | None:
    """What verification makes of a letter that was destroyed once more by that list."""
    wanted = settings()
    store = Minio(
        wanted.s3_endpoint,
        access_key=wanted.s3_access_key.get_secret_value(),
        secret_key=wanted.s3_secret_key.get_secret_value(),
        secure=False,
        region=wanted.s3_region,
    )
    lists = SealedLists(store, wanted.s3_bucket, wanted.office_key.get_secret_value())
    return lists.finding(1, {"document": str(letter), "disposal": str(disposal)})


@pytest.mark.parametrize("harm", ["another_office", "another_name"])
def test_nobody_else_has_letters_destroyed_by_a_list_of_their_own(office: Office, harm: str) -> None:
    key = officekey.derive(b"x" * 32, "office destroyed") if harm == "another_office" else officekey.subkey("destroyed")
    forged = keyset.seal(key, json.dumps({"letters": {}, "clients": []}).encode(), "destroyed/1-0")
    with pytest.raises(KeyUnusable):
        destructions.told([("destroyed/1-0" if harm == "another_office" else "destroyed/2-0", forged)])


def test_a_lost_database_is_not_begun_anew_beside_its_archive(office: Office) -> None:
    preserving.preserve(now=True)
    held = wholesale.find_derived(keyset.KEY)
    lose_the_database(office.stack)
    env = {**os.environ, **office.stack.env}
    done = subprocess.run([sys.executable, "-m", "cli.main", "migrate"], env=env, capture_output=True, text=True)
    assert done.returncode == LOST
    assert "arsip rebuild" in done.stderr
    assert wholesale.find_derived(keyset.KEY) == held
    rebuild.run()
    migrate(office.stack)


def test_snapshots_of_another_database_stop_copies_where_people_see_it(office: Office) -> None:
    """As after a database was begun anew beside a store that holds one: nothing is written over, and it is told."""
    preserving.preserve(now=True)
    newest = "WHERE number = (SELECT max(number) FROM key_generation)"
    with engine_of(office.stack, "postgres") as root, engine_of(office.stack, "arsip_worker") as worker:
        with root.begin() as connection:
            kept = connection.scalar(text("SELECT wrapped FROM key_generation ORDER BY number DESC LIMIT 1"))
            connection.execute(text(f"UPDATE key_generation SET wrapped = NULL, dropped_at = now() {newest}"))
        with connected_as(worker):
            preserving.preserve_and_tell()
            preserving.preserve_and_tell()
        assert _alarms() == ["snapshots_of_another_database"]
        with root.begin() as connection:
            back = f"UPDATE key_generation SET wrapped = :kept, dropped_at = NULL {newest}"
            connection.execute(text(back), {"kept": kept})
        with connected_as(worker):
            preserving.preserve_and_tell()
        assert _alarms() == []


def _alarms() -> list[str]:
    with transaction({"app.role": "auditor"}) as session:
        return [one.what for one in comparing.standing(session, 9)]


def test_a_database_in_use_is_never_written_over(office: Office) -> None:
    preserving.preserve(now=True)
    before = rows(office.stack)
    with pytest.raises(Stop, match="berisi arsip"):
        rebuild.run()
    assert rows(office.stack) == before


def test_another_office_key_opens_nothing_and_changes_nothing(office: Office) -> None:
    preserving.preserve(now=True)
    lose_the_database(office.stack)
    right = dict(os.environ)
    another = hashlib.sha256(b"lain").hexdigest()
    with process_with({**right, "ARSIP_OFFICE_KEY": another}), pytest.raises(Stop, match="Kunci kantor"):
        rebuild.run()
    with process_with({**right, "ARSIP_IDENTITY_KEY": "lain"}), pytest.raises(Stop, match="ARSIP_IDENTITY_KEY"):
        rebuild.run()
    with process_with(right):
        assert rebuild.run().rows > 0


def test_a_part_that_was_changed_is_not_taken(office: Office) -> None:
    """An intruder who puts another part under a snapshot's name: it does not open, and no half database is left."""
    preserving.preserve(now=True)
    known = keyset.read(wholesale.find_derived(keyset.KEY) or b"")
    index = snapshots.newest(known.generations)
    assert index is not None
    swapped = index.tables["client"].parts[0]
    index.tables["account"].parts[0] = swapped
    with pytest.raises(KeyUnusable):
        list(snapshots.rows_of(index, "account", known.generations[index.generation]))


def test_fixity_learns_again_what_lies_in_the_store_and_under_which_versions(office: Office) -> None:
    """Its rows are in no snapshot: they are entered again from the ledger, repaired and restored objects too."""
    bad, original = "v-bad", f"documents/{office.letters[0]}/original"
    with engine_of(office.stack, "arsip_worker") as worker, Session(worker) as session:
        was = session.scalars(
            text("SELECT body::jsonb ->> 'version' FROM ledger WHERE document = :d AND action = 'received'"),
            {"d": office.letters[0]},
        ).one()
        told = {"actor": ledger.WORKER, "document": office.letters[0], "digest": "0" * 64, "object": original}
        ledger.append(session, "fixity_repaired", **told, version=was, by=bad)
        with engine_of(office.stack, "postgres") as root, root.begin() as connection:
            connection.execute(text("INSERT INTO restored_version VALUES (:k, :w, 'v-now')"), {"k": original, "w": was})
        session.execute(text("SELECT 1"))
        assert fixity.enter(session, 0) is None
        rows = session.execute(
            text("SELECT version, kind, repaired_at IS NOT NULL FROM stored_object WHERE key = :k ORDER BY 1"),
            {"k": original},
        ).all()
        assert rows == [(bad, "original", False), ("v-now", "original", True)]
        session.rollback()
    with engine_of(office.stack, "postgres") as root, root.begin() as connection:
        connection.execute(text("DELETE FROM restored_version"))
