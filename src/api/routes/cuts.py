"""Where letters begin in a stack that was scanned as one file, and what a person says of it."""

from dataclasses import asdict
from uuid import UUID

from fastapi import APIRouter

from api import cutting
from api.auth import Checker, Reader
from api.schemas import cuts as schemas
from api.schemas import documents as document_schemas
from archive import stacks
from archive.stacks import Decision
from core.db import transaction

router = APIRouter(prefix="/documents", tags=["cuts"])


@router.get("/{document}/cuts")
def get_cuts(document: UUID, account: Reader) -> schemas.Cuts:
    """The letters that a file seems to hold, or was split into. 409 until it is read and filed."""
    with transaction(account.context) as session:
        found = cutting.gather(session, document)
    return schemas.Cuts(
        pages=found.pages,
        decided=not stacks.waits(found.row),
        decided_letters=found.row.letters,
        apart=sorted(found.apart),
        letters=[schemas.CutLetter(**asdict(letter)) for letter in found.letters],
    )


@router.put("/{document}/cuts")
def decide(document: UUID, said: schemas.Decision, account: Checker) -> document_schemas.Document:
    """Say where letters begin: they become documents of their own, and the file stays as their stack. The original is
    never touched. Saying the same again changes nothing."""
    decision = Decision(frozenset(said.begins), said.pages, said.decided_letters)
    with transaction(account.context) as session:
        row = cutting.decide(session, account, document, decision)
        return document_schemas.document(row, whole=True, letters=stacks.letters_of(session, document))


@router.delete("/{document}/cuts")
def join(document: UUID, account: Checker) -> document_schemas.Document:
    """Join the letters of a stack again: it is one letter. They stay in the record as they were sealed, empty."""
    with transaction(account.context) as session:
        return document_schemas.document(cutting.join(session, account, document), whole=True)
