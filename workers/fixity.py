"""Reading every object again: is it still what was once put there? And the second copy: made, and used to repair.

One run at a time in the whole archive, at most a minute long and no faster than the office allows, so that nobody who
reads or sends letters waits for it. Objects never read come first, then those read longest ago.
"""

import hashlib
import logging
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

from archive import blobs, fixity, locks, oldcopies, replica
from archive.envelope import unseal
from archive.fixity import Due, Listed, Looked
from core.db import alone, transaction
from core.faults import BytesDiffer, Fault, NotFound, ReplicaUnavailable, StoreRefused, StoreUnavailable
from core.queue import FIXITY_LOCK
from core.settings import settings

log = logging.getLogger(__name__)

_LONGEST_SECONDS = 60.0  # far less than the broker waits before it hands the task out again
_AT_ONCE = 50
_LASTING = ("checkpoint", "destruction")
# What no entry of the ledger names
_LISTED: dict[Listed, tuple[str, ...]] = {"snapshot": ("snapshot/", "journal/"), "destruction": ("destroyed/",)}


class _Pace:
    """No faster than so many bytes a second, and for no longer than a run may take."""

    def __init__(self) -> None:
        self._rate = settings().fixity_mb_per_second * 1_000_000
        self._began = time.monotonic()
        self._bytes = 0

    @property
    def is_over(self) -> bool:
        return time.monotonic() - self._began > _LONGEST_SECONDS

    def passed(self, size: int) -> None:
        """So many bytes more were read: wait where that was too fast."""
        self._bytes += size
        if self._rate:
            early = self._bytes / self._rate - (time.monotonic() - self._began)
            if early > 0:
                time.sleep(early)


def run() -> None:
    """Read what is due, repair what is bad, copy what the second copy lacks; what the time does not suffice for is due
    in the next run."""
    with alone(FIXITY_LOCK) as mine:
        if not mine:
            return
        pace = _Pace()
        try:
            _enter()
            _read_again(pace)
            if replica.is_set_up():
                _copy(pace)
        except StoreUnavailable:
            log.warning("fixity_lost_store")
        with transaction() as session:
            is_another_day = fixity.tell_days(session) > 0
        if is_another_day and replica.is_set_up():
            _remove_old_copies()


def _remove_old_copies() -> None:
    """Remove from the second copy what was removed here, once a day; only this process has its keys."""
    with transaction() as session:
        kept = oldcopies.kept_at(session)
    try:
        removed = sum(map(replica.remove, oldcopies.gone_here(kept))) if kept is not None else 0
    except (StoreUnavailable, ReplicaUnavailable) as fault:
        log.warning("replica_away", extra={"slug": fault.slug})
        return
    if removed:
        log.info("replica_old_copies_removed", extra={"count": removed})


def _enter() -> None:
    with transaction() as session:
        after: int | None = fixity.entered_to(session)
    while after is not None:
        with transaction() as session:
            after = fixity.enter(session, after)
    for kind, prefixes in _LISTED.items():
        newest: dict[str, str] = {}
        for version in chain.from_iterable(map(locks.versions, prefixes)):  # of one name the newest comes first
            newest.setdefault(version.name, version.version)
        with transaction() as session:
            fixity.enter_listed(session, kind, newest)


def _read_again(pace: _Pace) -> None:
    while not pace.is_over:
        with transaction() as session:
            due = fixity.due(session, settings().fixity_days, _AT_ONCE)
        looked = []
        for one in due:
            if not pace.is_over:
                looked.append(_look(one, pace))
        with transaction() as session:
            fixity.note(session, looked)
        for found in looked:
            _follow(found, pace)
        if len(due) < _AT_ONCE:
            return


def _look(due: Due, pace: _Pace) -> Looked:
    """Read one object whole. Raises StoreUnavailable when it is the store that is away, not the object."""
    digest, size = hashlib.sha256(), 0
    try:
        for chunk in blobs.derived_chunks(due.place) if due.is_derived else blobs.chunks(due.place, due.version):
            digest.update(chunk)
            size += len(chunk)
            pace.passed(len(chunk))
    except BytesDiffer:
        return Looked(due, size, "object_changed", "")
    except NotFound:
        return Looked(due, size, "object_unreadable", "")
    except StoreUnavailable:
        blobs.answers()
        return Looked(due, size, "object_unreadable", "")
    found = digest.hexdigest()
    return Looked(due, size, None if _fits(due, found) else "object_changed", found)


