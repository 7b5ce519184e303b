"""Pages of letters and their berkas: those that lie in none, one letter's; and of the classification tree."""

from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from access.accounts import Account
from access.roles import Right
from api.web.filing_views import WORDS
from api.web.pages import ChangingVisitor, ReadingVisitor, render
from api.web.tableform import PagesTable
from archive import documents
from core import clock
from core.db import transaction
from core.faults import TableRefused
from records.filing import berkas as shelf
from records.filing import letters, tree
from records.office import office
from records.retention import holds

router = APIRouter(include_in_schema=False)

_AT_ONCE: Final = 20
_CODES: Final = 40


@router.get("/berkas/belum")
def loose_page(
    request: Request,
    visitor: ReadingVisitor,
    sebelum: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    surat: Annotated[UUID | None, Query()] = None,
) -> Response:
    """Letters that lie in no berkas; several may be filed at once."""
    account = visitor.account
    with transaction(account.context) as session:
        rows = letters.loose(session, limit=_AT_ONCE + 1, before=sebelum)
        total = letters.loose_count(session)
        newest = shelf.newest(session, limit=_AT_ONCE, unit=account.unit)
    onward = f"/berkas/belum?{urlencode({'sebelum': rows[_AT_ONCE - 1].seq})}" if len(rows) > _AT_ONCE else None
    return render(
        request,
        "berkas_belum.html",
        **WORDS,
        rows=rows[:_AT_ONCE],
        total=total,
        first=sebelum is None,
        onward=onward,
        chosen={surat},
        targets=[row for row in newest if row.case_id is None and row.closed_on is None],
        may_file=account.may(Right.FILE),
    )


@router.post("/berkas/belum")
def file_several(
    visitor: ChangingVisitor,
    surat: Annotated[list[UUID] | None, Form(max_length=letters.MOST_AT_ONCE)] = None,
    berkas: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """File the chosen letters into the berkas of that number."""
    account = visitor.account
    account.require(Right.FILE)
    with transaction(account.context) as session:
        chosen = surat or []
        unit = documents.find(session, chosen[0]).unit if chosen else account.unit
        letters.file(session, account, shelf.numbered(session, berkas, unit).id, chosen)
    return RedirectResponse("/berkas/belum", 303)


@router.get("/berkas/klasifikasi")
def codes_page(request: Request, visitor: ReadingVisitor, q: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Codes by their beginning or by words."""
    return _codes(request, visitor.account, q)


@router.post("/berkas/klasifikasi")
def bring_codes(request: Request, brought: PagesTable) -> Response:
    """Take over a table of codes, or show every line of it that is wrong."""
    visitor, table = brought
    try:
        with transaction(visitor.account.context) as session:
            tree.bring(session, visitor.account, table.text("nama"), table.data)
    except TableRefused as refused:
        return _codes(request, visitor.account, "", refused.facts["lines"])
    return RedirectResponse("/berkas/klasifikasi", 303)


@router.get("/arsip/{document:uuid}/berkas")
def letter_page(request: Request, document: UUID, visitor: ReadingVisitor) -> Response:
    """In which berkas a letter lies, and whether it is held."""
    account = visitor.account
    with transaction(account.context) as session:
        letter = documents.find(session, document)
        row = shelf.of_letter(session, document)
        held = document in holds.held(session, [document])
        named = holds.of_letter(session, document)
    return render(
        request,
        "surat_berkas.html",
        **WORDS,
        letter=letter,
        berkas=row,
        held=held,
        holds=named,
        proposed=office().code(letter.kind),
        may_file=account.may(Right.FILE),
        may_hold=account.may(Right.HOLD),
    )


@router.post("/arsip/{document:uuid}/berkas")
def file_letter(document: UUID, visitor: ChangingVisitor, berkas: Annotated[str, Form(max_length=20)] = "") -> Response:
    """File one letter into the berkas of that number."""
    account = visitor.account
    account.require(Right.FILE)
    with transaction(account.context) as session:
        unit = documents.find(session, document).unit
        letters.file(session, account, shelf.numbered(session, berkas, unit).id, [document])
    return RedirectResponse(f"/arsip/{document}/berkas", 303)


def _codes(request: Request, account: Account, query: str, wrongs: list[str] | None = None) -> Response:
    with transaction(account.context) as session:
        own, found = tree.is_in_force(session), tree.search(session, query, _CODES)
        count, imports = tree.count(session), tree.imports(session)[:10]
    return render(
        request,
        "klasifikasi.html",
        status=422 if wrongs else 200,
        own=own,
        count=count,
        codes=found,
        imports=imports,
        query=query,
        today=clock.today(),
        wrongs=wrongs,
        may_retain=account.may(Right.RETAIN),
    )
