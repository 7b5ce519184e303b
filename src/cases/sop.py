"""What an SOP says, as data (docs/procedures.md): what the paper prints beside what it means, and its steps.

Shapes only; whether steps, actors, kinds and times fit together is checked in soprules.py.
"""

import hashlib
import json
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from access.roles import Role
from cases import durations
from cases.durations import Duration

Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
Words = Annotated[str, Field(min_length=1, max_length=2000)]
Remark = Annotated[str, Field(max_length=2000)]
Number = Annotated[int, Field(ge=1, le=99)]
Confidence = Literal["high", "medium_high", "medium", "low_medium", "low"]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reading(_Data):
    """One thing the paper says: `text` as it is meant, `printed` as the scan reads ("": inferred, not printed)."""

    text: Words
    printed: Remark
    confidence: Confidence = "high"
    remark: Remark = ""

    @model_validator(mode="before")
    @classmethod
    def _printed_as_meant(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"text": given, "printed": given}
        if isinstance(given, dict) and "text" in given:
            return {"printed": given["text"], **given}
        return given


class Related(Reading):
    """Another SOP that this one names; `sop` is its id where it is known here."""

    sop: Id | None = None


class Stamp(_Data):
    """A date of the SOP itself."""

    what: Literal["pembuatan", "revisi", "pengesahan", "efektif"]
    date: date
    printed: Words


class Approval(_Data):
    """Who approved it."""

    office: Reading
    name: Reading
    rank: Reading | None = None
    nip: Reading


class Actor(_Data):
    """Who acts: a lane of the flow. `role` is theirs in Arsiparis; None for somebody outside the office."""

    id: Id
    short: Annotated[str, Field(min_length=1, max_length=18)]
    name: Reading
    role: Role | None = None


class Paper(_Data):
    """Something a step needs or yields.

    `kinds`: letters of any one of them will do; none: it is no letter, and a person says that it is there.
    `optional`: "bila ada", it never holds anything up. `inferred`: the row does not print it.
    `state` is how far the letter has come by then, `numbered` that it must carry its number.
    """

    text: Words
    kinds: tuple[str, ...] = ()
    state: Annotated[str, Field(pattern=r"^[a-z_]+$", max_length=40)] | None = None
    optional: bool = False
    inferred: bool = False
    numbered: bool = False
    confidence: Confidence = "high"
    remark: Remark = ""

    @property
    def required(self) -> bool:
        """Whether its lack is a lack: a letter, and not only "bila ada"."""
        return bool(self.kinds) and not self.optional


class Branch(_Data):
    """A way out of a step; `ends`: the case ends with it. `sop` is the id of the SOP it leads to, if it is here."""

    id: Id
    when: Words
    to: Words
    sop: Id | None = None
    outputs: tuple[Paper, ...] = ()
    ends: bool = False
    inferred: bool = False
    remark: Remark = ""


class Cells(_Data):
    """The row's cells as the scan reads them, whatever step they belong to."""

    needs: Remark = ""
    time: Remark = ""
    output: Remark = ""
    remark: Remark = ""


class Step(_Data):
    """One step. `after` are the steps that come before it (left out: the one with the number before)."""

    number: Number
    short: Annotated[str, Field(min_length=1, max_length=36)]
    activity: Reading
    actors: Annotated[tuple[Id, ...], Field(min_length=1)]
    after: tuple[Number, ...]
    order_remark: Remark = ""
    needs: tuple[Paper, ...] = ()
    time: Reading | None = None
    outputs: tuple[Paper, ...] = ()
    remarks: tuple[Reading, ...] = ()
    branches: tuple[Branch, ...] = ()
    cells: Cells = Cells()

    @model_validator(mode="before")
    @classmethod
    def _after_the_one_before(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("number"), int) and "after" not in given:
            return {"after": (given["number"] - 1,) if given["number"] > 1 else (), **given}
        return given


class SharedTime(_Data):
    """One time for several steps together: from the start of the first to the end of the last."""

    steps: Annotated[tuple[Number, ...], Field(min_length=2)]
    time: Reading


class Limit(_Data):
    """A limit that runs beside the steps, from the start of step `starts` to the end of step `ends`."""

    id: Id
    text: Words
    time: Reading
    starts: Number
    ends: Number


class Contradiction(_Data):
    """Where the paper contradicts itself or another: shown where a person decides, never put right in silence."""

    id: Id
    text: Words
    decide: Words
    steps: tuple[Number, ...] = ()


class Sop(_Data):
    """One SOP with all that its paper says."""

    id: Id
    agency: Reading
    division: Reading | None = None
    section: Reading | None = None
    name: Reading
    number: Reading
    dates: tuple[Stamp, ...]
    approved_by: Approval
    legal_bases: tuple[Reading, ...]
    qualifications: tuple[Reading, ...]
    related: tuple[Related, ...] = ()
    equipment: tuple[Reading, ...] = ()
    warnings: tuple[Reading, ...] = ()
    remedies: tuple[Reading, ...] = ()
    records: tuple[Reading, ...]
    on_paper: bool = Field(description="Whether the case is kept on paper too, so that its place there is required")
    classification: Reading | None = Field(
        None, description="The kode klasifikasi that is proposed for its cases; a person confirms it"
    )
    total: str | None = Field(None, description="The total time that is printed")
    actors: Annotated[tuple[Actor, ...], Field(min_length=1)]
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=60)]
    shared_times: tuple[SharedTime, ...] = ()
    limits: tuple[Limit, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()

    @field_validator("dates", mode="after")
    @classmethod
    def _each_date_once(cls, dates: tuple[Stamp, ...]) -> tuple[Stamp, ...]:
        if len({stamp.what for stamp in dates}) != len(dates):
            raise ValueError("setiap jenis tanggal hanya sekali")
        return dates

    @cached_property
    def digest(self) -> str:
        """The version: SHA-256 of the data, written always the same way. Order and comments of the file are no part."""
        data = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(data.encode()).hexdigest()

    def step(self, number: int) -> Step:
        """The step of that number, which exists."""
        return self.steps[number - 1]

    def actor(self, wanted: str) -> Actor:
        """The actor of that id, who exists."""
        return next(actor for actor in self.actors if actor.id == wanted)

    @property
    def durations(self) -> tuple[Duration, ...]:
        """The standard times of all rows."""
        times = [step.time for step in self.steps if step.time] + [shared.time for shared in self.shared_times]
        return tuple(durations.parse(time.text) for time in times)

    @property
    def computed_total(self) -> str | None:
        """What the rows add up to; None when no row has a time."""
        return durations.total(self.durations) if self.durations else None
