"""What the API says of retention: schedules and their effect, work lists, what falls due, holds."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from access.roles import CLEARANCES
from api.schemas.filing import BERKAS_ID, EXAMPLE, Berkas
from api.schemas.shared import ID, SHA256, Clearance
from records.retention.clocks import Fate, Trigger
from records.retention.holds import Hold as Held
from records.retention.holds import Kind, Scope
from records.retention.schedule import Effect
from records.retention.tables import ScheduleRowRow, ScheduleVersionRow
from records.retention.worklists import Year

_ACCOUNT = "5c0e7b0a-6a53-4f6e-8f2b-2f1f1d3b7a10"
_AT = "2026-11-26T01:02:03Z"
_SCHEDULE: dict[str, Any] = {
    "id": BERKAS_ID,
    "name": "JRA Kota 2026",
    "basis": "Perwali 1/2026",
    "valid_from": "2026-01-01",
    "valid_to": None,
    "sample": False,
    "digest": SHA256,
    "imported_at": _AT,
    "applied_at": None,
    "in_force": False,
}
_ROW: dict[str, Any] = {
    "line": 2,
    "code": "400.9.4.1",
    "series": "Gelandangan, pengemis, pemulung",
    "active_years": 2,
    "inactive_years": 3,
    "fate": "musnah",
    "condition": "",
    "trigger": "kasus_selesai",
    "basis": "",
}
_EFFECT: dict[str, Any] = {
    "code": "400.9.4.1",
    "series": "Gelandangan, pengemis, pemulung",
    "berkas": 41,
    "later": 41,
    "sooner": 0,
    "was": {"fate": "musnah", "active_years": 1, "inactive_years": 1},
    "becomes": {"fate": "musnah", "active_years": 2, "inactive_years": 3},
}
_HOLD: dict[str, Any] = {
    "id": ID,
    "scope": "berkas",
    "kind": "audit",
    "reason": "Pemeriksaan Inspektorat 2026",
    "query": "",
    "unit": "umum",
    "clearance": "terbatas",
    "berkas": BERKAS_ID,
    "letters": 0,
    "placed_by": _ACCOUNT,
    "placed_at": _AT,
    "released_by": None,
    "released_at": None,
    "release_reason": None,
}

Reason = Annotated[str, Field(min_length=1, max_length=1000)]


class Schedule(BaseModel):
    """One retention schedule (JRA) as it was brought; `in_force`: berkas go by it today."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SCHEDULE]})

    id: UUID
    name: str
    basis: str
    valid_from: date
    valid_to: date | None
    sample: bool = Field(description="Shows phases where no other is in force; nothing is destroyed by it")
    digest: str
    imported_at: datetime
    applied_at: datetime | None
    in_force: bool


class Schedules(BaseModel):
    """All that were brought, the newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"schedules": [_SCHEDULE]}]})

    schedules: list[Schedule]


class ScheduleSeries(BaseModel):
    """One series of a schedule."""

    line: int
    code: str
    series: str
    active_years: int
    inactive_years: int
    fate: Fate
    condition: str
    trigger: Trigger
    basis: str


class ScheduleDetail(Schedule):
    """One schedule with its series."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_SCHEDULE, "rows": [_ROW]}]})

    rows: list[ScheduleSeries]


class Kept(BaseModel):
    """How long, and what then."""

    fate: Fate
    active_years: int | None
    inactive_years: int | None


class EffectOfCode(BaseModel):
    """What becomes of all berkas of a code that stand alike now; `later` and `sooner`: how many are kept longer and
    not as long."""

    code: str
    series: str | None
    berkas: int
    later: int
    sooner: int
    was: Kept
    becomes: Kept


class ScheduleEffect(BaseModel):
    """What a schedule would make of every berkas there is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"berkas": 41, "changed": 41, "codes": [_EFFECT]}]})

    berkas: int
    changed: int
    codes: list[EffectOfCode]


class ScheduleEnd(BaseModel):
    """The last day on which a schedule counts."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"valid_to": "2026-12-31"}]})

    valid_to: date


