"""Dispositions: handing letters on, what waits for whom, and the sheets that came back on paper."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api.auth import Disposer, Reader, Registrar
from api.pictures import PRIVATE, cut
from api.schemas import dispositions as schemas
from archive import blobs, documents, ledger, objects
from core.db import transaction
from core.faults import DispositionRefused
from records import dispositions, inbox, sheets
from records.office import office

router = APIRouter(tags=["dispositions"])

_MOST = 100
_LISTS = {"waiting": inbox.received, "given": inbox.handed_out, "done": inbox.finished}


def _steps(session: Session, document: UUID) -> list[inbox.Step]:
    return inbox.chains(session, [document]).get(document, [])


def _one(session: Session, disposition: UUID) -> schemas.Disposition:
    row = dispositions.find(session, disposition)
    return schemas.link(next(step for step in _steps(session, row.document_id) if step.row.id == disposition))


@router.get("/dispositions")
def list_dispositions(
    account: Reader, of: Annotated[Literal["waiting", "given", "done"], Query()] = "waiting"
) -> schemas.Dispositions:
    """What waits for the asker, first what is due first; or what they gave and is not done, the oldest first; or what
    they were given and is done, the newest first. Each list has at most a hundred."""
    with transaction(account.context) as session:
        items = _LISTS[of](session, account, _MOST)
    return schemas.Dispositions(dispositions=[schemas.link(item.step) for item in items])


@router.get("/documents/{document}/dispositions")
def get_chain(document: UUID, account: Reader) -> schemas.LetterDispositions:
    """A letter's chain, and to whom and with which instructions it may be handed."""
    with transaction(account.context) as session:
        documents.find(session, document)
        steps, people = _steps(session, document), dispositions.people(session, document)
    offered = office().disposition
    posts = {name: post for post, name in offered.holders.items()}
    return schemas.chain(steps, people, posts, offered.instructions)


@router.post("/documents/{document}/dispositions", status_code=201)
def give(document: UUID, new: schemas.NewDisposition, account: Disposer) -> schemas.Dispositions:
    """Hand a letter to one or several people, who all must be ones that may see it: the beginning of a chain."""
    with transaction(account.context) as session:
        rows = dispositions.give(session, account, document, schemas.handed(new))
        return _told(session, document, {row.id for row in rows})


def _told(session: Session, document: UUID, ids: set[UUID]) -> schemas.Dispositions:
    steps = _steps(session, document)
    return schemas.Dispositions(dispositions=[schemas.link(step) for step in steps if step.row.id in ids])


@router.post("/dispositions/{disposition}/forward", status_code=201)
def forward(disposition: UUID, new: schemas.NewDisposition, account: Reader) -> schemas.Dispositions:
    """Hand on what one was handed: the next links of the chain."""
    with transaction(account.context) as session:
        document = dispositions.find(session, disposition).document_id
        rows = dispositions.pass_on(session, account, disposition, schemas.handed(new))
        return _told(session, document, {row.id for row in rows})


@router.post("/dispositions/{disposition}/read")
def mark_read(disposition: UUID, account: Reader) -> schemas.Disposition:
    """Say that one has read what one was handed; opening the letter's page says so by itself."""
    with transaction(account.context) as session:
        row = dispositions.find(session, disposition)
        if row.recipient_id != account.id:
            raise DispositionRefused(why="disposisi ini bukan untuk Anda")
        dispositions.mark_read(session, account, row.document_id)
        return _one(session, disposition)


@router.post("/dispositions/{disposition}/done")
def finish(disposition: UUID, what: schemas.DoneWith, account: Reader) -> schemas.Disposition:
    """Say that it is done, with a note: its recipient, or who handed it or one above it out."""
    with transaction(account.context) as session:
        dispositions.finish(session, account, disposition, what.note)
        return _one(session, disposition)


@router.get("/dispositions/sheets")
def list_sheets(account: Registrar, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> schemas.ReturnedSheets:
    """Scanned sheets that wait to become dispositions, oldest first."""
    with transaction(account.context) as session:
        return schemas.ReturnedSheets(sheets=[row.id for row in sheets.waiting(session, limit)])


@router.get("/documents/{document}/disposition-sheet")
def get_sheet(document: UUID, account: Reader) -> schemas.ReturnedSheet:
    """What a scanned sheet says, by its ticks; 404 for any other letter."""
    with transaction(account.context) as session:
        return schemas.sheet(sheets.proposal(session, document))


@router.post("/documents/{document}/disposition-sheet", status_code=201)
def confirm_sheet(document: UUID, new: schemas.NewDisposition, account: Registrar) -> schemas.Dispositions:
    """Make a scanned sheet the beginning of its letter's chain, on behalf of who signed it; once for each sheet."""
    with transaction(account.context) as session:
        rows = sheets.settle(session, account, document, schemas.handed(new))
        return _told(session, rows[0].document_id, {row.id for row in rows})


@router.delete("/documents/{document}/disposition-sheet", status_code=204)
def set_sheet_aside(document: UUID, account: Registrar) -> None:
    """Say that nothing comes of a scanned sheet; it stays in the archive."""
    with transaction(account.context) as session:
        sheets.settle(session, account, document, None)


@router.get(
    "/documents/{document}/note/image",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_note(document: UUID, account: Reader) -> Response:
    """The handwriting of a scanned sheet: the part of its page below the boxes, a JPEG. 404 for any other letter."""
    with transaction(account.context) as session:
        row, note = documents.find(session, document), sheets.note_of(session, document)
        place = objects.page(session, row, note.page)
        ledger.append(session, "page_viewed", actor=account.id, document=document, digest=row.sha256, page=note.page)
    picture = cut(blobs.get_derived(place), note.area)
    return Response(picture, media_type="image/jpeg", headers=PRIVATE)
