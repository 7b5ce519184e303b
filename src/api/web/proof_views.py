"""The page Bukti: what shows that nothing was changed, for the records unit and whoever audits it."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.web.pages import LedgerVisitor, render
from archive import checkpoints, ledger
from core.db import transaction

router = APIRouter(include_in_schema=False)

_CHECKPOINTS: Final = 10


@router.get("/bukti")
def proof_page(request: Request, visitor: LedgerVisitor) -> Response:
    """The newest checkpoints with the key that checks them, and the ledger as a file."""
    with transaction(visitor.account.context) as session:
        newest = checkpoints.before(session, None, _CHECKPOINTS)
        entries, signed = ledger.head(session)[0], checkpoints.count(session)
    return render(request, "bukti.html", checkpoints=newest, entries=entries, signed=signed)
