"""Conditions on letters beside their words: `nama:`, `jenis:`, `dari:` … as one JSON that the searching functions read.

What books, cases and dispositions say is looked up as whoever asks, under the policies of those tables.
"""

import re
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from classify.dates import dates, month
from classify.rules import labels
from search.near import quoted
from search.parsing import Forms, Query, Term, spellings

_MOST: Final = 10_000
# Which fields of a letter (classify/fields.toml) each field of a query means
_MEANT: Final = {
    "nama": ("nama", "kepala_keluarga"),
    "nomor": ("nomor_surat", "nomor_lp", "nomor_sktlk"),
    "hal": ("perihal",),
}
_NUMBER: Final = re.compile(r"0*(\d{1,9})(?:\D+(\d{4}))?")
_BY_NUMBER: Final = "{0}.number = :number AND (CAST(:year AS int) IS NULL OR {0}.year = :year)"
_CASES: Final = f"""SELECT x.document_id FROM case_letter x JOIN case_file c ON c.id = x.case_id
  WHERE x.removed_at IS NULL AND {_BY_NUMBER.format("c")} LIMIT {_MOST}"""  # noqa: S608 - constants of this module
_AGENDA: Final = f"""SELECT e.document_id FROM agenda_entry e
  WHERE e.document_id IS NOT NULL AND e.cancelled_at IS NULL AND {_BY_NUMBER.format("e")} LIMIT {_MOST}"""  # noqa: S608
_CODES: Final = f"""SELECT e.document_id FROM agenda_entry e
  WHERE e.document_id IS NOT NULL AND e.cancelled_at IS NULL AND starts_with(e.code, :said)
  UNION SELECT x.document_id FROM case_letter x JOIN case_file c ON c.id = x.case_id
  WHERE x.removed_at IS NULL AND starts_with(c.classification, :said) LIMIT {_MOST}"""  # noqa: S608
_DISPOSITIONS: Final = f"""SELECT n.document_id FROM disposition n
  WHERE position(lower(:said) IN lower(concat_ws(' ', n.recipient, n.post, n.giver, n.note,
    array_to_string(n.instructions, ' ')))) > 0 LIMIT {_MOST}"""  # noqa: S608
_LOOKED_UP: Final = {"kasus": _CASES, "agenda": _AGENDA, "kode": _CODES, "disposisi": _DISPOSITIONS}


def suits(session: Session, query: Query, forms: Forms) -> dict[str, Any]:
    """The conditions of a query, maybe none. A value that means nothing fits no letter."""
    asked: dict[str, Any] = {}
    for name, value in query.fields:
        if name in _LOOKED_UP:
            found = _looked_up(session, name, value)
            asked["ids"] = sorted(set(asked["ids"]) & found if "ids" in asked else found)
        elif name == "jenis":
            asked["kind"] = re.sub(r"\W+", "_", value.lower()).strip("_")
            # the index knows whole names only; a letter of a kind that none is any more is found by the look at each
            asked["kinds_like"] = [name for name in labels() if asked["kind"] in name]
        else:
            asked |= {name: _edge(value, last=name == "sampai") or "nothing"}
    return asked | in_fields(query, forms)


def _looked_up(session: Session, name: str, value: str) -> set[str]:
    said: dict[str, Any] = {"said": value}
    if name in ("kasus", "agenda"):
        number = _NUMBER.search(value)
        if number is None:
            return set()
        said = {"number": int(number[1]), "year": int(number[2]) if number[2] else None}
    return {str(letter) for letter in session.scalars(text(_LOOKED_UP[name]), said)}


def _edge(value: str, *, last: bool) -> str | None:
    """The first or last day that is meant, as 2025-06-30: of a year, a month (2025-06, 06-2025, Juni-2025), a day."""
    tail = "-99" if last else "-00"  # sorts behind and before every day of its month
    if re.fullmatch(r"\d{4}", value):
        return f"{value}{tail}{tail}"
    parts = [part for part in re.split(r"[\W_]+", value) if part]
    if len(parts) == 2:
        year, other = (parts[0], parts[1]) if re.fullmatch(r"\d{4}", parts[0]) else (parts[1], parts[0])
        named = month(other) if other.isalpha() else None
        number = named[0] if named else int(other) if re.fullmatch(r"\d{1,2}", other) else 0
        return f"{year}-{number:02}{tail}" if re.fullmatch(r"\d{4}", year) and 1 <= number <= 12 else None
    found = dates(value)
    return found[0].day.isoformat() if found else None


def in_fields(query: Query, forms: Forms) -> dict[str, Any]:
    """The conditions on fields alone, maybe none, with any of its forms for each word; what is left out is as it is."""
    asked = [
        {
            "of": _MEANT[term.field],
            "words": _alone(term, spellings if term.without else forms),
            "without": term.without,
        }
        for terms in query.alternatives
        for term in terms
        if term.field in _MEANT
    ]
    return {"fields": asked} if asked else {}


def _alone(term: Term, forms: Forms) -> str:
    """As to_tsquery reads it."""
    positive = Query(((replace(term, without=False, field=None),),)).tsquery(None, spellings)
    row = " <-> ".join(f"({' | '.join(map(quoted, forms(part)))})" for part in term.parts)
    return f"({positive}) | ({row})" if row else positive
