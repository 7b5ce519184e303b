"""What the API says of checkpoints and proofs, with examples for its documentation."""

from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.shared import ID, SHA256
from archive.prooftables import CheckpointRow

NOTE: Final = (
    "arsiparis/5f0e9c1a\n1204\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    f"kepala {SHA256}\nwaktu 2026-11-26T14:00:00Z\n\n— arsiparis/5f0e9c1a Zz8hAAAA\n"
)
KEY: Final = "arsiparis/5f0e9c1a+67cf21ab+AQ7GZQZ1cZl0r2g0Z3w2qf0c8J0m4mJm0s9q1n0s8a7x"
_CHECKPOINT: Final[dict[str, Any]] = {"size": 1204, "root": SHA256, "at": "2026-11-26T14:00:00Z", "note": NOTE}
EXPORT_EXAMPLE: Final = (
    '{"ledger":1,"entries":1}\n{"seq":1,"at":"2026-11-21T22:16:35.425124Z","body":"{…}","hash":"2c75…"}\n'
    '{"checkpoint":"arsiparis/5f0e9c1a\\n1\\n…"}\n'
)
PROOF_EXAMPLE: Final[dict[str, Any]] = {
    "arsip-proof": 1,
    "document": ID,
    "checkpoint": NOTE,
    "entries": [{"seq": 17, "at": "2026-11-21T22:16:35.425124Z", "body": "{…}", "prev": SHA256, "path": [SHA256]}],
}


class Checkpoint(BaseModel):
    """The ledger as it was signed at one time."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CHECKPOINT]})

    size: int = Field(description="How many entries it covers")
    root: str = Field(description="Root of the Merkle tree (RFC 6962) over them, in hexadecimal")
    at: datetime
    note: str = Field(description="The signed text (C2SP tlog-checkpoint in a signed note)")


class Checkpoints(BaseModel):
    """Signed checkpoints, the newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"checkpoints": [_CHECKPOINT], "next": None}]})

    checkpoints: list[Checkpoint]
    next: str | None


class PublicKey(BaseModel):
    """The key that checks checkpoints and proofs; it may be given to anybody."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"public_key": KEY}]})

    public_key: str


def checkpoint(row: CheckpointRow) -> Checkpoint:
    """A checkpoint as the API shows it."""
    return Checkpoint(size=row.size, root=bytes(row.root).hex(), at=row.at, note=row.note)
