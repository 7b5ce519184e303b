"""What may happen to a case, step by step, under its SOP: pure, without clock, people or database.

No sequence of commands gets stuck: whatever was done, each step can be skipped with a reason, what lacks can be waived,
and the case closed. Letters are no part of this state, so no command can lose one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal
from uuid import UUID

from cases.sop import Branch, Paper, Sop, Step

StepState = Literal["waiting", "running", "done", "skipped", "branched"]
Action = Literal["start", "finish", "skip", "branch", "reopen"]
SETTLED: Final[frozenset[StepState]] = frozenset({"done", "skipped"})
# From which states an action leads on
_FROM: Final[Mapping[Action, frozenset[StepState]]] = {
    "start": frozenset({"waiting", "branched"}),
    "finish": frozenset({"waiting", "running", "branched"}),
    "skip": frozenset({"waiting", "running", "branched"}),
    "branch": frozenset({"waiting", "running"}),
    "reopen": frozenset({"done", "skipped"}),
}
# What says why nothing happens, in words for people
TOO_EARLY: Final = "langkah sebelumnya belum selesai"
WRONG_STATE: Final = "langkah ini tidak pada keadaan itu"
NO_REASON: Final = "alasannya belum ditulis"
NO_BRANCH: Final = "langkah ini tidak punya cabang itu"


class RefusedError(Exception):
    """The command can't be done now; the message says why, in words for people. Nothing has changed."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one step is. `taken` are ids of the branches it took, also after it came back from them."""

    state: StepState = "waiting"
    taken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Linked:
    """A letter that is linked to a step: its kind, whether it carries its number and lies locked in the archive.

    `booked`: it stands in an agenda book or need not, `sure`: its kind is beyond doubt, `placed`: where its paper lies
    is known. Those three hold up the closing only (closing.py).
    """

    step: int
    kind: str | None
    numbered: bool = False
    sealed: bool = True
    booked: bool = True
    sure: bool = True
    placed: bool = True
    letter: UUID | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the SOP that requires a letter. `place` names it within the SOP: `2/needs/0`, `2/sakit/0`; `here`: the
    letter has to be linked to that very step."""

    step: int
    place: str
    paper: Paper
    here: bool


@dataclass(frozen=True, slots=True)
class Lack:
    """A required letter that is not there. `place` is that of its row."""

    step: int
    place: str
    paper: Paper
    why: Literal["absent", "unnumbered", "unsealed"]


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody wants done with a step."""

    action: Action
    step: int
    reason: str = ""
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class CaseState:
    """Progress of each step, in the SOP's order."""

    sop: Sop
    steps: tuple[Progress, ...] = field(default=())

    @classmethod
    def new(cls, sop: Sop) -> "CaseState":
        """A case that was just opened."""
        return cls(sop, tuple(Progress() for _ in sop.steps))

    def of(self, number: int) -> Progress:
        return self.steps[number - 1]

    def is_ready(self, step: Step) -> bool:
        """Whether every step before it is settled."""
        return all(self.of(before).state in SETTLED for before in step.after)

    @property
    def current(self) -> tuple[Step, ...]:
        """The steps that wait for somebody now: running ones, those away on a branch, those that may begin."""
        return tuple(
            step
            for step in self.sop.steps
            if self.of(step.number).state in ("running", "branched")
            or (self.of(step.number).state == "waiting" and self.is_ready(step))
        )

    @property
    def ended_by(self) -> Branch | None:
        """The branch that ends the case, if a step is on one."""
        for step in self.sop.steps:
            progress = self.of(step.number)
            if progress.state == "branched":
                branch = branch_of(step, progress.taken[-1])
                if branch.ends:
                    return branch
        return None

    @property
    def is_through(self) -> bool:
        """Whether no step waits any more, or a branch has ended the case."""
        return self.ended_by is not None or all(progress.state in SETTLED for progress in self.steps)


def branch_of(step: Step, wanted: str | None) -> Branch:
    """The step's branch of that id. Raises RefusedError."""
    for branch in step.branches:
        if branch.id == wanted:
            return branch
    raise RefusedError(NO_BRANCH)


