"""Characters that only the form of a number tells from their twins: months of letters, signs of dates.

Nothing is replaced blindly. A form makes one reading so many times likelier than its twins (`odds`), and the
recogniser's own chances decide with that: where it saw no trace of the likelier character, what it read stays.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.glyphs import Glyph
from ocr.sessions import Floats


@dataclass(frozen=True, slots=True)
class Form:
    """Where `pattern` matches, each of `twins` inside may be `meant`, which is `odds` times as usual there."""

    pattern: re.Pattern[str]
    meant: str
    twins: str
    odds: float


_FORMS = (
    # the month before the year of a letter's number is roman in most offices: 400.9/57/KEL-SP/I/2025
    Form(re.compile(r"(?<=/)[1Il|]{1,4}(?=/(?:19|20)\d\d(?!\d))"), "I", "1l|", 20.0),
    # nobody prints a date with two signs: 06-11-2023
    Form(re.compile(r"(?<![\d-])\d\d(?:[.:]\d\d-|-\d\d[.:])(?:19|20)\d\d(?!\d)"), "-", ".:", 100.0),
)


def by_form(glyphs: Sequence[Glyph], chances: Floats, table: str) -> list[Glyph]:
    """The characters, one to a glyph, with twins set right by the form of their number.

    `chances` are the recogniser's: steps along the strip × characters of `table`.
    """
    found = list(glyphs)
    text = "".join(g.text for g in found)
    for form in _FORMS:
        for match in form.pattern.finditer(text):
            for at in range(*match.span()):
                if text[at] in form.twins:
                    found[at] = _likelier(found[at], form, chances, table)
    return found


def _likelier(glyph: Glyph, form: Form, chances: Floats, table: str) -> Glyph:
    seen = chances[round(glyph.start * len(chances)) : round(glyph.end * len(chances))].max(axis=0)
    chance = form.odds * float(seen[table.index(form.meant)])
    rest = sum(float(seen[table.index(twin)]) for twin in form.twins)
    return glyph._replace(text=form.meant, confidence=chance / (chance + rest)) if chance > rest else glyph
