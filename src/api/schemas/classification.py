"""What the API says of the classification tree."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from api.schemas.filing import BERKAS_ID
from api.schemas.shared import SHA256
from records.filing.codes import Code
from records.filing.tables import ClassificationImportRow

_AT = "2026-11-26T01:02:03Z"
_CODE: dict[str, Any] = {
    "code": "460",
    "title": "Sosial",
    "valid_from": "2006-01-01",
    "valid_to": "2022-12-31",
    "replaced_by": "400.9",
}


class Classified(BaseModel):
    """One kode klasifikasi, from when to when it is valid, and which one is used instead since."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CODE]})

    code: str
    title: str
    valid_from: date
    valid_to: date | None
    replaced_by: str | None


class Codes(BaseModel):
    """Codes that were found; `own`: they are the office's table, and no others are accepted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"own": True, "codes": [_CODE]}]})

    own: bool
    codes: list[Classified]


class CodesImported(BaseModel):
    """A table of codes that was taken over."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": BERKAS_ID, "name": "Permendagri 83/2022", "digest": SHA256, "lines": 812, "at": _AT}]
        }
    )

    id: UUID
    name: str
    digest: str
    lines: int
    at: datetime


def code(one: Code) -> Classified:
    """One code as the API shows it."""
    return Classified.model_validate({name: getattr(one, name) for name in Classified.model_fields})


def imported(row: ClassificationImportRow) -> CodesImported:
    """A table of codes as the API shows it."""
    return CodesImported(id=row.id, name=row.name, digest=row.digest, lines=row.lines, at=row.at)
