"""Snapshots: every row of the database, encrypted, under lock in the record's bucket (docs/adr/0028).

A snapshot is an index and parts. A part is some neighbouring rows of one table; what did not change since the last
snapshot is named again, not written again. Both are closed by the key of a generation.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from archive import blobs, ledger, rowcopy, wholesale
from archive.keyset import Generation, seal, unseal
from archive.objects import Place
from archive.rowcopy import Part
from core.faults import KeyUnusable, NotFound

INDEXES: Final = "snapshot/index-"
_BINARY = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Kept:
    """One part as it lies in the bucket: its digest there is its name."""

    number: int
    rows: int
    mark: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a snapshot."""

    columns: list[str]
    parts: list[Kept]


@dataclass(frozen=True, slots=True)
class Index:
    """One snapshot: the schema's revision, the ledger's head, and every table's parts. `destroyed`: how many letters'
    keys had been destroyed when the first snapshot of its generation was taken; with one more a new one is due."""

    number: int
    generation: int
    at: str
    revision: str
    ledger_seq: int
    ledger_hash: str
    destroyed: int
    tables: dict[str, Table]

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        return sum(part.rows for table in self.tables.values() for part in table.parts)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one run wrote: the snapshot's number, the last ledger entry in it, and how many parts and bytes were put;
    zero parts when nothing had changed."""

    number: int
    ledger_seq: int
    parts: int
    size: int


def index_key(number: int, generation: int) -> str:
    """Where an index lies. Later ones sort after earlier ones."""
    return f"{INDEXES}{number:09d}-{generation:06d}"


def generation_of(key: str) -> int:
    """Under which generation an index lies."""
    return int(key.removeprefix(INDEXES).split("-")[1])


def part_key(sha256: str) -> str:
    """Where a part lies."""
    return f"snapshot/part-{sha256}"


def destroyed_keys(session: Session) -> int:
    """How many letters' keys were destroyed so far."""
    return int(session.scalar(text("SELECT count(*) FROM document_key WHERE destroyed_at IS NOT NULL")) or 0)


def read_index(key: str, keys: dict[int, bytes]) -> Index:
    """The index under that key of the bucket. Raises KeyUnusable when its generation is gone, NotFound."""
    number, generation = (int(part) for part in key.removeprefix(INDEXES).split("-"))
    if generation not in keys:
        raise KeyUnusable
    told: dict[str, Any] = json.loads(unseal(keys[generation], blobs.get(Place(key)), f"index {number}"))
    tables = {
        name: Table(table["columns"], [Kept(**part) for part in table["parts"]])
        for name, table in told.pop("tables").items()
    }
    return Index(tables=tables, **told)


def newest(keys: dict[int, bytes]) -> Index | None:
    """The newest snapshot in the bucket that these keys open; None when there is none.

    Raises KeyUnusable when there are snapshots, but none that opens.
    """
    found = sorted(wholesale.names_under(INDEXES), reverse=True)
    for key in found:
        try:
            return read_index(key, keys)
        except KeyUnusable:
            continue
    if found:
        raise KeyUnusable
    return None


def rows_of(index: Index, table: str, key: bytes) -> Iterator[bytes]:
    """A table's rows, part by part, as COPY's lines. Raises KeyUnusable when a part is not the one that was written."""
    for part in index.tables[table].parts:
        sealed = blobs.get(Place(part_key(part.sha256)))
        if hashlib.sha256(sealed).hexdigest() != part.sha256:
            raise KeyUnusable
        yield unseal(key, sealed, _part_name(table, part.number))


def take(session: Session, generation: Generation) -> Taken:
    """Write the whole database as this still transaction sees it. For the role that reads everything.

    Objects are put while the transaction is open: that all parts are of one moment is what makes them a snapshot.
    """
    before = newest_of(generation)
    written = _Writing(generation.key, before)
    tables = {
        name: Table(columns, [written.part(session, name, columns, part) for part in rowcopy.parts(session, name)])
        for name, columns in rowcopy.kept_tables(session).items()
    }
    if before is not None and before.tables == tables:
        return Taken(before.number, before.ledger_seq, 0, 0)
    seq, head = ledger.head(session)
    revision = session.scalar(text("SELECT version_num FROM alembic_version"))
    number = _next_number(before)
    at = datetime.now(UTC).isoformat()
    destroyed = before.destroyed if before else destroyed_keys(session)
    index = Index(number, generation.number, at, str(revision), seq, head, destroyed, tables)
    sealed = seal(generation.key, json.dumps(asdict(index), separators=(",", ":")).encode(), f"index {number}")
    at_key = Place(index_key(number, generation.number))
    blobs.put(at_key, sealed, hashlib.sha256(sealed).hexdigest(), _BINARY)
    return Taken(number, seq, written.parts, written.size + len(sealed))


def any_in_bucket() -> bool:
    """Whether any snapshot lies there, whoever wrote it and whether it opens or not."""
    return next(wholesale.names_under(INDEXES), None) is not None


def has_destroyed_since(session: Session, generation: Generation) -> bool:
    """Whether letters were destroyed whose words the snapshots of this generation still hold."""
    before = newest_of(generation)
    return before is not None and destroyed_keys(session) > before.destroyed


def newest_of(generation: Generation) -> Index | None:
    """The snapshot that this very database made last under this generation: only its marks say anything."""
    if generation.newest is None:
        return None
    try:
        return read_index(index_key(generation.newest, generation.number), {generation.number: generation.key})
    except NotFound:
        return None


def _next_number(before: Index | None) -> int:
    """One more than any in the bucket, whoever wrote it."""
    last = index_key(before.number, 0) if before else None
    numbers = [int(key.removeprefix(INDEXES)[:9]) for key in wholesale.names_under(INDEXES, after=last)]
    return max([before.number if before else 0, *numbers]) + 1


def _part_name(table: str, number: int) -> str:
    return f"part {table} {number}"


class _Writing:
    """One snapshot on its way: parts are put, or taken over from the one before."""

    def __init__(self, key: bytes, before: Index | None) -> None:
        self._key = key
        self._before = {
            (name, part.number): (table.columns, part)
            for name, table in (before.tables if before else {}).items()
            for part in table.parts
        }
        self.parts = 0
        self.size = 0

    def part(self, session: Session, table: str, columns: list[str], part: Part) -> Kept:
        kept = self._before.get((table, part.number))
        if kept is not None and kept[0] == columns and (kept[1].rows, kept[1].mark) == (part.rows, part.mark):
            return kept[1]
        lines = b"".join(rowcopy.rows_of(session, table, columns, part))
        sealed = seal(self._key, lines, _part_name(table, part.number))
        sha256 = hashlib.sha256(sealed).hexdigest()
        blobs.put(Place(part_key(sha256)), sealed, sha256, _BINARY)
        self.parts += 1
        self.size += len(sealed)
        return Kept(part.number, part.rows, part.mark, sha256)
