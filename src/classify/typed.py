"""A value that a person typed, read by the same rules as a printed one."""

from classify.fieldspec import field_spec
from classify.rows import Piece
from classify.values import read

# as if printed in one row of ten points, letters six points wide
_HEIGHT, _LETTER = 10.0, 6.0


def typed(name: str, text: str) -> tuple[str, tuple[str, ...]]:
    """The value of a field's text in the form all letters share, and what speaks against it, in words for clerks.

    A text that the field's type does not know is taken as it is, and says so. An unknown field takes any text.
    """
    spec = field_spec(name)
    if spec is None:
        return text, ()
    pieces, x = [], 0.0
    for word in text.split():
        width = _LETTER * len(word)
        pieces.append(Piece(word, (0.0, 0.0, 0.0, 0.0), 1.0, 0, x, x + width, 0.0, _HEIGHT))
        x += width + _LETTER
    draft = read(spec, [pieces], _HEIGHT)
    if draft is None:
        return text, ("bentuknya tidak dikenali",)
    return draft.value, tuple(draft.failed)
