"""The lines of a list as its forms print them (domain.md §1.6): columns, totals. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from records.columns import Cell
from records.disposal.workflow import Kind

Stage = Literal["usul", "akhir"]  # as it is proposed; as it was carried out


@dataclass(frozen=True, slots=True)
class Line:
    """One berkas on a list. `letters` counts its letters, `years` is its kurun waktu; nothing here names a person."""

    position: int
    unit: str
    berkas: str
    code: str
    series: str
    years: str
    letters: int
    development: str
    boxes: str
    note: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, its share of the width, and what it says of a line."""

    head: str
    width: float
    cell: Callable[[Line], Cell]


def _count(line: Line) -> Cell:
    return f"{line.letters} surat"


def _note(line: Line) -> Cell:
    return "; ".join(part for part in (f"Berkas {line.berkas}", line.note) if part)


_NUMBER: Final = Column("No", 0.5, lambda line: line.position)
_CODE: Final = Column("Kode klasifikasi", 1.2, lambda line: line.code)
_SERIES: Final = Column("Jenis arsip", 3.2, lambda line: line.series)
_YEARS: Final = Column("Kurun waktu", 1.1, lambda line: line.years)
_YEAR: Final = Column("Tahun", 1.0, lambda line: line.years)
_COUNT: Final = Column("Jumlah", 0.9, _count)
_STATE: Final = Column("Tingkat perkembangan", 1.3, lambda line: line.development)
_BOX: Final = Column("No. boks", 1.1, lambda line: line.boxes)
_BOX_ONCE: Final = Column("No. boks semula", 1.1, _BOX.cell)  # of what is no longer there
_NOTE: Final = Column("Keterangan", 2.4, _note)
_UNIT: Final = Column("Unit pengolah", 1.3, lambda line: line.unit)
_MOVED: Final = (_NUMBER, _CODE, Column("Jenis/series arsip", 3.2, _SERIES.cell), _YEAR, _COUNT, _STATE, _BOX, _NOTE)
_HANDED: Final = (_NUMBER, _CODE, _SERIES, _YEARS, _COUNT, _STATE, _NOTE)

COLUMNS: Final[Mapping[tuple[Kind, Stage], tuple[Column, ...]]] = {
    ("pemusnahan", "usul"): (_NUMBER, _SERIES, _YEAR, _COUNT, _STATE, _NOTE),
    ("pemusnahan", "akhir"): (_NUMBER, _CODE, _SERIES, _YEAR, _COUNT, _STATE, _BOX_ONCE, _NOTE),
    ("penyerahan", "usul"): _HANDED,
    ("penyerahan", "akhir"): _HANDED,
    ("pemindahan", "usul"): _MOVED,
    ("pemindahan", "akhir"): _MOVED,
    ("alih_media", "usul"): (_UNIT, Column("Nomor urut", 0.7, _NUMBER.cell), _SERIES, _COUNT, _YEARS, _NOTE),
    ("alih_media", "akhir"): (_UNIT, Column("Nomor urut", 0.7, _NUMBER.cell), _SERIES, _COUNT, _YEARS, _NOTE),
}
TITLES: Final[Mapping[tuple[Kind, Stage], str]] = {
    ("pemusnahan", "usul"): "Daftar Arsip Usul Musnah",
    ("pemusnahan", "akhir"): "Daftar Arsip yang Dimusnahkan",
    ("penyerahan", "usul"): "Daftar Arsip Usul Serah",
    ("penyerahan", "akhir"): "Daftar Arsip Statis yang Diserahkan",
    ("pemindahan", "usul"): "Daftar Arsip Usul Pindah",
    ("pemindahan", "akhir"): "Daftar Arsip Inaktif yang Dipindahkan",
    ("alih_media", "usul"): "Daftar Arsip Usul Alih Media",
    ("alih_media", "akhir"): "Daftar Arsip Alih Media",
}


def rows(columns: Sequence[Column], lines: Sequence[Line]) -> list[list[Cell]]:
    """The cells of every line."""
    return [[column.cell(line) for column in columns] for line in lines]


def totals(lines: Sequence[Line]) -> str:
    """`Jumlah: 12 berkas, 57 surat.`"""
    return f"Jumlah: {len(lines)} berkas, {sum(line.letters for line in lines)} surat."
