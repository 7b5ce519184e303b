"""The page Bukti: what shows that nothing was changed, for the records unit and whoever audits it."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from access.roles import Right
from api.web import fixity as drawn
from api.web.pages import LedgerVisitor, render
from archive import checkpoints, fixitystate, ledger, replica
from core.db import transaction
from core.settings import settings

router = APIRouter(include_in_schema=False)

_CHECKPOINTS: Final = 10
_FLAWS: Final = 30


@router.get("/bukti")
def proof_page(request: Request, visitor: LedgerVisitor) -> Response:
    """Whether every object is whole, the newest checkpoints with the key that checks them, the ledger as a file."""
    account = visitor.account
    with transaction(account.context) as session:
        newest = checkpoints.before(session, None, _CHECKPOINTS)
        entries, signed = ledger.head(session)[0], checkpoints.count(session)
        state, flaws = fixitystate.state(session), fixitystate.flaws(session, _FLAWS)
        days = fixitystate.days(session, drawn.DAYS)
    return render(
        request,
        "bukti.html",
        checkpoints=newest,
        entries=entries,
        signed=signed,
        state=state,
        flaws=flaws,
        days=days,
        bars=drawn.bars(days),
        size=(drawn.WIDTH, drawn.HEIGHT),
        kinds=drawn.KINDS,
        flaw_words=drawn.WHAT,
        replica=replica.is_set_up(),
        within_days=settings().fixity_days,
        may_read=account.may(Right.READ),
    )
