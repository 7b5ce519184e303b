"""What lies under lock of the ledger, beside the ledger as it is now: heads, roots, and who signed them.

A part of archive/verify.py, and as that apart from what writes: own SQL, own reading of signed notes.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final

from minio import Minio
from minio.error import MinioException
from sqlalchemy import text
from sqlalchemy.orm import Session
from urllib3.exceptions import HTTPError

from archive.offline import Key, NotOursError, Tree, opened

_KEYS: Final = text("SELECT DISTINCT public_key FROM checkpoint ORDER BY public_key")
_LARGEST: Final = text("SELECT coalesce(max(size), 0) FROM checkpoint")
_NEXT: Final = text("SELECT key FROM checkpoint WHERE size > :after AND size <= :last ORDER BY size LIMIT 1")
_NOTE: Final = text("SELECT note FROM checkpoint WHERE size = :size")


@dataclass(frozen=True, slots=True)
class Finding:
    """The first bad thing: a ledger entry by number, or an object by key."""

    what: str
    where: str


class LockedHeads:
    """The objects under `ledger/`, in order, beside the entries as they are derived again one by one."""

    def __init__(
        self, store: Minio, bucket: str, transaction: Callable[[], AbstractContextManager[Session]], tree: Tree
    ) -> None:
        self._store = store
        self._bucket = bucket
        self._transaction = transaction
        self._tree = tree
        self._heads: Iterator[str] | None = None
        self._head: str | None = None  # the next one that lies under lock
        self._keys: list[Key] = []
        self._seen = 0  # the size of the last one that was compared
        self._largest = 0  # checkpoints that were entered before the list was asked for have to be in it

    def finding(self, seq: int | None, digest: str) -> Finding | None:
        """What is wrong with the heads up to this entry, of that hash; at the ledger's end (None), whether something
        lies there of entries behind it, which were cut off, or what was signed lies there no more."""
        where = "objects under ledger/"
        try:
            if self._heads is None:
                self._begin()
            while self._head is not None and (seq is None or self._head <= f"ledger/{seq:012d}.json"):
                where = f"object {self._head}"
                found = self._look(self._head, seq, digest)
                if found is not None:
                    return found
                self._head = next(self._heads or iter(()), None)
            return self._gone(self._largest) if seq is None else None
        except (MinioException, HTTPError, OSError) as error:
            return Finding("object_unreadable", f"{where}: {type(error).__name__}")
        except (ValueError, KeyError, TypeError):
            return Finding("object_changed", f"{where}: its bytes are not the ones put there")

    def _begin(self) -> None:
        with self._transaction() as session:
            self._keys = [Key.read(line) for line in session.scalars(_KEYS)]
            self._largest = session.scalar(_LARGEST) or 0
        listed = self._store.list_objects(self._bucket, prefix="ledger/", recursive=True)
        self._heads = (str(item.object_name) for item in listed)
        self._head = next(self._heads, None)

    def _look(self, head: str, seq: int | None, digest: str) -> Finding | None:
        size = int(head.removeprefix("ledger/").removesuffix(".json"))
        if (gone := self._gone(size - 1)) is not None:
            return gone
        kept = self._read(head)
        derived = kept.get("root") in (None, self._tree.root().hex())
        if (kept["seq"], kept["hash"]) != (seq, digest) or not derived:
            return Finding("ledger_cut", f"object {head}: the ledger does not reach it")
        if "note" in kept and not self._keys:
            return Finding("checkpoint_unproven", f"object {head}: the database names no key to check it by")
        entered = self._entered(size)
        self._seen = size
        if entered not in (None, kept.get("note")) or not self._is_signed(kept):
            return Finding("checkpoint_forged", f"object {head}: the office's key did not sign what it says")
        return None

    def _entered(self, size: int) -> str | None:
        with self._transaction() as session:
            found: str | None = session.scalar(_NOTE, {"size": size})
        return found

    def _gone(self, last: int) -> Finding | None:
        """The first checkpoint up to that size that was signed and entered, and lies in the store no more."""
        with self._transaction() as session:
            gone = session.scalar(_NEXT, {"after": self._seen, "last": last})
        return None if gone is None else Finding("checkpoint_missing", f"object {gone}: signed, but not there")

    def _read(self, head: str) -> dict[str, Any]:
        response = self._store.get_object(self._bucket, head)
        try:
            kept = json.loads(response.read())
        finally:
            response.close()
            response.release_conn()
        return dict(kept)

    def _is_signed(self, kept: dict[str, Any]) -> bool:
        """Whether its note says what the head says, signed by a key of the office. A head without note was put where
        no key is set up."""
        if "note" not in kept:
            return True
        try:
            said = opened(kept["note"], self._keys)
        except NotOursError:
            return False
        told = (kept["seq"], kept["root"], kept["hash"])
        return said is not None and (said.size, said.root.hex(), said.head) == told
