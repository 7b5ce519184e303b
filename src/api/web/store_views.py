"""The page Penyimpanan: whether what the store holds is what the database knows."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.web.pages import LedgerVisitor, render
from archive import comparing, documents, fixitystate
from core.db import transaction

router = APIRouter(include_in_schema=False)

_MOST: Final = 50


@router.get("/penyimpanan")
def store_page(request: Request, visitor: LedgerVisitor) -> Response:
    """The last comparison and what stands; a letter is named to who may see it, else by its id alone."""
    with transaction(visitor.account.context) as session:
        findings = comparing.standing(session, _MOST)
        letters = documents.several(session, [row.document_id for row in findings if row.document_id])
        standing, bad = comparing.count(session), fixitystate.bad(session)
        last, newest = comparing.last_finished(session), comparing.newest(session)
    return render(
        request,
        "penyimpanan.html",
        last=last,
        running=newest is not None and newest.finished_at is None,
        findings=[(row, letters.get(row.document_id) if row.document_id else None) for row in findings],
        what=comparing.WHAT,
        standing=standing,
        bad=bad,
    )
