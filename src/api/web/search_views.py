"""The page Cari. What is asked for comes as a form and stands in addresses only sealed (docs/adr/0032)."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from access.roles import Right
from api.finding import MOST_LETTERS, Asked, find, page_address
from api.web.pages import ChangingVisitor, ReadingVisitor, render
from archive import documents
from core.db import transaction

router = APIRouter(include_in_schema=False)

_HITS: Final = 15
Address = Annotated[str, Query(max_length=4000)]
Words = Annotated[str, Form(max_length=MOST_LETTERS)]


@router.get("/cari")
def search_page(request: Request, visitor: ReadingVisitor, c: Address = "") -> Response:
    """Search, and what it found."""
    account = visitor.account
    asked = Asked.opened(account, c) if c else Asked("")
    found = find(account, asked, _HITS) if asked.words else None
    following = found.results.next if found else None
    plain = Asked(asked.words)
    return render(
        request,
        "cari.html",
        words=asked.words,
        found=found,
        first=asked.is_first,
        again=f"/cari?c={plain.address(account)}",
        onward=f"/cari?c={Asked(asked.words, following).address(account)}" if following else None,
        mark=plain.address(account) if found else "",
        address=page_address,
    )


@router.post("/cari")
def ask(visitor: ChangingVisitor, q: Words = "") -> Response:
    """To what is found: sent as a form, so that no name stands in an address."""
    visitor.account.require(Right.READ)
    words = q.strip()
    return RedirectResponse(f"/cari?c={Asked(words).address(visitor.account)}" if words else "/cari", 303)


@router.post("/arsip/{document:uuid}/tandai")
def mark(document: UUID, visitor: ChangingVisitor, q: Words = "") -> Response:
    """To the letter with those words marked. Raises NotFound."""
    visitor.account.require(Right.READ)
    with transaction(visitor.account.context) as session:
        documents.find(session, document)
    words = q.strip()
    return RedirectResponse(page_address(document, 1, Asked(words).address(visitor.account) if words else ""), 303)
