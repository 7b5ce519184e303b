"""Where the handwriting of a scanned sheet of disposition stands: beneath its boxes, above the lower marks. Pure.

The sheet's boxes end with the longer of its two lists, so the place is told from the boxes that were found.
"""

from collections.abc import Collection, Sequence
from typing import Final

from rapidfuzz import fuzz

from archive.reading import Box, PageReading, Tick
from records.office import Disposition

_ALIKE: Final = 80  # of 100: a label with a letter or two misread
_BELOW: Final = 0.006  # of the page's height: the gap under a box
_SIDES: Final = (0.03, 0.97)
_FOOT: Final = 0.97  # where no mark tells
_USUAL_TOP: Final = 0.55  # with the packaged lists, where no box was found
_LEAST: Final = 0.1  # of the page's height, or it is no room for a note


def note_area(page: PageReading, offered: Disposition) -> Box:
    """The part of the page below the boxes of recipients and instructions, as fractions of its picture."""
    labels = (*offered.recipients, *offered.instructions)
    boxes = [tick for tick in page.ticks if _is_one_of(tick.label, labels)]
    top = max((tick.box[3] for tick in boxes), default=_USUAL_TOP - _BELOW) + _BELOW
    foot = _foot([tick for tick in boxes if tick.place is not None])
    if foot - top < _LEAST:
        top, foot = _USUAL_TOP, _FOOT
    return _SIDES[0], round(top, 5), _SIDES[1], round(foot, 5)


def _is_one_of(label: str, labels: Collection[str]) -> bool:
    said = label.casefold()
    return any(fuzz.ratio(said, one.casefold()) >= _ALIKE for one in labels)


def _foot(boxes: Sequence[Tick]) -> float:
    """The height of the lower corner marks: a box says how high it stands on the page, and between the marks."""
    if len(boxes) < 2:
        return _FOOT
    places = [(one.place[1] if one.place else 0.0, (one.box[1] + one.box[3]) / 2) for one in boxes]
    (high, above), (low, below) = min(places), max(places)
    if low - high < _LEAST:
        return _FOOT
    return min(_FOOT, below + (1.0 - low) * (below - above) / (low - high))
