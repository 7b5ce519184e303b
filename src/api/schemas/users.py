"""What the API says of accounts and tokens, with examples for its documentation."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from api.schemas.shared import ID, Clearance


class NewUser(BaseModel):
    """An account to add."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"name": "sari", "role": "petugas", "unit": "rehsos", "clearance": "terbatas", "password": "…"}
            ]
        },
    )

    name: str
    role: str
    unit: str = "umum"
    clearance: str = "terbatas"
    password: str | None = None


class NewPassword(BaseModel):
    """A password to set; at least 8 characters."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"password": "kata sandi baru"}]})

    password: str


class User(BaseModel):
    """An account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": ID, "name": "sari", "role": "petugas", "unit": "rehsos", "clearance": "terbatas"}]
        }
    )

    id: UUID
    name: str
    role: str
    unit: str
    clearance: Clearance


class Token(BaseModel):
    """A new bearer token; shown this once."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"token": "arsip_…"}]})

    token: str


class Revoked(BaseModel):
    """How many tokens were taken back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"revoked": 1}]})

    revoked: int
