"""Objects in an S3 store with Object Lock: put once, read back, never overwritten, never deleted.

What lies there is encrypted with its document's key (archive/objects.py, docs/adr/0025); here it is sealed and opened.
The process's identity has no right to delete, to bypass a lock or to change the bucket (docs/adr/0002).
"""

import hashlib
import io
import mmap
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Self, cast

from minio import Minio
from minio.error import InvalidResponseError, S3Error, ServerError
from minio.helpers import genheaders
from minio.retention import Retention
from urllib3 import BaseHTTPResponse, PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError, ReadTimeoutError

from archive.envelope import seal, sealed_size, unseal
from archive.objects import Place
from core import clock
from core.faults import BytesDiffer, NotFound, StoreRefused, StoreUnavailable
from core.settings import Settings, settings

_CHUNK = 256 * 1024
# An encrypted copy up to this size is made in memory
_IN_MEMORY = 8 << 20
_LEAST_LOCK = timedelta(seconds=5)
_ENCRYPTED = "application/octet-stream"
Sendable = bytes | memoryview
_AWAY = (HTTPError, InvalidResponseError, ServerError, OSError)


@dataclass(frozen=True, slots=True)
class Stored:
    """One object version whose bytes were read back and found equal."""

    key: str
    version: str
    sha256: str


class _Patience(Retry):
    """Tries again where the store went away, not where it found no answer in time: SeaweedFS tries for thirteen seconds
    itself to read bytes that went bad, and whoever waits would wait twice as long for the same."""

    def increment(self, method: str | None = None, url: str | None = None, *asked: Any, **more: Any) -> Self:
        """What is left of the tries, or the error."""
        if isinstance(error := more.get("error"), ReadTimeoutError):
            raise error
        return super().increment(method, url, *asked, **more)


def minio(wanted: Settings, access_key: str, secret_key: str) -> Minio:
    """A client of the store as that identity."""
    # minio-py's own pool waits five minutes and tries five times: a clerk would be gone by then
    pool = PoolManager(
        num_pools=2, maxsize=32, timeout=Timeout(connect=2, read=10), retries=_Patience(total=1, backoff_factor=0.1)
    )
    return Minio(
        wanted.s3_endpoint,
        access_key=access_key,
        secret_key=secret_key,
        secure=wanted.s3_secure,
        region=wanted.s3_region,
        http_client=pool,
    )


@cache
def client() -> Minio:
    """This process's client, with the append-only identity."""
    wanted = settings()
    return minio(wanted, wanted.s3_access_key.get_secret_value(), wanted.s3_secret_key.get_secret_value())


@contextmanager
def store_faults() -> Iterator[None]:
    """The store's errors as faults: NotFound, StoreRefused, StoreUnavailable."""
    try:
        yield
    except S3Error as error:
        if error.code in ("NoSuchKey", "NoSuchVersion"):
            raise NotFound from error
        if error.code == "AccessDenied":
            raise StoreRefused from error
        raise StoreUnavailable from error
    except _AWAY as error:
        raise StoreUnavailable from error


def first_until() -> datetime:
    """Until when an object is locked that is put now: by the office's clock, but never in the store's past."""
    return max(clock.now() + timedelta(days=settings().lock_days), datetime.now(UTC) + _LEAST_LOCK)


def _put_once(name: str, data: Sendable, content_type: str) -> str | None:
    """Put with retention unless the name is taken. The version written now, if one was."""
    wanted = settings()
    headers = genheaders({"Content-Type": content_type}, None, None, Retention(wanted.lock_mode, first_until()), False)
    headers["If-None-Match"] = "*"
    try:
        # put_object() turns If-None-Match into user metadata; the call beneath it sends headers as they are. It takes
        # anything with a length and a buffer, so a large file goes out from a memory map.
        written = client()._put_object(wanted.s3_bucket, name, cast(bytes, data), headers)
    except S3Error as error:
        if error.code == "PreconditionFailed":
            return None
        raise
    return written.version_id


@contextmanager
def _as_stored(place: Place, data: memoryview) -> Iterator[Sendable]:
    """The bytes that go out: as they are, or encrypted, in memory when small and from a file's map when large."""
    if place.key is None:
        yield data
    elif len(data) <= _IN_MEMORY:
        yield b"".join(seal(place.key, place.name, data))
    else:
        with tempfile.TemporaryFile(dir=settings().spool) as file:
            file.writelines(seal(place.key, place.name, data))
            file.flush()
            # Not closed here, as in ingest/accept.py: the mapping ends with its last view
            yield memoryview(mmap.mmap(file.fileno(), sealed_size(len(data)), access=mmap.ACCESS_READ))


def _opened(place: Place, stored: Iterator[bytes]) -> Iterator[bytes]:
    return stored if place.key is None else unseal(place.key, place.name, stored)


def _read_back(place: Place, version: str | None) -> tuple[str, str]:
    """Digest and version of what the store gives now, opened; by name of the version if it's known: that is the
    one the row will name, and the store needn't look for the newest."""
    response = client().get_object(settings().s3_bucket, place.name, version_id=version)
    digest = hashlib.sha256()
    version = response.headers.get("x-amz-version-id", "")
    try:
        for chunk in _opened(place, response.stream(_CHUNK)):
            digest.update(chunk)
        return digest.hexdigest(), version
    except BytesDiffer as fault:
        raise BytesDiffer(key=place.name, version=version) from fault
    finally:
        response.close()
        response.release_conn()


