"""The store: what its comparison with the database came to, and copies of the key that all letters hang on."""

from fastapi import APIRouter

from access.roles import Right
from api.auth import LedgerReader, Manager
from api.schemas import store as schemas
from archive import comparing, keycopy
from core.db import transaction

router = APIRouter(prefix="/store", tags=["store"])

_MOST = 100


@router.get("")
def get_store(account: LedgerReader) -> schemas.Store:
    """The last nightly comparison of bucket and database, and what the two do not agree on now."""
    with transaction(account.context) as session:
        last, newest = comparing.last_finished(session), comparing.newest(session)
        return schemas.Store(
            last=schemas.run(last),
            running=schemas.run(newest) if newest is not None and newest.finished_at is None else None,
            findings=[schemas.finding(row) for row in comparing.standing(session, _MOST)],
            key_copied=keycopy.is_made(session) if account.may(Right.MANAGE_USERS) else None,
        )


@router.post("/key-copies", status_code=201)
def key_copied(copy: schemas.KeyCopy, account: Manager) -> schemas.KeyCopy:
    """Say that a sealed copy of the office key was made; the key itself never leaves its machine this way."""
    with transaction(account.context) as session:
        keycopy.record(session, account, copy.fingerprint)
    return copy
