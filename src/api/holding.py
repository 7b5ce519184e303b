"""Placing a hold on a letter, a berkas or what a search finds, as the API and the pages do it."""

from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from access.accounts import Account
from api.casework import identity_key
from core.faults import HoldRefused, InvalidRequest
from records.retention import holds
from records.retention.holds import MOST_LETTERS, Kind
from records.retention.tables import HoldRow
from search.query import search

_AT_ONCE: Final = 500


def place(
    session: Session,
    account: Account,
    *,
    document: UUID | None,
    berkas: UUID | None,
    query: str | None,
    kind: Kind,
    reason: str,
) -> HoldRow:
    """Hold exactly one of the three. Raises Forbidden, NotFound, InvalidRequest, HoldRefused."""
    if sum(one is not None for one in (document, berkas, query)) != 1:
        raise InvalidRequest(what="yang ditahan (satu saja: surat, berkas, atau kata pencarian)")
    if berkas is not None:
        return holds.on_berkas(session, account, berkas, kind=kind, reason=reason)
    if document is not None:
        return holds.on_letters(session, account, [document], kind=kind, reason=reason)
    assert query is not None  # noqa: S101 - one of the three is there
    return holds.on_letters(session, account, found(session, query), kind=kind, reason=reason, query=query)


def found(session: Session, query: str) -> set[UUID]:
    """The letters that have what is asked for, all of them, and none with near words or most of it only: a hold is an
    act of law, and nobody has looked through them. Raises HoldRefused for none, or for more than can be held at
    once."""
    letters: set[UUID] = set()
    cursor = None
    while True:
        page = search(session, query, limit=_AT_ONCE, cursor=cursor, identity_key=identity_key(), exactly=True)
        letters |= {hit.document for hit in page.hits}
        cursor = page.next
        if len(letters) > MOST_LETTERS:
            raise HoldRefused(why=f"pencarian itu menemukan lebih dari {MOST_LETTERS} surat; persempit kata-katanya")
        if cursor is None:
            break
    if not letters:
        raise HoldRefused(why="pencarian itu tidak menemukan surat")
    return letters
