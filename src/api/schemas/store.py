"""What the API says of the store: the nightly comparison with the database, and the copy of the office key."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.shared import ID
from archive.comparing import WHAT
from archive.keytables import StoreFindingRow, StoreRunRow

FINGERPRINT: Final = "031f8547d8c08fe8"
_RUN: Final[dict[str, Any]] = {
    "started_at": "2026-11-26T18:00:00Z",
    "finished_at": "2026-11-26T18:04:10Z",
    "objects": 31204,
    "repaired": 2,
    "found": 0,
}
_FINDING: Final[dict[str, Any]] = {
    "what": "row_without_object",
    "object": f"documents/{ID}/original",
    "version": "671449d02c40e52b26a677b1193510af",
    "document": ID,
    "found_at": "2026-11-26T18:03:00Z",
}


class Run(BaseModel):
    """One comparison of bucket and database."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RUN]})

    started_at: datetime
    finished_at: datetime | None = Field(description="Null while it goes on")
    objects: int = Field(description="Object versions it looked at")
    repaired: int = Field(description="Locks it extended and holds it set right")
    found: int = Field(description="What it could not repair")


class Finding(BaseModel):
    """Something that bucket and database do not agree on."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FINDING]})

    what: str = Field(description=f"One of {', '.join(WHAT)}")
    object: str
    version: str
    document: UUID | None = Field(description="The letter, where it is known")
    found_at: datetime


class Store(BaseModel):
    """What the last comparison came to, what stands, and whether the office key has a copy."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"last": _RUN, "running": None, "findings": [_FINDING], "key_copied": True}]}
    )

    last: Run | None = Field(description="The last one that came to its end")
    running: Run | None
    findings: list[Finding] = Field(description="At most a hundred, the oldest first")
    key_copied: bool | None = Field(description="Whether a sealed copy of the office key was made; null: not yours")


class KeyCopy(BaseModel):
    """That a sealed copy of the office key was made: the key's fingerprint, as `arsip key export` prints it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"fingerprint": FINGERPRINT}]})

    fingerprint: str = Field(pattern=r"^[0-9a-f]{16}$")


def run(row: StoreRunRow | None) -> Run | None:
    """A run as the API shows it."""
    if row is None:
        return None
    return Run(
        started_at=row.started_at,
        finished_at=row.finished_at,
        objects=row.objects,
        repaired=row.repaired,
        found=row.found,
    )


def finding(row: StoreFindingRow) -> Finding:
    """A finding as the API shows it."""
    return Finding(
        what=row.what, object=row.object, version=row.version, document=row.document_id, found_at=row.found_at
    )
