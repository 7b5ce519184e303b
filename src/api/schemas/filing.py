"""What the API says of berkas."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from access.roles import CLEARANCES
from api.schemas.shared import ID, Clearance
from records.book import UNIT
from records.filing.berkas import Described, Development, Span, number_of
from records.filing.letters import MOST_AT_ONCE, Item
from records.filing.tables import BerkasRow
from records.retention.clocks import Fate, Phase

BERKAS_ID = "7a1c2f7e-3d0b-4a55-8a1e-0f3f5b6c7d81"
_AT = "2026-11-26T01:02:03Z"
_DESCRIBED: dict[str, Any] = {
    "title": "Undangan rapat koordinasi 2026",
    "development": "asli",
    "amount": "1 map",
    "note": "",
    "vital": False,
    "media": "",
    "protection": "",
}
EXAMPLE: dict[str, Any] = {
    "id": BERKAS_ID,
    "unit": "umum",
    "clearance": "terbatas",
    "number": "012/2026",
    "code": "000.8.3.3",
    "case": None,
    **_DESCRIBED,
    "letters": 14,
    "first": "2026-01-05",
    "last": "2026-11-02",
    "opened_on": "2026-01-05",
    "closed_on": "2026-11-26",
    "trigger_on": "2026-11-26",
    "inactive_on": "2029-01-01",
    "expires_on": "2032-01-01",
    "phase": "aktif",
    "fate": "musnah",
    "active_years": 2,
    "inactive_years": 3,
    "permanent": False,
    "held": False,
    "moved_on": None,
    "disposed": False,
}
_LETTER: dict[str, Any] = {
    "document": ID,
    "kind": "surat_undangan",
    "subject": "Undangan rapat",
    "day": "2026-01-05",
    "secrecy": "biasa",
    "urgency": "segera",
}
Title = Annotated[str, Field(min_length=1, max_length=300, description="Uraian informasi berkas; names no person")]
CodeText = Annotated[str, Field(min_length=3, max_length=20, description="Kode klasifikasi")]


class BerkasDescription(BaseModel):
    """How a berkas is described: uraian, tingkat perkembangan, jumlah of paper, and of a vital one how it is kept."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_DESCRIBED]})

    title: Title
    development: Development = "asli"
    amount: Annotated[str, Field(max_length=60)] = ""
    note: Annotated[str, Field(max_length=500)] = ""
    vital: bool = False
    media: Annotated[str, Field(max_length=60)] = ""
    protection: Annotated[str, Field(max_length=120)] = ""


class NewBerkas(BerkasDescription):
    """A berkas to open for letters outside cases."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{**_DESCRIBED, "unit": None, "clearance": "biasa", "code": "000.8.3.3"}]},
    )

    unit: Annotated[str, Field(pattern=UNIT)] | None = Field(None, description="The asker's own when it is left out")
    clearance: Clearance = "terbatas"
    code: CodeText | None = None


class Berkas(BaseModel):
    """One berkas with its clock; `first` and `last` are its letters' oldest and newest dates that the asker may see."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: UUID
    unit: str
    clearance: Clearance
    number: str
    code: str | None
    case: UUID | None
    title: str
    development: str
    amount: str
    note: str
    vital: bool
    media: str
    protection: str
    letters: int
    first: date | None
    last: date | None
    opened_on: date
    closed_on: date | None
    trigger_on: date | None
    inactive_on: date | None
    expires_on: date | None
    phase: Phase
    fate: Fate
    active_years: int | None
    inactive_years: int | None
    permanent: bool
    held: bool
    moved_on: date | None = Field(description="To the unit kearsipan, by a list of pemindahan")
    disposed: bool


class BerkasList(BaseModel):
    """Some berkas, and the cursor of the following ones."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"berkas": [EXAMPLE], "next": "2026.12.umum"}]})

    berkas: list[Berkas]
    next: str | None


class BerkasLetter(BaseModel):
    """A letter in a berkas: the day it bears, and what its Sifat says of secrecy and urgency."""

    document: UUID
    kind: str | None
    subject: str
    day: date
    secrecy: Clearance
    urgency: str


class Series(BaseModel):
    """The series of the schedule in force by which a berkas goes."""

    code: str
    series: str
    trigger: str
    condition: str
    basis: str
    schedule: str
    sample: bool


_SERIES: dict[str, Any] = {
    "code": "000.8.3",
    "series": "Tata laksana",
    "trigger": "kebijakan_diganti",
    "condition": "",
    "basis": "Perwali 1/2026",
    "schedule": "JRA Kota",
    "sample": False,
}


class BerkasDetail(Berkas):
    """One berkas with its letters, of those that the asker may see, and the series it goes by."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**EXAMPLE, "series": _SERIES, "contents": [_LETTER], "trigger_note": ""}]}
    )

    series: Series | None
    trigger_note: str
    contents: list[BerkasLetter]


class Filing(BaseModel):
    """Letters to file."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"documents": [ID]}]})

    documents: Annotated[list[UUID], Field(min_length=1, max_length=MOST_AT_ONCE)]


class Filed(BaseModel):
    """How many letters were filed that were not there before."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"filed": 1}]})

    filed: int


class BerkasCode(BaseModel):
    """The kode klasifikasi under which a berkas is filed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"code": "000.8.3.3"}]})

    code: CodeText


class Closing(BaseModel):
    """Since which day nothing more is filed in a berkas; null: it is open again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"closed_on": "2026-11-26"}]})

    closed_on: date | None


class TriggerDay(BaseModel):
    """On which day what the series counts from has happened (null: not known after all), and what shows it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"day": "2026-11-26", "reason": "BAST 12/2026"}]}
    )

    day: date | None
    reason: Annotated[str, Field(min_length=1, max_length=300)]


class LooseLetter(BaseModel):
    """A letter that lies in no berkas."""

    document: UUID
    kind: str | None
    unit: str
    received_at: datetime


class LooseLetters(BaseModel):
    """Archived letters that lie in no berkas, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "total": 1,
                    "letters": [{"document": ID, "kind": "surat_undangan", "unit": "umum", "received_at": _AT}],
                    "next": None,
                }
            ]
        }
    )

    total: int
    letters: list[LooseLetter]
    next: str | None


def described(told: BerkasDescription) -> Described:
    """As the room takes it."""
    return Described(**told.model_dump(include=set(Described.__slots__)))


def berkas(row: BerkasRow, span: Span | None, *, held: bool) -> Berkas:
    """One berkas as the API shows it."""
    return Berkas.model_validate(_told(row, span, held))


def detail(row: BerkasRow, span: Span | None, *, held: bool, series: Series | None, items: list[Item]) -> BerkasDetail:
    """One berkas with what lies in it."""
    contents = [
        {
            "document": one.row.id,
            "kind": one.row.kind,
            "subject": one.subject,
            "day": one.day,
            "secrecy": CLEARANCES[one.secrecy],
            "urgency": one.urgency,
        }
        for one in items
    ]
    more = {"series": series, "contents": contents, "trigger_note": row.trigger_note}
    return BerkasDetail.model_validate({**_told(row, span, held), **more})


def _told(row: BerkasRow, span: Span | None, held: bool) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in Berkas.model_fields if hasattr(row, name)}
    return {
        **same,
        "clearance": CLEARANCES[row.clearance],
        "number": number_of(row),
        "case": row.case_id,
        "first": span.first if span else None,
        "last": span.last if span else None,
        "held": held,
        "moved_on": row.moved_on,
        "disposed": row.disposed_at is not None,
    }