class WorkList(BaseModel):
    """Berkas of a work list, what is due longest first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"berkas": [EXAMPLE], "next": "2032-01-01.2026.12.umum"}]}
    )

    berkas: list[Berkas]
    next: str | None


class DueInYear(BaseModel):
    """How many berkas' retention ends in a year, by nasib akhir."""

    year: int
    fate: Fate
    berkas: int
    held: int


class RetentionReport(BaseModel):
    """Where retention stands: how many berkas each list has, how many are newly due, what falls due by year."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "lists": {"inaktif": 3, "habis": 1, "tanpa_pemicu": 0, "tanpa_kode": 2, "tanpa_jadwal": 0},
                    "news": 1,
                    "years": [{"year": 2032, "fate": "musnah", "berkas": 14, "held": 0}],
                }
            ]
        }
    )

    lists: dict[str, int]
    news: int
    years: list[DueInYear]


class NewHold(BaseModel):
    """What is to be held: one of a letter, a berkas, or the words of a search, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"document": None, "berkas": BERKAS_ID, "query": None, "kind": "audit", "reason": "Pemeriksaan 2026"}
            ]
        },
    )

    document: UUID | None = None
    berkas: UUID | None = None
    query: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    kind: Kind
    reason: Reason


class Release(BaseModel):
    """Why a hold ends."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "Pemeriksaan selesai"}]})

    reason: Reason


class Hold(BaseModel):
    """One hold: of what kind, why, by whom; who released it is somebody else."""

    model_config = ConfigDict(json_schema_extra={"examples": [_HOLD]})

    id: UUID
    scope: Scope
    kind: Kind
    reason: str
    query: str
    unit: str
    clearance: Clearance
    berkas: UUID | None
    letters: int
    placed_by: UUID
    placed_at: datetime
    released_by: UUID | None
    released_at: datetime | None
    release_reason: str | None


class Holds(BaseModel):
    """Holds, the newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"holds": [_HOLD], "next": None}]})

    holds: list[Hold]
    next: str | None


HoldStates = Literal["standing", "released"]


def schedule(row: ScheduleVersionRow, in_force: ScheduleVersionRow | None) -> Schedule:
    """One schedule as the API shows it."""
    return Schedule.model_validate(_told(row, in_force))


def schedule_detail(
    row: ScheduleVersionRow, in_force: ScheduleVersionRow | None, rows: list[ScheduleRowRow]
) -> ScheduleDetail:
    """One schedule with its series."""
    lines = [{name: getattr(one, name) for name in ScheduleSeries.model_fields} for one in rows]
    return ScheduleDetail.model_validate({**_told(row, in_force), "rows": lines})


def _told(row: ScheduleVersionRow, in_force: ScheduleVersionRow | None) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in Schedule.model_fields if name != "in_force"}
    return {**same, "in_force": in_force is not None and in_force.id == row.id}


def effect(found: list[Effect]) -> ScheduleEffect:
    """What applying a schedule changes, as the API shows it."""

    def kept(told: tuple[str, int | None, int | None]) -> dict[str, Any]:
        return dict(zip(("fate", "active_years", "inactive_years"), told, strict=True))

    codes = [
        {
            **{name: getattr(one, name) for name in ("code", "series", "berkas", "later", "sooner")},
            "was": kept(one.was),
            "becomes": kept(one.becomes),
        }
        for one in found
    ]
    return ScheduleEffect.model_validate(
        {
            "berkas": sum(one.berkas for one in found),
            "changed": sum(one.berkas for one in found if one.changes),
            "codes": codes,
        }
    )


def due(one: Year) -> DueInYear:
    """One number of the plot."""
    return DueInYear.model_validate({name: getattr(one, name) for name in DueInYear.model_fields})


def hold(one: Held) -> Hold:
    """One hold as the API shows it."""
    same = {name: getattr(one.row, name) for name in Hold.model_fields if hasattr(one.row, name)}
    more = {"clearance": CLEARANCES[one.row.clearance], "berkas": one.row.berkas_id, "letters": one.letters}
    return Hold.model_validate({**same, **more})
