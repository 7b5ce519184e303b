"""Where in a case a letter of some kind belongs: the steps that wait for it, that may, and that have it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from cases.machine import SETTLED, CaseState, Linked
from cases.sop import Paper, Step

_OUTPUT, _BRANCH, _NEED = range(3)


class Fit(IntEnum):
    """How well a step has use for a letter, least first."""

    UNNAMED = 0  # the SOP knows no such letter
    THERE = 1  # it has one already, or was skipped
    BRANCH = 2  # if the client is led into that branch
    LATER = 3  # its turn has not come
    AWAITED = 4  # it is worked on, or was done without


@dataclass(frozen=True, slots=True)
class Place:
    """A step for a letter. `plain`: the SOP tells no stages of that letter apart (draft, initialled, signed), which its
    kind does not say."""

    step: int
    fit: Fit
    role: int
    plain: bool

    @property
    def is_met_elsewhere(self) -> bool:
        """Whether the letter will do wherever in the case it is linked: the step needs it, and does not yield it."""
        return self.role == _NEED


def places(state: CaseState, letters: Iterable[Linked], kind: str | None) -> tuple[Place, ...]:
    """The steps for a letter of that kind, the best first and each once; of a kind that the SOP does not name, the step
    that waits now."""
    linked = list(letters)
    best: dict[int, Place] = {}
    for step in state.sop.steps:
        for place in _of_step(state, step, linked, kind):
            if step.number not in best or _order(state, place) < _order(state, best[step.number]):
                best[step.number] = place
    if best:
        return tuple(sorted(best.values(), key=lambda place: _order(state, place)))
    here = state.current[0].number if state.current else 1
    return (Place(here, Fit.UNNAMED, _NEED, plain=False),)


def only_awaited(found: tuple[Place, ...]) -> Place | None:
    """The one step that waits for the letter, if no other does by the same right; an output comes before a need."""
    first = found[0]
    same = [place for place in found if (place.fit, place.role) == (first.fit, first.role)]
    return first if first.fit is Fit.AWAITED and len(same) == 1 and first.plain else None


def opens_with(steps: tuple[Step, ...], kind: str | None) -> int | None:
    """Which of the letters that an SOP begins with this is, from 0: what its first step needs, or yields if it needs
    nothing; None for any other letter."""
    first = steps[0]
    wanted = [paper for paper in first.needs if paper.required] or [paper for paper in first.outputs if paper.required]
    return next((at for at, paper in enumerate(wanted) if kind in paper.kinds), None)


def _order(state: CaseState, place: Place) -> tuple[int, int, bool, int]:
    step = state.sop.step(place.step)
    return -place.fit, place.role, step not in state.current, place.step


def _of_step(state: CaseState, step: Step, linked: list[Linked], kind: str | None) -> Iterable[Place]:
    progress = state.of(step.number)
    for paper in step.outputs:
        if kind in paper.kinds:
            yield Place(step.number, _fit(state, step, _has(linked, paper, step.number)), _OUTPUT, paper.state is None)
    for branch in step.branches:
        for paper in branch.outputs:
            if kind in paper.kinds:
                taken = branch.id in progress.taken
                there = _has(linked, paper, step.number) or (progress.state in SETTLED and not taken)
                fit = Fit.THERE if there else Fit.AWAITED if taken else Fit.BRANCH
                yield Place(step.number, fit, _BRANCH, paper.state is None)
    for paper in step.needs:
        if kind in paper.kinds:
            yield Place(step.number, _fit(state, step, _has(linked, paper)), _NEED, paper.state is None)


def _has(linked: list[Linked], paper: Paper, step: int | None = None) -> bool:
    return any(one.kind in paper.kinds and step in (None, one.step) for one in linked)


def _fit(state: CaseState, step: Step, there: bool) -> Fit:
    now = state.of(step.number).state
    if there or now == "skipped":
        return Fit.THERE
    return Fit.AWAITED if now == "done" or step in state.current else Fit.LATER
