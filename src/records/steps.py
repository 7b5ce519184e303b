"""The steps of an outgoing letter (SOP B rows 7–11): draf → paraf → nomor and tanda tangan → terkirim. Pure.

Row 10 wants the number that row 11 assigns, so number and signature may come in either order; both stand before the
letter goes out. What was done earlier may be told later, but a letter that has gone does not change.
"""

from collections.abc import Collection, Mapping
from typing import Final, Literal, get_args

Step = Literal["draf", "paraf", "nomor", "ttd", "terkirim"]
STEPS: Final[tuple[Step, ...]] = get_args(Step)
LABELS: Final[Mapping[Step, str]] = {
    "draf": "draf",
    "paraf": "paraf",
    "nomor": "nomor",
    "ttd": "tanda tangan",
    "terkirim": "terkirim",
}
# Each needs these before it
NEEDS: Final[Mapping[Step, frozenset[Step]]] = {
    "draf": frozenset(),
    "paraf": frozenset(),
    "nomor": frozenset(),
    "ttd": frozenset(),
    "terkirim": frozenset({"nomor", "ttd"}),
}


def lacking(step: Step, done: Collection[str]) -> tuple[Step, ...]:
    """What must be done before this step, in order; empty when it may be done now."""
    return tuple(one for one in STEPS if one in NEEDS[step] and one not in done)


def possible(done: Collection[str]) -> tuple[Step, ...]:
    """The steps that may be told next, in order; none once the letter has gone."""
    if "terkirim" in done:
        return ()
    return tuple(step for step in STEPS if step not in done and not lacking(step, done))
