"""Pages about paper: where a letter's or a case's lies, boxes with what lies in them, and whose paper is not there."""

from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from access.accounts import names_of
from access.roles import Right, Role
from api.web.pages import ChangingVisitor, ReadingVisitor, Visitor, render
from api.web.words import who
from cases import work
from core.db import transaction
from core.faults import InvalidRequest, NotFound
from records import boxes, paper
from records.book import UNIT
from records.boxes import Stand
from records.office import office
from records.papertables import PaperBoxRow

router = APIRouter(include_in_schema=False)

_LETTERS: Final = 50
Code = Annotated[str, Form(max_length=60)]
Part = Annotated[str, Form(max_length=100)]
Cursor = Annotated[int | None, Query(ge=1, le=2**62)]


def _keeper(visitor: Visitor) -> Visitor:
    visitor.account.require(Right.PLACE)
    return visitor


def _box(session: Session, code: str, gone: str) -> PaperBoxRow | None:
    """The box of the form; None when the paper was said not to be there. Raises InvalidRequest."""
    if gone:
        return None
    if not code.strip():
        raise InvalidRequest(what="kode boks (pindai atau ketik kode di labelnya)")
    return boxes.named(session, code)


@router.post("/arsip/{document:uuid}/tempat")
def place_letter(
    document: UUID, visitor: ChangingVisitor, boks: Code = "", folder: Part = "", hilang: Code = ""
) -> Response:
    """Say where the letter's paper lies, or that it is not there."""
    account = _keeper(visitor).account
    with transaction(account.context) as session:
        paper.place(session, account, [document], _box(session, boks, hilang), folder)
    return RedirectResponse(f"/arsip/{document}#kertas", 303)


@router.post("/kasus/{case:uuid}/tempat")
def place_case(case: UUID, visitor: ChangingVisitor, boks: Code = "", folder: Part = "") -> Response:
    """Say of all letters of the case where their paper lies."""
    account = _keeper(visitor).account
    with transaction(account.context) as session:
        work.put_on_paper(session, account, case, _box(session, boks, ""), folder)
    return RedirectResponse(f"/kasus/{case}#tutup", 303)


@router.get("/arsip/belum-ada")
def missing_page(request: Request, visitor: ReadingVisitor, sebelum: Cursor = None) -> Response:
    """Archived letters whose paper lies nowhere that anybody knows of; several may be put into a box at once."""
    account = visitor.account
    with transaction(account.context) as session:
        rows = paper.missing(session, account, before=sebelum, limit=_LETTERS + 1)
    more = f"/arsip/belum-ada?{urlencode({'sebelum': rows[_LETTERS - 1].seq})}" if len(rows) > _LETTERS else None
    return render(
        request,
        "belum_ada.html",
        rows=rows[:_LETTERS],
        first=sebelum is None,
        onward=more,
        may_place=account.may(Right.PLACE),
    )


@router.post("/arsip/belum-ada")
def place_several(
    visitor: ChangingVisitor,
    surat: Annotated[list[UUID] | None, Form(max_length=paper.MOST_AT_ONCE)] = None,
    boks: Code = "",
    folder: Part = "",
) -> Response:
    """Put the chosen letters into a box."""
    account = _keeper(visitor).account
    with transaction(account.context) as session:
        paper.place(session, account, surat or [], _box(session, boks, ""), folder)
    return RedirectResponse("/arsip/belum-ada", 303)


@router.get("/arsip/boks")
def boxes_page(
    request: Request,
    visitor: ReadingVisitor,
    kode: Annotated[str, Query(max_length=100)] = "",
    unit: Annotated[str | None, Query(pattern=UNIT)] = None,
) -> Response:
    """Every box; with a code, as it was typed or scanned, to that box."""
    account = visitor.account
    with transaction(account.context) as session:
        if kode.strip():
            try:
                return RedirectResponse(f"/arsip/boks/{boxes.find(session, kode).id}", 303)
            except NotFound:
                pass
        found = boxes.of_unit(session, unit)
    listed = [(box, boxes.code_of(box), boxes.words(boxes.stand_of(box))) for box in found]
    return render(
        request,
        "boks_daftar.html",
        boxes=listed,
        code=kode.strip(),
        own=any(box.unit == account.unit for box in found),
        may_place=account.may(Right.PLACE),
    )


@router.post("/arsip/boks")
def add_box(visitor: ChangingVisitor, nama: Part = "", gedung: Part = "", ruang: Part = "", rak: Part = "") -> Response:
    """Add a box to the visitor's unit."""
    account = _keeper(visitor).account
    with transaction(account.context) as session:
        done = boxes.add(session, account, account.unit, nama, boxes.stand(gedung, ruang, rak))
    return RedirectResponse(f"/arsip/boks/{done.box.id}", 303)


@router.get("/arsip/boks/{box:uuid}")
def box_page(request: Request, box: UUID, visitor: ReadingVisitor) -> Response:
    """One box: where it stands and stood, and what lies in it of what the visitor may see."""
    account = visitor.account
    with transaction(account.context) as session:
        found = boxes.find(session, str(box))
        letters = paper.in_box(session, box)
        moves = boxes.moves(session, box)
        names = names_of(session, {str(one.account_id) for one in moves})
    history = [
        (boxes.words(boxes.stand_of(one)), one.at, who(str(one.account_id), account, names)) for one in reversed(moves)
    ]
    keeps = found.unit == account.unit or account.role == Role.ARSIPARIS
    return render(
        request,
        "boks.html",
        box=found,
        code=boxes.code_of(found),
        stand=boxes.stand_of(found),
        stands=boxes.words(boxes.stand_of(found)),
        unit_name=office().unit(found.unit).name,
        letters=letters,
        history=history,
        may_move=account.may(Right.PLACE) and keeps,
    )


@router.post("/arsip/boks/{box:uuid}/pindah")
def move_box(box: UUID, visitor: ChangingVisitor, gedung: Part = "", ruang: Part = "", rak: Part = "") -> Response:
    """Say that the box stands elsewhere now."""
    account = _keeper(visitor).account
    where: Stand = boxes.stand(gedung, ruang, rak)
    with transaction(account.context) as session:
        boxes.move(session, account, boxes.find(session, str(box)), where)
    return RedirectResponse(f"/arsip/boks/{box}", 303)
