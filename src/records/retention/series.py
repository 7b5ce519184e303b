"""Retention schedules (JRA) as offices bring them: tables, checked line by line, in the words such tables use. Pure.

Phrases are those seen in real schedules (domain.md §1.2): "2 tahun setelah hak dan kewajiban selesai", "Musnah,
kecuali …".
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from records.filing.codes import HOW_TO, is_code
from records.retention.clocks import TRIGGERS, Fate, Trigger
from records.tablefile import Line, TableError, Wrong, read

COLUMNS: Final = {
    "code": ("kode", "kode klasifikasi", "kode klasifikasi arsip"),
    "series": ("jenis arsip", "jenis/series arsip", "jenis", "series", "seri arsip", "uraian", "nama"),
    "active": ("aktif", "retensi aktif", "jangka simpan aktif", "masa aktif"),
    "inactive": ("inaktif", "retensi inaktif", "jangka simpan inaktif", "masa inaktif"),
    "fate": ("nasib akhir", "keterangan akhir", "keterangan", "penyusutan akhir"),
    "condition": ("syarat", "pengecualian"),
    "trigger": ("pemicu", "dihitung sejak", "retensi sejak"),
    "basis": ("dasar hukum", "dasar"),
}
NEEDED: Final = ("code", "series", "active", "inactive", "fate")
_NAMES: Final = {name: called[0] for name, called in COLUMNS.items()}
_YEARS: Final = re.compile(r"(\d{1,3})\s*(?:\(\w+\)\s*)?(?:tahun|thn|th)?\b\.?\s*(.*)", re.IGNORECASE)
_MOST_YEARS: Final = 100
# What a phrase says of the trigger, by words that stand in it
_PHRASES: Final[Sequence[tuple[str, Trigger]]] = (
    ("hak dan kewajiban", "hak_kewajiban_selesai"),
    ("kebijakan", "kebijakan_diganti"),
    ("diperbarui", "data_diperbarui"),
    ("update", "data_diperbarui"),
    ("dipertanggungjawabkan", "dipertanggungjawabkan"),
    ("pemeriksaan", "setelah_pemeriksaan"),
    ("masalah selesai", "masalah_selesai"),
    ("tanggal surat", "tanggal_dokumen"),
    ("tanggal dokumen", "tanggal_dokumen"),
    ("kegiatan", "kasus_selesai"),
    ("kasus", "kasus_selesai"),
    ("berkas ditutup", "kasus_selesai"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One series as a table gives it; `line` is where it stands there."""

    line: int
    code: str
    series: str
    active_years: int
    inactive_years: int
    fate: Fate
    condition: str
    trigger: Trigger
    basis: str


def parse(data: bytes) -> list[Row]:
    """The series of a CSV or XLSX table. Raises TableError, which names every line and column that is wrong."""
    wrongs: list[Wrong] = []
    rows = [row for line in read(data, COLUMNS, NEEDED) if (row := _row(line, wrongs)) is not None]
    seen: dict[str, int] = {}
    for row in rows:
        first = seen.setdefault(row.code, row.line)
        if first != row.line:
            wrongs.append(Wrong(row.line, _NAMES["code"], f"kode {row.code} sudah ada di baris {first}"))
    if wrongs:
        raise TableError(sorted(wrongs, key=lambda one: one.line))
    return rows


def _row(line: Line, wrongs: list[Wrong]) -> Row | None:
    before = len(wrongs)

    def wrong(column: str, what: str) -> None:
        wrongs.append(Wrong(line.number, _NAMES[column], what))

    cells = line.cells
    code = cells["code"].removesuffix(".")
    _need(cells, code, wrong)
    active, said = _years(cells["active"])
    inactive, later = _years(cells["inactive"])
    for column, years in (("active", active), ("inactive", inactive)):
        if years is None:
            wrong(column, f"“{cells[column][:30]}” bukan jumlah tahun (0–{_MOST_YEARS})")
    fate, condition = _fate(cells["fate"], cells.get("condition", ""))
    if fate is None:
        wrong("fate", f"“{cells['fate'][:30]}” bukan Musnah, Permanen, atau Dinilai kembali")
    trigger, column = _trigger(cells, said, later)
    if trigger is None:
        wrong(column, f"“{cells[column][:60]}” bukan pemicu; pilih: {', '.join(TRIGGERS.values())}")
    if len(wrongs) > before or active is None or inactive is None or fate is None or trigger is None:
        return None
    return Row(line.number, code, cells["series"], active, inactive, fate, condition, trigger, cells.get("basis", ""))


def _need(cells: Mapping[str, str], code: str, wrong: Callable[[str, str], None]) -> None:
    if not is_code(code):
        wrong("code", f"“{code[:30]}” bukan kode; {HOW_TO}")
    if not cells["series"]:
        wrong("series", "kosong")


def _years(text: str) -> tuple[int | None, str]:
    """Whole years, and what is said besides: `2 tahun setelah pemeriksaan`."""
    found = _YEARS.fullmatch(text)
    if found is None or int(found[1]) > _MOST_YEARS:
        return None, ""
    return int(found[1]), found[2]


def _fate(text: str, condition: str) -> tuple[Fate | None, str]:
    """`Musnah, kecuali …` is for a panel to judge, with that condition."""
    folded = text.casefold()
    if folded in ("musnah", "m", "dimusnahkan"):
        return ("dinilai_kembali", f"Musnah, kecuali {condition}") if condition else ("musnah", "")
    if folded in ("permanen", "p", "statis"):
        return "permanen", condition
    if "dinilai kembali" in folded or folded.startswith(("musnah, kecuali", "musnah kecuali")):
        return "dinilai_kembali", condition or text
    return None, ""


def _trigger(cells: Mapping[str, str], *said: str) -> tuple[Trigger | None, str]:
    """What the years count from, and the column that says so: its own, else what stands behind the years."""
    told = [("trigger", cells.get("trigger", "")), *zip(("active", "inactive"), said, strict=True)]
    column, phrase = next(((name, text) for name, text in told if text), ("", ""))
    if not phrase:
        return "kasus_selesai", "trigger"
    folded = phrase.casefold()
    exact: Trigger | None = next((name for name in TRIGGERS if folded == name), None)
    return exact or next((trigger for words, trigger in _PHRASES if words in folded), None), column


@cache
def sample() -> bytes:
    """The sample schedule: years of a JRA of another province, to be looked at, never to be destroyed by."""
    return files("records").joinpath("retention/jra-contoh.csv").read_bytes()


SAMPLE_NAME: Final = "JRA contoh (bukan JRA kantor ini)"
SAMPLE_FROM: Final = date(2000, 1, 1)
