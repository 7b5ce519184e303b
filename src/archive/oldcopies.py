"""Snapshots and journals that are needed stay under lock; what nothing needs ends with its lock (docs/adr/0028).

Whoever can open copies locks each day what a rebuilding would read. Whoever can delete needs no key: what was there and
under no lock when that was last done was not needed, and nothing that was not needed ever is again. Second copies of
what is gone here go after it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive import erase, journal, locks, replica, snapshots, wholesale
from archive.keyset import Generation
from archive.locks import Version
from archive.snapshots import Index
from archive.snapshottables import SnapshotProgressRow
from core.settings import settings

_PREFIXES = ("snapshot/", journal.PREFIX)
_DAY = timedelta(days=1)
_FRESH = 3 * _DAY  # locked anew each day


def is_due(session: Session, generation: Generation) -> bool:
    """Whether it is a day since what is needed was locked, or a third of a lock where that is shorter."""
    again = func.now() - min(_DAY, _lock() / 3)
    kept = select(SnapshotProgressRow.kept_at > again).where(SnapshotProgressRow.generation == generation.number)
    return not session.scalar(kept)


def needed(generation: Generation) -> Iterator[str]:
    """What a rebuilding would read now: the newest snapshot's index and parts, and the journals after it."""
    index = snapshots.newest_of(generation)
    if index is None:
        return
    yield snapshots.index_key(index.number, index.generation)
    for table in index.tables.values():
        yield from (snapshots.part_key(part.sha256) for part in table.parts)
    yield from _journals(index)


def _journals(index: Index) -> Iterator[str]:
    for name in wholesale.names_under(journal.PREFIX):
        if journal.last_of(name) > index.ledger_seq:
            yield name


def lock(generation: Generation) -> int:
    """Lock all that is needed for a whole lock's time from now, by the store's clock: how many objects that were.

    Raises NotFound where one of them is gone, StoreRefused, StoreUnavailable.
    """
    until, locked = datetime.now(UTC) + _lock(), 0
    for name in needed(generation):
        locks.extend(name, None, until)
        locked += 1
    return locked


def kept_at(session: Session) -> datetime | None:
    """When all that is needed was last locked anew; None when that is not known."""
    newest = select(SnapshotProgressRow.kept_at).order_by(SnapshotProgressRow.generation.desc()).limit(1)
    return session.scalar(newest)


def free(kept: datetime) -> Iterator[Version]:
    """Versions of snapshots and journals whose lock was over when all that is needed was last locked anew.

    Raises StoreUnavailable.
    """
    for prefix in _PREFIXES:
        for version in locks.versions(prefix):  # what is younger than a first lock need not be asked for
            if version.at < kept - _lock() and not version.is_marker and _was_free(version, kept):
                yield version


def gone_here(kept: datetime) -> Iterator[Version]:
    """Second copies of snapshots and journals that were removed here, once all that is needed was found and locked here
    within the last days: a store that lost everything removed nothing. Raises StoreUnavailable, ReplicaUnavailable."""
    if kept < datetime.now(UTC) - _FRESH:
        return
    for prefix in _PREFIXES:
        here = set(wholesale.names_under(prefix))
        for version in replica.past_their_lock(prefix):
            if version.name not in here and version.at < kept:
                yield version


def _was_free(version: Version, kept: datetime) -> bool:
    found = locks.look(version.name, version.version)
    return not found.held and (found.until is None or found.until < kept)


def remove(version: Version) -> bool:
    """Remove one that is free: whether the store let it go. Raises Forbidden in a process without the disposer's key,
    StoreUnavailable."""
    return erase.remove_version(version) is None


def _lock() -> timedelta:
    return timedelta(days=settings().lock_days)
