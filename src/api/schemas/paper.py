"""What the API says of where paper lies: places of letters, boxes, and letters whose paper is not there."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.shared import ID
from archive.tables import DocumentRow
from records import boxes
from records.book import UNIT
from records.paper import MOST_AT_ONCE, Lies, Said
from records.papertables import PaperBoxMoveRow, PaperBoxRow

_BOX_ID = "5e2f7c1a-9b84-4d3e-8a6f-0c1d2e3f4a5b"
_ACCOUNT = "5c0e7b0a-6a53-4f6e-8f2b-2f1f1d3b7a10"
_AT = "2026-11-26T01:02:03Z"
_STAND: dict[str, Any] = {"building": "Gedung A", "room": "Ruang arsip", "shelf": "3"}
_BOX: dict[str, Any] = {"id": _BOX_ID, "code": "UMUM-0012", "unit": "umum", "name": "Boks 12", **_STAND}
_LIES: dict[str, Any] = {"box": _BOX, "folder": "001/2026"}
_LETTER: dict[str, Any] = {"document": ID, "kind": "skt_polisi", "filename": "surat.pdf", "received_at": _AT}

Code = Annotated[str, Field(max_length=60, description="Code on the box's label, typed or scanned, or the box's id")]
Part = Annotated[str, Field(max_length=60)]


class Stand(BaseModel):
    """Where a box stands; what is not known is left out."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_STAND]})

    building: Part = ""
    room: Part = ""
    shelf: Part = ""


class NewBox(Stand):
    """A box to add. The name is the office's own; no personal data belong in it, it is printed on the label."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Boks 12", "unit": None, **_STAND}]}
    )

    name: Annotated[str, Field(min_length=1, max_length=60)]
    unit: Annotated[str, Field(pattern=UNIT)] | None = Field(None, description="The asker's own when it is left out")


class Box(BaseModel):
    """One box: the code on its label, what it is called, where it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [_BOX]})

    id: UUID
    code: str
    unit: str
    name: str
    building: str
    room: str
    shelf: str


class Boxes(BaseModel):
    """Boxes in the order of their codes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"boxes": [_BOX]}]})

    boxes: list[Box]


class PaperLetter(BaseModel):
    """A letter in a list of paper."""

    document: UUID
    kind: str | None
    filename: str
    received_at: datetime


class BoxLetter(PaperLetter):
    """A letter that lies in a box."""

    folder: str


class BoxMove(BaseModel):
    """One time that somebody said where a box stands."""

    at: datetime
    account: UUID
    building: str
    room: str
    shelf: str


class BoxDetail(Box):
    """One box with the letters in it, of those that the asker may see, and where it stood."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_BOX,
                    "letters": [{**_LETTER, "folder": "001/2026"}],
                    "moves": [{"at": _AT, "account": _ACCOUNT, **_STAND}],
                }
            ]
        }
    )

    letters: list[BoxLetter]
    moves: list[BoxMove]


class PaperPlace(BaseModel):
    """Where the paper of a letter lies."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LIES]})

    box: Box
    folder: str


class NewPlace(BaseModel):
    """Where paper lies: the code of a box, or null when it is not there; and the folder in that box."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"box": "UMUM-0012", "folder": "001/2026"}]}
    )

    box: Code | None
    folder: Part = ""


class NewPlaces(NewPlace):
    """Where the paper of several letters lies."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"documents": [ID], "box": "UMUM-0012", "folder": "001/2026"}]}
    )

    documents: Annotated[list[UUID], Field(min_length=1, max_length=MOST_AT_ONCE)]


class Placed(BaseModel):
    """Of how many letters that was news."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"placed": 7}]})

    placed: int


class PlaceSaid(BaseModel):
    """One time that somebody said where a letter's paper lies; null: that it is not there."""

    at: datetime
    account: UUID
    lies: PaperPlace | None


class LetterPlace(BaseModel):
    """Where a letter's paper lies, null when nobody knows, and where it was said to lie, oldest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"document": ID, "lies": _LIES, "history": [{"at": _AT, "account": _ACCOUNT, "lies": _LIES}]}]
        }
    )

    document: UUID
    lies: PaperPlace | None
    history: list[PlaceSaid]


class MissingPaper(BaseModel):
    """Archived letters whose paper lies nowhere that anybody knows of, the newest first; `next` is the cursor."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"letters": [_LETTER], "next": None}]})

    letters: list[PaperLetter]
    next: str | None


def stand(told: Stand) -> boxes.Stand:
    """Where a box stands, as the room takes it. Raises InvalidRequest."""
    return boxes.stand(told.building, told.room, told.shelf)


def _box(row: PaperBoxRow) -> dict[str, Any]:
    names = ("id", "unit", "name", "building", "room", "shelf")
    return {"code": boxes.code_of(row), **{name: getattr(row, name) for name in names}}


def box(row: PaperBoxRow) -> Box:
    """A box as the API shows it."""
    return Box(**_box(row))


def place(lies: Lies | None) -> PaperPlace | None:
    """Where paper lies as the API shows it."""
    return PaperPlace(box=box(lies.box), folder=lies.folder) if lies is not None else None


def _letter(row: DocumentRow) -> dict[str, Any]:
    return {"document": row.id, "kind": row.kind, "filename": row.filename, "received_at": row.received_at}


def box_detail(
    row: PaperBoxRow, letters: Iterable[tuple[DocumentRow, str]], moves: Iterable[PaperBoxMoveRow]
) -> BoxDetail:
    """A box with what lies in it."""
    return BoxDetail(
        **_box(row),
        letters=[BoxLetter(**_letter(one), folder=folder) for one, folder in letters],
        moves=[
            BoxMove(at=one.at, account=one.account_id, building=one.building, room=one.room, shelf=one.shelf)
            for one in moves
        ],
    )


def letter_place(row: DocumentRow, history: list[Said]) -> LetterPlace:
    """Where a letter's paper lies, and lay; that of a destroyed one lies nowhere."""
    said = [PlaceSaid(at=one.at, account=one.account, lies=place(one.lies)) for one in history]
    lies = said[-1].lies if said and row.destroyed_at is None else None
    return LetterPlace(document=row.id, lies=lies, history=said)


def missing(rows: list[DocumentRow], cursor: str | None) -> MissingPaper:
    """Letters without paper as the API shows them."""
    return MissingPaper(letters=[PaperLetter(**_letter(row)) for row in rows], next=cursor)
