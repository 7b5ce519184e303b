"""Objects as they lie in the store, whatever they are: listed, read and put without being opened.

For what is about the store as a whole: snapshots, the key set, backups, restoring (docs/adr/0028). Letters go by
archive/blobs.py.
"""

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple, cast

from minio.error import S3Error
from minio.helpers import genheaders
from minio.retention import Retention
from urllib3 import BaseHTTPResponse

from archive.blobs import client, store_faults
from core.faults import BytesDiffer, NotFound
from core.settings import settings

_BINARY = "application/octet-stream"
_CHUNK = 256 * 1024


class Lying(NamedTuple):
    """One object version as the store lists it: its size, and a tag that another content would not have."""

    name: str
    version: str
    size: int
    tag: str


class Fetched(NamedTuple):
    """An object's bytes as they come, and until when it is locked."""

    pieces: Iterator[bytes]
    until: datetime | None


def _bucket(derived: bool) -> str:
    return settings().s3_derived_bucket if derived else settings().s3_bucket


def is_there() -> bool:
    """Whether the record's bucket was made already. Raises StoreUnavailable."""
    with store_faults():
        return bool(client().bucket_exists(_bucket(derived=False)))


def names_under(prefix: str, after: str | None = None) -> Iterator[str]:
    """Names of the record that begin with `prefix` and come after another, sorted. Raises StoreUnavailable."""
    with store_faults():
        for item in client().list_objects(_bucket(derived=False), prefix=prefix, recursive=True, start_after=after):
            yield str(item.object_name)


def lying(*, derived: bool = False) -> Iterator[Lying]:
    """Every version of every object of a bucket, in order of names. Raises StoreUnavailable."""
    with store_faults():
        for item in client().list_objects(_bucket(derived), recursive=True, include_version=not derived):
            if not item.is_delete_marker:
                tag = (item.etag or "").strip('"')
                yield Lying(str(item.object_name), item.version_id or "", item.size or 0, tag)


def fetch(name: str, version: str | None, *, derived: bool) -> Fetched:
    """An object. Raises NotFound, StoreUnavailable."""
    with store_faults():
        response = client().get_object(_bucket(derived), name, version_id=version)
    until = response.headers.get("x-amz-object-lock-retain-until-date")
    return Fetched(_pieces(response), datetime.fromisoformat(until) if until else None)


def put_back(name: str, data: memoryview, sha256: str, until: datetime | None, *, further: bool) -> str:
    """Put an object of another store, with what is left of its lock; the version it has here. `further`: over one that
    was put before, as another version of that name.

    Raises BytesDiffer when other bytes lie there or come back, StoreUnavailable.
    """
    left = until is not None and until > datetime.now(UTC)
    retention = Retention(settings().lock_mode, until) if left and until else None
    headers = genheaders({"Content-Type": _BINARY}, None, None, retention, False)
    if not further:
        headers["If-None-Match"] = "*"
    with store_faults():
        try:
            sent = cast(bytes, data)  # anything with a length and a buffer
            written = client()._put_object(_bucket(derived=False), name, sent, headers).version_id
        except S3Error as error:
            if error.code != "PreconditionFailed":
                raise
            written = None
        response = client().get_object(_bucket(derived=False), name, version_id=written)
        version = response.headers.get("x-amz-version-id", "")
    digest = hashlib.sha256()
    for piece in _pieces(response):
        digest.update(piece)
    if digest.hexdigest() != sha256:
        raise BytesDiffer(key=name, version=version)
    return version


def put_derived(name: str, data: bytes | memoryview) -> None:
    """Put something into the derived bucket. Replaces what is there. Raises StoreUnavailable."""
    with store_faults():
        client().put_object(_bucket(derived=True), name, io.BytesIO(data), len(data), _BINARY)


def find_derived(name: str) -> bytes | None:
    """An object of the derived bucket, None when there is none. Raises StoreUnavailable."""
    try:
        return b"".join(fetch(name, None, derived=True).pieces)
    except NotFound:
        return None


def _pieces(response: BaseHTTPResponse) -> Iterator[bytes]:
    try:
        with store_faults():
            yield from response.stream(_CHUNK)
    finally:
        response.close()
        response.release_conn()
