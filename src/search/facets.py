"""What is found, counted by kind, year, unit, case, step and retention; and what somebody chose of that.

The letters counted are found by the walled functions; what is told of them is read as whoever asks, under the policies
of each table: a case or berkas that may not be seen is counted nowhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from typing import Any, Final, Literal, Self
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from classify.rules import labels

Name = Literal["jenis", "tahun", "unit", "kasus", "langkah", "retensi"]
NAMES: Final[tuple[Name, ...]] = ("jenis", "tahun", "unit", "kasus", "langkah", "retensi")
MOST: Final = 2_000
"""Pages whose letters are counted, the newest; more would cost every broad word a look at every letter."""
_MOST_VALUES: Final = 20
_RETENTION: Final = {"aktif": "Aktif", "inaktif": "Inaktif", "habis": "Habis masa simpan"}


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody chose; of each list one has to fit, and an empty one leaves all. `steps` are `sop/number`."""

    kinds: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    units: tuple[str, ...] = ()
    cases: tuple[UUID, ...] = ()
    steps: tuple[str, ...] = ()
    retention: tuple[str, ...] = ()

    @classmethod
    def of(cls, chosen: Iterable[Sequence[str]]) -> Self:
        """Of (facet's name, value) pairs. Raises ValueError for what is neither."""
        values: dict[str, list[str]] = {name: [] for name in NAMES}
        for name, value in chosen:
            if name not in values:
                raise ValueError(name)
            values[name].append(value)
        return cls(
            kinds=tuple(values["jenis"]),
            years=tuple(int(year) for year in values["tahun"]),
            units=tuple(values["unit"]),
            cases=tuple(UUID(case) for case in values["kasus"]),
            steps=tuple(values["langkah"]),
            retention=tuple(values["retensi"]),
        )

    def asked(self) -> dict[str, list[str]]:
        """The conditions as the searching functions read them."""
        told = {field.name: [str(value) for value in getattr(self, field.name)] for field in fields(self)}
        return {name: values for name, values in told.items() if values}


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value with how many letters have it; `label` is what people read."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to part what is found, the most frequent value first; `exact` False: only the newest were counted."""

    name: Name
    values: tuple[FacetValue, ...]
    exact: bool


_WITH_WORDS: Final = "search_pages(ARRAY[CAST(:query AS tsquery)], :last, 0, :most, CAST(:asked AS jsonb))"
_WITHOUT: Final = "search_letters(:last, :most, CAST(:asked AS jsonb))"
_COUNTED: Final = """
WITH page AS MATERIALIZED (SELECT document_id FROM {0}),
  hit AS MATERIALIZED (SELECT d.id, d.kind, d.unit, left(coalesce(
      substring(d.fields #>> '{{tanggal,value}}' from '^\\d{{4}}-\\d\\d-\\d\\d$'),
      to_char(d.received_at, 'YYYY-MM-DD')), 4) AS year
    FROM document d WHERE d.id IN (SELECT document_id FROM page)),
  linked AS MATERIALIZED (SELECT DISTINCT h.id, c.id AS case_id, c.number, c.year, c.sop, x.step
    FROM hit h JOIN case_letter x ON x.document_id = h.id AND x.removed_at IS NULL JOIN case_file c ON c.id = x.case_id)
SELECT 'all' AS name, NULL AS value, NULL AS label, count(*) AS letters FROM page
UNION ALL SELECT 'jenis', kind, kind, count(*) FROM hit WHERE kind IS NOT NULL GROUP BY kind
UNION ALL SELECT 'tahun', year, year, count(*) FROM hit GROUP BY year
UNION ALL SELECT 'unit', unit, unit, count(*) FROM hit GROUP BY unit
UNION ALL SELECT 'kasus', case_id::text, number || '/' || year, count(DISTINCT id) FROM linked
  GROUP BY case_id, number, year
UNION ALL SELECT 'langkah', sop || '/' || step, sop || ' langkah ' || step, count(DISTINCT id) FROM linked
  GROUP BY sop, step
UNION ALL SELECT 'retensi', b.phase, b.phase, count(DISTINCT h.id) FROM hit h
  JOIN berkas_letter x ON x.document_id = h.id JOIN berkas b ON b.id = x.berkas_id GROUP BY b.phase
"""
_OF_WORDS = text(_COUNTED.format(_WITH_WORDS))
_OF_LETTERS = text(_COUNTED.format(_WITHOUT))
_LAST: Final = 2**62


def counted(session: Session, query: str | None, asked: str | None) -> tuple[Facet, ...]:
    """The facets of what a query finds (None: of all letters that suit `asked`), those without a value left out."""
    told: dict[str, Any] = {"asked": asked, "last": _LAST, "most": MOST + 1}
    rows = session.execute(_OF_LETTERS, told) if query is None else session.execute(_OF_WORDS, told | {"query": query})
    by_name = {name: list(group) for name, group in groupby(rows.all(), key=lambda row: row.name)}
    exact = by_name["all"][0].letters <= MOST
    return tuple(Facet(name, _values(name, by_name[name]), exact) for name in NAMES if name in by_name)


def _values(name: Name, rows: list[Any]) -> tuple[FacetValue, ...]:
    shown = {"jenis": labels(), "retensi": _RETENTION}.get(name, {})
    values = [FacetValue(row.value, shown.get(row.value, row.label), row.letters) for row in rows]
    return tuple(sorted(values, key=lambda value: (-value.count, value.label))[:_MOST_VALUES])
