"""What the API says of one person's data, with examples for its documentation."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.shared import ID

_ASKED: dict[str, Any] = {"name": "Budi Contoh", "nik": None, "birth_date": "1980-02-03"}
_FOUND: dict[str, Any] = {
    "clients": [{"id": ID, "name": "Budi Contoh", "birth_date": "1980-02-03", "nik": None, "unit": "rehsos"}],
    "cases": [{"number": "1/2026", "unit": "rehsos", "sop": "pemulangan-tarakan", "closed_at": None, "actions": []}],
    "letters": [{"id": ID, "unit": "rehsos", "kind": "skt_polisi", "clearance": "terbatas", "fields": {}}],
    "agenda": [],
    "dispositions": [],
    "corrections": [],
    "client_corrections": [],
    "agenda_corrections": [],
    "events": [{"at": "2026-11-21T22:16:35+00:00", "what": "Surat diterima", "by": "siti", "letter": ID}],
}
_ACTIVITY: dict[str, Any] = {
    "name": "Pengarsipan surat",
    "purpose": "Menyimpan surat sebagai arsip.",
    "basis": "UU 43/2009",
    "people": "Pengirim dan penerima",
    "data": "Isi surat",
    "recipients": "Unit pemilik surat",
    "kept": "Menurut JRA",
    "protection": "Disandikan; setiap pembacaan dicatat",
}


class PersonAsked(BaseModel):
    """Who is asked for: a NIK, or a name with the day of birth."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_ASKED]})

    name: Annotated[str, Field(max_length=200)] = ""
    nik: Annotated[str, Field(max_length=40)] | None = None
    birth_date: date | None = None


class PersonHeld(BaseModel):
    """What is held on them, as far as the asker may see it; `events`: who did and saw what of their letters;
    `corrections`, `client_corrections`, `agenda_corrections`: what stood there before."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FOUND]})

    clients: list[dict[str, Any]]
    cases: list[dict[str, Any]]
    letters: list[dict[str, Any]]
    agenda: list[dict[str, Any]]
    dispositions: list[dict[str, Any]]
    corrections: list[dict[str, Any]]
    client_corrections: list[dict[str, Any]]
    agenda_corrections: list[dict[str, Any]]
    events: list[dict[str, Any]]


class ProcessingActivity(BaseModel):
    """One activity in the register of processing."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ACTIVITY]})

    name: str
    purpose: str
    basis: str
    people: str
    data: str
    recipients: str
    kept: str
    protection: str


class ProcessingRegister(BaseModel):
    """For what the office handles personal data here, and by which law."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"processing": [_ACTIVITY]}]})

    processing: list[ProcessingActivity]