def put(place: Place, data: bytes | memoryview, sha256: str, content_type: str) -> Stored:
    """Keep these bytes: locked, read back, opened, compared. `sha256` is that of the plain bytes.

    Bytes that lie there already are read back just the same. Raises BytesDiffer when the store gives other bytes back,
    StoreUnavailable when it is away.
    """
    view = memoryview(data)
    kind = content_type if place.key is None else _ENCRYPTED
    with _as_stored(place, view) as sent, store_faults():
        found, version = _read_back(place, _put_once(place.name, sent, kind))
    if found != sha256:
        raise BytesDiffer(key=place.name, version=version)
    return Stored(place.name, version, sha256)


def get(place: Place, version: str | None = None) -> bytes:
    """The plain bytes of a small object, such as a manifest. Raises NotFound, StoreUnavailable, BytesDiffer."""
    return b"".join(chunks(place, version))


def chunks(place: Place, version: str | None = None) -> Iterator[bytes]:
    """An object's plain bytes in pieces of at most 1 MiB.

    Raises NotFound, StoreUnavailable before the first piece; BytesDiffer where it does not open.
    """
    return _opened(place, stored_chunks(place.name, version))


def stored_chunks(name: str, version: str | None = None, bucket: str | None = None) -> Iterator[bytes]:
    """An object's bytes as they lie in the store, in pieces of at most 256 KiB. Raises as chunks() does."""
    with store_faults():
        response = client().get_object(bucket or settings().s3_bucket, name, version_id=version)
    return _stream(response)


@contextmanager
def stored(name: str, version: str | None, bucket: str | None = None) -> Iterator[tuple[int, Iterator[bytes]]]:
    """How many bytes lie in the store under that name and version, and they, read or not. Raises NotFound,
    StoreUnavailable."""
    with store_faults():
        response = client().get_object(bucket or settings().s3_bucket, name, version_id=version)
    with closing(response):  # a generator that nobody began to read would not close it
        yield int(response.headers["content-length"]), _stream(response)


def put_again(place: Place, file: Path, sha256: str) -> str:
    """Put an object's stored bytes anew, locked, beside a version of them that went bad: the new version's name.

    What is read back is opened and compared with `sha256`, of the plain bytes. Raises BytesDiffer, StoreUnavailable.
    """
    wanted = settings()
    until = Retention(wanted.lock_mode, first_until())
    with store_faults(), file.open("rb") as data:
        written = client().put_object(
            wanted.s3_bucket, place.name, data, file.stat().st_size, _ENCRYPTED, retention=until
        )
        found, version = _read_back(place, written.version_id)
    if found != sha256:
        raise BytesDiffer(key=place.name, version=version)
    return version


def _stream(response: BaseHTTPResponse) -> Iterator[bytes]:
    try:
        with store_faults():
            yield from response.stream(_CHUNK)
    finally:
        response.close()
        response.release_conn()


def fetch(place: Place, sha256: str, into: Path) -> None:
    """Copy an object's plain bytes to a file, comparing digests. Raises BytesDiffer, NotFound, StoreUnavailable."""
    digest = hashlib.sha256()
    with into.open("wb") as file:
        for chunk in chunks(place):
            digest.update(chunk)
            file.write(chunk)
    if digest.hexdigest() != sha256:
        raise BytesDiffer(key=place.name)


def put_derived(place: Place, file: Path, content_type: str) -> None:
    """Keep something that can be made again, such as a page's picture. Overwrites."""
    kind = content_type if place.key is None else _ENCRYPTED
    with _as_stored(place, memoryview(file.read_bytes())) as data, store_faults():
        client().put_object(settings().s3_derived_bucket, place.name, io.BytesIO(data), len(data), kind)


def get_derived(place: Place) -> bytes:
    """A derived object's plain bytes. Raises NotFound, StoreUnavailable, BytesDiffer."""
    return b"".join(derived_chunks(place))


def derived_chunks(place: Place) -> Iterator[bytes]:
    """A derived object's plain bytes, piece by piece. Raises as chunks() does."""
    return _opened(place, stored_chunks(place.name, bucket=settings().s3_derived_bucket))


def put_derived_again(place: Place, file: Path) -> None:
    """Put a derived object's stored bytes in the place of what went bad. Raises StoreUnavailable, BytesDiffer."""
    with store_faults(), file.open("rb") as data:
        client().put_object(settings().s3_derived_bucket, place.name, data, file.stat().st_size, _ENCRYPTED)
    for _ in derived_chunks(place):
        pass


def keys_after(prefix: str, key: str) -> Iterator[str]:
    """Keys of the record's bucket with that prefix that come after `key`, in order. Raises StoreUnavailable."""
    with store_faults():
        for item in client().list_objects(settings().s3_bucket, prefix=prefix, start_after=key, recursive=True):
            yield str(item.object_name)


def answers() -> None:
    """Raise StoreUnavailable unless the store answers now and the bucket locks its objects."""
    with store_faults():
        client().get_object_lock_config(settings().s3_bucket)


def make_buckets(wanted: Settings, access_key: str, secret_key: str) -> None:
    """Make the two buckets that are missing, with an identity that may. Raises StoreUnavailable."""
    admin = minio(wanted, access_key, secret_key)
    with store_faults():
        for name, lock in ((wanted.s3_bucket, True), (wanted.s3_derived_bucket, False)):
            if not admin.bucket_exists(name):
                admin.make_bucket(name, object_lock=lock)
                _make_room(admin, name)


def _make_room(admin: Minio, bucket: str) -> None:
    """Put and remove a first object, unlocked: a store may make room for a bucket only then, and no letter should wait
    for that (SeaweedFS: a fifth of a second for whoever comes first, and all behind them)."""
    first = admin.put_object(bucket, ".siap", io.BytesIO(b"siap"), 4)
    admin.remove_object(bucket, ".siap", first.version_id)
