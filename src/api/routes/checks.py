"""The desk Periksa: letters that wait for a person, and what the person says of one."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api import checking
from api.auth import Checker, Reader
from api.schemas import checks as schemas
from api.schemas import documents as document_schemas
from archive import checks, sampling
from core.db import transaction

router = APIRouter(tags=["checks"])


@router.get("/checks")
def list_checks(account: Checker, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> schemas.Checks:
    """Letters that wait for a person, those first that wait longest and matter most."""
    with transaction(account.context) as session:
        rows = checks.waiting(session, limit)
        return schemas.Checks(
            waiting=checks.waiting_count(session), documents=[document_schemas.document(row) for row in rows]
        )


@router.get("/accuracy")
def get_accuracy(account: Reader) -> schemas.AccuracyReport:
    """How often reading was right, by month, kind and field, from what people confirmed."""
    with transaction(account.context) as session:
        return schemas.AccuracyReport(
            rows=[schemas.AccuracyRow(**asdict(row)) for row in checks.accuracy(session)],
            samples=[schemas.SampleRow(**asdict(row)) for row in sampling.checked(session)],
        )


@router.post("/documents/{document}/check")
def check_document(document: UUID, said: schemas.Check, account: Checker) -> document_schemas.Document:
    """Confirm or correct what a letter is and says. It is sealed anew; the original is never touched."""
    with transaction(account.context) as session:
        return document_schemas.document(
            checking.confirm(session, account, document, said.kind, said.fields), whole=True
        )
