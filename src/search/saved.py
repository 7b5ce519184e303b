"""Searches that somebody saved: their own alone, sealed, with how many hits are new to them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.orm import Session

from access.accounts import Account
from archive.tables import PageRow
from core.faults import InvalidRequest, NotFound
from search import sealed
from search.facets import Filters
from search.query import search
from search.tables import SavedSearchRow

MOST: Final = 30
"""Saved searches of one account."""
MOST_FRESH: Final = 50
"""New hits that are counted; from here on there are "50+"."""
_COUNTED_FOR: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved search as its owner sees it: what it asks, and how many hits came since they last opened it."""

    id: UUID
    asked: sealed.Asked
    made_at: datetime
    fresh: int


def save(session: Session, account: Account, key: str, asked: sealed.Asked) -> UUID:
    """Keep the search for the account; what is found now is known to them. Raises InvalidRequest for one too many."""
    known = mine(session, account, key)
    same = next((one.id for one in known if one.asked == asked), None)
    if same is not None:
        return same
    if len(known) >= MOST:
        raise InvalidRequest(what=f"pencarian tersimpan (paling banyak {MOST}; hapus dulu yang tidak dipakai)")
    row = SavedSearchRow(account_id=account.id, asked=sealed.seal(key, account.id, asked))
    session.add(row)
    session.flush()
    return row.id


def mine(session: Session, account: Account, key: str) -> list[Saved]:
    """The account's saved searches, the newest first."""
    rows = session.scalars(
        select(SavedSearchRow)
        .where(SavedSearchRow.account_id == account.id)
        .order_by(SavedSearchRow.made_at.desc(), SavedSearchRow.id)
    )
    return [Saved(row.id, sealed.opened(key, account.id, row.asked), row.made_at, row.fresh) for row in rows]


def open_again(session: Session, account: Account, key: str, saved: UUID) -> sealed.Asked:
    """What that search asks; its hits are known from now on. Raises NotFound."""
    row = _find(session, account, saved)
    session.execute(_changed(saved).values(seen_at=func.now(), counted_at=func.now(), fresh=0))
    return sealed.opened(key, account.id, row.asked)


def remove(session: Session, account: Account, saved: UUID) -> None:
    """Forget it. Raises NotFound."""
    _find(session, account, saved)
    session.execute(delete(SavedSearchRow).where(SavedSearchRow.id == saved))


def fresh_count(session: Session, account: Account, key: str) -> int:
    """New hits of all the account's saved searches. Each is counted again after ten minutes, one at a time, so that no
    page waits for more than one."""
    mine = SavedSearchRow.account_id == account.id
    due = session.scalars(
        select(SavedSearchRow)
        .where(mine, SavedSearchRow.counted_at < func.now() - _COUNTED_FOR)
        .order_by(SavedSearchRow.counted_at)
        .limit(1)
    ).first()
    if due is not None:
        asked = sealed.opened(key, account.id, due.asked)
        session.execute(_changed(due.id).values(counted_at=func.now(), fresh=_fresh(session, key, asked, due.seen_at)))
    return session.scalar(select(func.coalesce(func.sum(SavedSearchRow.fresh), 0)).where(mine)) or 0


def _fresh(session: Session, key: str, asked: dict[str, Any], since: datetime) -> int:
    """Of the newest hits, those that were read since then: a letter that lay unread before is new too."""
    hits = search(
        session,
        asked["q"],
        limit=MOST_FRESH,
        identity_key=key,
        switched_off=asked.get("o", ()),
        filters=Filters.of(asked.get("f", ())),
        sort="terbaru",
    ).hits
    places = [(hit.document, hit.page) for hit in hits]
    return (
        session.scalar(
            select(func.count())
            .select_from(PageRow)
            .where(tuple_(PageRow.document_id, PageRow.number).in_(places), PageRow.read_at > since)
        )
        or 0
    )


def _find(session: Session, account: Account, saved: UUID) -> SavedSearchRow:
    row = session.get(SavedSearchRow, saved)
    if row is None or row.account_id != account.id:
        raise NotFound
    return row


def _changed(saved: UUID) -> Any:
    return update(SavedSearchRow).where(SavedSearchRow.id == saved).execution_options(synchronize_session=False)