def apply(state: CaseState, command: Command, letters: Iterable[Linked]) -> CaseState:
    """The state after a command. Raises RefusedError, with the reason for people.

    A step is finished without words when its outputs are there; otherwise a person has to say why it is done.
    """
    step, progress = state.sop.step(command.step), state.of(command.step)
    if progress.state not in _FROM[command.action]:
        raise RefusedError(WRONG_STATE)
    if command.action in ("start", "finish", "branch") and not state.is_ready(step):
        raise RefusedError(TOO_EARLY)
    if command.action == "branch":
        branch_of(step, command.branch)
    if not command.reason and _needs_reason(state, command, letters):
        raise RefusedError(NO_REASON)
    changed = _changed(progress, command)
    at = command.step - 1
    return replace(state, steps=(*state.steps[:at], changed, *state.steps[at + 1 :]))


def _changed(progress: Progress, command: Command) -> Progress:
    if command.action == "branch" and command.branch is not None:
        taken = tuple(one for one in progress.taken if one != command.branch)
        return Progress("branched", (*taken, command.branch))
    after: Mapping[Action, StepState] = {"start": "running", "finish": "done", "skip": "skipped", "reopen": "running"}
    return replace(progress, state=after[command.action])


def _needs_reason(state: CaseState, command: Command, letters: Iterable[Linked]) -> bool:
    if command.action == "finish":
        return bool(missing(state.sop.step(command.step), letters))
    return command.action in ("skip", "branch", "reopen")


def missing(step: Step, letters: Iterable[Linked]) -> list[Lack]:
    """The outputs that the step does not end without, but for a reason. One that is no letter is said to be there by
    whoever finishes the step."""
    linked = list(letters)
    found = [_lack(Row(step.number, "", paper, True), linked) for paper in step.outputs if paper.required]
    return [lack for lack in found if lack is not None]


def finishable(state: CaseState, letters: Iterable[Linked]) -> tuple[int, ...]:
    """The steps at work or next whose letters are all there, those that they need and those that they yield."""
    linked = list(letters)
    return tuple(
        step.number
        for step in state.current
        if state.of(step.number).state != "branched"
        and not missing(step, linked)
        and not any(_lack(Row(step.number, "", paper, False), linked) for paper in step.needs if paper.required)
    )


def lacks(state: CaseState, letters: Iterable[Linked], waived: Iterable[str] = ()) -> list[Lack]:
    """Required letters that are not there, of every step that is done, was begun or is next; without what was waived.

    An output has to be linked to its own step, a need to any step: what one step yields the next one needs. Skipped
    steps need nothing, but a branch that was taken keeps wanting its letters. "bila ada" is never among them.
    """
    linked, forgiven = list(letters), set(waived)
    # a branch that ends the case leaves nothing to be done at the steps that were not finished
    active = frozenset() if state.ended_by else frozenset(step.number for step in state.current)
    found = [_lack(row, linked) for row in required(state, active)]
    return [lack for lack in found if lack is not None and lack.place not in forgiven]


def required(state: CaseState, active: frozenset[int] = frozenset()) -> Iterator[Row]:
    """The rows that require a letter: of every step that is done, of branches that were taken, and the needs of
    `active` steps."""
    for step in state.sop.steps:
        progress = state.of(step.number)
        done = progress.state == "done"
        parts = [("needs", step.needs, False)] if done or step.number in active else []
        parts += [("outputs", step.outputs, True)] if done else []
        parts += [(branch.id, branch.outputs, True) for branch in step.branches if branch.id in progress.taken]
        for name, papers, here in parts:
            for at, paper in enumerate(papers):
                if paper.required:
                    yield Row(step.number, f"{step.number}/{name}/{at}", paper, here)


def fitting(row: Row, letters: Iterable[Linked]) -> list[Linked]:
    """The letters that a row could be served by: of a kind that will do, and where it has to be linked."""
    return [one for one in letters if one.kind in row.paper.kinds and (one.step == row.step or not row.here)]


def _lack(row: Row, letters: list[Linked]) -> Lack | None:
    served = fitting(row, letters)
    if not served:
        return Lack(row.step, row.place, row.paper, "absent")
    if row.paper.numbered and not any(one.numbered for one in served):
        return Lack(row.step, row.place, row.paper, "unnumbered")
    if not any(one.sealed for one in served):
        return Lack(row.step, row.place, row.paper, "unsealed")
    return None


def suggested_step(state: CaseState, kind: str | None) -> int:
    """The step that a letter of that kind belongs to most likely: one that waits for it now, else the first that names
    it, else the first step."""
    names = [
        (paper.kinds, step.number)
        for steps in (state.current, state.sop.steps)
        for step in steps
        for paper in (*step.outputs, *(p for branch in step.branches for p in branch.outputs), *step.needs)
    ]
    return next((number for kinds, number in names if kind in kinds), 1)
