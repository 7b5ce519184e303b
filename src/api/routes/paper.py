"""Where paper lies: places of letters, boxes with their labels, and letters whose paper is not there."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Role
from api import csvfile
from api.auth import Keeper, Reader
from api.schemas import paper as schemas
from archive import documents, ledger
from cases import work
from classify import rules
from core.db import transaction
from core.faults import NotFound
from core.settings import settings
from records import boxes, labels, paper
from records.book import UNIT
from records.paper import Missing
from records.papertables import PaperBoxRow

router = APIRouter(tags=["paper"])

_ROWS_AT_ONCE = 2_000  # of a CSV
_HEADS = ("id", "berkas", "jenis", "unit", "diterima")
_LINE = ("25d0265e-0b08-4839-97a8-70f0c77403af", "surat.pdf", "Surat keterangan terlantar", "umum", "2026-11-26")
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


def _box(session: Session, wanted: str | None) -> PaperBoxRow | None:
    return boxes.named(session, wanted) if wanted is not None else None


@router.get("/documents/{document}/place")
def get_place(document: UUID, account: Reader) -> schemas.LetterPlace:
    """Where a letter's paper lies, and where it lay."""
    with transaction(account.context) as session:
        row = documents.find(session, document)
        return schemas.letter_place(row, paper.history(session, document))


@router.put("/documents/{document}/place")
def set_place(document: UUID, wanted: schemas.NewPlace, account: Keeper) -> schemas.LetterPlace:
    """Say where a letter's paper lies, or that it is not there. Where it lay before stays known."""
    with transaction(account.context) as session:
        row = documents.find(session, document)  # before the box: whoever may not see the letter learns of neither
        paper.place(session, account, [document], _box(session, wanted.box), wanted.folder)
        return schemas.letter_place(row, paper.history(session, document))


@router.post("/places")
def set_places(wanted: schemas.NewPlaces, account: Keeper) -> schemas.Placed:
    """Say where the paper of several letters lies: of all of them, or of none."""
    with transaction(account.context) as session:
        box = _box(session, wanted.box)
        return schemas.Placed(placed=paper.place(session, account, wanted.documents, box, wanted.folder))


@router.post("/cases/{case}/places")
def set_places_of_case(case: UUID, wanted: schemas.NewPlace, account: Keeper) -> schemas.Placed:
    """Say where the paper of all letters of a case lies."""
    with transaction(account.context) as session:
        box = _box(session, wanted.box)
        return schemas.Placed(placed=work.put_on_paper(session, account, case, box, wanted.folder))


@router.get("/places/missing", response_model=schemas.MissingPaper, responses=csvfile.documented(_HEADS, _LINE))
def list_missing(
    account: Reader,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Any:
    """Archived letters whose paper lies nowhere that anybody knows of; as CSV all of them at once."""
    if form == "csv":
        with transaction(account.context) as session:
            ledger.append(session, "paper_listed", actor=account.id, lines=paper.missing_count(session, account))
        return csvfile.stream("berkas-fisik-belum-ada.csv", _HEADS, _all_missing(account))
    with transaction(account.context) as session:
        rows = paper.missing(session, account, before=cursor, limit=limit + 1)
    return schemas.missing(rows[:limit], str(rows[limit - 1].seq) if len(rows) > limit else None)


def _all_missing(account: Account, at_once: int = _ROWS_AT_ONCE) -> Iterator[list[tuple[str, ...]]]:
    """Part by part, each in a transaction of its own: none stays open for as long as somebody's line is slow."""
    before = None
    while True:
        with transaction(account.context) as session:
            rows = paper.missing_lines(session, account, before=before, limit=at_once)
        yield [_told(row) for row in rows]
        if len(rows) < at_once:
            return
        before = rows[-1].seq


def _told(row: Missing) -> tuple[str, ...]:
    day = row.received_at.astimezone(ZoneInfo(settings().timezone)).date()
    kind = row.kind or ""
    return str(row.id), row.filename, rules.labels().get(kind, kind), row.unit, day.isoformat()


@router.get("/boxes")
def list_boxes(
    account: Reader,
    unit: Annotated[str | None, Query(pattern=UNIT)] = None,
    code: Annotated[str | None, Query(max_length=60)] = None,
) -> schemas.Boxes:
    """Boxes of a unit (left out: the asker's; the records unit's are all), or the one of a typed or scanned code."""
    with transaction(account.context) as session:
        if code is not None:
            try:
                found = [boxes.find(session, code)]
            except NotFound:
                found = []
        else:
            usual = None if account.role == Role.ARSIPARIS else account.unit
            found = boxes.of_unit(session, unit or usual)
    return schemas.Boxes(boxes=[schemas.box(one) for one in found])


@router.post("/boxes", status_code=201, responses={200: {"description": "It was added before", "model": schemas.Box}})
def add_box(new: schemas.NewBox, account: Keeper, response: Response) -> schemas.Box:
    """Add a box; it gets the unit's next number. The same name at the same place again gives the same box."""
    with transaction(account.context) as session:
        done = boxes.add(session, account, new.unit or account.unit, new.name, schemas.stand(new))
    response.status_code = 201 if done.new else 200
    return schemas.box(done.box)


@router.get("/boxes/labels", response_class=Response, responses=_PDF)
def print_labels(
    account: Reader,
    box: Annotated[list[UUID] | None, Query(max_length=labels.MOST)] = None,
    layout: labels.Layout = "lembar",
) -> Response:
    """Labels with QR codes: of these boxes, or of all of the asker's unit; many on sheets of A4, or each by itself."""
    with transaction(account.context) as session:
        found = boxes.several(session, box) if box else boxes.of_unit(session, account.unit)
        labels.refuse_unprintable(found)
        ledger.append(session, "box_printed", actor=account.id, labels=len(found))
    made = labels.as_pdf(found, layout)
    return Response(
        made, media_type="application/pdf", headers={"Content-Disposition": 'attachment; filename="label-boks.pdf"'}
    )


@router.get("/boxes/{box}")
def get_box(box: UUID, account: Reader) -> schemas.BoxDetail:
    """One box: where it stands, and what lies in it of what the asker may see."""
    with transaction(account.context) as session:
        found = boxes.find(session, str(box))
        return schemas.box_detail(found, paper.in_box(session, found.id), boxes.moves(session, found.id))


@router.put("/boxes/{box}/place")
def move_box(box: UUID, wanted: schemas.Stand, account: Keeper) -> schemas.Box:
    """Say that a box stands elsewhere now; all that lies in it moved with it."""
    with transaction(account.context) as session:
        found = boxes.find(session, str(box))
        return schemas.box(boxes.move(session, account, found, schemas.stand(wanted)))
