"""Until when the store should lock a file, and whether a hold keeps it: what retention and holds say now.

As long as the end of a berkas' retention is not known, its letters' locks roll on, some days ahead; once it is known,
they last until that day and not longer, so that a lock never stands in the way of a lawful disposal; what is permanent
is locked a year ahead, and again (docs/adr/0025). Locks are only ever extended.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from archive.keytables import DocumentKeyRow, DocumentLockRow
from archive.tables import DocumentRow
from records.filing.tables import BerkasLetterRow, BerkasRow
from records.retention.tables import LockDueRow, ScheduleRowRow, ScheduleVersionRow

PERMANENT_DAYS: Final = 366
_SECOND = timedelta(seconds=1)  # the store keeps whole ones


@dataclass(frozen=True, slots=True)
class Kept:
    """What a letter's berkas says: its nasib akhir, the day its retention is over, whether it is kept for ever or was
    disposed of. `expires_on` is None unless a schedule that is no sample says it."""

    fate: str
    expires_on: date | None
    permanent: bool
    disposed: bool


@dataclass(frozen=True, slots=True)
class Lasting:
    """Until when a lock should last; `rolls` where that moves on with time, as its end is not known."""

    until: datetime
    rolls: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """What a file's lock should be, `lasting` None for no longer than it is; and what the store was told before."""

    file: UUID
    lasting: Lasting | None
    held: bool
    locked_until: datetime | None
    was_held: bool

    def until(self, now: datetime) -> datetime | None:
        """Until when to lock, if that is ahead."""
        return self.lasting.until if self.lasting is not None and self.lasting.until > now else None

    def is_met(self, locked_until: datetime | None, now: datetime) -> bool:
        """Whether a lock that lasts until then will do: a rolling one until half of it is over."""
        until = self.until(now)
        if until is None or self.lasting is None:
            return True
        least = now + (until - now) / 2 if self.lasting.rolls else until
        return locked_until is not None and locked_until >= least - _SECOND


def lasting(letters: Iterable[Kept | None], now: datetime, rolling: timedelta) -> Lasting | None:
    """The longest that one of a file's letters wants; None for a letter is one in no berkas. `now` is the office's
    time, in whose zone a day begins."""
    wanted = [_wanted(kept, now, rolling) for kept in letters]
    return max((one for one in wanted if one is not None), key=lambda one: one.until, default=None)


def _wanted(kept: Kept | None, now: datetime, rolling: timedelta) -> Lasting | None:
    if kept is None:
        return Lasting(now + rolling, rolls=True)
    if kept.disposed:
        return None
    if kept.permanent or kept.fate == "permanen":
        return Lasting(now + timedelta(days=PERMANENT_DAYS), rolls=True)
    if kept.fate == "musnah" and kept.expires_on is not None:
        return Lasting(datetime.combine(kept.expires_on, time(), now.tzinfo), rolls=False)
    return Lasting(now + rolling, rolls=True)


def wishes(session: Session, files: Sequence[UUID], now: datetime, rolling: timedelta) -> list[Wish]:
    """Of each of these files that was not destroyed. A stack's are its letters'."""
    letters = _letters(session, files)
    rows = session.execute(
        select(DocumentRow.id, func.is_held(DocumentRow.id), DocumentLockRow.locked_until, DocumentLockRow.held)
        .outerjoin(DocumentLockRow, DocumentLockRow.document_id == DocumentRow.id)
        .outerjoin(DocumentKeyRow, DocumentKeyRow.document_id == DocumentRow.id)
        .where(DocumentRow.id.in_(files), DocumentKeyRow.destroyed_at.is_(None))
        .order_by(DocumentRow.id)
    )
    return [
        Wish(file, lasting(letters.get(file, [None]), now, rolling), held, locked_until, bool(was_held))
        for file, held, locked_until, was_held in rows
    ]


def _letters(session: Session, files: Collection[UUID]) -> dict[UUID, list[Kept | None]]:
    """What the berkas of each file's letters say; a file that is one letter is its own."""
    file = func.coalesce(DocumentRow.part_of, DocumentRow.id)
    rows = session.execute(
        select(file, BerkasRow, func.coalesce(ScheduleVersionRow.sample, False))
        .select_from(DocumentRow)
        .outerjoin(BerkasLetterRow, BerkasLetterRow.document_id == DocumentRow.id)
        .outerjoin(BerkasRow, BerkasRow.id == BerkasLetterRow.berkas_id)
        .outerjoin(ScheduleRowRow, ScheduleRowRow.id == BerkasRow.series_id)
        .outerjoin(ScheduleVersionRow, ScheduleVersionRow.id == ScheduleRowRow.version_id)
        .where(or_(DocumentRow.id.in_(files), DocumentRow.part_of.in_(files)))
        .where(func.coalesce(DocumentRow.letters, 1) == 1, ~DocumentRow.is_joined_back)
    )
    found: dict[UUID, list[Kept | None]] = {}
    for of_file, berkas, sample in rows:
        found.setdefault(of_file, []).append(None if berkas is None else _kept(berkas, sample=sample))
    return found


def _kept(row: BerkasRow, *, sample: bool) -> Kept:
    return Kept(row.fate, None if sample else row.expires_on, row.permanent, row.disposed_at is not None)


def noted(session: Session, most: int) -> list[tuple[UUID, UUID, datetime]]:
    """Letters of which something changed that locks and holds depend on: each with its file, and since when."""
    file = func.coalesce(DocumentRow.part_of, DocumentRow.id)
    rows = session.execute(
        select(LockDueRow.document_id, file, LockDueRow.since)
        .join(DocumentRow, DocumentRow.id == LockDueRow.document_id)
        .order_by(LockDueRow.since)
        .limit(most)
    )
    return [(letter, of_file, since) for letter, of_file, since in rows]


def ending(
    session: Session,
    before: datetime,
    checked_before: datetime,
    most: int,
    *,
    after: tuple[datetime, UUID] | None = None,
) -> list[tuple[datetime, UUID]]:
    """Files whose lock ends before then, and that were not looked at since, with its end; soonest first, those after
    `after`."""
    order = (DocumentLockRow.locked_until, DocumentLockRow.document_id)
    query = (
        select(*order)
        .where(DocumentLockRow.locked_until < before, DocumentLockRow.at < checked_before)
        .order_by(*order)
        .limit(most)
    )
    rows = session.execute(query if after is None else query.where(func.row(*order) > func.row(*after)))
    return [(until, file) for until, file in rows]


def told(session: Session, wish: Wish) -> None:
    """Keep what the store was told of a file just now."""
    until = wish.lasting and wish.lasting.until
    session.execute(_TOLD, {"file": wish.file, "until": until, "was": wish.locked_until, "held": wish.held})


def settled(session: Session, letters: Iterable[tuple[UUID, UUID, datetime]]) -> None:
    """Forget that those were noted, unless something changed again meanwhile."""
    for letter, _, since in letters:
        session.execute(_SETTLED, {"letter": letter, "since": since})


_TOLD = text(
    "INSERT INTO document_lock AS k (document_id, locked_until, held)"
    " VALUES (:file, greatest(CAST(:until AS timestamptz), CAST(:was AS timestamptz), now()), :held)"
    " ON CONFLICT (document_id) DO UPDATE"
    " SET locked_until = greatest(k.locked_until, excluded.locked_until), held = excluded.held, at = now()"
)
_SETTLED = text("DELETE FROM lock_due WHERE document_id = :letter AND since <= :since")
