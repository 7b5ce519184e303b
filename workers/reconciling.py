"""The nightly comparison of bucket and database, in both directions (docs/adr/0025).

A run goes through the documents in the order of their ids, and through what the store lists beside them, some hundred
at a time: constant memory, and no task longer than a minute. What a night did not finish goes on by day, a little each
minute: beside it nobody waits, and an idle machine is idle. What is safe is repaired (locks extended, holds set); the
rest is kept as a finding, with an event, until a run sees it no more. Checkpoints of the ledger, copies and snapshots
have checks of their own.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from uuid import UUID

from archive import comparing, locks
from archive.comparing import Expected, Finding
from archive.locks import Version
from core import clock
from core.db import transaction
from core.faults import NotFound, StoreRefused
from core.settings import settings
from records.retention import lockdates
from records.retention.lockdates import Wish
from workers import locking

_BETWEEN, _LATEST = timedelta(hours=20), timedelta(hours=36)
_NIGHT = range(5)
_DOCUMENTS, _PLAIN = "documents/", "sha256/"


@dataclass(frozen=True, slots=True)
class Pace:
    """How a run goes: so many documents at a time, for so long in one call, at night and by day; `grace`: what came in
    since may have no row yet."""

    at_once: int = 100
    seconds: float = 45.0
    by_day: float = 1.0
    grace: timedelta = timedelta(hours=1)


_USUAL = Pace()


@dataclass
class _Seen:
    """What one part of a run came to."""

    pace: Pace
    objects: int = 0
    repaired: int = 0
    findings: list[Finding] = field(default_factory=list)


def compare(*, now: bool = False, pace: Pace = _USUAL) -> None:
    """Begin a run when one is due, at night (`now`: at once), and go on with the one that is begun, for a while: by day
    (unless `now`) a short one.

    Raises StoreUnavailable, DatabaseUnavailable; the next call goes on from where it stopped.
    """
    with transaction() as session:
        run = comparing.newest(session)
        if run is None or (run.finished_at is not None and (now or _is_due(run.started_at))):
            comparing.begin(session)
            session.flush()
        claimed = comparing.claim(session)
    if claimed is None:
        return
    number, position = claimed
    until = time.monotonic() + (pace.seconds if now or _is_night() else min(pace.seconds, pace.by_day))
    try:
        while time.monotonic() < until:
            following = _part(number, position, pace)
            if following is None:
                with transaction() as session:
                    comparing.finish(session, number)
                return
            position = following
    finally:
        with transaction() as session:
            comparing.give_back(session, number)


def _is_due(started: datetime) -> bool:
    age = datetime.now(UTC) - started
    return age > _LATEST or (age > _BETWEEN and _is_night())


def _is_night() -> bool:
    return clock.now().hour in _NIGHT


def _part(run: UUID, position: str, pace: Pace) -> str | None:
    """One part of a run. Where the next begins; None at the end."""
    seen = _Seen(pace)
    if position.startswith(_PLAIN):
        following = _plain_part(seen, position)
    else:
        following = _documents_part(seen, position.removeprefix(_DOCUMENTS))
    with transaction() as session:
        counted = {"objects": seen.objects, "repaired": seen.repaired, "found": len(seen.findings)}
        comparing.came_to(session, run, following or position, **counted)
        for finding in seen.findings:
            comparing.found(session, finding)
    return following


def _documents_part(seen: _Seen, after: str) -> str:
    with transaction() as session:
        rows = comparing.documents_after(session, after, seen.pace.at_once)
        files = sorted({row.file for row in rows if not row.destroyed})
        wishes = {wish.file: wish for wish in lockdates.wishes(session, files, clock.now(), locking.rolling())}
    last = str(rows[-1].document) if len(rows) == seen.pace.at_once else None
    known = {str(row.document): row for row in rows}
    there: set[tuple[str, str]] = set()
    for version in _listed(after, last):
        seen.objects += 1
        there.add((version.name, version.version))
        row = known.get(version.name.split("/")[1])
        _one(seen, version, row, wishes.get(row.file) if row else None)
    for row in rows:
        _missing(seen, row, there, wishes.get(row.file))
    return f"{_DOCUMENTS}{last}" if last else _PLAIN


def _listed(after: str, last: str | None) -> Iterator[Version]:
    """What lies under the ids behind `after`, up to `last`."""
    # "0" is the sign behind "/": so nothing of `after` itself comes again
    listed = locks.versions(_DOCUMENTS, after=f"{_DOCUMENTS}{after}0" if after else None)
    return listed if last is None else takewhile(lambda version: version.name < f"{_DOCUMENTS}{last}0", listed)


def _one(seen: _Seen, version: Version, row: Expected | None, wish: Wish | None) -> None:
    """One version that the store lists, beside the document under whose id it lies."""
    key = (version.name, version.version)
    document = row.document if row else None
    if row is not None and row.destroyed:
        return
    if row is None or version.is_marker or not (key in row.objects or _was_sealed(row, key)):
        if datetime.now(UTC) - version.at > seen.pace.grace:
            seen.findings.append(Finding("object_without_row", *key, document))
        return
    size = row.objects.get(key)
    if size is not None and version.size != size:
        seen.findings.append(Finding("wrong_size", *key, document))
    if wish is not None:
        _keep(seen, key, row.document, wish)


def _was_sealed(row: Expected, key: tuple[str, str]) -> bool:
    with transaction() as session:
        return key in comparing.earlier(session, row.document)


def _missing(seen: _Seen, row: Expected, there: set[tuple[str, str]], wish: Wish | None) -> None:
    """What a document must have and the list does not show; plain objects lie elsewhere and are asked for by name."""
    for key, size in row.objects.items():
        if key in there:
            continue
        try:
            kept = locks.look(*key)
        except NotFound:
            seen.findings.append(Finding("row_without_object", *key, row.document))
            continue
        if size is not None and kept.size != size:
            seen.findings.append(Finding("wrong_size", *key, row.document))
        if wish is not None:
            _keep(seen, key, row.document, wish)


def _keep(seen: _Seen, key: tuple[str, str], document: UUID, wish: Wish) -> None:
    """Extend a lock and set a hold that are not as they should be; what the store refuses is a finding."""
    try:
        kept, now = locks.look(*key), locking.latest()
    except NotFound:
        return  # gone in this moment, by a disposal; what is missed is told by the next run
    until = wish.until(now)
    if until and not (wish.is_met(kept.until, now) and kept.mode == settings().lock_mode):
        try:
            locks.extend(*key, max(until, kept.until or until))
            seen.repaired += 1
        except StoreRefused:
            seen.findings.append(Finding("wrong_lock", *key, document))
    if kept.held != wish.held and (wish.held or not key[0].startswith(_PLAIN)):
        try:
            locks.hold(*key, held=wish.held)
            seen.repaired += 1
        except StoreRefused:
            seen.findings.append(Finding("wrong_hold", *key, document))


def _plain_part(seen: _Seen, position: str) -> str | None:
    """Plain objects, of documents stored before they had keys: whether somebody knows their digest."""
    after = position if position != _PLAIN else None
    part = list(islice(locks.versions(_PLAIN, after=after), seen.pace.at_once * 10))
    if not part:
        return None
    with transaction() as session:
        unknown = comparing.plain_unknown(session, sorted({version.name.rpartition("/")[2] for version in part}))
    for version in part:
        seen.objects += 1
        strange = version.is_marker or version.name.rpartition("/")[2] in unknown
        if strange and datetime.now(UTC) - version.at > seen.pace.grace:
            seen.findings.append(Finding("object_without_row", version.name, version.version, None))
    return part[-1].name
