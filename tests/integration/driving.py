"""What integration tests do over and over: send a letter, do its work by hand, look at it as somebody else."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

import core.db
from access.accounts import Account, add_account
from archive import blobs, documents, objects, rereading
from archive.documents import Receipt
from archive.objects import Place
from archive.tables import DocumentRow, PageRow
from cli.datadir import load_secrets
from cli.engines import Stack, running_engines
from core import queue, settings
from core.db import make_engine, transaction
from ingest import accept
from ocr.sandbox import Sandbox
from search.identities import blind, numbers_in
from tests.fixtures_engines import short_folder
from workers import pipeline
from workers.pipeline import Worker


def url_of(stack: Stack, role: str, password: str) -> str:
    return f"postgresql+psycopg://{role}:{password}@127.0.0.1:{stack.ports.postgres}/arsip"


def send(
    account: Account, data: bytes, *, name: str = "surat.jpg", clearance: str | None = None, key: str | None = None
) -> Receipt:
    """What the door does with one file: bytes first, row second."""
    arrival = accept.keep(account, io.BytesIO(data), len(data), filename=name, clearance=clearance, idempotency_key=key)
    return documents.receive(account, arrival)


def ask_for_all(account: Account) -> rereading.Asked:
    """Ask for all letters to be read anew, part by part as the command does: other tests have left letters too."""
    documents, pages, after = 0, 0, 0
    while after is not None:
        with transaction(account.context) as session:
            asked, after = rereading.ask(session, account, after=after)
        documents, pages = documents + asked.documents, pages + asked.pages
    return rereading.Asked(documents, pages)


@contextmanager
def with_settings(**wanted: str) -> Iterator[None]:
    """Let this process find other settings in its environment, as after a restart."""
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    settings.settings.cache_clear()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
        settings.settings.cache_clear()


@contextmanager
def connected_as(engine: Engine) -> Iterator[None]:
    """Let this process's transactions run as another of the product's roles, as those of a worker process do."""
    own = core.db.engine
    core.db.engine = lambda: engine
    try:
        yield
    finally:
        core.db.engine = own


class Hands:
    """A worker without a broker: each of its steps is what one Celery task does."""

    def __init__(self, engine: Engine, name: str = "worker@uji") -> None:
        self.engine = engine
        self.worker = Worker(name, Sandbox(settings.settings().parser_memory_mb))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.worker.sandbox.close()

    def open(self, document: UUID) -> None:
        with connected_as(self.engine):
            pipeline.open_document(self.worker, document)

    def read(self, document: UUID) -> None:
        with connected_as(self.engine):
            for page in self.pages(document):
                pipeline.read_page(self.worker, page.id)

    def seal(self, document: UUID) -> None:
        with connected_as(self.engine):
            pipeline.seal_document(self.worker, document)

    def finish(self, document: UUID) -> DocumentRow:
        """All stages; the document as it is then."""
        self.open(document)
        self.read(document)
        self.seal(document)
        return self.look(document)

    def look(self, document: UUID) -> DocumentRow:
        with Session(self.engine) as session:
            return session.get_one(DocumentRow, document)

    def pages(self, document: UUID) -> list[PageRow]:
        with Session(self.engine) as session:
            return list(
                session.scalars(select(PageRow).where(PageRow.document_id == document).order_by(PageRow.number))
            )

    def events(self, document: UUID) -> list[tuple[str, dict[str, Any]]]:
        """Action and body of a document's events, oldest first."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                text("SELECT action, body::jsonb FROM ledger WHERE document = :id ORDER BY seq"), {"id": document}
            )
            return [(action, body) for action, body in rows]

    def original(self, row: DocumentRow) -> bytes:
        return blobs.get(self.place(objects.original, row), row.original_version)

    def pdf(self, row: DocumentRow) -> bytes:
        return blobs.get(self.place(objects.pdf, row), row.pdf_version)

    def manifest(self, row: DocumentRow) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(blobs.get(self.place(objects.manifest, row), row.manifest_version))
        return told

    def picture(self, row: DocumentRow, number: int) -> bytes:
        return blobs.get_derived(self.place(objects.page, row, number))

    def place(self, find: Callable[..., Place], row: DocumentRow, *which: int) -> Place:
        """Where an object of the document lies, and what opens it."""
        with Session(self.engine) as session:
            return find(session, row, *which)

    def make_due(self, document: UUID) -> None:
        """As if the lease, or the wait before the next attempt, were over."""
        with self.engine.begin() as connection:
            for table, column in (("document", "id"), ("page", "document_id")):
                connection.execute(
                    text(f"UPDATE {table} SET lease_until = NULL WHERE {column} = :id"), {"id": document}
                )


