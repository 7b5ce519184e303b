"""Making the database again: from a snapshot, then the journal's entries after it (docs/adr/0028).

Everything is done by the schema's owner. What a person entered after the last snapshot is not made again, as the
ledger has no contents; it is counted by what it was, so that somebody can enter it anew.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from archive import journal, ledger, rowcopy, snapshots
from archive.journal import Entry, Journal
from archive.keyset import KeySet
from archive.snapshots import Index
from archive.snapshottables import RestoredVersionRow
from core.faults import KeyUnusable

# What is known of a letter before it is read; the rest is read from its bytes again
_INTAKE: Final = (
    *("id", "seq", "unit", "clearance", "sha256", "size", "media_type", "filename", "original_version", "received_at"),
)
# What the machine does by itself, or what leaves no row: nothing of it has to be entered anew
MADE_AGAIN: Final = frozenset(
    {
        *("received", "paged", "page_read", "page_reread", "filed", "sealed", "held", "split"),
        *("user_added", "password_changed", "token_issued", "tokens_revoked"),
        *("text_viewed", "page_viewed", "original_downloaded", "pdf_downloaded", "manifest_viewed"),
        *("agenda_printed", "disposition_printed", "case_printed", "box_printed", "paper_listed"),
        *(
            "verification_started",
            "database_rebuilt",
            "person_looked_up",
            "person_exported",
            "ledger_exported",
            "proof_made",
        ),
    }
)
_SEALED = text(
    "UPDATE document SET pdf_sha256 = :pdf, pdf_version = :pdf_version, manifest_key = :manifest,"
    " manifest_version = :version WHERE id = :document AND stage = 'sealed'"
)
_VERSIONS = tuple(
    text(f"UPDATE {table} t SET {column} = r.version FROM restored_version r WHERE t.{column} = r.was")  # noqa: S608
    for table, column in (
        ("document", "original_version"),
        ("document", "pdf_version"),
        ("document", "manifest_version"),
        ("checkpoint", "version"),
    )
)


_KNOWN_KEYS: Final = {
    "key_generation": text("INSERT INTO key_generation SELECT * FROM kept"),
    "document_key": text(
        "INSERT INTO document_key SELECT k.* FROM kept k JOIN document d ON d.id = k.document_id"
        " ON CONFLICT (document_id) DO UPDATE SET wrapped = excluded.wrapped, destroyed_at = excluded.destroyed_at,"
        " disposal = excluded.disposal"
    ),
}


@dataclass(slots=True)
class Rebuilt:
    """What came of it: the snapshot, its rows and time; entries and letters after it, letters that were destroyed once
    more, and what people did in those entries."""

    snapshot: int
    rows: int
    at: datetime
    entries: int = 0
    letters: int = 0
    destroyed: int = 0
    lost: Counter[str] = field(default_factory=Counter)


def is_in_use(session: Session) -> bool:
    """Whether this database holds an archive already: a ledger with entries."""
    if session.scalar(text("SELECT to_regclass('public.ledger') IS NULL")):
        return False
    session.execute(text("ALTER TABLE ledger NO FORCE ROW LEVEL SECURITY"))
    found = session.scalar(text("SELECT EXISTS (SELECT FROM ledger)"))
    session.execute(text("ALTER TABLE ledger FORCE ROW LEVEL SECURITY"))
    return bool(found)


def clear(session: Session) -> None:
    """Remove what `arsip migrate` made in a database without an archive, so that an earlier schema fits in."""
    session.execute(text("DROP SCHEMA public CASCADE"))
    session.execute(text("CREATE SCHEMA public"))
    session.execute(text("GRANT USAGE ON SCHEMA public TO PUBLIC"))


def load(session: Session, index: Index, key: bytes, seen: Callable[[int], None]) -> None:
    """Fill every table of the snapshot's schema, with its generation's key. `seen` hears how many rows each table had.

    Raises KeyUnusable when a part is not the one that was written.
    """
    before = rowcopy.unwatched(session)
    for name, table in index.tables.items():
        for lines in snapshots.rows_of(index, name, key):
            rowcopy.enter(session, name, table.columns, lines)
        seen(sum(part.rows for part in table.parts))
    rowcopy.watched_again(session, before)


def replay(session: Session, journals: Iterable[Journal], told: Rebuilt) -> None:
    """While the tables are open to their owner, enter what came after the snapshot: the ledger's entries as they were,
    and the letters that came, to be read.

    Raises KeyUnusable when an entry does not follow the one before.
    """
    for each in journals:
        told.letters += _enter_letters(session, each.rows)
        for entry in each.entries:
            _enter_entry(session, entry, told)


def enter_keys(session: Session, keys: KeySet) -> None:
    """While the tables are open to their owner, enter the key set. It is newer than the journal: a key that was
    destroyed stays so. Of letters that are in neither snapshot nor journal there is nothing to open."""
    for name, (columns, lines) in keys.tables.items():
        session.execute(text(f"CREATE TEMPORARY TABLE kept (LIKE {name}) ON COMMIT DROP"))
        rowcopy.enter(session, "kept", columns, lines)
        session.execute(_KNOWN_KEYS[name])
        session.execute(text("DROP TABLE kept"))


def rename_versions(session: Session, versions: Mapping[tuple[str, str], str]) -> None:
    """While the tables are open to their owner, say under which versions a restored store has its objects: by key and
    the version they had before."""
    for (key, was), version in versions.items():
        session.execute(
            text("UPDATE restored_version SET version = :version WHERE key = :key AND version = :was"),
            {"key": key, "was": was, "version": version},
        )
    rows = [{"key": key, "was": was, "version": version} for (key, was), version in versions.items()]
    if rows:
        session.execute(insert(RestoredVersionRow), rows)
    for statement in _VERSIONS:
        session.execute(statement)


def note(session: Session, told: Rebuilt) -> None:
    """The last entry of a rebuilding, in its transaction."""
    ledger.append(
        session,
        "database_rebuilt",
        actor=ledger.WORKER,
        snapshot=told.snapshot,
        rows=told.rows,
        entries=told.entries,
        letters=told.letters,
    )


def _enter_letters(session: Session, rows: Mapping[str, list[dict[str, Any]]]) -> int:
    present = rowcopy.tables(session)
    for table in ("account", "token"):
        rowcopy.add(session, table, rows.get(table, []), present[table], replace=True)
    letters = rowcopy.add(session, "document", rows.get("document", []), _INTAKE, replace=False)
    for table in ("arrival", "document_key"):
        rowcopy.add(session, table, rows.get(table, []), present.get(table, []), replace=False)
    return letters


def _enter_entry(session: Session, entry: Entry, told: Rebuilt) -> None:
    seq, head = ledger.head(session)
    if entry.seq <= seq:
        return
    if (entry.seq - 1, entry.prev) != (seq, head) or journal.entry_hash(entry) != entry.hash:
        raise KeyUnusable
    session.execute(
        text(
            "INSERT INTO ledger (seq, at, body, prev, hash)"
            " VALUES (:seq, CAST(:at AS timestamptz), :body, decode(:prev, 'hex'), decode(:hash, 'hex'))"
        ),
        {"seq": entry.seq, "at": entry.at, "body": entry.body, "prev": entry.prev, "hash": entry.hash},
    )
    told.entries += 1
    body: dict[str, Any] = json.loads(entry.body)
    if body["action"] == "sealed":
        session.execute(
            _SEALED, {name: body[name] for name in ("pdf", "pdf_version", "manifest", "version", "document")}
        )
    elif body["action"] not in MADE_AGAIN:
        told.lost[body["action"]] += 1
