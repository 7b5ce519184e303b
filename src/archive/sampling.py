"""How right the letters are that nobody was asked about: some of them, drawn by lot, come to the desk all the same.

What people confirm otherwise are mostly doubtful letters, which read worse than the archive as a whole.
"""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from archive.tables import DocumentRow


@dataclass(frozen=True, slots=True)
class Sampled:
    """Of one kind of letter, the samples that people checked: `letters`, of which in `right` nothing was corrected.

    `facts` people told of them (kind and fields), `facts_right` the machine had read so.
    """

    kind: str
    letters: int
    right: int
    facts: int
    facts_right: int


def drawn(document: UUID, percent: int) -> bool:
    """The lot of a letter: the same each time, true of about `percent` in a hundred letters."""
    lot = int.from_bytes(hashlib.sha256(document.bytes).digest()[:8])
    return lot * 100 < percent << 64


def is_sample(row: DocumentRow, doubt: int, percent: int) -> bool:
    """Whether a letter that is being filed with that doubt is a sample: drawn when first filed, kept when read anew."""
    first = row.kind is None
    return doubt == 0 and (drawn(row.id, percent) if first else row.sampled)


# As accuracy is computed (archive/checks.py): the first reading against the last word
_SAMPLES = text("""
    SELECT kind, count(*) AS letters, count(*) FILTER (WHERE told = told_right) AS "right",
      CAST(sum(told) AS bigint) AS facts, CAST(sum(told_right) AS bigint) AS facts_right
    FROM (SELECT d.id, d.kind, count(*) AS told,
            count(*) FILTER (WHERE f.read IS NOT DISTINCT FROM f.said) AS told_right
          FROM document d
          JOIN LATERAL (SELECT name, (array_agg(c.read ORDER BY at))[1] AS read,
                          (array_agg(c.said ORDER BY at DESC))[1] AS said
                        FROM confirmation c WHERE c.document_id = d.id GROUP BY name) AS f ON true
          WHERE d.sampled AND (f.read IS NOT NULL OR f.said IS NOT NULL) GROUP BY d.id, d.kind) AS letters
    GROUP BY kind ORDER BY kind""")


def checked(session: Session) -> list[Sampled]:
    """What people found in the visible samples that they checked, by kind of letter."""
    return [Sampled(*row) for row in session.execute(_SAMPLES)]
