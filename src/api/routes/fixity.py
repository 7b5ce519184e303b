"""Whether every object of the record is still what was once put there."""

from typing import Final

from fastapi import APIRouter

from api.auth import LedgerReader
from api.schemas import fixity as schemas
from archive import fixitystate, replica
from core.db import transaction
from core.settings import settings

router = APIRouter(tags=["fixity"])

_FLAWS: Final = 100
_DAYS: Final = 90


@router.get("/fixity")
def get_fixity(account: LedgerReader) -> schemas.Fixity:
    """How far reading every object again has come, what was found bad, and what was done on each day."""
    with transaction(account.context) as session:
        state, flaws = fixitystate.state(session), fixitystate.flaws(session, _FLAWS)
        days = fixitystate.days(session, _DAYS)
    return schemas.fixity(state, flaws, days, replica=replica.is_set_up(), within_days=settings().fixity_days)
