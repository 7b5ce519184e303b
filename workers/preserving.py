"""Keeping what the database holds in the record's bucket too: the journal every minute, snapshots by a setting."""

import logging
import time
from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from archive import comparing, destructions, journal, keyset, oldcopies, snapshots
from archive.comparing import Finding
from archive.keyset import Generation
from core.db import snapshot_transaction, transaction
from core.faults import NotFound, StoreRefused
from core.settings import settings

_PATIENCE_SECONDS = 300.0
log = logging.getLogger(__name__)

# One at a time in the whole office: two would write the same twice
_ONE = text("SELECT pg_try_advisory_xact_lock(7202618)")
_STRANGE = Finding("snapshots_of_another_database", snapshots.INDEXES, "", None)


def preserve_and_tell() -> None:
    """As preserve(), and let people see whether nothing can be kept beside another database's snapshots."""
    if settings().snapshot_database_url is None:
        return
    preserve()
    with snapshot_transaction() as session:
        is_strange = keyset.generation(session) is None and snapshots.any_in_bucket()
    with transaction() as session:
        if is_strange:
            comparing.found(session, _STRANGE)
        else:
            comparing.over(session, _STRANGE.what)


def preserve(*, now: bool = False) -> snapshots.Taken | None:
    """Write the journal; and a snapshot, when one is due or asked for `now`. What was written, if one was due.

    Without ARSIP_SNAPSHOT_DATABASE_URL nothing is done. Raises DatabaseUnavailable, StoreUnavailable: the next run
    goes on where this one ended.
    """
    if settings().snapshot_database_url is None:
        return None
    with snapshot_transaction() as held:
        if not held.scalar(_ONE) or not _generation_is_there():
            return None
        taken = _snapshot(at_once=now) if now or _is_due() else None
        _journal()
        _keep_locks()
        return taken


def _keep_locks() -> None:
    """Once a day lock anew what a rebuilding needs. Where that fails, nothing counts as not needed."""
    with snapshot_transaction() as session:
        generation = _present(session)
        due = generation.newest is not None and oldcopies.is_due(session, generation)
    if not due:
        return
    try:
        oldcopies.lock(generation)
    except (NotFound, StoreRefused) as fault:
        log.warning("lock_refused", extra={"slug": fault.slug})
        return
    with snapshot_transaction() as session:
        keyset.note(session, generation.number, kept_at=func.now())


def _generation_is_there() -> bool:
    """Whether this database has a key to write under; the first one is made now. Not beside another's snapshots: a
    database that was lost and begun anew must not write over the keys of the one it ought to be rebuilt from."""
    with snapshot_transaction() as session:
        if keyset.generation(session) is not None:
            return True
    if snapshots.any_in_bucket():
        log.error("snapshots_of_another_database")
        return False
    _new_generation()
    return True


def _new_generation() -> None:
    with snapshot_transaction() as session:
        keyset.new_generation(session)
    with snapshot_transaction() as session:  # before anything is written that only this key opens
        keyset.put(session)


def _journal() -> None:
    while True:
        with snapshot_transaction(still=True) as session:
            generation = _present(session)
            last = journal.write(session, generation)
        if last is None:
            return
        with snapshot_transaction() as session:
            keyset.note(session, generation.number, journaled=last)


def _is_due() -> bool:
    with snapshot_transaction() as session:
        generation = _present(session)
        if generation.newest_at is None or journal.needs_a_snapshot(session, generation):
            return True
        age: timedelta = session.scalar(select(func.now() - generation.newest_at)) or timedelta()
    return age >= timedelta(minutes=settings().snapshot_minutes)


def _snapshot(*, at_once: bool) -> snapshots.Taken:
    """A snapshot, under a new key when letters were destroyed under the present one; then the earlier keys go.

    A new key means that everything is written anew: while a long list is destroyed letter by letter, not each minute.
    """
    with snapshot_transaction() as session:
        generation = _present(session)
        age: timedelta = session.scalar(select(func.now() - generation.made_at)) or timedelta()
        ripe = at_once or age >= timedelta(minutes=settings().snapshot_minutes)
        renew = ripe and snapshots.has_destroyed_since(session, generation)
    if renew:
        _new_generation()
    with snapshot_transaction(still=True) as session:
        generation = _present(session)
        taken = snapshots.take(session, generation)
    with snapshot_transaction() as session:
        keyset.note(session, generation.number, newest=taken.number, newest_at=func.now(), journaled=taken.ledger_seq)
        keyset.put(session)
    with snapshot_transaction() as session:
        destructions.write(session)
    with snapshot_transaction() as session:
        keyset.drop_generations_before(session, generation.number)
    with snapshot_transaction() as session:
        keyset.put(session)
    return taken


def _present(session: Session) -> Generation:
    found = keyset.generation(session)
    assert found is not None  # noqa: S101 - _generation_is_there() saw to it
    return found


def main() -> None:
    """A snapshot now, for `arsip backup`, which runs this file beside itself; waits for one that is under way."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while preserve(now=True) is None:
        if time.monotonic() > deadline:
            raise SystemExit(1)
        time.sleep(1)


if __name__ == "__main__":
    main()
