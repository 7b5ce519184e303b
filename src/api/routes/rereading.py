"""Reading an old archive anew, and what pages were read to say before."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from api.auth import Reader, Rereader
from api.schemas import rereading as schemas
from archive import documents, ledger, rereading
from core.db import transaction

router = APIRouter(tags=["rereading"])


@router.post("/rereading", status_code=202)
def ask(account: Rereader) -> schemas.Rereading:
    """Let every sealed letter that the asker sees be read anew when nothing else is due. Originals stay as they are."""
    documents, pages = 0, 0
    after: int | None = 0
    while after is not None:
        with transaction(account.context) as session:
            asked, after = rereading.ask(session, account, after=after)
        documents, pages = documents + asked.documents, pages + asked.pages
    return schemas.Rereading(documents=documents, pages=pages)


@router.get("/rereading")
def left(account: Rereader) -> schemas.Rereading:
    """How much still waits to be read anew."""
    with transaction(account.context) as session:
        return schemas.Rereading(**asdict(rereading.left(session)))


@router.get("/documents/{document}/pages/{n}/history")
def history(document: UUID, n: Annotated[int, Path(ge=1, le=100_000)], account: Reader) -> schemas.PageHistory:
    """What a page was read to say before, newest first."""
    with transaction(account.context) as session:
        row = documents.find(session, document)
        documents.page_of(session, document, n)
        found = rereading.earlier(session, document, n)
        ledger.append(session, "text_viewed", actor=account.id, document=document, digest=row.sha256, page=n)
    return schemas.PageHistory(earlier=[schemas.EarlierReading(**asdict(one)) for one in found])
