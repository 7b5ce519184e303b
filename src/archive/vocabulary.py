"""What people of a unit confirmed of its letters' fields, counted: the office's own words (classify/vocabulary.py)."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from archive.stacks import MAY_BE_LETTER

# An office's words are those it uses now: older confirmations teach nothing more and cost the desk time
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Said:
    """A value that people gave a field, at last, in so many letters."""

    name: str
    value: str
    letters: int


# The newest confirmations of each field, of each letter the last word, counted
_SAID = text(
    f"""
    SELECT name, said, count(*) AS letters
    FROM (SELECT DISTINCT ON (wanted.name, document_id) wanted.name, newest.said
          FROM unnest(CAST(:names AS text[])) AS wanted (name)
          CROSS JOIN LATERAL (SELECT c.document_id, c.said, c.at
                              FROM confirmation c JOIN document d ON d.id = c.document_id
                              WHERE c.name = wanted.name AND d.unit = :unit AND d.clearance <= :clearance
                                AND {MAY_BE_LETTER}
                              ORDER BY c.at DESC LIMIT :most) AS newest
          ORDER BY wanted.name, document_id, newest.at DESC) AS last
    WHERE said IS NOT NULL GROUP BY name, said ORDER BY letters DESC, name, said"""  # noqa: S608 - constants of the program only
)


def said(session: Session, unit: str, clearance: int, names: Collection[str]) -> list[Said]:
    """What people confirmed of these fields in the unit's letters, of the last thousand of each, most often said first.

    Only of visible letters, and of none above `clearance`: a word must not come down from a letter to one of a lower
    level. Of none that was joined back either (docs/adr/0014): what was said of it may be what was wrong.
    """
    asked = {"names": sorted(names), "unit": unit, "clearance": clearance, "most": _MOST}
    return [Said(*row) for row in session.execute(_SAID, asked)]
