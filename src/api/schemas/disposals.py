"""What the API says of lists of records to be moved, handed over or destroyed, with examples for its documentation."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from access.accounts import Account
from api.schemas.disposal_requests import BERKAS_EXAMPLE, PANEL_EXAMPLE, DisposalPanel
from api.schemas.shared import ID
from archive.tables import DocumentRow
from records.disposal import book
from records.disposal.book import Item, Progress
from records.disposal.lists import Listed
from records.disposal.machine import next_steps
from records.disposal.papers import Paper
from records.disposal.tables import AuthenticCopyRow, DisposalActionRow, DisposalRow
from records.disposal.workflow import Kind
from records.filing.tables import BerkasRow

_ACCOUNT = "5c0e7b0a-6a53-4f6e-8f2b-2f1f1d3b7a10"
_AT = "2036-03-03T01:02:03Z"
_LIST: dict[str, Any] = {
    "id": ID, "kind": "pemusnahan", "code": "MSN-2036-0001", "unit": "rehsos", "status": "usul", "note": "",
    "proposed_by": _ACCOUNT, "proposed_at": _AT, "assessed_by": None, "executed_by": None, "approver": None,
    "digest": None, "began_at": None, "done_at": None,
}  # fmt: skip
_ONE: dict[str, Any] = {
    "berkas": BERKAS_EXAMPLE, "number": "REHSOS/2026/1", "code": "400.9.4.1", "letters": 5, "fate": "musnah",
    "expires_on": "2032-01-01",
}  # fmt: skip
_LINE: dict[str, Any] = {
    **_ONE, "series": "Rehabilitasi sosial tuna sosial", "verdict": None, "verdict_reason": "", "chosen": True,
    "blocked": [],
}  # fmt: skip
_PAPER: dict[str, Any] = {
    "id": _ACCOUNT, "paper": "sk_panitia", "document": ID, "named": True, "why": "", "by": _ACCOUNT, "at": _AT,
}  # fmt: skip
_STEP: dict[str, Any] = {
    "step": "nilai", "title": "Nilai dan tutup daftar", "by": "penilai", "papers": ["sk_panitia", "notulen"],
    "problems": ["belum dilampirkan: Notulen rapat penilaian"],
}  # fmt: skip


class Disposal(BaseModel):
    """One list: its code, how far it is, by whom, who approves it, and its digest once it is closed."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LIST]})

    id: UUID
    kind: Kind
    code: str
    unit: str
    status: str
    note: str
    proposed_by: UUID
    proposed_at: datetime
    assessed_by: UUID | None
    executed_by: UUID | None
    approver: str | None
    digest: str | None
    began_at: datetime | None
    done_at: datetime | None


class Disposals(BaseModel):
    """Lists, the newest first; `next` is the cursor."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"disposals": [_LIST], "next": None}]})

    disposals: list[Disposal]
    next: str | None


class DisposalCandidate(BaseModel):
    """A berkas that may be proposed."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ONE]})

    berkas: UUID
    number: str
    code: str | None
    letters: int
    fate: str
    expires_on: str | None


class DisposalCandidates(BaseModel):
    """Berkas that may be proposed, the longest due first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"berkas": [_ONE]}]})

    berkas: list[DisposalCandidate]


class DisposalLine(DisposalCandidate):
    """One berkas on a list; `blocked` says why it may not go its way now."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LINE]})

    series: str
    verdict: str | None
    verdict_reason: str
    chosen: bool
    blocked: list[str]


class AttachedPaper(BaseModel):
    """A letter that is attached. `named`: its text or its code names the list; else `why` it was taken."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PAPER]})

    id: UUID
    paper: str
    document: UUID
    named: bool
    why: str
    by: UUID
    at: datetime


class NextStep(BaseModel):
    """A step that leads on, who takes it, and why the asker can't now."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STEP]})

    step: str
    title: str
    by: str
    papers: list[str]
    problems: list[str]


class Erased(BaseModel):
    """How far a destruction is, in letters: `erased` have no key and no text left, `gone` no object either."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"letters": 5, "erased": 5, "gone": 3, "locked_until": _AT}]}
    )

    letters: int
    erased: int
    gone: int
    locked_until: datetime | None


class DisposalDoing(BaseModel):
    """One thing done with a list."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"at": _AT, "by": _ACCOUNT, "action": "usul", "reason": ""}]}
    )

    at: datetime
    by: UUID
    action: str
    reason: str


