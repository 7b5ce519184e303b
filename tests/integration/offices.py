"""An office at work in an archive of its own, for tests that lose it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

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
import search.tables  # noqa: F401 - declares its tables
from access.accounts import Account, set_password
from archive import rowcopy
from archive.verify import Verification
from cases import book, clients
from cases.clients import told
from cases.sopfiles import packaged
from cli.datadir import load_secrets
from cli.engines import Stack, settings_env
from core.db import transaction
from core.settings import settings
from records import dispositions
from records.dispositions import Handed, To
from tests.assets.bulk import unique_jpeg
from tests.conftest import SAMPLES
from tests.integration.driving import Hands, engine_of, own_archive, process_with, send, somebody

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


def rows(stack: Stack) -> dict[str, list[bytes]]:
    """Every row of every table, but of those that no copy is meant to have."""
    with engine_of(stack, "postgres") as engine, Session(engine) as session:
        return {
            name: sorted(b"".join(rowcopy.rows_of(session, name, columns)).splitlines())
            for name, columns in rowcopy.tables(session).items()
            if name in rowcopy.KEYS or name not in rowcopy.LEFT_OUT
        }


def lose_the_database(stack: Stack) -> None:
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


def verified() -> Verification:
    with transaction({"app.role": "auditor"}) as session:

        @contextmanager
        def same() -> Iterator[Session]:
            yield session

        check = Verification(same, settings())
        list(check.run())
    return check
