"""What the API says of cases, with examples for its documentation (case_examples.py)."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from access.roles import CLEARANCES
from api.schemas.case_examples import DETAIL, LINKED, SUMMARY
from api.schemas.clients import Client, Person, client
from api.schemas.paper import PaperPlace, place
from api.schemas.shared import ID, Clearance
from cases.book import Case, Done
from cases.closing import Why
from cases.deadlines import Standing
from cases.machine import Action, StepState
from cases.timers import Timer


class NewCase(BaseModel):
    """A case to open: of a known `client`, or of a new one by `person`; with a letter, which is linked, or without."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"sop": "pemulangan-tarakan", "client": None, "person": {"name": "Budi Contoh"}, "document": ID}
            ]
        },
    )

    sop: Annotated[str, Field(max_length=40)]
    client: UUID | None = None
    person: Person | None = None
    document: UUID | None = None
    step: Annotated[int, Field(ge=1, le=99)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "NewCase":
        if (self.client is None) == (self.person is None):
            raise ValueError("either client or person")
        return self


class StepCommand(BaseModel):
    """What is done with a step; skipping, branching and reopening need a reason, finishing when outputs are missing."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"action": "branch", "branch": "sakit", "reason": "Demam tinggi"}]},
    )

    action: Action
    reason: Annotated[str, Field(max_length=1000)] = ""
    branch: Annotated[str, Field(max_length=40)] | None = None


class NewLink(BaseModel):
    """A letter to link to a step."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"document": ID, "step": 1, "why": ""}]})

    document: UUID
    step: Annotated[int, Field(ge=1, le=99)]
    why: Annotated[str, Field(max_length=1000)] = ""


class Waiver(BaseModel):
    """What may be missing when the case is closed, by the `place` of a lack or gap, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"place": "8/needs/1", "reason": "Syarat ini tidak berlaku lagi"}]},
    )

    place: Annotated[str, Field(max_length=60)]
    reason: Annotated[str, Field(max_length=1000)]


class Classification(BaseModel):
    """The kode klasifikasi (Permendagri 83/2022) under which a case is filed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"code": "400.9.4.1"}]})

    code: Annotated[str, Field(max_length=20)]


class CaseStep(BaseModel):
    """One step: `ready` when all before it are settled, `taken` the ids of branches it took."""

    number: int
    short: str
    state: StepState
    ready: bool
    taken: list[str]
    started_at: datetime | None
    ended_at: datetime | None


class CaseLetter(BaseModel):
    """A letter linked to a step; `id` is the link's. `certain`: the system linked it by itself, `why` says by what."""

    model_config = ConfigDict(json_schema_extra={"examples": [LINKED]})

    id: UUID
    step: int
    document: UUID
    kind: str | None
    linked_at: datetime
    why: str
    certain: bool
    lies: PaperPlace | None = Field(description="Where its paper lies, null when nobody knows")


class CaseLack(BaseModel):
    """A required letter that is missing, has no number yet, or does not lie locked; `place` names the SOP's row."""

    step: int
    place: str
    text: str
    kinds: list[str]
    why: Literal["absent", "unnumbered", "unsealed"]


class CaseGapRow(BaseModel):
    """A row of the SOP that requires the letter."""

    step: int
    place: str
    text: str


class CaseGap(BaseModel):
    """What the archive still lacks before the case may close: of a letter that rows of done steps require, or
    (`unclassified`, without a letter and rows) of the case. `place` names it for a waiver."""

    why: Why
    place: str
    document: UUID | None
    rows: list[CaseGapRow]


class CaseTimer(BaseModel):
    """One standard time, of `steps` or of a limit with that `name`; `allowed` and `spent` in the words of SOPs."""

    name: str
    steps: list[int]
    started_at: datetime
    due_at: datetime
    ended_at: datetime | None
    standing: Standing
    allowed: str
    spent: str


class CaseEvent(BaseModel):
    """One thing that somebody did with the case: an action on a step, `waive`, `classify` (`reason`: the code),
    `close`, `link` or `unlink`; or with a letter's dispositions: `dispose` (`reason`: to whom) or `disposed`. `account`
    is null for what the system did by itself."""

    at: datetime
    account: UUID | None
    what: str
    step: int | None
    reason: str
    branch: str | None
    place: str | None
    document: UUID | None
    by: str = Field(description="Who a disposition says did it, by name or jabatan; else empty")


class CaseSummary(BaseModel):
    """One case in a list: `settled` of `steps` are done or skipped; `standing` is the worst of its running times."""

    model_config = ConfigDict(json_schema_extra={"examples": [SUMMARY]})

    id: UUID
    number: str
    sop: str
    client: Client
    unit: str
    clearance: Clearance
    opened_at: datetime
    closed_at: datetime | None
    ended_by: str | None
    settled: int
    steps: int
    waits_for: list[int]
    lacks: int
    gaps: int
    standing: Standing | None


