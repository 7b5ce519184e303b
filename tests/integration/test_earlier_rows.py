"""Migrations on rows that an archive already has: made under the schema before, they are found right under this one."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from cli.engines import Stack
from cli.migrate import let_snapshots_read, upgrade
from core.db import make_engine
from search.query import search
from search.suggesting import suggest
from tests.integration.driving import engine_of

_ACCOUNT = "INSERT INTO account (id, name, role, unit, clearance) VALUES (:id, :name, 'arsiparis', 'umum', 1)"
_LIST = (
    "INSERT INTO disposal (id, kind, unit, clearance, year, number, code, status, proposed_by, executed_by, began_at,"
    " done_at) VALUES (:id, 'alih_media', 'umum', 1, 2026, 1, 'AMD-2026-0001', 'diautentikasi', :by, :other, now(),"
    " now())"
)
_LETTER = (
    "INSERT INTO document (id, unit, clearance, sha256, size, media_type, filename, original_version, stage, pages,"
    " pages_read, kind, doubt, sealed_at, manifest_key, manifest_version, pdf_sha256, attempts, destroyed_at)"
    " VALUES (:id, 'umum', 1, :sha256, 1, 'application/pdf', 'a.pdf', 'v', 'sealed', 1, 1, 'surat_pemulangan', 0,"
    " now(), 'm', 'v', 'p', 2, CASE WHEN :gone THEN now() END)"
)
_COPY = "INSERT INTO authentic_copy (document_id, disposal_id, on_day) VALUES (:id, :list, '2026-11-01')"


@contextmanager
def _before(stack: Stack, superuser: Engine, revision: str) -> Iterator[tuple[Engine, Engine]]:
    """A database of its own at that revision, as its owner and as PostgreSQL's superuser."""
    name = f"earlier_{uuid4().hex[:8]}"
    admin = superuser.execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} OWNER arsip_owner"))
    with engine_of(stack, "arsip_owner") as usual:
        owner, root = (
            make_engine(one.url.set(database=name).render_as_string(hide_password=False)) for one in (usual, superuser)
        )
    try:
        with owner.begin() as connection:
            upgrade(connection, revision)
        yield owner, root
    finally:
        owner.dispose()
        root.dispose()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name}"))


def _letter(connection: Connection, listed: UUID | None, *, gone: bool = False) -> UUID:
    made = uuid4()
    connection.execute(text(_LETTER), {"id": made, "sha256": made.hex * 2, "gone": gone})
    if listed is not None:
        connection.execute(text(_COPY), {"id": made, "list": listed})
    return made


def test_copies_authenticated_earlier_get_their_mark(archive: Stack, superuser: Engine) -> None:
    """0039: each is sealed again, as one authenticated today; a stub and every other letter stay as they are."""
    with _before(archive, superuser, "0038") as (owner, root):
        with root.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            by, other, listed = uuid4(), uuid4(), uuid4()
            for one in (by, other):
                connection.execute(text(_ACCOUNT), {"id": one, "name": one.hex})
            connection.execute(text(_LIST), {"id": listed, "by": by, "other": other})
            copy, stub = _letter(connection, listed), _letter(connection, listed, gone=True)
            usual = _letter(connection, None)
        with owner.begin() as connection:
            upgrade(connection)
            let_snapshots_read(connection)
        with root.connect() as connection:
            rows = connection.execute(
                text("SELECT id, stage, attempts, sealed_at IS NULL, manifest_key, pdf_sha256 FROM document")
            )
            found = {row.id: tuple(row)[1:] for row in rows}
            assert connection.scalar(text("SELECT count(*) FROM authentic_copy")) == 2
    as_it_was = ("sealed", 2, False, "m", "p")
    assert found == {copy: ("filed", 0, True, None, "p"), stub: as_it_was, usual: as_it_was}


def test_what_is_asked_of_an_archive_without_pages_is_answered_at_once(archive: Stack, superuser: Engine) -> None:
    """0046: an office's first search, before its first letter; a statement that goes on for 30 s is ended."""
    few = "SELECT seqs FROM search_few(ARRAY['a'::tsquery], ARRAY['a'::tsquery], 9223372036854775807, 300)"
    whose = "SELECT set_config('app.role', 'arsiparis', true), set_config('app.clearance', '3', true)"
    with _before(archive, superuser, "heads") as (_, root), Session(root) as session:
        session.execute(text(whose))  # who may see every unit is helped by no unit's keys
        assert session.scalar(text(few)) == []
        assert not search(session, "900000").hits
        assert not suggest(session, "xqz")
