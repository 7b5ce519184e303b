"""What the archive still lacks of a case before it may close (docs/adr/0022): pure, without clock, people or database.

Letters that are missing altogether are machine.py's lacks. Here it is about those that are there: each that a row of a
done step requires has to stand in a book, be of a kind beyond doubt, and have its place on paper where the SOP keeps
the case on paper; and the case itself has to be classified. Whatever is named here can be waived: no case gets stuck.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from cases.machine import CaseState, Linked, Row, fitting, required

Why = Literal["unclassified", "unsure", "unbooked", "unplaced"]
_NAMES: Final[dict[Why, str]] = {"unsure": "jenis", "unbooked": "agenda", "unplaced": "kertas"}
OF_THE_CASE: Final = "klasifikasi"


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing. `place` names it for a waiver; `letter` and the `rows` of the SOP that it serves are
    none where it is about the case as such."""

    why: Why
    place: str
    letter: UUID | None = None
    rows: tuple[Row, ...] = ()

    @property
    def step(self) -> int | None:
        """The first step that the letter serves."""
        return self.rows[0].step if self.rows else None


def gaps(
    state: CaseState, letters: Iterable[Linked], *, on_paper: bool, classified: bool, waived: Collection[str] = ()
) -> list[Gap]:
    """What is missing and was not waived, letter by letter in the SOP's order; the case's own classification last.

    Of several letters that serve a row the one that lacks least counts: a second scan need not be archived as well. A
    row that was waived asks nothing of the letters that serve it.
    """
    linked = list(letters)
    found: dict[str, Gap] = {}
    for row in required(state):
        served = fitting(row, linked)
        if not served or row.place in waived:
            continue
        best = min(served, key=lambda one: _order(one, row, on_paper, waived))
        for why in _missing(best, on_paper, waived):
            place = _place(best, why)
            known = found.get(place)
            found[place] = Gap(why, place, best.letter, (*(known.rows if known else ()), row))
    case = [] if classified or OF_THE_CASE in waived else [Gap("unclassified", OF_THE_CASE)]
    return [*found.values(), *case]


def _place(one: Linked, why: Why) -> str:
    return f"surat/{one.letter}/{_NAMES[why]}"


def _missing(one: Linked, on_paper: bool, waived: Collection[str]) -> list[Why]:
    whys: list[Why] = [] if one.sure else ["unsure"]
    whys += [] if one.booked else ["unbooked"]
    whys += ["unplaced"] if on_paper and not one.placed else []
    return [why for why in whys if _place(one, why) not in waived]


def _order(one: Linked, row: Row, on_paper: bool, waived: Collection[str]) -> tuple[bool, bool, int]:
    unnumbered = row.paper.numbered and not one.numbered
    return not one.sealed, unnumbered, len(_missing(one, on_paper, waived))