class DisposalDetail(Disposal):
    """One list with its lines (from `after` on), papers, panel, next steps, history and how far its execution is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_LIST,
                    "lines": [_LINE],
                    "papers": [_PAPER],
                    "steps": [_STEP],
                    "history": [{"at": _AT, "by": _ACCOUNT, "action": "usul", "reason": ""}],
                    "progress": None,
                    "panel": PANEL_EXAMPLE,
                    "more": False,
                }
            ]
        }
    )

    lines: list[DisposalLine]
    papers: list[AttachedPaper]
    steps: list[NextStep]
    history: list[DisposalDoing]
    progress: Erased | None
    panel: DisposalPanel | None
    more: bool


class AuthenticCopy(BaseModel):
    """By which list of alih media a scan is an authenticated copy, since which day."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "AMD-2036-0001", "on_day": "2036-03-03"}]})

    code: str
    on_day: date


class LetterDisposal(BaseModel):
    """When and by which list a letter was destroyed (null: it is there, or the list may not be seen), and whether its
    scan is an authenticated copy of its paper."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"document": ID, "destroyed_at": None, "destroyed_by": None, "authentic": None}]
        }
    )

    document: UUID
    destroyed_at: datetime | None
    destroyed_by: str | None
    authentic: AuthenticCopy | None


def letter_disposal(
    row: DocumentRow, gone: DisposalRow | None, copied: tuple[AuthenticCopyRow, DisposalRow] | None
) -> LetterDisposal:
    """What became of a letter."""
    mark = AuthenticCopy(code=copied[1].code, on_day=copied[0].on_day) if copied else None
    return LetterDisposal(
        document=row.id, destroyed_at=row.destroyed_at, destroyed_by=gone.code if gone else None, authentic=mark
    )


def disposal(row: DisposalRow) -> Disposal:
    """A list as the API shows it."""
    return Disposal.model_validate({name: getattr(row, name) for name in Disposal.model_fields})


def candidate(row: BerkasRow) -> dict[str, Any]:
    """A berkas as a list shows it."""
    return {
        "berkas": row.id,
        "number": book.berkas_number(row),
        "code": row.code,
        "letters": row.letters,
        "fate": row.fate,
        "expires_on": row.expires_on.isoformat() if row.expires_on else None,
    }


def _line(item: Item, blocked: Mapping[UUID, tuple[str, ...]]) -> DisposalLine:
    row = item.row
    return DisposalLine(
        **candidate(item.berkas),
        series=item.series,
        verdict=row.verdict,
        verdict_reason=row.verdict_reason,
        chosen=row.chosen,
        blocked=list(blocked.get(row.berkas_id, ())),
    )


def _paper(paper: Paper) -> AttachedPaper:
    row = paper.row
    return AttachedPaper(
        id=row.id, paper=row.paper, document=row.document_id, named=row.named, why=row.why, by=row.account_id, at=row.at
    )


def detail(
    account: Account,
    seen: Listed,
    lines: list[Item],
    papers: Iterable[Paper],
    history: Iterable[DisposalActionRow],
    progress: Progress | None,
    *,
    more: bool,
) -> DisposalDetail:
    """A list with all that belongs to it."""
    steps = [
        NextStep(
            step=step.id, title=step.title, by=step.by, papers=list(step.papers), problems=seen.problems(account, step)
        )
        for step in next_steps(seen.workflow, seen.stand)
    ]
    return DisposalDetail(
        **disposal(seen.row).model_dump(),
        lines=[_line(one, seen.blocked) for one in lines],
        papers=[_paper(one) for one in papers],
        steps=steps,
        history=[DisposalDoing(at=one.at, by=one.account_id, action=one.action, reason=one.reason) for one in history],
        progress=Erased(
            letters=progress.letters, erased=progress.erased, gone=progress.gone, locked_until=progress.locked_until
        )
        if progress
        else None,
        panel=DisposalPanel.model_validate(seen.row.panel) if seen.row.panel else None,
        more=more,
    )
