"""One person's data (UU 27/2022): what is held, a copy of it, and for what the office handles such data."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from api import persons
from api.auth import Exporter
from api.pictures import PRIVATE
from api.schemas import persons as schemas
from api.schemas.clients import Client, ClientCorrection
from api.schemas.clients import client as described
from cases.clients import Correction
from cases.processing import register
from core.settings import settings

router = APIRouter(tags=["persons"])

_ZIP = "application/zip"
_BAG: dict[int | str, dict[str, Any]] = {200: {"content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}}}


@router.post("/persons")
def look_up(asked: schemas.PersonAsked, account: Exporter) -> schemas.PersonHeld:
    """Everything held on one person that the asker may see: clients, cases, letters, agenda lines, dispositions, and
    who saw their letters. Entered in the ledger."""
    _, told = persons.look(account, persons.person(asked.name, asked.nik, asked.birth_date))
    return schemas.PersonHeld(**told)


@router.post("/persons/export", response_class=StreamingResponse, responses=_BAG)
def export_person(asked: schemas.PersonAsked, account: Exporter) -> StreamingResponse:
    """The same with the letters' files, as a BagIt bag in a ZIP. Entered in the ledger and each letter's history."""
    parcel = persons.take(account, persons.person(asked.name, asked.nik, asked.birth_date))
    named = {"Content-Disposition": f'attachment; filename="{parcel.name}"'}
    return StreamingResponse(parcel.body, media_type=_ZIP, headers={**PRIVATE, **named})


@router.put("/clients/{client}")
def correct_client(client: UUID, wanted: ClientCorrection, account: Exporter) -> Client:
    """Put right a client's name, day of birth and NIK, with a reason; what stood there before is kept and told to them.
    Without `nik` it stays as it is; "" says that none is known."""
    said = Correction(wanted.name, wanted.birth_date, wanted.nik)
    return described(persons.correct(account, client, said, wanted.reason))


@router.get("/processing")
def processing(account: Exporter) -> schemas.ProcessingRegister:  # noqa: ARG001 - who may
    """The register of processing: purpose, legal basis, people, data, recipients, how long it is kept, protection."""
    activities = [schemas.ProcessingActivity(**asdict(one)) for one in register(settings().processing)]
    return schemas.ProcessingRegister(processing=activities)
