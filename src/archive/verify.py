"""Checking the archive from outside: the chain derived again, every object read and hashed again.

Shares no path with what writes: own SQL, own store client, own arithmetic (docs/adr/0006). It trusts the ledger's
hashes only after deriving them, and the store's bytes only after hashing them.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any

from minio import Minio
from minio.error import MinioException
from sqlalchemy import Row, text
from sqlalchemy.orm import Session
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from archive.goneagain import SealedLists
from archive.lockedheads import Finding, LockedHeads
from archive.offline import Tree
from archive.unsealing import DoesNotOpenError, document_key, plain
from core.settings import Settings

_BATCH = 1000
_NEWEST_CUT = text(
    "SELECT body FROM ledger WHERE document = :letter AND action = 'letter_cut' AND seq <= :seq"
    " ORDER BY seq DESC LIMIT 1"
)
_KEY_ROW = text(
    "SELECT wrapped, destroyed_at IS NOT NULL AS destroyed FROM document_key"
    " WHERE document_id = CAST(:document AS uuid)"
)
_VERSION_NOW = text("SELECT version FROM restored_version WHERE key = :key AND was = :was")
_REPAIRED = text("SELECT body FROM ledger WHERE document = :document AND action = 'fixity_repaired' ORDER BY seq")
_RECEIVED = text("SELECT body FROM ledger WHERE document = :stack AND action = 'received' ORDER BY seq LIMIT 1")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a check has come."""

    entries: int
    objects: int


@dataclass(frozen=True, slots=True)
class _Expected:
    """An object that the ledger says must lie there."""

    key: str
    version: str
    sha256: str
    entry: int
    document: str

    @property
    def encrypted(self) -> bool:
        """Whether it is locked with its document's key; its name says so (docs/adr/0025)."""
        return self.key.startswith("documents/") and not self.key.endswith(".json")


_Entry = tuple[int, str, str, bytes, bytes]


def _objects_of(seq: int, body: dict[str, str]) -> Iterator[_Expected]:
    """What an entry names. Those from before documents had keys say no `object`: it lay plain, by its digest."""
    if body["action"] not in ("received", "sealed"):
        return
    digest, version = (
        (body["digest"], body["version"]) if body["action"] == "received" else (body["pdf"], body["pdf_version"])
    )
    key = body.get("object", f"sha256/{digest[:2]}/{digest[2:4]}/{digest}")
    yield _Expected(key, version, digest, seq, body["document"])
    if body["action"] == "sealed":
        yield _Expected(body["manifest"], body["version"], body["digest"], seq, body["document"])


