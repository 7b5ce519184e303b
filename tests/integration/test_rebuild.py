"""The database can be lost: made again from the bucket it holds what it held, row by row."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

import access.tables  # noqa: F401 - declares the schema
import archive.keytables
import archive.snapshottables
import archive.tables  # noqa: F401 - declares the schema
import cases.tables  # noqa: F401 - declares its tables
import core.db
import records.filing.tables
import records.papertables
import records.retention.tables
import records.tables  # noqa: F401 - declares its tables
from access.accounts import Account, find_account, set_password
from access.sessions import login_fits, stored_login
from archive import blobs, keys, keyset, ledger, rowcopy, snapshots
from archive.objects import Place
from archive.verify import Verification
from cases import book, clients
from cases.clients import told
from cases.sopfiles import packaged
from cli import rebuild
from cli.client import Stop
from cli.datadir import LOST, load_secrets
from cli.engines import Stack, settings_env
from core.db import Base, snapshot_transaction, transaction
from core.faults import KeyDestroyed, KeyUnusable
from core.settings import settings
from records import dispositions
from records.dispositions import Handed, To
from search.query import search
from tests.assets.bulk import unique_jpeg
from tests.conftest import SAMPLES
from tests.integration.driving import Hands, connected_as, engine_of, migrate, own_archive, process_with, send, somebody
from workers import housekeeping, preserving

PASSWORD = "sandi-uji-panjang"  # an invented account's


@dataclass
class Office:
    """An archive with something in many tables."""

    stack: Stack
    hands: Hands
    clerk: Account
    head: Account
    letters: list[UUID] = field(default_factory=list)


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with own_archive() as stack:
        secrets = load_secrets(stack.data)
        env = {**stack.env, **settings_env(stack.data, secrets, stack.ports, role="worker"), **_database(stack)}
        with process_with(env), engine_of(stack, "arsip_worker") as worker, Hands(worker) as hands:
            clerk, head = somebody("petugas", "umum", name="siti"), somebody("pejabat", "umum", name="kadis")
            made = Office(stack, hands, clerk, head)
            for data in ((SAMPLES / "tiket.pdf").read_bytes(), unique_jpeg(21, 60)):
                letter = send(clerk, data).document.id
                assert hands.finish(letter).stage == "sealed"
                made.letters.append(letter)
            made.letters.append(send(clerk, unique_jpeg(22, 30)).document.id)
            _work(made)
            yield made


def _database(stack: Stack) -> dict[str, str]:
    """This process asks as arsip_api; snapshots are taken under their own role all the same."""
    return {"ARSIP_DATABASE_URL": stack.env["ARSIP_DATABASE_URL"]}


def _work(made: Office) -> None:
    with transaction(made.clerk.context) as session:
        client = clients.add(session, made.clerk, "kunci", told("Budi Contoh", None), unit="umum", clearance=1)
        sop = packaged()["pemulangan-tarakan"]
        book.open_case(session, made.clerk, sop, client, unit="umum", clearance=1, year=2026)
    with transaction(made.head.context) as session:
        wanted = Handed((To(made.clerk.name),), ("Proses lebih lanjut",), "segera")
        dispositions.give(session, made.head, made.letters[0], wanted)
    with transaction({"app.role": "admin"}) as session:
        set_password(session, made.clerk, PASSWORD)


def _rows(stack: Stack) -> dict[str, list[bytes]]:
    """Every row of every table, but of those that no copy is meant to have."""
    with engine_of(stack, "postgres") as engine, Session(engine) as session:
        return {
            name: sorted(b"".join(rowcopy.rows_of(session, name, columns)).splitlines())
            for name, columns in rowcopy.tables(session).items()
            if name not in rowcopy.PASSING
        }


def _lose_the_database(stack: Stack) -> None:
    """All of it, as after a lost disk: what is left is what the engine makes at its first start."""
    core.db.engine().dispose()
    core.db.snapshot_engine().dispose()
    secrets = load_secrets(stack.data)
    root = f"postgresql+psycopg://postgres:{secrets.postgres_password}@127.0.0.1:{stack.ports.postgres}/postgres"
    engine = create_engine(root, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE arsip WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE arsip OWNER arsip_owner"))
    engine.dispose()


def _verified() -> Verification:
    with transaction({"app.role": "auditor"}) as session:

        @contextmanager
        def same() -> Iterator[Session]:
            yield session

        check = Verification(same, settings())
        list(check.run())
    return check


def test_every_table_is_kept_or_says_why_not() -> None:
    """A new table is in snapshots by itself; who keeps one out has to name it, and why."""
    left_out = {**rowcopy.PASSING, **rowcopy.KEYS}
    assert set(left_out) <= set(Base.metadata.tables)
    assert all(left_out.values())


def test_a_lost_database_is_made_again_row_by_row(office: Office) -> None:
    taken = preserving.preserve(now=True)
    assert taken is not None
    assert taken.parts > 5
    before = _rows(office.stack)
    assert sum(map(len, before.values())) > 40
    _lose_the_database(office.stack)
    made = rebuild.run()
    assert (made.entries, made.letters, dict(made.lost)) == (0, 0, {})
    after = _rows(office.stack)
    [noted] = set(after["ledger"]) - set(before["ledger"])
    assert b"database_rebuilt" in noted
    after["ledger"].remove(noted)
    new_tokens = set(after.pop("token")) - set(before.pop("token"))
    assert not new_tokens
    assert after == before
    assert _verified().finding is None
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
    ledger_before = _rows(office.stack)["ledger"]
    _lose_the_database(office.stack)
    made = rebuild.run()
    assert made.letters == 1
    assert made.lost == {"case_opened": 1}
    assert set(ledger_before) < set(_rows(office.stack)["ledger"])
    assert office.hands.look(late).stage == "received"
    assert office.hands.finish(late).stage == "sealed"
    assert _verified().finding is None
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
    found = [key for key in blobs.keys_under("") if key.startswith(("snapshot/", "journal/"))]
    assert len(found) > 5
    everything = b"".join(blobs.get(Place(key)) for key in found) + (blobs.find_derived(keyset.KEY) or b"")
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
    old = keyset.read(blobs.find_derived(keyset.KEY) or b"")
    gone = office.letters[1]
    with engine_of(office.stack, "arsip_owner") as owner, Session(owner) as session, session.begin():
        keys.destroy(session, gone, uuid4())
    preserving.preserve(now=True)
    new = keyset.read(blobs.find_derived(keyset.KEY) or b"")
    [before], [now] = old.generations, new.generations
    assert now == before + 1
    *_, earlier, later = sorted(blobs.keys_under(snapshots.INDEXES))
    assert snapshots.read_index(earlier, old.generations).generation == before
    assert snapshots.read_index(later, new.generations).generation == now
    with pytest.raises(KeyUnusable):
        snapshots.read_index(earlier, new.generations)
    with pytest.raises(KeyUnusable):  # nor does the new key open it under its name
        snapshots.read_index(earlier, {before: new.generations[now]})
    _lose_the_database(office.stack)
    rebuild.run()
    with snapshot_transaction() as session, pytest.raises(KeyDestroyed):
        keys.of(session, gone)
    assert _verified().finding is None


def test_a_lost_database_is_not_begun_anew_beside_its_archive(office: Office) -> None:
    preserving.preserve(now=True)
    held = blobs.find_derived(keyset.KEY)
    _lose_the_database(office.stack)
    env = {**os.environ, **office.stack.env}
    done = subprocess.run([sys.executable, "-m", "cli.main", "migrate"], env=env, capture_output=True, text=True)
    assert done.returncode == LOST
    assert "arsip rebuild" in done.stderr
    assert blobs.find_derived(keyset.KEY) == held
    rebuild.run()
    migrate(office.stack)


def test_a_database_in_use_is_never_written_over(office: Office) -> None:
    preserving.preserve(now=True)
    before = _rows(office.stack)
    with pytest.raises(Stop, match="berisi arsip"):
        rebuild.run()
    assert _rows(office.stack) == before


def test_another_office_key_opens_nothing_and_changes_nothing(office: Office) -> None:
    preserving.preserve(now=True)
    _lose_the_database(office.stack)
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
    known = keyset.read(blobs.find_derived(keyset.KEY) or b"")
    index = snapshots.newest(known.generations)
    assert index is not None
    swapped = index.tables["client"].parts[0]
    index.tables["account"].parts[0] = swapped
    with pytest.raises(KeyUnusable):
        list(snapshots.rows_of(index, "account", known.generations[index.generation]))
