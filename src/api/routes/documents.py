"""Letters: sending, listing, looking at one and at its pages."""

import asyncio
import io
import urllib.parse
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from PIL import Image
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from api import need
from api.auth import Anyone, Reader, Uploader
from api.cards import photo_of
from api.pictures import PRIVATE
from api.schemas import documents as schemas
from api.schemas import ledger as ledger_schemas
from api.upload import Upload, received_file
from archive import blobs, documents, ledger, locks, objects, stacks
from archive.objects import Place
from archive.reading import Box, PageReading
from archive.tables import DocumentRow
from classify.maskedtext import masked_text, masked_words
from core.db import transaction
from core.faults import Forbidden, NotReady
from ingest import accept
from ingest.sniff import EXTENSIONS

router = APIRouter(prefix="/documents", tags=["documents"])

_MULTIPART = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "clearance": {"type": "string", "enum": ["biasa", "terbatas", "rahasia", "sangat_rahasia"]},
                    },
                },
                "example": {"file": "%PDF-1.7 …", "clearance": "terbatas"},
            }
        },
    }
}
# Files are kept a few at a time, in the order they came: twenty at once would all be slower, some by far
KEPT_AT_ONCE: Final = 4
KEEPERS: Final = ThreadPoolExecutor(KEPT_AT_ONCE, "keep")
_COARSE = (4, 5)  # squares a masked photo is made of: a face needs many more
Purpose = Annotated[need.Purpose | None, Query()]
Number = Annotated[int, Path(ge=1, le=100_000)]


@router.post(
    "",
    status_code=202,
    response_model=schemas.Receipt,
    openapi_extra=_MULTIPART,
    responses={202: {"headers": {"Location": {"schema": {"type": "string"}}}}},
)
async def send(
    request: Request, account: Uploader, idempotency_key: Annotated[str | None, Header(max_length=200)] = None
) -> Response:
    """Send one letter. When this answers, its bytes lie locked and its row is committed; reading follows by itself."""
    # The steps are called from here, not declared as dependencies: at the scanner those cost more than the letter does
    async with received_file(request) as upload:
        entering = partial(_enter, account, upload, idempotency_key)
        receipt = await asyncio.get_running_loop().run_in_executor(KEEPERS, entering)
    row = receipt.document
    told = schemas.Receipt(id=row.id, sha256=row.sha256, stage=row.stage, duplicate_of=receipt.duplicate_of)
    where = {"Location": f"/api/v1/documents/{row.id}"}
    return Response(told.model_dump_json(), 202, where, "application/json")


def _enter(account: Account, upload: Upload, idempotency_key: str | None) -> documents.Receipt:
    arrival = accept.keep(
        account,
        upload.file,
        upload.size,
        filename=upload.filename,
        clearance=upload.clearance,
        idempotency_key=idempotency_key,
    )
    return documents.receive(account, arrival)


