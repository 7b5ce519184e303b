"""The door's work on one file: what it is and which digest; then its bytes into the locked store, before any row."""

import hashlib
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO
from uuid import uuid4

from access.accounts import Account
from access.roles import CLEARANCES, level
from archive import blobs, documents, keys, objects
from archive.documents import Arrival, New
from core.faults import EmptyFile, InvalidRequest
from core.settings import settings
from ingest.names import display_name
from ingest.sniff import HEAD_BYTES, sniff

_IN_MEMORY = 1 << 20


@contextmanager
def _bytes_of(file: BinaryIO, size: int) -> Iterator[memoryview]:
    """The whole file as one buffer: read when small, mapped when large."""
    if size <= _IN_MEMORY:
        file.seek(0)
        yield memoryview(file.read())
        return
    file.flush()
    # Not closed here: after a retry, the store's client may hold its view of it a little longer in a traceback. The
    # mapping ends with its last view.
    yield memoryview(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ))


def clearance_for(account: Account, wanted: str | None) -> int:
    """The level of a new letter: as named, else the office's default; never above the sender's ceiling.

    Raises InvalidRequest for an unknown name, or for one above the ceiling.
    """
    if wanted is None:
        return min(level(settings().default_clearance), account.clearance)
    if wanted not in CLEARANCES or level(wanted) > account.clearance:
        raise InvalidRequest(what=f"tingkat akses ({', '.join(CLEARANCES[: account.clearance + 1])})")
    return level(wanted)


def keep(
    account: Account,
    file: BinaryIO,
    size: int,
    *,
    filename: str | None,
    clearance: str | None,
    idempotency_key: str | None,
) -> Arrival:
    """Keep a file's bytes, unless the unit has them, and say what arrived; the caller then enters it in a transaction.

    Raises EmptyFile, UnsupportedType, InvalidRequest (nothing is kept), StoreUnavailable, DatabaseUnavailable,
    BytesDiffer.
    """
    if size == 0:
        raise EmptyFile
    at_level = clearance_for(account, clearance)
    with _bytes_of(file, size) as data:
        media_type, sha256 = sniff(bytes(data[:HEAD_BYTES])), hashlib.sha256(data).hexdigest()
        known = documents.is_known(account, sha256, idempotency_key)
        new = None if known else _stored(data, sha256, media_type)
    return Arrival(new, sha256, size, media_type, display_name(filename), at_level, idempotency_key)


def _stored(data: memoryview, sha256: str, media_type: str) -> New:
    """The bytes of a document to be, under a key of its own. Whoever sends the same in this moment stores them too:
    only one becomes a document, and what the other stored has no key and is nobody's."""
    document = uuid4()
    key = keys.new(document)
    stored = blobs.put(objects.original_at(document, key.key), data, sha256, media_type)
    return New(document, key.wrapped, stored)
