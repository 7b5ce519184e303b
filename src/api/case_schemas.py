"""What the API says of cases and clients, with examples for its documentation."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from access.roles import CLEARANCES
from api.schemas import Clearance
from cases.book import Case, Done
from cases.clients import Similar
from cases.deadlines import Standing
from cases.machine import Action, StepState
from cases.timers import Timer

_CASE_ID = "7d3c1f9e-52a4-4b8e-9f43-1d0c2b7a6e55"
_CLIENT_ID = "f1a2b3c4-0d5e-4f60-8a7b-9c0d1e2f3a4b"
_LETTER_ID = "0b6f1a52-3c1e-4c57-9f0e-6f0d7f2f9a11"
_LINK_ID = "2c9d8e7f-6a5b-4c3d-8e1f-0a9b8c7d6e5f"
_AT = "2026-11-26T01:02:03Z"
_CLIENT: dict[str, Any] = {
    "id": _CLIENT_ID,
    "name": "Budi Contoh",
    "nik": "6571********0001",
    "birth_date": "1980-02-03",
}
_TIMER: dict[str, Any] = {
    "name": "",
    "steps": [2],
    "started_at": _AT,
    "due_at": "2026-11-26T01:32:03Z",
    "ended_at": None,
    "standing": "on_time",
    "allowed": "30 menit",
    "spent": "12 menit",
}
_LACK: dict[str, Any] = {
    "step": 2,
    "place": "2/needs/0",
    "text": "Surat Keterangan Terlantar dari Kepolisian",
    "kinds": ["skt_polisi", "skt_kelurahan"],
    "why": "absent",
}
_SUMMARY: dict[str, Any] = {
    "id": _CASE_ID,
    "number": "001/2026",
    "sop": "pemulangan-tarakan",
    "client": _CLIENT,
    "unit": "umum",
    "clearance": "terbatas",
    "opened_at": _AT,
    "closed_at": None,
    "ended_by": None,
    "settled": 1,
    "steps": 8,
    "waits_for": [2],
    "lacks": 1,
    "standing": "on_time",
}
_STEP: dict[str, Any] = {
    "number": 2,
    "short": "Isi Formulir Layanan Sosial",
    "state": "running",
    "ready": True,
    "taken": [],
    "started_at": _AT,
    "ended_at": None,
}
_LINKED: dict[str, Any] = {
    "id": _LINK_ID,
    "step": 1,
    "document": _LETTER_ID,
    "kind": "skt_polisi",
    "linked_at": _AT,
    "why": "",
}
_DETAIL: dict[str, Any] = {
    **{name: value for name, value in _SUMMARY.items() if name not in ("steps", "lacks", "waits_for")},
    "sop_version": "0aa0d57518fae0a9d6e3c0f9d2f4c8a5b1e7d6c3f2a190b8c7d6e5f4a3b2c1d0",
    "waits_for": [2],
    "steps": [_STEP],
    "letters": [_LINKED],
    "lacks": [_LACK],
    "waived": [],
    "timers": [_TIMER],
    "history": [
        {
            "at": _AT,
            "account": "5c0e7b0a-6a53-4f6e-8f2b-2f1f1d3b7a10",
            "what": "link",
            "step": 1,
            "reason": "",
            "branch": None,
            "place": None,
            "document": _LETTER_ID,
        }
    ],
}


def _example(example: dict[str, Any], *, closed: bool = False) -> ConfigDict:
    """Configuration with an example; `closed`: names that are not known are refused."""
    return ConfigDict(json_schema_extra={"examples": [example]}, extra="forbid" if closed else "ignore")


class Client(BaseModel):
    """Somebody the office helps; the NIK is masked, null without one."""

    model_config = _example(_CLIENT)

    id: UUID
    name: str
    nik: str | None
    birth_date: date | None


class Person(BaseModel):
    """Who is looked for, or entered: a NIK has 16 digits and may be missing."""

    model_config = _example({"name": "Budi Contoh", "nik": None, "birth_date": "1980-02-03"}, closed=True)

    name: Annotated[str, Field(max_length=200)]
    nik: Annotated[str, Field(max_length=40)] | None = None
    birth_date: date | None = None


class SimilarClient(BaseModel):
    """A client who may be the same person, and why: same NIK, like name and same birth, or like name."""

    client: Client
    why: Literal["nik", "name_birth", "name"]
    cases: int


class SimilarClients(BaseModel):
    """Clients who may be the same person, the surest first. Who is, a person decides."""

    model_config = _example({"clients": [{"client": _CLIENT, "why": "name_birth", "cases": 1}]})

    clients: list[SimilarClient]


class NewCase(BaseModel):
    """A case to open: of a known `client`, or of a new one by `person`; with a letter, which is linked, or without."""

    model_config = _example(
        {"sop": "pemulangan-tarakan", "client": None, "person": {"name": "Budi Contoh"}, "document": _LETTER_ID},
        closed=True,
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

    model_config = _example({"action": "branch", "branch": "sakit", "reason": "Demam tinggi"}, closed=True)

    action: Action
    reason: Annotated[str, Field(max_length=1000)] = ""
    branch: Annotated[str, Field(max_length=40)] | None = None


class NewLink(BaseModel):
    """A letter to link to a step."""

    model_config = _example({"document": _LETTER_ID, "step": 1, "why": ""}, closed=True)

    document: UUID
    step: Annotated[int, Field(ge=1, le=99)]
    why: Annotated[str, Field(max_length=1000)] = ""


class Waiver(BaseModel):
    """What may be missing when the case is closed, by the `place` of a lack, and why."""

    model_config = _example({"place": "8/needs/1", "reason": "Syarat ini tidak berlaku lagi"}, closed=True)

    place: Annotated[str, Field(max_length=60)]
    reason: Annotated[str, Field(max_length=1000)]


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
    """A letter linked to a step; `id` is the link's."""

    model_config = _example(_LINKED)

    id: UUID
    step: int
    document: UUID
    kind: str | None
    linked_at: datetime
    why: str


