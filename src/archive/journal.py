"""The journal: what happened since the last snapshot, every minute, so that a lost database loses no letter.

One object holds the ledger's entries since the one before, and of each letter that was received in them what its
bytes do not say: its row, its arrivals and its wrapped key. It is closed by the key of the generation.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from archive import blobs, wholesale
from archive.keyset import Generation, seal, unseal
from archive.objects import Place
from core.faults import KeyUnusable

PREFIX: Final = "journal/"
MOST: Final = 20_000  # entries in one object
_OF_ACCOUNTS = ("user_added", "password_changed", "token_issued", "tokens_revoked")
# What moves pages from letter to letter, or takes letters away: a journal says too little of it and never holds it, so
# that nothing destroyed is ever made again. A snapshot is taken at once.
MOVING: Final = ("letter_cut", "letter_joined", "destroyed", "disposal_done")
_MOVED = text("SELECT EXISTS (SELECT FROM ledger WHERE seq > :after AND action = ANY (:moving))")
_ENTRIES = text(
    "SELECT seq, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), body, encode(prev, 'hex'),"
    " encode(hash, 'hex'), action, document FROM ledger WHERE seq > :after AND seq < coalesce("
    " (SELECT min(seq) FROM ledger WHERE seq > :after AND action = ANY (:moving)), 9223372036854775807)"
    " ORDER BY seq LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One ledger entry as the database has it; `at` in UTC as the hash has it, `prev` and `hash` in hexadecimal."""

    seq: int
    at: str
    body: str
    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class Journal:
    """One object of the journal. `rows`: of each table the rows of letters that came in these entries, as JSON."""

    entries: list[Entry]
    rows: dict[str, list[dict[str, Any]]]


def write(session: Session, generation: Generation) -> int | None:
    """Put what came after the last entry that lies in the bucket, up to one that needs a snapshot. The last entry it
    holds; None when there is none.

    The caller notes that number; a crash before it does so puts the same entries twice, which does no harm.
    """
    found = session.execute(_ENTRIES, {"after": generation.journaled, "most": MOST, "moving": list(MOVING)}).all()
    if not found:
        return None
    received = [row.document for row in found if row.action == "received"]
    # a letter out of a stack gets its key when it is sealed
    locked = [row.document for row in found if row.action in ("received", "sealed")]
    accounts = {UUID(json.loads(row.body)["account"]) for row in found if row.action in _OF_ACCOUNTS}
    content = {"entries": [list(row[:5]) for row in found], "rows": _rows_of(session, received, locked, accounts)}
    first, last = found[0][0], found[-1][0]
    key = f"{PREFIX}{first:012d}-{last:012d}-{generation.number:06d}-{secrets.token_hex(4)}"
    sealed = seal(generation.key, json.dumps(content).encode(), key)
    blobs.put(Place(key), sealed, hashlib.sha256(sealed).hexdigest(), "application/octet-stream")
    return int(last)


def needs_a_snapshot(session: Session, generation: Generation) -> bool:
    """Whether something happened since that no journal can make again."""
    return bool(session.scalar(_MOVED, {"after": generation.journaled, "moving": list(MOVING)}))


def after(seq: int, keys: dict[int, bytes]) -> Iterator[Journal]:
    """The journals with entries after that number, oldest first. Raises KeyUnusable when one does not open."""
    for key in wholesale.names_under(PREFIX):
        _, last, generation, _ = key.removeprefix(PREFIX).split("-")
        if int(last) <= seq:
            continue
        if int(generation) not in keys:
            raise KeyUnusable
        told = json.loads(unseal(keys[int(generation)], blobs.get(Place(key)), key))
        yield Journal([Entry(*entry) for entry in told["entries"]], told["rows"])


def last_of(key: str) -> int:
    """The last ledger entry in the journal under that key of the bucket."""
    return int(key.removeprefix(PREFIX).split("-")[1])


def _rows_of(
    session: Session, letters: Sequence[UUID], locked: Sequence[UUID], accounts: set[UUID]
) -> dict[str, list[dict[str, Any]]]:
    """Rows of the tables that a letter's arrival fills, keys, and accounts that were added or changed, as they are."""
    arrivals = _as_json(session, "arrival", "document_id", letters)
    people = sorted(accounts | {UUID(row["account_id"]) for row in arrivals})
    found = {
        "account": _as_json(session, "account", "id", people),
        "token": _as_json(session, "token", "account_id", people),
        "document": _as_json(session, "document", "id", letters),
        "arrival": arrivals,
        "document_key": _as_json(session, "document_key", "document_id", locked),
    }
    return {table: rows for table, rows in found.items() if rows}


def _as_json(session: Session, table: str, column: str, wanted: Sequence[UUID]) -> list[dict[str, Any]]:
    rows = session.scalars(
        text(f"SELECT to_jsonb(t) FROM {table} t WHERE {column} = ANY (:wanted) ORDER BY {column}"),  # noqa: S608
        {"wanted": list(wanted)},
    )
    return [dict(row) for row in rows]


def entry_hash(entry: Entry) -> str:
    """The hash an entry must have (docs/ARCHITECTURE.md)."""
    return hashlib.sha256(bytes.fromhex(entry.prev) + f"{entry.seq}|{entry.at}|{entry.body}".encode()).hexdigest()
