"""The key set: the keys that open the letters and the snapshots, in one object that is replaced each time.

A letter's key that was destroyed is so gone from here too, and from every backup at its next run. The object lies in
the derived bucket, which has no lock and no versions, closed by a subkey of the office key: with that key and the two
buckets everything else can be made again (docs/adr/0028).
"""

import base64
import hashlib
import json
import os
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr
from sqlalchemy import func, insert, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from archive import officekey, rowcopy, wholesale
from archive.keytables import KeyGenerationRow
from archive.snapshottables import SnapshotProgressRow
from core.faults import KeyUnusable
from core.settings import settings

KEY: Final = "keyset/now"
_NONCE_BYTES = 12
# The index of clients is made with the one, what outsiders checked was signed with the other
_LASTING: Final = ("identity_key", "checkpoint_key")


@dataclass(frozen=True, slots=True)
class KeySet:
    """What the object says. `secrets`: settings that must stay as they were, by name. `tables`: of each table of keys
    its columns and rows, as COPY writes them. `generations`: their keys."""

    secrets: dict[str, str]
    tables: dict[str, tuple[list[str], bytes]]
    generations: dict[int, bytes]


def seal(key: bytes, content: bytes, about: str) -> bytes:
    """Bytes packed and encrypted (AES-256-GCM); they open under the same key and name only."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, zlib.compress(content, 6), about.encode())


def unseal(key: bytes, sealed: bytes, about: str) -> bytes:
    """What `seal` was given. Raises KeyUnusable under another key or name, or when a byte was changed."""
    try:
        return zlib.decompress(AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode()))
    except (InvalidTag, ValueError, zlib.error) as error:
        raise KeyUnusable from error


@dataclass(frozen=True, slots=True)
class Generation:
    """A key under which copies are written, and how far they have come in this database: its newest snapshot, when
    that was taken, and the last ledger entry that is in the bucket."""

    number: int
    key: bytes = field(repr=False)
    made_at: datetime
    newest: int | None
    newest_at: datetime | None
    journaled: int


def _about(number: int) -> bytes:
    return f"generation {number}".encode()


def new_generation(session: Session) -> None:
    """Make the key of a further generation."""
    number = (session.scalar(select(func.max(KeyGenerationRow.number))) or 0) + 1
    wrapped = officekey.wrap(os.urandom(officekey.KEY_BYTES), officekey.GENERATIONS, _about(number))
    # what the journal holds under the key before stays readable until a whole snapshot lies under this one
    journaled = session.scalar(select(func.max(SnapshotProgressRow.journaled))) or 0
    session.execute(insert(KeyGenerationRow).values(number=number, wrapped=wrapped))
    session.execute(insert(SnapshotProgressRow).values(generation=number, journaled=journaled))


def generation(session: Session) -> Generation | None:
    """The generation under which copies are written now; None when none was made yet. Raises KeyUnusable."""
    row = session.execute(
        select(KeyGenerationRow.number, KeyGenerationRow.wrapped, KeyGenerationRow.made_at)
        .where(KeyGenerationRow.wrapped.is_not(None))
        .order_by(KeyGenerationRow.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    come = session.get(SnapshotProgressRow, row.number)
    key = officekey.unwrap(row.wrapped or b"", officekey.GENERATIONS, _about(row.number))
    if come is None:  # of a database that was made again: its first snapshot is whole
        return Generation(row.number, key, row.made_at, None, None, 0)
    return Generation(row.number, key, row.made_at, come.newest, come.newest_at, come.journaled)


def note(session: Session, number: int, **values: object) -> None:
    """Write down how far copies under that generation have come."""
    made = postgresql.insert(SnapshotProgressRow).values(generation=number, **values)
    session.execute(made.on_conflict_do_update(index_elements=["generation"], set_=values))


def drop_generations_before(session: Session, number: int) -> None:
    """Forget the keys of earlier generations: what was written under them opens never again."""
    session.execute(text("SELECT key_generations_drop(:number)"), {"number": number})


def _written(session: Session) -> bytes:
    held: dict[str, Any] = {}
    for table, columns in rowcopy.tables(session).items():
        if table in rowcopy.KEYS:
            lines = b"".join(rowcopy.rows_of(session, table, columns))
            held[table] = {"columns": columns, "rows": base64.b64encode(lines).decode()}
    rows = session.execute(
        select(KeyGenerationRow.number, KeyGenerationRow.wrapped).where(KeyGenerationRow.wrapped.is_not(None))
    )
    generations = {str(row.number): base64.b64encode(row.wrapped or b"").decode() for row in rows}
    known = {
        "format": 1,
        "secrets": {name: _secret(name) for name in _LASTING},
        "tables": held,
        "generations": generations,
    }
    return json.dumps(known, sort_keys=True).encode()


def _secret(name: str) -> str:
    value: SecretStr | None = getattr(settings(), name)
    return value.get_secret_value() if value else ""


def put(session: Session) -> None:
    """Write the key set as the database has it now, unless the one that lies there says the same."""
    content = _written(session)
    digest = hashlib.sha256(content).hexdigest()
    sealed = wholesale.find_derived(KEY)
    if sealed is not None and _digest_of(sealed) == digest:
        return
    wholesale.put_derived(KEY, seal(officekey.subkey("keyset"), content, "keyset"))


def _digest_of(sealed: bytes) -> str | None:
    try:
        return hashlib.sha256(unseal(officekey.subkey("keyset"), sealed, "keyset")).hexdigest()
    except KeyUnusable:  # of another office key, or damaged: it is written anew
        return None


def read(sealed: bytes) -> KeySet:
    """What a key set says. Raises KeyUnusable under another office key."""
    known = json.loads(unseal(officekey.subkey("keyset"), sealed, "keyset"))
    return KeySet(
        known["secrets"],
        {name: (told["columns"], base64.b64decode(told["rows"])) for name, told in known["tables"].items()},
        {
            int(number): officekey.unwrap(base64.b64decode(wrapped), officekey.GENERATIONS, _about(int(number)))
            for number, wrapped in known["generations"].items()
        },
    )
