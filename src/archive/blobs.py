"""Objects in an S3 store with Object Lock: put once, read back, never overwritten, never deleted.

Keys are made of digests and document ids only, so no name or number of a person ever stands in one. The process's
identity has no right to delete, to bypass a lock or to change the bucket (docs/adr/0002).
"""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import cast

from minio import Minio
from minio.error import InvalidResponseError, S3Error, ServerError
from minio.helpers import genheaders
from minio.retention import Retention
from urllib3 import BaseHTTPResponse, PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from core.faults import BytesDiffer, NotFound, StoreUnavailable
from core.settings import Settings, settings

_CHUNK = 256 * 1024
_AWAY = (HTTPError, InvalidResponseError, ServerError, OSError)


@dataclass(frozen=True, slots=True)
class Stored:
    """One object version whose bytes were read back and found equal."""

    key: str
    version: str
    sha256: str


def content_key(sha256: str) -> str:
    """Where bytes with that digest lie: `sha256/ab/cd/abcd…`."""
    return f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def page_key(document_id: object, number: int) -> str:
    """Where the derived picture of a page lies."""
    return f"pages/{document_id}/{number}.jpg"


def _minio(wanted: Settings, access_key: str, secret_key: str) -> Minio:
    # minio-py's own pool waits five minutes and tries five times: a clerk would be gone by then
    pool = PoolManager(
        num_pools=2, maxsize=32, timeout=Timeout(connect=2, read=10), retries=Retry(total=1, backoff_factor=0.1)
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
    return _minio(wanted, wanted.s3_access_key.get_secret_value(), wanted.s3_secret_key.get_secret_value())


@contextmanager
def _store_faults() -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        if error.code in ("NoSuchKey", "NoSuchVersion"):
            raise NotFound from error
        raise StoreUnavailable from error
    except _AWAY as error:
        raise StoreUnavailable from error


def _put_once(key: str, data: memoryview, content_type: str) -> str | None:
    """Put with retention unless the key is taken. The version written now, if one was."""
    wanted = settings()
    until = datetime.now(UTC) + timedelta(days=wanted.lock_days)
    headers = genheaders({"Content-Type": content_type}, None, None, Retention(wanted.lock_mode, until), False)
    headers["If-None-Match"] = "*"
    try:
        # put_object() turns If-None-Match into user metadata; the call beneath it sends headers as they are. It takes
        # anything with a length and a buffer, so a large file goes out from a memory map.
        written = client()._put_object(wanted.s3_bucket, key, cast(bytes, data), headers)
    except S3Error as error:
        if error.code == "PreconditionFailed":
            return None
        raise
    return written.version_id


def _read_back(key: str, version: str | None) -> tuple[str, str]:
    """Digest and version of what the store gives now for the key, by name of the version if it's known: that is the
    one the row will name, and the store needn't look for the newest."""
    response = client().get_object(settings().s3_bucket, key, version_id=version)
    digest = hashlib.sha256()
    try:
        for chunk in response.stream(_CHUNK):
            digest.update(chunk)
        return digest.hexdigest(), response.headers.get("x-amz-version-id", "")
    finally:
        response.close()
        response.release_conn()


def put(data: bytes | memoryview, sha256: str, content_type: str, key: str | None = None) -> Stored:
    """Keep these bytes for ever: locked, read back, compared.

    The key is made from the digest unless given. Bytes that lie there already are read back just the same.
    Raises BytesDiffer when the store gives other bytes back, StoreUnavailable when it is away.
    """
    key = key or content_key(sha256)
    with _store_faults():
        found, version = _read_back(key, _put_once(key, memoryview(data), content_type))
    if found != sha256:
        raise BytesDiffer(key=key, version=version)
    return Stored(key, version, sha256)


def get(key: str, version: str | None = None) -> bytes:
    """The bytes of a small object, such as a manifest. Raises NotFound, StoreUnavailable."""
    return b"".join(chunks(key, version))


def chunks(key: str, version: str | None = None, bucket: str | None = None) -> Iterator[bytes]:
    """An object's bytes in pieces of at most 256 KiB. Raises NotFound, StoreUnavailable before the first piece."""
    with _store_faults():
        response = client().get_object(bucket or settings().s3_bucket, key, version_id=version)
    return _stream(response)


def _stream(response: BaseHTTPResponse) -> Iterator[bytes]:
    try:
        with _store_faults():
            yield from response.stream(_CHUNK)
    finally:
        response.close()
        response.release_conn()


def fetch(key: str, sha256: str, into: Path) -> None:
    """Copy an object to a file, comparing digests. Raises BytesDiffer, NotFound, StoreUnavailable."""
    digest = hashlib.sha256()
    with into.open("wb") as file:
        for chunk in chunks(key):
            digest.update(chunk)
            file.write(chunk)
    if digest.hexdigest() != sha256:
        raise BytesDiffer(key=key)


def put_derived(key: str, file: Path, content_type: str) -> None:
    """Keep something that can be made again, such as a page's picture. Overwrites."""
    with _store_faults(), file.open("rb") as data:
        client().put_object(settings().s3_derived_bucket, key, data, file.stat().st_size, content_type)


def get_derived(key: str) -> bytes:
    """A derived object's bytes. Raises NotFound, StoreUnavailable."""
    return b"".join(chunks(key, bucket=settings().s3_derived_bucket))


def keys_after(prefix: str, key: str) -> Iterator[str]:
    """Keys of the record's bucket with that prefix that come after `key`, in order. Raises StoreUnavailable."""
    with _store_faults():
        for item in client().list_objects(settings().s3_bucket, prefix=prefix, start_after=key, recursive=True):
            yield str(item.object_name)


def answers() -> None:
    """Raise StoreUnavailable unless the store answers now and the bucket locks its objects."""
    with _store_faults():
        client().get_object_lock_config(settings().s3_bucket)


def make_buckets(wanted: Settings, access_key: str, secret_key: str) -> None:
    """Make the two buckets that are missing, with an identity that may. Raises StoreUnavailable."""
    admin = _minio(wanted, access_key, secret_key)
    with _store_faults():
        for name, lock in ((wanted.s3_bucket, True), (wanted.s3_derived_bucket, False)):
            if not admin.bucket_exists(name):
                admin.make_bucket(name, object_lock=lock)
                _make_room(admin, name)


def _make_room(admin: Minio, bucket: str) -> None:
    """Put and remove a first object, unlocked: a store may make room for a bucket only then, and no letter should wait
    for that (SeaweedFS: a fifth of a second for whoever comes first, and all behind them)."""
    first = admin.put_object(bucket, ".siap", io.BytesIO(b"siap"), 4)
    admin.remove_object(bucket, ".siap", first.version_id)