def _fits(due: Due, sha256: str) -> bool:
    """Whether that is what the object must hold. One without a digest is known by its seal, or not at all yet."""
    named = due.place.name.rpartition("part-")[2] if due.kind == "snapshot" and "part-" in due.place.name else ""
    return sha256 == (due.sha256 or named or sha256)


def _follow(looked: Looked, pace: _Pace) -> None:
    """What comes of one object that was read: a bad one is repaired, a whole one's copy is read too."""
    due = looked.due
    if looked.flaw is not None:
        log.error("fixity_failed", extra={"document": str(due.document), "kind": due.kind, "what": looked.flaw})
    elif due.kind in _LASTING:
        _lock_again(due)
    if not replica.is_set_up():
        return
    try:
        if looked.flaw is not None:
            _repair(due, pace)
        elif due.copied and not _copy_is_whole(due, pace):
            with transaction() as session:
                fixity.note_lost_copy(session, due)
    except ReplicaUnavailable:
        log.warning("replica_away")


def _lock_again(due: Due) -> None:
    """No retention says how long these are locked: until they were read again, and again as long."""
    try:
        locks.extend(due.place.name, due.version, datetime.now(UTC) + timedelta(days=2 * settings().fixity_days))
    except (StoreRefused, NotFound) as fault:
        log.warning("lock_refused", extra={"slug": fault.slug})


def _copy_is_whole(due: Due, pace: _Pace) -> bool:
    try:
        if not _fits(due, _digest(due, _paced(replica.chunks(due.place.name), pace))):
            return False
        replica.lock_again(due.place.name)
    except (NotFound, BytesDiffer):
        return False
    except ReplicaUnavailable:
        if replica.answers():  # it is this copy that it can't read
            return False
        raise
    return True


def _digest(due: Due, stored: Iterator[bytes]) -> str:
    """The digest of the plain bytes of an object as it is stored. Raises BytesDiffer where it does not open."""
    key, name, digest = due.place.key, due.place.name, hashlib.sha256()
    for chunk in stored if key is None else unseal(key, name, stored):
        digest.update(chunk)
    return digest.hexdigest()


def _paced(pieces: Iterator[bytes], pace: _Pace) -> Iterator[bytes]:
    for piece in pieces:
        pace.passed(len(piece))
        yield piece


def _repair(due: Due, pace: _Pace) -> None:
    """Put the second copy's bytes beside the bad ones, where they are whole there. Raises ReplicaUnavailable."""
    with tempfile.NamedTemporaryFile(dir=settings().spool) as file:

        def kept() -> Iterator[bytes]:
            for piece in _paced(replica.chunks(due.place.name), pace):
                file.write(piece)
                yield piece

        try:
            digest = _digest(due, kept())
            if not _fits(due, digest):
                raise BytesDiffer(key=due.place.name, version="")
            file.flush()
            version = _put_again(due, Path(file.name), digest)
        except (NotFound, BytesDiffer):
            log.error("fixity_not_repaired", extra={"document": str(due.document), "kind": due.kind})
            return
        size = file.tell()
    with transaction() as session:
        fixity.note_repaired(session, due, version, size)


def _put_again(due: Due, file: Path, sha256: str) -> str:
    """The version under which the bytes lie now; a picture has none."""
    if not due.is_derived:
        return blobs.put_again(due.place, file, sha256)
    blobs.put_derived_again(due.place, file)
    return ""


def _copy(pace: _Pace) -> None:
    """Copy what the second copy lacks, one by one."""
    while not pace.is_over:
        with transaction() as session:
            waiting = fixity.uncopied(session, _AT_ONCE)
        for one in waiting:
            if pace.is_over:
                return
            try:
                bucket = settings().s3_derived_bucket if one.is_derived else settings().s3_bucket
                replica.copy(one.place.name, one.version or None, bucket)
            except (ReplicaUnavailable, BytesDiffer) as fault:
                log.warning("replica_away", extra={"slug": _slug(fault)})
                return
            except NotFound:
                continue  # found so when it is read again
            with transaction() as session:
                fixity.note_copied(session, one)
        if len(waiting) < _AT_ONCE:
            return


def _slug(fault: Fault) -> str:
    return fault.slug
