"""What the API says of agenda books, with examples for its documentation."""

from collections.abc import Container, Iterable
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from access.roles import CLEARANCES, level
from api.schemas.shared import ID, Clearance
from records.book import Line
from records.particulars import Book, Particulars, Urgency
from records.steps import Step
from records.tables import AgendaCorrectionRow, AgendaEntryRow, AgendaStepRow

Text = Field("", max_length=500)

_PARTICULARS: dict[str, Any] = {
    "party": "Kelurahan Karang Anyar",
    "letter_number": "460/12/KRA/XI/2026",
    "letter_date": "2026-11-20",
    "subject": "Permohonan pemulangan orang terlantar",
    "attachments": "1 berkas",
    "urgency": "segera",
    "secrecy": "biasa",
    "received_on": "2026-11-21",
    "forwarded_to": "Kepala Bidang Rehabilitasi Sosial",
    "verbal": "",
    "code": "",
    "note": "",
}
_ENTRY: dict[str, Any] = {
    **_PARTICULARS,
    "id": ID,
    "book": "masuk",
    "unit": "umum",
    "year": 2026,
    "number": 12,
    "day": "2026-11-21",
    "document": "5c0e7b0a-6a53-4f6e-8f2b-2f1f1d3b7a10",
    "clearance": "terbatas",
    "registered_at": "2026-11-21T01:02:03Z",
    "cancelled_at": None,
    "cancel_reason": None,
}
_STEP: dict[str, Any] = {"step": "ttd", "on_day": "2026-11-21", "document": None, "at": "2026-11-21T01:02:03Z"}
_CORRECTION: dict[str, Any] = {
    "at": "2026-11-22T01:02:03Z",
    "account": "5c0e7b0a-6a53-4f6e-8f2b-2f1f1d3b7a10",
    "reason": "salah ketik",
    "before": {"subject": "Permohonan pemulangan"},
}
_LINE: dict[str, Any] = {"number": 12, "day": "2026-11-21", "cancelled": False, "closed": False, "entry": _ENTRY}


class AgendaParticulars(BaseModel):
    """A line's columns. `party` is who an incoming letter came from, or whom an outgoing one goes to."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_PARTICULARS]})

    party: str = Text
    letter_number: str = Field("", max_length=500, description="The sender's; that of an outgoing letter is given")
    letter_date: date | None = None
    subject: str = Text
    attachments: str = Text
    urgency: Urgency = "biasa"
    secrecy: Clearance = Field("biasa", description="As the letter says of itself")
    received_on: date | None = None
    forwarded_to: str = Text
    verbal: str = Text
    code: str = Field("", max_length=500, description="Kode klasifikasi of an outgoing letter")
    note: str = Text


class NewAgendaEntry(AgendaParticulars):
    """A letter to enter in a book. `numbered`: an outgoing letter may be a draft that gets its number later."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"book": "masuk", "numbered": True, **_PARTICULARS}]}
    )

    book: Book
    numbered: bool = True


class AgendaEntry(AgendaParticulars):
    """One line of a book. A draft of an outgoing letter has no number, year and day yet."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ENTRY]})

    id: UUID
    book: Book
    unit: str
    year: int | None
    number: int | None
    day: date | None
    document: UUID | None
    clearance: Clearance
    registered_at: datetime
    cancelled_at: datetime | None
    cancel_reason: str | None


class AgendaStep(BaseModel):
    """One step of an outgoing letter that was told, with the scan that shows it if the asker may see that."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STEP]})

    step: Step
    on_day: date
    document: UUID | None
    at: datetime


class Correction(BaseModel):
    """One correction of a line: what stood before in the columns that it changed, who made it, when and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CORRECTION]})

    at: datetime
    account: UUID
    reason: str
    before: dict[str, str | None]


class AgendaEntryWithSteps(AgendaEntry):
    """One line with the steps of its letter (an incoming letter has none) and its corrections, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_ENTRY, "steps": [], "corrections": [_CORRECTION]}]})

    steps: list[AgendaStep]
    corrections: list[Correction]


class AgendaCorrection(AgendaParticulars):
    """What is put right of a line, and why; what is left out stays. The number never changes, nor that of an outgoing
    letter with the kode in it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "salah ketik", "subject": "Permohonan bantuan pemulangan"}]},
    )

    reason: str = Field(min_length=1, max_length=300)


class NewAgendaStep(BaseModel):
    """A step that was done on a day (today when it is left out); `nomor` gives the number."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"step": "ttd", "on_day": "2026-11-21", "document": None}]}
    )

    step: Step
    on_day: date | None = None
    document: UUID | None = None


