"""What is printed beside, over and before check boxes: their names, from the words on the same level picture."""

from collections.abc import Sequence
from dataclasses import dataclass

from ocr.squares import Square

_SAME_ROW = 0.7  # of a box's side: how far a word's middle may lie above or below the box's
_FIRST_GAP, _NEXT_GAP = 1.5, 1.1  # sides: from the box to its label, and between the label's words
_OVER = 22.0  # sides: how far up the head of a column may stand
_COLUMN_STEP = 3.2  # sides between boxes of one column, at most
_LEFT = 2.6  # sides: how far left of its boxes a heading may begin
_MOST_WORDS = 14
_RULES = frozenset("|_[]□■☐☑.:…")  # what recognisers make of frames, lines and dots


@dataclass(frozen=True, slots=True)
class Standing:
    """A word where it stands on the level picture, px."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def y(self) -> float:
        """The height of its middle."""
        return (self.y0 + self.y1) / 2


def named(squares: Sequence[Square], words: Sequence[Standing]) -> list[tuple[str, str]]:
    """(label, heading) of each square, in the same order; either may be empty."""
    words = [w for w in words if not _RULES.issuperset(w.text) and not any(_covers(s, w) for s in squares)]
    rights = [beside(square, squares, words) for square in squares]
    taken = {id(word) for label in rights for word in label}
    free = [word for word in words if id(word) not in taken]
    names = []
    for square, label in zip(squares, rights, strict=True):
        before = _before(square, squares, free)
        in_row = any(
            other and abs(s.middle[1] - square.middle[1]) < s.side for s, other in zip(squares, rights, strict=True)
        )
        if in_row:
            names.append((_text(label), _text(before or _heading(square, squares, free))))
        else:  # a cell of a table: its row is named at the left, its column at the head
            names.append((_text(before), _text(_head(square, free))))
    return names


def _text(words: Sequence[Standing]) -> str:
    return " ".join(w.text for w in words[:_MOST_WORDS]).strip(" ".join(_RULES))


def _covers(square: Square, word: Standing) -> bool:
    """Whether the word is the box itself, taken for a letter."""
    x = (word.x0 + word.x1) / 2
    return (
        square.x - 0.2 * square.side <= x <= square.x + 1.2 * square.side
        and abs(word.y - square.middle[1]) < square.side
        and word.x1 - word.x0 < 2 * square.side
    )


def _row(square: Square, words: Sequence[Standing]) -> list[Standing]:
    middle = square.middle[1]
    return sorted((w for w in words if abs(w.y - middle) <= _SAME_ROW * square.side), key=lambda w: w.x0)


def beside(square: Square, squares: Sequence[Square], words: Sequence[Standing]) -> list[Standing]:
    """The words right of a box, up to a wide gap or the next box."""
    edge = square.x + square.side
    found: list[Standing] = []
    others = [s.x for s in squares if s.x > edge and abs(s.middle[1] - square.middle[1]) < square.side]
    end = min(others, default=float("inf"))
    for word in _row(square, words):
        # a word may hold the box too, read as its first letter
        if word.x1 <= square.x + 1.3 * square.side:
            continue
        if word.x0 - edge > square.side * (_NEXT_GAP if found else _FIRST_GAP) or word.x0 >= end:
            break
        found.append(word)
        edge = word.x1
    return found


def _before(square: Square, squares: Sequence[Square], words: Sequence[Standing]) -> list[Standing]:
    """The words before the first box of a row."""
    row = [s for s in squares if abs(s.middle[1] - square.middle[1]) < square.side * _SAME_ROW]
    first = min(s.x for s in row)
    return [w for w in _row(square, words) if w.x1 <= first + 0.3 * square.side]


def _head(square: Square, words: Sequence[Standing]) -> list[Standing]:
    """The nearest words over a box, in its column."""
    x = square.middle[0]
    over = [
        w for w in words if w.x0 - square.side <= x <= w.x1 + square.side and 0 < square.y - w.y <= _OVER * square.side
    ]
    nearest = max((w.y for w in over), default=0.0)
    return sorted((w for w in over if nearest - w.y < square.side * 0.6), key=lambda w: w.x0)


def _heading(square: Square, squares: Sequence[Square], words: Sequence[Standing]) -> list[Standing]:
    """The line over the topmost box of a column."""
    top = square
    for other in sorted((s for s in squares if abs(s.x - square.x) < square.side * 0.6), key=lambda s: -s.y):
        if 0 < top.y - other.y <= _COLUMN_STEP * square.side:
            top = other
    over = [w for w in words if 0 < top.y - w.y <= _COLUMN_STEP * square.side]
    near = [w for w in over if w.x0 >= square.x - _LEFT * square.side] if _begins(square, over) else over
    lowest = max((w.y for w in near), default=0.0)
    line = sorted((w for w in near if lowest - w.y < square.side * 0.6), key=lambda w: w.x0)
    found: list[Standing] = []
    for word in line:
        if found and word.x0 - found[-1].x1 > 2 * square.side:
            break
        found.append(word)
    return found


def _begins(square: Square, words: Sequence[Standing]) -> bool:
    return any(abs(w.x0 - square.x) <= _LEFT * square.side for w in words)
