"""The pages Kembar: letters that may be scans of one paper, for a person to say whether they are."""

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from access.roles import Right
from api.web import twin as side_by_side
from api.web import words
from api.web.pages import ChangingVisitor, CheckingVisitor, render
from archive import ledger, twins
from core.db import transaction

router = APIRouter(include_in_schema=False)

_PAIRS: Final = 30
_LAST: Final = 5
_DECISIONS: Final[dict[str, twins.Decision | None]] = {"sama": "same", "berbeda": "different", "batal": None}


@router.get("/kembar")
def pairs_page(
    request: Request, visitor: CheckingVisitor, sesudah: Annotated[int, Query(ge=0, le=2**62)] = 0
) -> Response:
    """Pairs that wait for a person, and those that people said something of last."""
    with transaction(visitor.account.context) as session:
        rows = twins.undecided(session, after=sesudah, limit=_PAIRS + 1)
        waiting = side_by_side.entries(session, rows[:_PAIRS])
        decided = side_by_side.entries(session, twins.last_decided(session, _LAST))
    onward = f"/kembar?sesudah={rows[_PAIRS - 1].seq}" if len(rows) > _PAIRS else None
    return render(
        request,
        "kembar_daftar.html",
        waiting=waiting,
        decided=decided,
        decisions=words.DECISIONS,
        first=not sesudah,
        onward=onward,
    )


@router.get("/kembar/{twin:uuid}")
def pair_page(request: Request, twin: UUID, visitor: CheckingVisitor, tadi: UUID | None = None) -> Response:
    """One pair side by side; what both letters say is shown, so both views are entered. `tadi`: decided just before."""
    account = visitor.account
    with transaction(account.context) as session:
        shown = side_by_side.gather(session, twin)
        for side in (shown.first, shown.second):
            ledger.append(session, "text_viewed", actor=account.id, document=side.row.id, digest=side.row.sha256)
    return render(request, "kembar.html", pair=shown, decisions=words.DECISIONS, before=tadi)


@router.post("/kembar/{twin:uuid}")
def decide(
    twin: UUID, visitor: ChangingVisitor, putusan: Annotated[Literal["sama", "berbeda", "batal"], Form()]
) -> Response:
    """Take the person's word, then on to the next pair; back to this one when a word is taken back."""
    account = visitor.account
    account.require(Right.CHECK)
    with transaction(account.context) as session:
        row = twins.decide(session, account, twin, _DECISIONS[putusan])
        following = twins.undecided(session, after=row.seq, limit=1) or twins.undecided(session, limit=1)
    if putusan == "batal":
        return RedirectResponse(f"/kembar/{twin}", 303)
    return RedirectResponse(f"/kembar/{following[0].id}?tadi={twin}" if following else "/kembar", 303)