class CaseLack(BaseModel):
    """A required letter that is missing, has no number yet, or does not lie locked; `place` names the SOP's row."""

    step: int
    place: str
    text: str
    kinds: list[str]
    why: Literal["absent", "unnumbered", "unsealed"]


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
    """One thing that somebody did with the case: an action on a step, `waive`, `close`, `link` or `unlink`."""

    at: datetime
    account: UUID
    what: str
    step: int | None
    reason: str
    branch: str | None
    place: str | None
    document: UUID | None


class CaseSummary(BaseModel):
    """One case in a list: `settled` of `steps` are done or skipped; `standing` is the worst of its running times."""

    model_config = _example(_SUMMARY)

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
    standing: Standing | None


class CaseList(BaseModel):
    """Cases, newest first. `next` is the cursor of the following ones, or null."""

    model_config = _example({"cases": [_SUMMARY], "next": None})

    cases: list[CaseSummary]
    next: datetime | None


class CaseDetail(BaseModel):
    """One case in full."""

    model_config = _example(_DETAIL)

    id: UUID
    number: str
    sop: str
    sop_version: str
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
    waived: list[str]
    timers: list[CaseTimer]
    history: list[CaseEvent] = Field(description="What was done with it, oldest first")


def worst(timers: tuple[Timer, ...]) -> Standing | None:
    """How a case stands: as the worst of its running times; None when none runs."""
    running = {timer.standing for timer in timers if timer.ended is None}
    order: tuple[Standing, ...] = ("late", "soon", "on_time")
    return next((one for one in order if one in running), None)


def similar_clients(found: list[Similar]) -> SimilarClients:
    """Clients who may be the same person as the API shows them."""
    return SimilarClients(
        clients=[SimilarClient(client=_client(one.client), why=one.why, cases=one.cases) for one in found]
    )


def _client(row: Any) -> Client:
    return Client(id=row.id, name=row.name, nik=row.nik_masked, birth_date=row.birth_date)


def _common(case: Case, timers: tuple[Timer, ...]) -> dict[str, Any]:
    return {
        "id": case.row.id,
        "number": case.number,
        "sop": case.row.sop,
        "client": _client(case.client),
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
    return CaseSummary(**_common(case, timers), steps=len(case.state.steps), lacks=len(case.lacks))


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
        )
        for one in case.letters
    ]


def detail(case: Case, timers: tuple[Timer, ...], history: Iterable[Done]) -> CaseDetail:
    """A case in full."""
    sop = case.state.sop
    return CaseDetail(
        **_common(case, timers),
        sop_version=case.row.sop_digest,
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
