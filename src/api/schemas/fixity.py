"""What the API says of reading every object again, with examples for its documentation."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row

from api.schemas.shared import ID
from archive.fixitystate import State
from archive.prooftables import FixityDayRow

_AT: Final = "2026-11-26T14:00:00Z"
_FLAW: Final[dict[str, Any]] = {
    "object": f"documents/{ID}/original",
    "kind": "original",
    "document": ID,
    "filename": "surat.pdf",
    "what": "object_changed",
    "since": _AT,
    "repaired_at": _AT,
}
_DAY: Final[dict[str, Any]] = {
    "day": "2026-11-26",
    "objects": 412,
    "bytes": 98123456,
    "bad": 1,
    "repaired": 1,
    "copied": 30,
}


class FlawedObject(BaseModel):
    """An object that was found bad."""

    object: str
    kind: Literal["original", "pdf", "manifest", "checkpoint", "picture", "snapshot", "destruction"]
    document: UUID | None
    filename: str | None = Field(description="The letter's name; null for who may not see the letter")
    what: Literal["object_changed", "object_unreadable"]
    since: datetime
    repaired_at: datetime | None


class FixityDay(BaseModel):
    """What was read again on one day."""

    day: date
    objects: int
    bytes: int
    bad: int
    repaired: int
    copied: int


class Fixity(BaseModel):
    """Whether every object of the record is still what was once put there."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "objects": 1204,
                    "unread": 3,
                    "oldest": _AT,
                    "newest": _AT,
                    "bad": 0,
                    "replica": True,
                    "copied": 1201,
                    "within_days": 30,
                    "flaws": [_FLAW],
                    "days": [_DAY],
                }
            ]
        }
    )

    objects: int
    unread: int = Field(description="How many were not read again yet since they were put")
    oldest: datetime | None = Field(description="When the one was read that was read longest ago")
    newest: datetime | None
    bad: int = Field(description="How many are bad now, and not repaired")
    replica: bool = Field(description="Whether a second copy is set up")
    copied: int = Field(description="How many lie there too")
    within_days: int = Field(description="Every object is read again within so many days")
    flaws: list[FlawedObject]
    days: list[FixityDay]


def fixity(
    state: State, flaws: Iterable[Row[Any]], days: Iterable[FixityDayRow], *, replica: bool, within_days: int
) -> Fixity:
    """The state as the API shows it."""
    return Fixity(
        objects=state.objects,
        unread=state.unread,
        oldest=state.oldest,
        newest=state.newest,
        bad=state.bad,
        replica=replica,
        copied=state.copied,
        within_days=within_days,
        flaws=[
            FlawedObject(
                object=one.key,
                kind=one.kind,
                document=one.document_id,
                filename=one.filename,
                what=one.bad,
                since=one.bad_since,
                repaired_at=one.repaired_at,
            )
            for one in flaws
        ],
        days=[
            FixityDay(
                day=one.day,
                objects=one.objects,
                bytes=one.bytes,
                bad=one.bad,
                repaired=one.repaired,
                copied=one.copied,
            )
            for one in days
        ],
    )
