"""Telling the store what retention and holds say: locks extended, legal holds set and taken off.

Read what is wished, tell the store with no transaction open, keep what it was told. Done twice it does no harm; what
a kill leaves undone is due again, and the nightly comparison (workers/reconciling.py) sees what was missed.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from archive import locks, objects
from archive.objects import Extent
from core import clock
from core.db import alone, transaction
from core.faults import NotFound, StoreRefused
from core.queue import LOCKS_LOCK
from core.settings import settings
from records.retention import lockdates
from records.retention.lockdates import Wish

log = logging.getLogger(__name__)

_AT_ONCE = 50
_SECONDS = 45.0  # of one run; the clock asks for one each minute
# A lock that needs nothing is looked at again after so long, or after a part of itself where it is shorter
_LOOK_AGAIN = timedelta(days=1)


def rolling() -> timedelta:
    """How far ahead locks of unknown end are set."""
    return timedelta(days=settings().lock_days)


def latest() -> datetime:
    """The later one of the office's time and the store's: a lock must be ahead of both to be asked for."""
    return max(clock.now(), datetime.now(UTC))


def keep_locks(*, seconds: float = _SECONDS) -> None:
    """Do what is due, for so long: what people and schedules changed, then locks that end soon. Nothing where another
    run goes on: after a new schedule there is work for an hour, and letters that come in want a worker meanwhile.

    Raises StoreUnavailable, DatabaseUnavailable; what is not done then stays due.
    """
    with alone(LOCKS_LOCK) as mine:
        if mine:
            _keep(time.monotonic() + seconds)


def _keep(until: float) -> None:
    while noted := _noted():
        tell(sorted({file for _, file, _ in noted}))
        with transaction() as session:
            lockdates.settled(session, noted)
        if time.monotonic() >= until:
            return
    for files in _ending():
        tell(files)
        if time.monotonic() >= until:
            return


def _noted() -> list[tuple[UUID, UUID, datetime]]:
    with transaction() as session:
        return lockdates.noted(session, _AT_ONCE)


def _ending() -> Iterator[list[UUID]]:
    """Some files at a time, each once: one that the store refuses is as due afterwards as it was."""
    ahead = rolling()
    before, looked_at = latest() + ahead / 2, datetime.now(UTC) - min(_LOOK_AGAIN, ahead / 4)
    last = None
    while True:
        with transaction() as session:
            ending = lockdates.ending(session, before, looked_at, _AT_ONCE, after=last)
        if not ending:
            return
        yield [file for _, file in ending]
        last = ending[-1]


def tell(files: Sequence[UUID]) -> None:
    """Bring the store to what is wished of these files, and keep that it was told."""
    with transaction() as session:
        wanted = lockdates.wishes(session, files, clock.now(), rolling())
        extents = {wish.file: objects.extent(session, wish.file) for wish in wanted}
    told = [wish for wish in wanted if _is_told(wish, extents[wish.file])]
    with transaction() as session:
        for wish in told:
            lockdates.told(session, wish)


def _is_told(wish: Wish, extent: Extent) -> bool:
    """Whether the store took it. One file that it refuses keeps no other waiting: the nightly comparison names it."""
    try:
        for version in _versions(extent):
            _tell(version, wish, shared=version.name in extent.shared)
    except (StoreRefused, NotFound) as fault:
        log.warning("lock_refused", extra={"document": str(wish.file), "slug": fault.slug})
        return False
    return True


def _versions(extent: Extent) -> Iterator[locks.Version]:
    for prefix in extent.prefixes:
        yield from (version for version in locks.versions(prefix) if not version.is_marker)
    for name in (*extent.own, *extent.shared):
        yield from (version for version in locks.versions(name) if version.name == name)


def _tell(version: locks.Version, wish: Wish, *, shared: bool) -> None:
    """What two units' documents share keeps a hold: the other's may need it, and the nightly comparison asks both."""
    until = wish.until(latest())
    if until is not None:
        locks.extend(version.name, version.version, until)
    if wish.held or (wish.was_held and not shared):
        locks.hold(version.name, version.version, held=wish.held)
