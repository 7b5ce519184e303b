"""The office's own words for the letters a worker files, from what people of the unit confirmed."""

import time
from collections.abc import Sequence
from functools import lru_cache

from archive import vocabulary
from archive.tables import DocumentRow
from classify.fields import Field
from classify.vocabulary import Words, learned_from, mended, words
from core.db import transaction

# New words may wait so long: letters come by the hundred, and each would ask for all that was ever confirmed
_KEPT_SECONDS = 300


def in_words_of(row: DocumentRow, fields: Sequence[Field]) -> tuple[Field, ...]:
    """The fields of a letter as the words of its unit make them; none from a letter of a higher level."""
    if all(field.sure for field in fields):
        return tuple(fields)
    known = words_of(row.unit, row.clearance, int(time.monotonic() / _KEPT_SECONDS))
    return tuple(mended(field, known) for field in fields)


@lru_cache(maxsize=32)
def words_of(unit: str, clearance: int, _time: int) -> Words:
    """The unit's words from letters up to that level; `_time` changes when they are to be looked up anew."""
    with transaction() as session:
        told = vocabulary.said(session, unit, clearance, learned_from())
    return words((one.name, one.value, one.letters) for one in told)
