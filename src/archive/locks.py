"""Locks of objects at the store: until when nobody deletes a version, and legal holds, which have no end.

Object Lock is only ever extended (docs/adr/0025). The store goes by its own clock; the office's may be moved for a
rehearsal, and a lock that would lie in the past is then one of a few seconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from minio.retention import Retention
from sqlalchemy.orm import Session

from archive import blobs
from archive.keytables import DocumentLockRow
from core.faults import StoreRefused
from core.settings import settings


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object as the store lists it."""

    name: str
    version: str
    size: int
    at: datetime
    is_marker: bool


@dataclass(frozen=True, slots=True)
class Lock:
    """How the store keeps a version: `until` None is no lock at all."""

    until: datetime | None
    mode: str
    held: bool
    size: int


def versions(prefix: str, bucket: str | None = None, after: str | None = None) -> Iterator[Version]:
    """Every version of every object under the prefix, by name, a thousand to an answer. Raises StoreUnavailable."""
    wanted = settings()
    with blobs.store_faults():
        for item in blobs.client().list_objects(
            bucket or wanted.s3_bucket, prefix=prefix, recursive=True, include_version=True, start_after=after
        ):
            yield Version(
                item.object_name or "",
                "" if item.version_id in (None, "null") else str(item.version_id),
                item.size or 0,
                item.last_modified or datetime.now(UTC),
                item.is_delete_marker,
            )


def told_of(session: Session, file: UUID) -> DocumentLockRow | None:
    """What the store was last told of a file's objects, if the asker may see the file."""
    return session.get(DocumentLockRow, file)


def look(name: str, version: str | None) -> Lock:
    """How a version is locked now; the newest, if None. Raises NotFound, StoreUnavailable."""
    with blobs.store_faults():
        found = blobs.client().stat_object(settings().s3_bucket, name, version_id=version)
    told = {key.lower(): value for key, value in (found.metadata or {}).items()}
    until = told.get("x-amz-object-lock-retain-until-date")
    return Lock(
        datetime.fromisoformat(until) if until else None,
        told.get("x-amz-object-lock-mode", ""),
        told.get("x-amz-object-lock-legal-hold") == "ON",
        found.size or 0,
    )


def extend(name: str, version: str | None, until: datetime) -> None:
    """Lock a version, the newest if None, until then; one that is locked longer stays so.

    Raises NotFound, StoreUnavailable.
    """
    wanted = settings()
    try:
        with blobs.store_faults():
            blobs.client().set_object_retention(
                wanted.s3_bucket, name, Retention(wanted.lock_mode, until), version_id=version
            )
    except StoreRefused:
        kept = look(name, version)
        if kept.until is None or kept.until < until.replace(microsecond=0):
            raise


def hold(name: str, version: str, *, held: bool) -> None:
    """Set or take off a version's legal hold. Raises NotFound, StoreUnavailable."""
    client = blobs.client()
    ask = client.enable_object_legal_hold if held else client.disable_object_legal_hold
    with blobs.store_faults():
        ask(settings().s3_bucket, name, version_id=version)
