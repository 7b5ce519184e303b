"""What may happen to a list of records next: pure, without clock or database. The database holds the same rules again
(disposal_checked() in the migration), for whoever gets past this."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID

from records.disposal.workflow import START, WITHDRAWN, Status, Step, Workflow

Approver = Literal["kepala_daerah", "kepala_anri", "kepala_lkd", "kepala_unit_kearsipan"]
YEARS_OF_ANRI: Final = 10  # retention from which Kepala ANRI approves (domain.md 1.4; UU 23/2014, Permendagri 83/2022)

# Why nothing happens, in words for people
WRONG_STATUS: Final = "langkah itu belum atau tidak lagi bisa dilakukan pada keadaan ini"
NO_LINES: Final = "daftarnya masih kosong"
BLOCKED: Final = "ada berkas yang terhalang; keluarkan dari daftar atau selesaikan halangannya"
NO_DECLARATION: Final = "penilai belum menyatakan arsip tidak bernilai guna lagi dan tidak dilarang dimusnahkan"
NO_PANEL: Final = "panitia penilai belum disebut: SK-nya, ketua, dan anggotanya"
SAME_PERSON: Final = "orangnya harus berbeda dari yang mengusulkan"
SAME_ASSESSOR: Final = "pelaksana harus berbeda dari yang mengusulkan dan yang menilai"
CHANGED: Final = "daftar atau isi berkasnya berubah sejak dinilai; persetujuannya gugur. Buka kembali daftarnya"
NONE_CHOSEN: Final = "pilih sebagian berkas: paling sedikit satu disetujui dan satu tidak"
RUNNING: Final = "pelaksanaannya sudah dimulai"
NO_REASON: Final = "alasannya belum ditulis"


class RefusedError(Exception):
    """The step can't be done now; the message says why, in words for people. Nothing has changed."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How far a list is, and by whom. `digest` is that of the closed list, `begun`: execution runs or is done."""

    status: Status = START
    proposer: UUID | None = None
    assessor: UUID | None = None
    executor: UUID | None = None
    digest: str | None = None
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of the list now: how many lines it has, whether one is blocked, which papers are attached, its
    digest as it would be if it were closed now, and whether its panel is named (where one has to be)."""

    lines: int
    blocked: bool
    papers: Collection[str]
    digest: str
    panel: bool = True


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody wants done. `declared`: the assessor answers for ps 51 a and c; `chosen`: how many lines were
    approved, where some were."""

    step: str
    by: UUID
    declared: bool = False
    chosen: int | None = None


def _problems(workflow: Workflow, stand: Stand, facts: Facts, command: Command, step: Step) -> Iterator[str]:
    if stand.status not in step.sources:
        yield WRONG_STATUS
    if stand.begun and stand.status in workflow.executing.sources:
        yield RUNNING
    if step.by != "arsiparis" and command.by == stand.proposer:
        yield SAME_ASSESSOR if step.by == "pelaksana" else SAME_PERSON
    elif step.by == "pelaksana" and command.by == stand.assessor:
        yield SAME_ASSESSOR
    if missing := [workflow.papers[paper] for paper in step.papers if paper not in facts.papers]:
        yield "belum dilampirkan: " + ", ".join(missing)
    yield from _of_the_list(stand, facts, command, step)


def _of_the_list(stand: Stand, facts: Facts, command: Command, step: Step) -> Iterator[str]:
    if step.freezes and not facts.lines:
        yield NO_LINES
    if (step.freezes or step.executes) and facts.blocked:
        yield BLOCKED
    if step.freezes and not facts.panel:
        yield NO_PANEL
    if step.declares and not command.declared:
        yield NO_DECLARATION
    if stand.digest is not None and not stand.begun and stand.digest != facts.digest:
        yield CHANGED
    if step.chooses and not (command.chosen and 0 < command.chosen < facts.lines):
        yield NONE_CHOSEN


def problems(workflow: Workflow, stand: Stand, facts: Facts, command: Command) -> list[str]:
    """Why the step can't be done now, in words for people; empty when it can."""
    step = workflow.step(command.step)
    return [WRONG_STATUS] if step is None else list(_problems(workflow, stand, facts, command, step))


def apply(workflow: Workflow, stand: Stand, facts: Facts, command: Command) -> Stand:
    """The list after the step. An executing step only begins: finished() leads on. Raises RefusedError."""
    found = problems(workflow, stand, facts, command)
    step = workflow.step(command.step)
    if found or step is None:
        raise RefusedError("; ".join(found))
    if step.executes:
        return replace(stand, executor=command.by, begun=True)
    if step.freezes:
        return replace(stand, status=step.to, assessor=command.by, digest=facts.digest)
    return replace(stand, status=step.to)


def finished(workflow: Workflow, stand: Stand) -> Stand:
    """The list when all of its execution is done. Raises RefusedError when it was not begun."""
    step = workflow.executing
    if not stand.begun or stand.status not in step.sources:
        raise RefusedError(WRONG_STATUS)
    return replace(stand, status=step.to)


def reopened(stand: Stand, reason: str) -> Stand:
    """The closed list open for changes again: what was decided since is void. Raises RefusedError."""
    _require_stoppable(stand, reason)
    if stand.digest is None:
        raise RefusedError(WRONG_STATUS)
    return Stand(proposer=stand.proposer)


def withdrawn(stand: Stand, reason: str) -> Stand:
    """The list given up. Raises RefusedError once its execution has begun."""
    _require_stoppable(stand, reason)
    return replace(stand, status=WITHDRAWN)


def _require_stoppable(stand: Stand, reason: str) -> None:
    if stand.begun:
        raise RefusedError(RUNNING)
    if stand.status in ("ditolak", WITHDRAWN):
        raise RefusedError(WRONG_STATUS)
    if not reason.strip():
        raise RefusedError(NO_REASON)


def next_steps(workflow: Workflow, stand: Stand) -> tuple[Step, ...]:
    """The steps that lead on from here, done or not yet possible."""
    if stand.begun and stand.status in workflow.executing.sources:
        return ()
    return tuple(step for step in workflow.steps if stand.status in step.sources)


def way(workflow: Workflow, status: Status, taken: Collection[str]) -> list[tuple[Status, bool]]:
    """The statuses that a list goes through, and whether each was reached: those of the steps `taken` since it was last
    opened, then what lies ahead of where it stands if all goes well."""
    reached: list[Status] = [START, *(step.to for step in workflow.steps if step.id in taken)]
    if status not in reached:
        reached.append(status)
    ahead: list[Status] = []
    at = status
    while (step := next((one for one in workflow.steps if at in one.sources), None)) is not None:
        at = step.to
        ahead.append(at)
    return [*((one, True) for one in reached), *((one, False) for one in ahead)]


def approver(workflow: Workflow, years: Collection[int | None]) -> Approver:
    """Who approves a list whose lines are kept so many years each; None: its kind is not in the schedule (JRA).

    Ten years or more, or a kind that the schedule lacks, are Kepala ANRI's; less is the head of the region's.
    """
    if workflow.kind == "penyerahan":
        return "kepala_lkd"
    if workflow.kind != "pemusnahan":
        return "kepala_unit_kearsipan"
    highest = any(one is None or one >= YEARS_OF_ANRI for one in years)
    return "kepala_anri" if highest else "kepala_daerah"