class Reason(BaseModel):
    """Why, in a few words. It stands in the book; no personal data belong in it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "terdaftar dua kali"}]})

    reason: str = Field(min_length=1, max_length=300)


class AgendaLine(BaseModel):
    """One line of a book. Closed to whoever may not see its letter: then only number and day are told."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LINE]})

    number: int
    day: date
    cancelled: bool
    closed: bool
    entry: AgendaEntry | None


class AgendaLines(BaseModel):
    """Lines of a book in the order of their numbers, none left out. `next` is the cursor of the following, or null."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"unit": "umum", "book": "masuk", "year": 2026, "lines": [_LINE], "next": None}]
        }
    )

    unit: str
    book: Book
    year: int
    lines: list[AgendaLine]
    next: str | None


class AgendaShelf(BaseModel):
    """One book and its last number."""

    unit: str
    book: Book
    year: int
    last: int


class AgendaShelves(BaseModel):
    """The books that the asker may leaf through."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"books": [{"unit": "umum", "book": "masuk", "year": 2026, "last": 12}]}]}
    )

    books: list[AgendaShelf]


class AgendaProposal(BaseModel):
    """What a letter's own fields propose for either book, which book is likely, and the entry it has already."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"document": ID, "entry": None, "book": "masuk", "masuk": _PARTICULARS, "keluar": _PARTICULARS}
            ]
        }
    )

    document: UUID
    entry: AgendaEntry | None
    book: Book
    masuk: AgendaParticulars
    keluar: AgendaParticulars


class AgendaWaiting(BaseModel):
    """Letters that stand in no book yet, oldest first; `waiting` is how many in all."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "waiting": 1,
                    "letters": [
                        {"document": ID, "entry": None, "book": "masuk", "masuk": _PARTICULARS, "keluar": _PARTICULARS}
                    ],
                }
            ]
        }
    )

    waiting: int
    letters: list[AgendaProposal]


class LeftOut(BaseModel):
    """The file is no letter for the books."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"document": ID, "left_out": True}]})

    document: UUID
    left_out: Literal[True]


def particulars(said: AgendaParticulars) -> Particulars:
    """What was sent, as the room takes it."""
    values = said.model_dump(include=set(AgendaParticulars.model_fields))
    return Particulars(**{**values, "secrecy": level(said.secrecy)})


def corrected(said: AgendaCorrection) -> dict[str, Any]:
    """The columns that are put right, as the room takes them."""
    values = said.model_dump(include=said.model_fields_set - {"reason"})
    return {**values, "secrecy": level(said.secrecy)} if "secrecy" in values else values


def told(said: Particulars) -> AgendaParticulars:
    """A proposal as the API shows it."""
    return AgendaParticulars(**{**said.values(), "secrecy": CLEARANCES[said.secrecy]})


def _values(row: AgendaEntryRow) -> dict[str, Any]:
    columns = {name: getattr(row, name) for name in Particulars.__slots__}
    own = ("id", "book", "unit", "year", "number", "day", "registered_at", "cancelled_at", "cancel_reason")
    return {
        **columns,
        **{name: getattr(row, name) for name in own},
        "secrecy": CLEARANCES[row.secrecy],
        "clearance": CLEARANCES[row.clearance],
        "document": row.document_id,
    }


def entry(row: AgendaEntryRow) -> AgendaEntry:
    """An entry as the API shows it."""
    return AgendaEntry(**_values(row))


def entry_with_steps(
    row: AgendaEntryRow,
    steps: Iterable[AgendaStepRow],
    corrections: Iterable[AgendaCorrectionRow],
    seen: Container[UUID | None],
) -> AgendaEntryWithSteps:
    """An entry with what was told of its letter; of scans only those `seen`, as others may be above the asker."""
    told = [
        AgendaStep(step=s.step, on_day=s.on_day, document=s.document_id if s.document_id in seen else None, at=s.at)
        for s in steps
    ]
    put_right = [
        Correction(at=one.at, account=one.account_id, reason=one.reason, before=_before(one)) for one in corrections
    ]
    return AgendaEntryWithSteps(**_values(row), steps=told, corrections=put_right)


def _before(correction: AgendaCorrectionRow) -> dict[str, str | None]:
    return {name: CLEARANCES[value] if name == "secrecy" else value for name, value in correction.before.items()}


def line(one: Line) -> AgendaLine:
    """A line as the API shows it."""
    return AgendaLine(
        number=one.number,
        day=one.day,
        cancelled=one.cancelled,
        closed=one.entry is None,
        entry=entry(one.entry) if one.entry is not None else None,
    )
