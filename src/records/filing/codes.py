"""Kode klasifikasi arsip (Permendagri 83/2022): how one is written, tables of them, and finding one. Pure.

An office imports its own table. What is shipped holds the codes that a Dinas Sosial meets most, with titles as
applications of regional governments show them (domain.md §2.1): to be found and proposed, never to refuse another one.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from records.tablefile import Line, TableError, Wrong, day, read

_CODE: Final = re.compile(r"[0-9]{3}(\.[1-9][0-9]?){0,4}")
HOW_TO: Final = "tulis tiga angka, lalu bagian-bagiannya dengan titik, misalnya “400.9.4.1”"
_LONGEST_TITLE: Final = 300
_STEM: Final = 8  # "kesehatan" and "kesehatannya" are one
_LEAST_SHARED: Final = 0.5  # one word that two titles have, or more that several have
# Of every letter and title: they tell no series from another
_SAYING_NOTHING: Final = """surat dan yang untuk dari dengan pada oleh atau lain juga arsip permohonan keterangan
  rekomendasi formulir hasil kota dinas kepala daftar bukti lembar masuk keluar pelayanan sop orang bidang kartu"""
_EMPTY_WORDS: Final = frozenset(_SAYING_NOTHING.split())

COLUMNS: Final = {
    "code": ("kode", "kode klasifikasi", "kode klasifikasi arsip"),
    "title": ("judul", "uraian", "jenis arsip", "nama", "keterangan"),
    "valid_from": ("berlaku mulai", "mulai berlaku", "berlaku dari"),
    "valid_to": ("berlaku sampai", "sampai"),
    "replaced_by": ("diganti oleh", "diganti", "kode baru", "pengganti"),
}
_NAMES: Final = {name: called[0] for name, called in COLUMNS.items()}


@dataclass(frozen=True, slots=True)
class Code:
    """One code while it is valid (`valid_to` is its last day); `replaced_by` is used instead of one that is over."""

    code: str
    title: str
    valid_from: date
    valid_to: date | None = None
    replaced_by: str | None = None

    def valid_on(self, day: date) -> bool:
        """Whether it may be given on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def is_code(text: str) -> bool:
    """Whether it has the form of one: `000.5.3.1`, `400.7`, or an older one like `460`."""
    return _CODE.fullmatch(text) is not None


def parse(data: bytes, *, valid_from: date) -> list[Code]:
    """The codes of a table, each line checked; `valid_from` counts where the table says nothing. Raises TableError."""
    wrongs: list[Wrong] = []
    codes = [code for line in read(data, COLUMNS, ("code", "title")) if (code := _code(line, valid_from, wrongs))]
    wrongs += _between(codes)
    if wrongs:
        raise TableError(wrongs)
    return [code for _, code in codes]


def _code(line: Line, valid_from: date, wrongs: list[Wrong]) -> tuple[int, Code] | None:
    before = len(wrongs)

    def wrong(column: str, what: str) -> None:
        wrongs.append(Wrong(line.number, _NAMES[column], what))

    cells = line.cells
    code, title = cells["code"].removesuffix("."), cells["title"]
    if not is_code(code):
        wrong("code", f"“{code[:30]}” bukan kode; {HOW_TO}")
    if not 0 < len(title) <= _LONGEST_TITLE:
        wrong("title", f"judul harus 1–{_LONGEST_TITLE} huruf")
    days: dict[str, date | None] = {}
    for column in ("valid_from", "valid_to"):
        told = cells.get(column, "")
        days[column] = day(told) if told else None
        if told and days[column] is None:
            wrong(column, f"“{told[:30]}” bukan tanggal (2026-11-26)")
    first, last = days["valid_from"] or valid_from, days["valid_to"]
    if last is not None and last < first:
        wrong("valid_to", "lebih awal dari mulai berlakunya")
    new = cells.get("replaced_by", "").removesuffix(".") or None
    if new is not None and (not is_code(new) or new == code):
        wrong("replaced_by", f"“{new[:30]}” bukan kode lain")
    return (line.number, Code(code, title, first, last, new)) if len(wrongs) == before else None


def _between(codes: Sequence[tuple[int, Code]]) -> list[Wrong]:
    """A code that stands twice at one time, or that is replaced in a circle."""
    wrongs = []
    seen: dict[tuple[str, date], int] = {}
    for number, one in codes:
        first = seen.setdefault((one.code, one.valid_from), number)
        if first != number:
            wrongs.append(Wrong(number, _NAMES["code"], f"kode {one.code} sudah ada di baris {first}"))
    onward = {one.code: one.replaced_by for _, one in codes if one.replaced_by}
    for number, one in codes:
        step, met = one.replaced_by, {one.code}
        while step is not None and step not in met:
            met.add(step)
            step = onward.get(step)
        if step == one.code:
            wrongs.append(
                Wrong(number, _NAMES["replaced_by"], f"kode {one.code} akhirnya diganti oleh dirinya sendiri")
            )
    return wrongs


@cache
def shipped() -> tuple[Code, ...]:
    """The codes that come with the product."""
    data = files("records").joinpath("filing/klasifikasi.csv").read_bytes()
    return tuple(parse(data, valid_from=date(2023, 1, 1)))


def find(codes: Iterable[Code], query: str, most: int) -> list[Code]:
    """The codes that a query means, in their order: it is the beginning of one, or all its words begin words of the
    title."""
    words = query.casefold().split()
    found = [one for one in codes if words and _fits(one, query.strip(), words)]
    return sorted(found, key=lambda one: sort_key(one.code))[:most]


def nearest(codes: Iterable[Code], said: str, day: date) -> str:
    """The code valid on that day whose title shares most with what is said, in words that few titles have; "" where
    they share too little. A code under another says more than that one does: between equals the longer wins."""
    valid = [one for one in codes if one.valid_on(day)]
    titles = {one: _stems(one.title) for one in valid}
    rare = Counter(word for words in titles.values() for word in words)
    wanted = _stems(said)
    judged = [
        (sum(1 / rare[word] for word in words & wanted), len(one.code), one.code) for one, words in titles.items()
    ]
    best = max(judged, default=(0.0, 0, ""))
    return best[2] if best[0] >= _LEAST_SHARED else ""


def _stems(text: str) -> frozenset[str]:
    """Its words that say something, each without the ending by which forms of one differ."""
    words = re.findall(r"[a-z]{3,}", text.casefold())
    return frozenset(word[:_STEM] for word in words if word not in _EMPTY_WORDS)


def _fits(one: Code, query: str, words: Sequence[str]) -> bool:
    if one.code.startswith(query) or (one.replaced_by or "").startswith(query):
        return True
    title = re.findall(r"\w+", one.title.casefold())
    return all(any(part.startswith(word) for part in title) for word in words)


def sort_key(code: str) -> tuple[int, ...]:
    """400.9.10 comes after 400.9.9."""
    return tuple(int(part) for part in code.split("."))
