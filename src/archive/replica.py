"""The second copy: another store that gets every object of the record as it is stored, and gives it back.

Set up by `ARSIP_REPLICA_…`. Where its bucket has Object Lock, every version is locked, and again each time that it is
read: for as long as two such times may lie apart, so that no lock ends before the next. What lies there is encrypted as
here, under keys that only this archive has: a destroyed letter's copy is as unreadable as its original
(docs/adr/0025, 0027).
"""

import hashlib
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import BinaryIO, cast

from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import MinioException, S3Error
from minio.retention import Retention
from urllib3 import BaseHTTPResponse, PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from archive import blobs
from archive.locks import Version
from core.faults import BytesDiffer, NotFound, ReplicaUnavailable
from core.settings import settings

log = logging.getLogger(__name__)

_CHUNK = 1 << 20
_PART = 16 << 20  # of a large object on its way; its size is known, so smaller ones go in one piece
_AWAY = (MinioException, HTTPError, OSError)


def is_set_up() -> bool:
    """Whether there is a second copy at all."""
    return settings().replica_endpoint is not None


@cache
def _client() -> Minio:
    wanted = settings()
    access, secret = wanted.replica_access_key, wanted.replica_secret_key
    return Minio(
        wanted.replica_endpoint or "",
        access_key=access.get_secret_value() if access else None,
        secret_key=secret.get_secret_value() if secret else None,
        secure=wanted.replica_secure,
        region=wanted.replica_region,
        http_client=PoolManager(timeout=Timeout(connect=5, read=60), retries=Retry(total=1, backoff_factor=0.2)),
    )


def copy(name: str, version: str | None, bucket: str | None = None) -> None:
    """Copy one object version there, as stored, and read it back.

    Raises NotFound, StoreUnavailable for the original; ReplicaUnavailable, BytesDiffer for the copy.
    """
    with blobs.stored(name, version, bucket) as (size, pieces):
        sent = _Hashed(pieces)
        try:
            data = cast(BinaryIO, sent)  # it asks for nothing but read()
            retention = _retention() if _is_locking() else None
            _client().put_object(settings().replica_bucket, name, data, size, part_size=_PART, retention=retention)
        except _AWAY as error:
            raise ReplicaUnavailable from error
    kept = hashlib.sha256()
    for piece in chunks(name):
        kept.update(piece)
    if kept.digest() != sent.digest.digest():
        raise BytesDiffer(key=name, version="")


def answers() -> bool:
    """Whether the store is there at all, whatever became of one object."""
    try:
        return bool(_client().bucket_exists(settings().replica_bucket))
    except _AWAY:
        return False


def lock_again(name: str) -> None:
    """Extend the lock of a copy that was found whole. Raises ReplicaUnavailable."""
    try:
        if _is_locking():
            _client().set_object_retention(settings().replica_bucket, name, _retention())
    except _AWAY as error:
        raise ReplicaUnavailable from error


def _retention() -> Retention:
    """Compliance in any case: what an office rehearses with its own locks is no reason to weaken the copy's."""
    return Retention(COMPLIANCE, datetime.now(UTC) + _span())


def _span() -> timedelta:
    return timedelta(days=max(2 * settings().fixity_days, settings().lock_days))


def past_their_lock(prefix: str) -> Iterator[Version]:
    """Versions of copies under that prefix, as old as their first lock was long, where copies are locked; it may have
    been extended since. Raises ReplicaUnavailable."""
    try:
        free = datetime.now(UTC) - (_span() if _is_locking() else timedelta())
        for item in _client().list_objects(
            settings().replica_bucket, prefix=prefix, recursive=True, include_version=True
        ):
            put, version = item.last_modified or datetime.now(UTC), item.version_id
            if put < free and not item.is_delete_marker:
                named = "" if version in (None, "null") else str(version)
                yield Version(item.object_name or "", named, item.size or 0, put, False)
    except _AWAY as error:
        raise ReplicaUnavailable from error


def remove(version: Version) -> bool:
    """Remove a copy that is no longer needed: whether the store let it go, which it does not while it is locked, nor
    where its key has no right to. Raises ReplicaUnavailable."""
    try:
        _client().remove_object(settings().replica_bucket, version.name, version_id=version.version or None)
    except S3Error as error:
        if error.code == "AccessDenied":
            return False
        raise ReplicaUnavailable from error
    except _AWAY as error:
        raise ReplicaUnavailable from error
    return True


@cache
def _is_locking() -> bool:
    """Whether that bucket was made with Object Lock; asked once. Raises as the client does."""
    try:
        _client().get_object_lock_config(settings().replica_bucket)
    except S3Error as error:
        if error.code != "ObjectLockConfigurationNotFoundError":
            raise
        log.warning("replica_unlocked")
        return False
    return True


def names_under(prefix: str) -> list[str]:
    """Names of copies that begin with that. Raises ReplicaUnavailable."""
    try:
        listed = _client().list_objects(settings().replica_bucket, prefix=prefix, recursive=True)
        return [str(item.object_name) for item in listed]
    except _AWAY as error:
        raise ReplicaUnavailable from error


def chunks(name: str) -> Iterator[bytes]:
    """The copy's bytes as they lie there. Raises NotFound, ReplicaUnavailable."""
    response: BaseHTTPResponse | None = None
    try:
        response = _client().get_object(settings().replica_bucket, name)
        yield from response.stream(_CHUNK)
    except S3Error as error:
        if error.code in ("NoSuchKey", "NoSuchVersion"):
            raise NotFound from error
        raise ReplicaUnavailable from error
    except _AWAY as error:
        raise ReplicaUnavailable from error
    finally:
        if response is not None:
            response.close()
            response.release_conn()


class _Hashed:
    """Pieces as a file to read from once, hashed as they go."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; fewer only at the end."""
        parts, have = [self._rest], len(self._rest)
        while size < 0 or have < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self.digest.update(piece)
            parts.append(piece)
            have += len(piece)
        whole = b"".join(parts)
        self._rest = whole[size:] if size >= 0 else b""
        return whole[:size] if size >= 0 else whole
