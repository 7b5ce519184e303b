"""Removing a document's objects from the store, once no lock keeps them: the last act of a disposal.

The only code that deletes from the record, under an identity of its own which can do nothing else and which only the
worker of the queue `dispose` has (docs/adr/0025). It asks no guard: whoever calls it has asked them, and the
document's key is gone before (archive/keys.py), so what a lock still keeps is unreadable already.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from minio import Minio

from archive import blobs, locks
from archive.locks import Version
from archive.objects import Extent
from core.faults import Forbidden, NotFound, StoreRefused
from core.settings import settings


@dataclass(frozen=True, slots=True)
class Left:
    """A version that the store would not let go: until when it is locked, and whether a legal hold keeps it."""

    name: str
    version: str
    until: datetime | None
    held: bool


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of a document's objects: how many are gone, and which the store still keeps."""

    removed: int
    left: tuple[Left, ...]


@cache
def _disposer() -> Minio:
    wanted = settings()
    if wanted.s3_disposer_access_key is None or wanted.s3_disposer_secret_key is None:
        raise Forbidden
    return blobs.minio(
        wanted,
        wanted.s3_disposer_access_key.get_secret_value(),
        wanted.s3_disposer_secret_key.get_secret_value(),
    )


def erase_objects(extent: Extent) -> Erased:
    """Remove every version whose lock is over, and all pictures. Done again it removes what has come free meanwhile.

    Objects that another document shares stay. Raises StoreUnavailable, what was removed stays so; Forbidden in a
    process without the disposer's key.
    """
    removed, left = 0, []
    for version in _all_of(extent):
        kept = remove_version(version)
        removed += kept is None
        left += [kept] if kept else []
    derived = settings().s3_derived_bucket
    for picture in locks.versions(extent.pictures, derived):
        with blobs.store_faults():
            _disposer().remove_object(derived, picture.name)
        removed += 1
    return Erased(removed, tuple(left))


def _all_of(extent: Extent) -> Iterator[Version]:
    for prefix in extent.prefixes:
        yield from locks.versions(prefix)
    for name in extent.own:
        yield from (version for version in locks.versions(name) if version.name == name)


def remove_version(version: Version) -> Left | None:
    """Remove one version; what keeps it, if the store does. Raises Forbidden, StoreUnavailable as erase_objects()."""
    try:
        with blobs.store_faults():
            _disposer().remove_object(settings().s3_bucket, version.name, version_id=version.version)
    except NotFound:
        return None
    except StoreRefused:
        kept = locks.look(version.name, version.version)
        return Left(version.name, version.version, kept.until, kept.held)
    return None
