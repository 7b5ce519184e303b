"""What the API says of clients, with examples for its documentation."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.shared import ID
from cases.clients import Similar

_CLIENT_ID = "f1a2b3c4-0d5e-4f60-8a7b-9c0d1e2f3a4b"
CLIENT_EXAMPLE: dict[str, Any] = {
    "id": _CLIENT_ID,
    "name": "Budi Contoh",
    "nik": "6571********0001",
    "birth_date": "1980-02-03",
}


class Client(BaseModel):
    """Somebody the office helps; the NIK is masked, null without one."""

    model_config = ConfigDict(json_schema_extra={"examples": [CLIENT_EXAMPLE]})

    id: UUID
    name: str
    nik: str | None
    birth_date: date | None


class ClientCorrection(BaseModel):
    """A client as they should stand here, and why. Without `nik` it stays as it is; "" says that none is known."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Budi Contoh", "birth_date": "1980-02-03", "reason": "Ejaan KTP"}]},
    )

    name: Annotated[str, Field(max_length=200)]
    birth_date: date | None = None
    nik: Annotated[str, Field(max_length=40)] | None = None
    reason: Annotated[str, Field(max_length=500)]


class Person(BaseModel):
    """Who is looked for, or entered: a NIK has 16 digits and may be missing."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Budi Contoh", "nik": None, "birth_date": "1980-02-03"}]},
    )

    name: Annotated[str, Field(max_length=200)]
    nik: Annotated[str, Field(max_length=40)] | None = None
    birth_date: date | None = None


class LearnedNik(BaseModel):
    """The letter of the case that carries the client's NIK."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"document": ID}]})

    document: UUID


class SimilarClient(BaseModel):
    """A client who may be the same person, and why: same NIK, like name and same birth, or like name."""

    client: Client
    why: Literal["nik", "name_birth", "name"]
    cases: int


class SimilarClients(BaseModel):
    """Clients who may be the same person, the surest first. Who is, a person decides."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"clients": [{"client": CLIENT_EXAMPLE, "why": "name_birth", "cases": 1}]}]}
    )

    clients: list[SimilarClient]


def client(row: Any) -> Client:
    """A client as the API shows them."""
    return Client(id=row.id, name=row.name, nik=row.nik_masked, birth_date=row.birth_date)


def similar_clients(found: list[Similar]) -> SimilarClients:
    """Clients who may be the same person as the API shows them."""
    return SimilarClients(
        clients=[SimilarClient(client=client(one.client), why=one.why, cases=one.cases) for one in found]
    )