class Verification:
    """One run over the whole archive, in constant memory. Iterate run(); then `finding` is None when all is well.

    `transaction` opens one short transaction at a time, so that a run of hours holds nothing open.
    """

    def __init__(self, transaction: Callable[[], AbstractContextManager[Session]], settings: Settings) -> None:
        self._transaction = transaction
        self._bucket = settings.s3_bucket
        self._office_key = settings.office_key.get_secret_value()
        self._store = Minio(
            settings.s3_endpoint,
            access_key=settings.s3_access_key.get_secret_value(),
            secret_key=settings.s3_secret_key.get_secret_value(),
            secure=settings.s3_secure,
            region=settings.s3_region,
            # minio-py's own pool asks for minutes for an object that the store can't read any more
            http_client=PoolManager(timeout=Timeout(connect=5, read=60), retries=Retry(total=2, backoff_factor=0.2)),
        )
        self._restored: bool | None = None
        self._last = (0, "0" * 64)
        self._tree = Tree()
        self._heads = LockedHeads(self._store, self._bucket, transaction, self._tree)
        self._lists = SealedLists(self._store, self._bucket, self._office_key)
        self.entries = 0
        self.objects = 0
        self.finding: Finding | None = None

    def run(self) -> Iterator[Progress]:
        """Check each entry's place in the chain and the objects it names, then the documents' rows."""
        while batch := self._next_entries():
            for seq, at, body, prev, digest in batch:
                if self._chain_breaks(seq, at, body, prev, digest):
                    return
                said = json.loads(body)
                if said["action"] == "destroyed_again" and self._is_unlisted(seq, said):
                    return
                for expected in _objects_of(seq, said):
                    if self._object_is_bad(expected):
                        return
                    yield Progress(self.entries, self.objects)
            yield Progress(self.entries, self.objects)
        if not self._checkpoint_disagrees(None):
            self._check_documents()

    def _next_entries(self) -> list[_Entry]:
        with self._transaction() as session:
            rows = session.execute(
                text("SELECT seq, at, body, prev, hash FROM ledger WHERE seq > :last ORDER BY seq LIMIT :batch"),
                {"last": self._last[0], "batch": _BATCH},
            )
            return [
                (seq, at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), body, bytes(prev), bytes(digest))
                for seq, at, body, prev, digest in rows
            ]

    def _chain_breaks(self, seq: int, at: str, body: str, prev: bytes, digest: bytes) -> bool:
        derived = hashlib.sha256(prev + f"{seq}|{at}|{body}".encode()).hexdigest()
        if (seq - 1, prev.hex()) != self._last:
            self.finding = Finding("ledger_gap", f"ledger entry {seq}: does not follow entry {self._last[0]}")
        elif digest.hex() != derived:
            self.finding = Finding("ledger_changed", f"ledger entry {seq}: its hash does not fit what it says")
        else:
            self._last = (seq, derived)
            self._tree.add(bytes.fromhex(derived))
            self.entries += 1
            self._checkpoint_disagrees(seq)
        return self.finding is not None

    def _is_unlisted(self, seq: int, body: dict[str, str]) -> bool:
        """Whether a letter was destroyed once more without a sealed list that says so."""
        self.finding = self._lists.finding(seq, body)
        return self.finding is not None

    def _object_is_bad(self, wanted: _Expected) -> bool:
        """Whether an object is not what the ledger says, nor what the ledger says that it was repaired with."""
        if not self._version_is_bad(wanted):
            return False
        with self._transaction() as session:
            bodies = [json.loads(one) for one in session.execute(_REPAIRED, {"document": wanted.document}).scalars()]
        by = [one["by"] for one in bodies if (one["object"], one["version"]) == (wanted.key, wanted.version)]
        if not by:
            return True
        self.finding = None
        return self._object_is_bad(replace(wanted, version=by[-1]))

    def _version_is_bad(self, wanted: _Expected) -> bool:
        where = f"object {wanted.key} (version {wanted.version}, ledger entry {wanted.entry})"
        try:
            row = self._key_row(wanted.document)
            if row is not None and row.destroyed:
                return False
            if wanted.encrypted and row is None:
                self.finding = Finding("key_missing", f"{where}: its document's key is not there")
                return True
            digest, kept = self._read(wanted, row and row.wrapped)
        except DoesNotOpenError:
            self.finding = Finding("object_changed", f"{where}: it does not open with its document's key")
            return True
        except (MinioException, HTTPError, OSError) as error:
            self.finding = Finding("object_unreadable", f"{where}: {type(error).__name__}")
            return True
        if digest != wanted.sha256:
            self.finding = Finding("object_changed", f"{where}: its bytes are not the ones put there")
        elif kept and self._is_strange(json.loads(kept)["ledger"]):
            self.finding = Finding("manifest_disagrees", f"{where}: the ledger is not the one it was sealed with")
        elif kept and self._is_of_another_stack(json.loads(kept)):
            self.finding = Finding("manifest_disagrees", f"{where}: it is not the part of a stack that it says")
        else:
            self.objects += 1
        return self.finding is not None

    def _read(self, wanted: _Expected, wrapped: bytes | None) -> tuple[str, bytes]:
        """The digest of an object's plain bytes, and of a manifest those too."""
        digest, kept = hashlib.sha256(), bytearray()
        version = self._version_now(wanted.key, wanted.version)
        response = self._store.get_object(self._bucket, wanted.key, version_id=version or None)
        try:
            for chunk in self._plain(wanted, wrapped, response.stream(1 << 20)):
                digest.update(chunk)
                if "/manifest-" in wanted.key:
                    kept += chunk
        finally:
            response.close()
            response.release_conn()
        return digest.hexdigest(), bytes(kept)

    def _version_now(self, key: str, version: str) -> str:
        """The version an object has in this store: another than the ledger's where it was restored into it. What lies
        there has to be of the ledger's digest all the same."""
        if self._restored is None:
            with self._transaction() as session:
                self._restored = bool(session.execute(text("SELECT EXISTS (SELECT FROM restored_version)")).scalar())
        if not self._restored:
            return version
        with self._transaction() as session:
            return session.execute(_VERSION_NOW, {"key": key, "was": version}).scalar() or version

    def _key_row(self, document: str) -> Row[Any] | None:
        with self._transaction() as session:
            return session.execute(_KEY_ROW, {"document": document}).one_or_none()

    def _plain(self, wanted: _Expected, wrapped: bytes | None, stored: Iterator[bytes]) -> Iterator[bytes]:
        if not wanted.encrypted:
            return stored
        key = document_key(self._office_key, bytes(wrapped or b""), wanted.document)
        return plain(key, wanted.key, stored)

    def _is_strange(self, head: dict[str, Any]) -> bool:
        """Whether a chain's head that was kept under lock is not in today's chain: a ledger made anew."""
        with self._transaction() as session:
            found = session.execute(text("SELECT hash FROM ledger WHERE seq = :seq"), {"seq": head["seq"]}).scalar()
        return found is None or bytes(found).hex() != head["hash"]

    def _is_of_another_stack(self, manifest: dict[str, Any]) -> bool:
        """Whether a letter's manifest says other pages than the ledger did when it was sealed, or another original than
        the stack was received with."""
        part = manifest.get("part_of")
        if part is None:
            return False
        asked = {"letter": manifest["document"], "stack": part["document"], "seq": manifest["ledger"]["seq"]}
        with self._transaction() as session:
            cut = session.execute(_NEWEST_CUT, asked).scalar()
            received = session.execute(_RECEIVED, asked).scalar()
        if cut is None or received is None:
            return True
        told, came = json.loads(cut), json.loads(received)
        original = manifest["original"]
        return (
            (told["part_of"], told["first"], told["last"]) != (part["document"], part["first_page"], part["last_page"])
            or came["digest"] != original["sha256"]
            or self._version_now(original["key"], came["version"])
            != self._version_now(original["key"], original["version"])
            or len(manifest["pages"]) != told["last"] - told["first"] + 1
        )

    def _checkpoint_disagrees(self, seq: int | None) -> bool:
        """Whether what lies under lock of the ledger up to this entry is not what it is now, or at its end (None)."""
        self.finding = self._heads.finding(seq, self._last[1])
        return self.finding is not None

    def _check_documents(self) -> None:
        """Rows that the ledger does not know, knows otherwise, or misses; stacks whose letters miss or share a page;
        agenda books whose numbers are not 1 … n; letters that are gone without a list that was decided."""
        with self._transaction() as session:
            unknown = session.execute(text("SELECT document_unknown_to_ledger()")).scalar()
        if unknown is not None:
            self.finding = Finding("document_unknown", f"document {unknown}: its row and the ledger do not agree")
            return
        with self._transaction() as session:
            broken = session.execute(text("SELECT stack_not_covered()")).scalar()
        if broken is not None:
            self.finding = Finding("stack_not_covered", f"document {broken}: its pages are not each in one letter")
            return
        with self._transaction() as session:
            wrong = session.execute(text("SELECT agenda_broken()")).scalar()
        if wrong is not None:
            self.finding = Finding("agenda_broken", f"agenda {wrong}")
            return
        with self._transaction() as session:
            gone = session.execute(text("SELECT destroyed_undecided()")).scalar()
        if gone is not None:
            self.finding = Finding("destroyed_undecided", f"document {gone}: it is gone, and no list decided that")