class CaseList(BaseModel):
    """Cases, newest first. `next` is the cursor of the following ones, or null."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cases": [SUMMARY], "next": None}]})

    cases: list[CaseSummary]
    next: datetime | None


class CaseDetail(BaseModel):
    """One case in full."""

    model_config = ConfigDict(json_schema_extra={"examples": [DETAIL]})

    id: UUID
    number: str
    sop: str
    sop_version: str
    from_case: UUID | None = Field(description="The case whose branch led to this one")
    led_to: list[UUID] = Field(description="Cases that branches of this one led to")
    client: Client
    unit: str
    clearance: Clearance
    opened_at: datetime
    closed_at: datetime | None
    ended_by: str | None
    settled: int
    standing: Standing | None
    waits_for: list[int]
    steps: list[CaseStep]
    letters: list[CaseLetter]
    lacks: list[CaseLack]
    gaps: list[CaseGap]
    classification: str | None = Field(description="Kode klasifikasi as a person confirmed it")
    proposed_classification: str | None = Field(description="What the SOP proposes")
    waived: list[str]
    timers: list[CaseTimer]
    history: list[CaseEvent] = Field(description="What was done with it, oldest first")


def worst(timers: tuple[Timer, ...]) -> Standing | None:
    """How a case stands: as the worst of its running times; None when none runs."""
    running = {timer.standing for timer in timers if timer.ended is None}
    order: tuple[Standing, ...] = ("late", "soon", "on_time")
    return next((one for one in order if one in running), None)


def _common(case: Case, timers: tuple[Timer, ...]) -> dict[str, Any]:
    return {
        "id": case.row.id,
        "number": case.number,
        "sop": case.row.sop,
        "client": client(case.client),
        "unit": case.row.unit,
        "clearance": CLEARANCES[case.row.clearance],
        "opened_at": case.row.opened_at,
        "closed_at": case.row.closed_at,
        "ended_by": case.row.ended_by,
        "settled": case.settled,
        "waits_for": [step.number for step in case.waits_for],
        "standing": worst(timers),
    }


def summary(case: Case, timers: tuple[Timer, ...]) -> CaseSummary:
    """A case as lists show it."""
    counts = {"steps": len(case.state.steps), "lacks": len(case.lacks), "gaps": len(case.gaps)}
    return CaseSummary(**_common(case, timers), **counts)


def letter(case: Case, link: UUID) -> CaseLetter:
    """One of a case's letters by its link."""
    return next(one for one in _letters(case) if one.id == link)


def _letters(case: Case) -> list[CaseLetter]:
    return [
        CaseLetter(
            id=one.link.id,
            step=one.link.step,
            document=one.document.id,
            kind=one.document.kind,
            linked_at=one.link.linked_at,
            why=one.link.why,
            certain=one.link.linked_by is None,
            lies=place(one.lies),
        )
        for one in case.letters
    ]


def detail(
    case: Case, timers: tuple[Timer, ...], history: Iterable[Done], from_case: UUID | None, led_to: list[UUID]
) -> CaseDetail:
    """A case in full."""
    sop = case.state.sop
    return CaseDetail(
        **_common(case, timers),
        sop_version=case.row.sop_digest,
        from_case=from_case,
        led_to=led_to,
        steps=[
            CaseStep(
                number=step.number,
                short=step.short,
                state=case.state.of(step.number).state,
                ready=case.state.is_ready(step),
                taken=list(case.state.of(step.number).taken),
                started_at=case.times[step.number].started,
                ended_at=case.times[step.number].ended,
            )
            for step in sop.steps
        ],
        letters=_letters(case),
        lacks=[
            CaseLack(step=lack.step, place=lack.place, text=lack.paper.text, kinds=list(lack.paper.kinds), why=lack.why)
            for lack in case.lacks
        ],
        gaps=[
            CaseGap(
                why=gap.why,
                place=gap.place,
                document=gap.letter,
                rows=[CaseGapRow(step=row.step, place=row.place, text=row.paper.text) for row in gap.rows],
            )
            for gap in case.gaps
        ],
        classification=case.row.classification,
        proposed_classification=sop.classification.text if sop.classification else None,
        waived=sorted(case.waived),
        timers=[
            CaseTimer(
                name=timer.name,
                steps=list(timer.steps),
                started_at=timer.started,
                due_at=timer.due,
                ended_at=timer.ended,
                standing=timer.standing,
                allowed=timer.allowed,
                spent=timer.spent,
            )
            for timer in timers
        ],
        history=[CaseEvent(**asdict(done)) for done in history],
    )