@router.get("")
def list_documents(
    account: Reader,
    stage: schemas.Stage | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> schemas.DocumentList:
    """Letters that the asker may see, newest first."""
    with transaction(account.context) as session:
        rows = documents.newest(session, stage=stage, before=cursor, limit=limit + 1)
    following = str(rows[limit - 1].seq) if len(rows) > limit else None
    return schemas.DocumentList(documents=[schemas.document(row) for row in rows[:limit]], next=following)


@router.get("/{document}")
def get_document(document: UUID, account: Reader, identity_purpose: Purpose = None) -> schemas.Document:
    """One letter: what it is and how far it has come.

    Identity numbers are masked for whoever does not check letters, unless for a purpose, which is entered in the
    ledger; so in text and words."""
    with transaction(account.context) as session:
        row = documents.find(session, document)
        letters, lock = stacks.letters_of(session, document), locks.told_of(session, row.file_id)
        bare = need.opens(session, account, row, identity_purpose)
        return schemas.document(row, whole=bare, letters=letters, lock=lock)


@router.post("/{document}/retry", status_code=202)
def try_again(document: UUID, account: Uploader) -> schemas.Document:
    """Let a held letter go on from where it stopped."""
    with transaction(account.context) as session:
        return schemas.document(documents.try_again(session, account, document))


@router.get("/{document}/text")
def get_text(document: UUID, account: Reader, identity_purpose: Purpose = None) -> schemas.DocumentText:
    """The text of the pages read so far."""
    with transaction(account.context) as session:
        row = documents.find(session, document)
        pages = documents.texts(session, document)
        bare = need.opens(session, account, row, identity_purpose)
        ledger.append(session, "text_viewed", actor=account.id, document=document, digest=row.sha256)
    told = [(number, text if bare else masked_text(text)) for number, text in pages]
    return schemas.DocumentText(pages=[schemas.PageText(number=number, text=text) for number, text in told])


@router.get("/{document}/events")
def get_events(document: UUID, account: Anyone) -> schemas.Events:
    """Everything that happened to a letter, oldest first."""
    with transaction(account.context) as session:
        if account.may(Right.READ):
            documents.find(session, document)
        elif not account.may(Right.READ_LEDGER):
            raise Forbidden
        return schemas.Events(events=[ledger_schemas.event(e) for e in ledger.document_events(session, document)])


def _attachment(name: str, media_type: str) -> dict[str, str]:
    """Headers of a download: the name as it is for those who read UTF-8, plain for the rest (RFC 6266)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    encoded = urllib.parse.quote(name, safe="")
    return {
        **PRIVATE,
        "Content-Type": media_type,
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}",
    }


def _download(body: Iterator[bytes], headers: dict[str, str]) -> StreamingResponse:
    return StreamingResponse(body, headers=headers, media_type=headers["Content-Type"])


def _sealed(
    account: Account, document: UUID, action: str, find: Callable[[Session, DocumentRow], Place]
) -> tuple[DocumentRow, Place]:
    """The sealed letter and where that part of it lies, with the view entered in the ledger.

    Raises NotFound, NotReady, KeyDestroyed, KeyUnusable.
    """
    with transaction(account.context) as session:
        row = documents.find(session, document)
        if row.stage != "sealed":
            raise NotReady(stage=row.stage)
        place = find(session, row)
        ledger.append(session, action, actor=account.id, document=document, digest=row.pdf_sha256)
    return row, place


_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/{document}/original", response_class=StreamingResponse, responses=_FILE)
def get_original(document: UUID, account: Reader) -> StreamingResponse:
    """The bytes as they arrived, always as a download."""
    with transaction(account.context) as session:
        row = documents.find(session, document)
        filename = documents.find(session, row.file_id).filename  # a letter's bytes are those of its stack
        place = objects.original(session, row)
        ledger.append(session, "original_downloaded", actor=account.id, document=document, digest=row.sha256)
    stem = filename.rpartition(".")[0] or filename
    headers = _attachment(stem + EXTENSIONS[row.media_type], row.media_type)
    headers["Content-Length"] = str(row.size)
    return _download(blobs.chunks(place, row.original_version), headers)


@router.get("/{document}/pdf", response_class=StreamingResponse, responses=_FILE)
def get_pdf(document: UUID, account: Reader) -> StreamingResponse:
    """The searchable PDF: the untouched pages with their words beneath. 409 until the letter is sealed."""
    row, place = _sealed(account, document, "pdf_downloaded", objects.pdf)
    stem = row.filename.rpartition(".")[0] or row.filename
    return _download(blobs.chunks(place, row.pdf_version), _attachment(stem + ".pdf", "application/pdf"))


_MANIFEST = {"schema": {"type": "object"}, "example": schemas.MANIFEST_EXAMPLE}


@router.get(
    "/{document}/manifest",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/json": _MANIFEST}}},
)
def get_manifest(document: UUID, account: Reader) -> StreamingResponse:
    """What the record consists of, with digests. 409 until the letter is sealed."""
    row, place = _sealed(account, document, "manifest_viewed", objects.manifest)
    headers = {**PRIVATE, "Content-Type": "application/json"}
    return _download(blobs.chunks(place, row.manifest_version), headers)


@router.get(
    "/{document}/pages/{n}/image",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_page_image(
    document: UUID,
    n: Number,
    account: Reader,
    width: Annotated[int | None, Query(ge=32, le=4000)] = None,
    unmasked: bool = False,
) -> Response:
    """A page's picture, upright, at most `width` pixels wide. A card's photo is masked unless `unmasked` is set."""
    with transaction(account.context) as session:
        row = documents.find(session, document)
        reading = documents.page_of(session, document, n).reading or {}
        place = objects.page(session, row, n)
        shown = {"unmasked": True} if unmasked else {}
        ledger.append(session, "page_viewed", actor=account.id, document=document, digest=row.sha256, page=n, **shown)
    picture = blobs.get_derived(place)
    photo = None if unmasked else photo_of(row.kind, PageReading.from_json(reading))
    if photo is not None:
        picture = _masked(picture, photo)
    if width is not None:
        picture = _narrowed(picture, width)
    return Response(picture, media_type="image/jpeg", headers=PRIVATE)


def _masked(picture: bytes, area: Box) -> bytes:
    """A JPEG with what stands in the area made unrecognisable."""
    with Image.open(io.BytesIO(picture), formats=["JPEG"]) as image:
        x0, x1 = (round(edge * image.width) for edge in area[::2])
        y0, y1 = (round(edge * image.height) for edge in area[1::2])
        coarse = image.crop((x0, y0, x1, y1)).resize(_COARSE, Image.Resampling.BOX)
        image.paste(coarse.resize((x1 - x0, y1 - y0), Image.Resampling.NEAREST), (x0, y0))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=80)
    return out.getvalue()


def _narrowed(picture: bytes, width: int) -> bytes:
    """A JPEG of our own making, at most `width` pixels wide."""
    with Image.open(io.BytesIO(picture), formats=["JPEG"]) as image:
        if image.width <= width:
            return picture
        height = max(1, round(image.height * width / image.width))
        image.draft("RGB", (width, height))
        out = io.BytesIO()
        image.resize((width, height), Image.Resampling.LANCZOS).save(out, "JPEG", quality=80)
    return out.getvalue()


@router.get("/{document}/pages/{n}/words")
def get_page_words(document: UUID, n: Number, account: Reader, identity_purpose: Purpose = None) -> schemas.PageWords:
    """A page's words with their places."""
    with transaction(account.context) as session:
        row = documents.find(session, document)
        reading = documents.page_of(session, document, n).reading or {}
        bare = need.opens(session, account, row, identity_purpose)
        ledger.append(session, "text_viewed", actor=account.id, document=document, digest=row.sha256, page=n)
    texts = [word[0] for word in reading["words"]]
    if not bare:
        texts = masked_words(texts)
    return schemas.PageWords(
        number=n,
        source=reading["source"],
        rotation=reading["rotation"],
        skew=reading["skew"],
        words=[
            schemas.PageWord(text=text, box=(x0, y0, x1, y1), confidence=confidence, line=line)
            for text, (_, x0, y0, x1, y1, confidence, line) in zip(texts, reading["words"], strict=True)
        ],
    )
