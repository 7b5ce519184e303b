"""What shows to others that nothing was changed: the ledger as a file, signed checkpoints, the proof of one letter."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from api.auth import Anyone, LedgerReader, Reader
from api.pictures import PRIVATE
from api.schemas import proofs as schemas
from archive import checkpoints, documents, ledger, ledgerexport, proofs
from classify import rules
from core.db import transaction
from core.faults import NotCheckpointed
from records import agenda, proofsheet
from records.disposal import book
from records.proofsheet import Sheet

router = APIRouter(tags=["proofs"])

_LINES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}, "example": schemas.EXPORT_EXAMPLE}}}
}
_PROOF: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "application/json": {"schema": {"type": "object"}, "example": schemas.PROOF_EXAMPLE},
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
        }
    }
}


@router.get("/ledger/export", response_class=StreamingResponse, responses=_LINES)
def export_ledger(account: LedgerReader) -> StreamingResponse:
    """The whole ledger with its signed checkpoints, to be checked anywhere with the public key alone."""
    with transaction(account.context) as session:
        ledger.append(session, "ledger_exported", actor=account.id, entries=ledger.head(session)[0])
    lines = ledgerexport.lines(lambda: transaction(account.context))
    headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="buku-besar.jsonl"'}
    return StreamingResponse(lines, media_type="application/x-ndjson", headers=headers)


@router.get("/ledger/checkpoints")
def list_checkpoints(
    account: LedgerReader,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> schemas.Checkpoints:
    """Signed checkpoints, the newest first. Keep one elsewhere: with it a ledger that was cut or forked is told."""
    with transaction(account.context) as session:
        rows = checkpoints.before(session, cursor, limit + 1)
    following = str(rows[limit - 1].size) if len(rows) > limit else None
    return schemas.Checkpoints(checkpoints=[schemas.checkpoint(row) for row in rows[:limit]], next=following)


@router.get("/ledger/key")
def get_key(account: Anyone) -> schemas.PublicKey:
    """The public key of the checkpoints, as one line. 409 before the first one was signed."""
    with transaction(account.context) as session:
        newest = checkpoints.newest(session)
    if newest is None:
        raise NotCheckpointed
    return schemas.PublicKey(public_key=newest.public_key)


@router.get("/documents/{document}/proof", response_class=Response, responses=_PROOF)
def get_proof(
    document: UUID, account: Reader, form: Annotated[Literal["json", "pdf"], Query(alias="format")] = "json"
) -> Response:
    """The proof of a letter: a small file to be checked with the public key alone, or a sheet to print. 409 until a
    checkpoint covers the letter."""
    with transaction(account.context) as session:
        row = documents.find(session, document)
        proof = proofs.of(session, row)
        sheet = Sheet(
            proof,
            rules.labels().get(row.kind or "", row.kind or "–"),
            agenda.entry_of(session, document),
            book.authentic(session, document),
        )
        size = proof.checkpoint.size
        ledger.append(session, "proof_made", actor=account.id, document=document, checkpoint=size, format=form)
    name = f'attachment; filename="bukti-{str(document)[:8]}.{form}"'
    headers = {**PRIVATE, "Content-Disposition": name}
    if form == "pdf":
        return Response(proofsheet.as_pdf(sheet, datetime.now(UTC)), media_type="application/pdf", headers=headers)
    return Response(json.dumps(proof.as_json(), indent=1), media_type="application/json", headers=headers)
