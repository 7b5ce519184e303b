"""The product's own parts in this process, on real engines. Each test has a unit of its own, so none sees another's."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from access.accounts import Account, add_account
from access.roles import CLEARANCES
from cli.datadir import load_secrets
from cli.engines import Stack
from core.db import make_engine, transaction
from tests.integration.driving import Hands

MakeAccount = Callable[..., Account]


@pytest.fixture(scope="session")
def archive(engines: Stack) -> Iterator[Stack]:
    """The engines with schema and buckets, and this process's settings set to them (role arsip_api)."""
    subprocess.run([sys.executable, "-m", "cli.main", "migrate"], env={**os.environ, **engines.env}, check=True)
    before = dict(os.environ)
    os.environ.update({k: v for k, v in engines.env.items() if k.startswith("ARSIP_")})
    Path(os.environ["ARSIP_SPOOL"]).mkdir(exist_ok=True)
    yield engines
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def unit() -> str:
    """An office unit of the test's own."""
    return f"unit-{secrets.token_hex(4)}"


@pytest.fixture
def account(archive: Stack, unit: str) -> MakeAccount:
    """Make an account: `account("petugas", clearance="rahasia")`."""

    def make(role: str, *, unit: str = unit, clearance: str = "terbatas", password: str | None = None) -> Account:
        assert clearance in CLEARANCES
        with transaction({"app.role": "admin"}) as session:
            name = f"{role}-{secrets.token_hex(4)}"
            return add_account(session, name=name, role=role, unit=unit, clearance=clearance, password=password)

    return make


def _url(archive: Stack, role: str, password: str) -> str:
    return f"postgresql+psycopg://{role}:{password}@127.0.0.1:{archive.ports.postgres}/arsip"


@pytest.fixture(scope="session")
def superuser(archive: Stack) -> Iterator[Engine]:
    """PostgreSQL as its superuser: what an intruder with the database's own rights could do."""
    engine = make_engine(_url(archive, "postgres", load_secrets(archive.data).postgres_password))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT usesuper FROM pg_user WHERE usename = current_user"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def worker_engine(archive: Stack) -> Iterator[Engine]:
    """PostgreSQL as arsip_worker."""
    engine = make_engine(_url(archive, "arsip_worker", load_secrets(archive.data).worker_password))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def hands(worker_engine: Engine) -> Iterator[Hands]:
    """A worker that does one step at a time, when the test asks for it."""
    with Hands(worker_engine) as made:
        yield made
