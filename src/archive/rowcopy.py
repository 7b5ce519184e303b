"""Rows out of the database and in again, table by table, as PostgreSQL's COPY writes them.

Which tables there are, with which columns, is asked of the database itself: a table that a later version adds is
copied without anybody thinking of it. Only what is named here is left out, with its reason.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

from psycopg import Connection, sql
from sqlalchemy import text
from sqlalchemy.orm import Session

# Worth nothing once the database is gone
PASSING: Final = {
    "session": "who is signed in signs in again",
    "login_failure": "counts of wrong passwords of the last minutes",
    "search_made": "searches of the last minute, on their way into the ledger",
    "snapshot_progress": "how far the database that is gone had come",
}
# Made again by itself from what is there; and it changes so often that it would be written again and again
DERIVED: Final = {"stored_object": "fixity enters it again from the ledger; every object is then due to be read"}
# Their rows lie in the key set, which is replaced, never in a copy that stays (archive/keyset.py)
KEYS: Final = {
    "document_key": "a destroyed letter's key must be gone from every copy",
    "key_generation": "the keys of the copies themselves",
}
LEFT_OUT: Final = {**PASSING, **DERIVED, **KEYS}
# Blocks of a table (8 KiB each) that make one part: what did not change in them is not written again
PART_BLOCKS: Final = 64

_TABLES = text(
    "SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_class c"
    " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''"
    " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'"
    " GROUP BY c.relname ORDER BY c.relname"
)
_IDENTITIES = text(
    "SELECT c.relname, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
    " WHERE a.attidentity <> '' AND c.relnamespace = 'public'::regnamespace"
)
_PRIMARY = text(
    "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
    " WHERE i.indisprimary AND i.indrelid = CAST(:table AS regclass)"
)
_LINKS = text(
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY conname"
)


@dataclass(frozen=True, slots=True)
class Part:
    """Some neighbouring blocks of a table: which, how many rows lie in them, and a mark that any change changes."""

    number: int
    rows: int
    mark: str


def tables(session: Session) -> dict[str, list[str]]:
    """Every table with the columns that are not derived from others, but `alembic_version`."""
    return {name: list(columns) for name, columns in session.execute(_TABLES)}


def kept_tables(session: Session) -> dict[str, list[str]]:
    """The tables whose rows belong into a snapshot."""
    return {name: columns for name, columns in tables(session).items() if name not in LEFT_OUT}


def parts(session: Session, table: str) -> list[Part]:
    """The table in parts. A row's place and the transaction that wrote it are its version: no content is read."""
    mark = "sum(hashtextextended(ctid::text || '/' || xmin::text, 0))::text"
    place = f"((ctid::text::point)[0])::bigint / {PART_BLOCKS}"
    rows = session.execute(
        text(f"SELECT {place}, count(*), {mark} FROM {_quoted(table)} GROUP BY 1 ORDER BY 1")  # noqa: S608
    )
    return [Part(number, count, mark) for number, count, mark in rows]


def rows_of(session: Session, table: str, columns: Sequence[str], part: Part | None = None) -> Iterator[bytes]:
    """The rows of a table, or of one part, as lines of COPY's text format."""
    wanted = sql.SQL("SELECT {} FROM {}").format(_list(columns), sql.Identifier(table))
    if part is not None:
        first, end = (f"({number * PART_BLOCKS},0)" for number in (part.number, part.number + 1))
        wanted += sql.SQL(" WHERE ctid >= {}::tid AND ctid < {}::tid").format(first, end)
    with _driver(session).cursor().copy(sql.SQL("COPY ({}) TO STDOUT").format(wanted)) as lines:
        yield from (bytes(line) for line in lines)


def enter(session: Session, table: str, columns: Sequence[str], lines: bytes) -> None:
    """Rows as `rows_of` gave them, into the table. For its owner, while nothing watches it (`unwatched`)."""
    order = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _list(columns))
    with _driver(session).cursor().copy(order) as copy:
        copy.write(lines)


@dataclass(frozen=True, slots=True)
class Unwatched:
    """What `unwatched` took away, to be put back."""

    tables: list[str]
    links: list[tuple[str, str, str]]


def unwatched(session: Session) -> Unwatched:
    """Empty all tables and let rows in as they are: no triggers, no policies, no order among tables.

    All of it is of this transaction, which `watched_again` has to end; anything else rolls it back.
    """
    found = Unwatched(list(tables(session)), [(table, name, as_is) for table, name, as_is in session.execute(_LINKS)])
    for table, name, _ in found.links:
        session.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {_quoted(name)}"))
    _watch(session, found.tables, watch=False)
    for table in found.tables:
        session.execute(text(f"TRUNCATE {_quoted(table)}"))
    return found


def watched_again(session: Session, before: Unwatched) -> None:
    """Put links, triggers and policies back. PostgreSQL checks every link anew, and numbers go on after the last."""
    for table, name, as_is in before.links:
        session.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT {_quoted(name)} {as_is}"))
    for table, column in session.execute(_IDENTITIES).all():
        name = f"'{_quoted(table)}'"
        session.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence({name}, '{column}'), max({_quoted(column)}))"  # noqa: S608
                f" FROM {_quoted(table)} HAVING max({_quoted(column)}) IS NOT NULL"
            )
        )
    _watch(session, before.tables, watch=True)


@contextmanager
def open_to_owner(session: Session) -> Iterator[None]:
    """Within the block the tables' owner sees and writes rows as they are: no policies, no triggers. An exception has
    to roll the transaction back."""
    names = list(tables(session))
    _watch(session, names, watch=False)
    yield
    _watch(session, names, watch=True)


def _watch(session: Session, names: Sequence[str], *, watch: bool) -> None:
    triggers, forced = ("ENABLE", "FORCE") if watch else ("DISABLE", "NO FORCE")
    for name in names:
        session.execute(text(f"ALTER TABLE {_quoted(name)} {triggers} TRIGGER USER"))
        session.execute(text(f"ALTER TABLE {_quoted(name)} {forced} ROW LEVEL SECURITY"))


def add(session: Session, table: str, rows: list[dict[str, Any]], columns: Sequence[str], *, replace: bool) -> int:
    """Enter rows that were kept as JSON; of one that is there already by its primary key, `replace` says what to do.
    How many were new or replaced. For the table's owner, while the tables are `open_to_owner`."""
    if not rows:
        return 0
    names, own = ", ".join(map(_quoted, columns)), _quoted(table)
    keys = ", ".join(_quoted(name) for name in session.scalars(_PRIMARY, {"table": own}))
    then = "UPDATE SET " + ", ".join(f"{_quoted(name)} = excluded.{_quoted(name)}" for name in columns)
    done = session.execute(
        text(
            f"INSERT INTO {own} ({names}) OVERRIDING SYSTEM VALUE SELECT {names}"  # noqa: S608 - names of the catalogue's
            f" FROM jsonb_populate_recordset(NULL::{own}, CAST(:rows AS jsonb))"
            f" ON CONFLICT ({keys}) DO {then if replace else 'NOTHING'} RETURNING 1"
        ),
        {"rows": json.dumps(rows)},
    ).all()
    return len(done)


def _driver(session: Session) -> "Connection[tuple[object, ...]]":
    raw = session.connection().connection.driver_connection
    return cast("Connection[tuple[object, ...]]", raw)


def _list(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