def write_pages(
    engine: Engine, unit: str, texts: list[str], *, clearance: int = 1, words: list[list[Any]] | None = None
) -> UUID:
    """A letter of read pages straight into the tables, for tests of search that need many or odd ones."""
    with engine.begin() as connection:
        document, seq = connection.execute(
            text(
                "INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version, stage,"
                " pages, pages_read) VALUES (:unit, :clearance,"
                " encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 1, 'application/pdf', 'uji.pdf', 'v', 'read',"
                " :pages, :pages) RETURNING id, seq"
            ),
            {"unit": unit, "clearance": clearance, "pages": len(texts)},
        ).one()
    with Session(engine) as session, session.begin():
        for number, body in enumerate(texts, 1):
            boxes = words or [[word, 0.1, 0.1, 0.2, 0.2, 0.9, 0] for word in body.split()]
            session.add(
                PageRow(
                    document_id=document,
                    document_seq=seq,
                    unit=unit,
                    clearance=clearance,
                    number=number,
                    text=body,
                    identities=blind(numbers_in(body), settings.settings().identity_key.get_secret_value()),
                    reading={"words": boxes},
                    read_at=text("now()"),
                )
            )
    found: UUID = document
    return found


def _forget_process() -> None:
    """Drop what a process reads and opens once."""
    for opened in (core.db.engine, core.db.snapshot_engine):
        if opened.cache_info().currsize:
            opened().dispose()
        opened.cache_clear()
    for cached in (settings.settings, blobs.client, queue.celery_app, queue.broker):
        cached.cache_clear()


@contextmanager
def process_with(env: Mapping[str, str]) -> Iterator[None]:
    """Let this process be one with these settings."""
    before = dict(os.environ)
    _forget_process()
    for name in [name for name in os.environ if name.startswith("ARSIP_")]:
        del os.environ[name]
    os.environ.update({k: v for k, v in env.items() if k.startswith("ARSIP_")})
    try:
        yield
    finally:
        _forget_process()
        os.environ.clear()
        os.environ.update(before)


def migrate(stack: Stack) -> None:
    subprocess.run([sys.executable, "-m", "cli.main", "migrate"], env={**os.environ, **stack.env}, check=True)


@contextmanager
def own_archive() -> Iterator[Stack]:
    """A whole archive apart from the other tests', and this process set to it."""
    with short_folder() as folder, running_engines(folder / "data") as stack:
        migrate(stack)
        Path(stack.env["ARSIP_SPOOL"]).mkdir(exist_ok=True)
        with process_with(stack.env):
            yield stack


@contextmanager
def engine_of(stack: Stack, role: str) -> Iterator[Engine]:
    """PostgreSQL as the role `postgres`, `arsip_owner` or `arsip_worker`."""
    secrets = load_secrets(stack.data)
    passwords = {
        "postgres": secrets.postgres_password,
        "arsip_owner": secrets.owner_password,
        "arsip_worker": secrets.worker_password,
    }
    engine = make_engine(url_of(stack, role, passwords[role]), pool_size=12)
    yield engine
    engine.dispose()


def somebody(role: str, unit: str, clearance: str = "terbatas", name: str = "") -> Account:
    with transaction({"app.role": "admin"}) as session:
        return add_account(
            session, name=name or f"{role}.{os.urandom(4).hex()}", role=role, unit=unit, clearance=clearance
        )
