"""Conditions on letters beside their words: `nama:`, `jenis:`, `dari:` … as one JSON that the searching functions read.

What books, cases and dispositions say is looked up as whoever asks, under the policies of those tables.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import groupby, islice, product
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from classify.dates import dates, month
from classify.rules import labels
from search.parsing import Condition, Forms, Query, Term, spellings, written
from search.tsquery import quoted

_MOST: Final = 10_000
_MOST_EITHER: Final = 40
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
_DAYS: Final = ("dari", "sampai")
_EVER: Final = ("0000-01-00", "9999-12-99")
_NEVER: Final = _EVER[::-1]


def suits(session: Session, query: Query, forms: Forms) -> dict[str, Any]:
    """The conditions of a query, maybe none. A value that means nothing fits no letter. Of one field in several
    alternatives any may hold; `dari:` and `sampai:` are one field in this."""
    asked: dict[str, Any] = {}
    for name, conditions in _by(lambda one: "hari" if one.name in _DAYS else one.name, query.fields):
        if name == "jenis":
            asked |= _kinds(conditions)
        elif name == "hari":
            asked |= _days(conditions)
        else:
            found, left_out = _letters(session, name, conditions)
            if left_out:
                asked["not_ids"] = found | asked.get("not_ids", set())
            else:
                asked["ids"] = found & asked.get("ids", found)
    told = {name: sorted(asked[name]) for name in ("ids", "not_ids") if name in asked}
    return asked | told | in_fields(query, forms)


def narrowed(asked: dict[str, Any], chosen: dict[str, list[str]]) -> dict[str, Any]:
    """The conditions of a query and those chosen of its facets: of kinds, those in both."""
    kinds = (
        {"kinds": [one for one in chosen["kinds"] if one in asked["kinds"]]} if "kinds" in asked & chosen.keys() else {}
    )
    return asked | chosen | kinds


def _by(key: Callable[[Condition], Any], conditions: Iterable[Condition]) -> list[tuple[Any, list[Condition]]]:
    return [(value, list(group)) for value, group in groupby(sorted(conditions, key=key), key=key)]


def _kinds(conditions: list[Condition]) -> dict[str, Any]:
    alike = {one: {kind for kind in labels() if _plain(one.value) in kind} for one in conditions}
    called = {one: {kind for kind, name in labels().items() if _plain(one.value) in _plain(name)} for one in conditions}
    if len(conditions) == 1 and not conditions[0].without and called[conditions[0]] <= alike[conditions[0]]:
        # the index knows whole names only; a letter of a kind that none is any more is found by the look at each
        return {"kind": _plain(conditions[0].value), "kinds_like": sorted(alike[conditions[0]])}
    wanted = _by(lambda one: one.alternative, (one for one in conditions if not one.without))
    if not wanted:  # asked of each letter, as it may have no kind yet, or one that is none any more
        whole = sorted(set[str]().union(*called.values()))
        return {"not_kind": "|".join([*(_plain(one.value) for one in conditions), *(f"^{kind}$" for kind in whole)])}
    fits = {one: alike[one] | called[one] for one in conditions}
    either = [set.intersection(*(fits[one] for one in together)) for _, together in wanted]
    left_out = (fits[one] for one in conditions if one.without)
    return {"kinds": sorted(set.union(*either).difference(*left_out))}


def _plain(name: str) -> str:
    return re.sub(r"\W+", "_", name.lower()).strip("_")


def _letters(session: Session, name: str, conditions: list[Condition]) -> tuple[set[str], bool]:
    """The letters that fit or, where an alternative asks for nothing but what is to be left out, (True) those that do
    not. Where more are to be left out than are looked up, none fit: rather too few than what was not wanted."""
    fit: set[str] = set()
    all_but: list[set[str]] = []
    for _, together in _by(lambda one: one.alternative, conditions):
        wanted = [set(_looked_up(session, name, one.value)) for one in together if not one.without]
        unwanted = [_looked_up(session, name, one.value) for one in together if one.without]
        if any(len(letters) == _MOST for letters in unwanted):
            continue
        if wanted:
            fit |= set.intersection(*wanted).difference(*unwanted)
        else:
            all_but.append(set[str]().union(*unwanted))
    return (set.intersection(*all_but) - fit, True) if all_but else (fit, False)


def _looked_up(session: Session, name: str, value: str) -> list[str]:
    """Up to _MOST letters, one maybe several times."""
    said: dict[str, Any] = {"said": value}
    if name in ("kasus", "agenda"):
        number = _NUMBER.search(value)
        if number is None:
            return []
        said = {"number": int(number[1]), "year": int(number[2]) if number[2] else None}
    return [str(letter) for letter in session.scalars(text(_LOOKED_UP[name]), said)]


def _days(conditions: list[Condition]) -> dict[str, Any]:
    """The first and the last day that fit; of several times between these, the `days` of each."""
    times = [_time(together) for _, together in _by(lambda one: one.alternative, conditions)]
    ever = {"dari": min(first for first, _ in times), "sampai": max(last for _, last in times)}
    return ever | ({"days": times} if len(times) > 1 else {})


def _time(conditions: list[Condition]) -> tuple[str, str]:
    first, last = _EVER
    for one in conditions:
        edge = _edge(one)
        if edge is None and not one.without:
            return _NEVER
        if edge is not None and (one.name == "dari") != one.without:
            first = max(first, edge)
        elif edge is not None:
            last = min(last, edge)
    return first, last


def _edge(asked: Condition) -> str | None:
    """The first or last day that is meant, or the one before it or after it that is left, as 2025-06-30: of a year, a
    month (2025-06, 06-2025, Juni-2025), a day."""
    is_last = asked.name == "sampai"
    tail = "-99" if is_last else "-00"  # sorts behind and before every day of its month
    if re.fullmatch(r"\d{4}", asked.value):
        return f"{asked.value}-{'12' if is_last else '01'}{tail}"
    parts = [part for part in re.split(r"[\W_]+", asked.value) if part]
    if len(parts) == 2:
        year, other = (parts[0], parts[1]) if re.fullmatch(r"\d{4}", parts[0]) else (parts[1], parts[0])
        named = month(other) if other.isalpha() else None
        number = named[0] if named else int(other) if re.fullmatch(r"\d{1,2}", other) else 0
        return f"{year}-{number:02}{tail}" if re.fullmatch(r"\d{4}", year) and 1 <= number <= 12 else None
    found = dates(asked.value)
    if not found:
        return None
    beyond = timedelta(days=1 if is_last else -1) if asked.without else timedelta()
    return (found[0].day + beyond).isoformat()


def lacking(query: Query, key: str | None) -> dict[str, Any]:
    """What no page of a letter may have where no word is asked for, maybe nothing. Of several alternatives one has to
    hold; where one leaves no word out, any letter suits it."""
    without = [
        " | ".join(written(replace(term, without=False), key, spellings) for term in terms if not term.field)
        for terms in query.alternatives
    ]
    return {"without": without} if without and all(without) else {}


def in_fields(query: Query, forms: Forms) -> dict[str, Any]:
    """The conditions on fields alone, maybe none, with any of its forms for each word; what is left out is as it is.
    Of several alternatives one has to hold; where one asks nothing of fields, any letter suits it."""
    asked = [
        [
            {
                "of": _MEANT[term.field],
                "words": _alone(term, spellings if term.without else forms),
                "without": term.without,
            }
            for term in terms
            if term.field in _MEANT
        ]
        for terms in query.alternatives
    ]
    if len(asked) > 1:
        asked = [[_either(one) for one in islice(product(*asked), _MOST_EITHER)]]
    together = [condition for one in asked for condition in one]
    return {"fields": together} if together else {}


def _either(conditions: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """A condition that holds where one of these does."""
    said = [f"!({one['words']})" if one["without"] else f"({one['words']})" for one in conditions]
    return {
        "of": list(dict.fromkeys(name for one in conditions for name in one["of"])),
        "words": " | ".join(said),
        "without": False,
    }


def _alone(term: Term, forms: Forms) -> str:
    """As to_tsquery reads it."""
    positive = Query(((replace(term, without=False),),)).tsquery(None, spellings)
    row = " <-> ".join(f"({' | '.join(map(quoted, forms(part)))})" for part in term.parts)
    return f"({positive}) | ({row})" if row else positive
