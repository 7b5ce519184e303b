"""Tables that an office brings as CSV or XLSX, read into lines by the names of their columns. Pure.

Such a file is checked line by line, and whoever brings it is told of every line that is wrong at once, by its number
as their spreadsheet shows it and by the name of the column.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from core.faults import TableRefused

MOST_BYTES: Final = 2 * 1024 * 1024
_MOST_UNPACKED: Final = 50 * 1024 * 1024  # of an XLSX, which is a ZIP
_MOST_LINES: Final = 5000
_LONGEST_CELL: Final = 500
_MOST_TOLD: Final = 200
_HEADS_WITHIN: Final = 20  # lines: titles may stand above the heads
_ZIP: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong: the line as a spreadsheet counts it (0: the file as such), the column, and what."""

    line: int
    column: str
    what: str

    @property
    def in_words(self) -> str:
        """`baris 3, kolom aktif: “dua” bukan jumlah tahun`."""
        places = [f"baris {self.line}" if self.line else "", f"kolom {self.column}" if self.column else ""]
        return ": ".join(part for part in (", ".join(place for place in places if place), self.what) if part)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: its number and its cells by the names of the columns; "" where one is empty."""

    number: int
    cells: Mapping[str, str]


class TableError(Exception):
    """The file can't be taken; `wrongs` says why, line by line."""

    def __init__(self, wrongs: Iterable[Wrong]) -> None:
        self.wrongs = tuple(wrongs)[:_MOST_TOLD]
        super().__init__(f"{len(self.wrongs)} lines")

    @property
    def refused(self) -> TableRefused:
        """The same for whoever brought it."""
        lines = [one.in_words for one in self.wrongs]
        return TableRefused(wrongs="; ".join(lines), lines=lines)


def read(data: bytes, columns: Mapping[str, Sequence[str]], needed: Iterable[str]) -> list[Line]:
    """The lines of a CSV (`,` `;` or tabs between cells) or of an XLSX's first sheet.

    `columns`: for each column the heads by which it may be called, in small letters; `needed`: those that must be
    there. Empty lines are left out. Raises TableError.
    """
    if len(data) > MOST_BYTES:
        raise TableError([Wrong(0, "", f"berkas lebih besar dari {MOST_BYTES // 1024 // 1024} MB")])
    rows = _xlsx(data) if data.startswith(_ZIP) else _csv(data)
    top, places = _heads(rows, columns, tuple(needed))
    lines = [
        Line(number, {name: row[at] if at < len(row) else "" for name, at in places.items()})
        for number, row in enumerate(rows[top + 1 :], top + 2)
        if any(row)
    ]
    if not lines:
        raise TableError([Wrong(0, "", "tidak ada baris di bawah judul kolom")])
    if len(lines) > _MOST_LINES:
        raise TableError([Wrong(0, "", f"lebih dari {_MOST_LINES} baris")])
    long = [
        Wrong(line.number, name, f"lebih panjang dari {_LONGEST_CELL} huruf")
        for line in lines
        for name, cell in line.cells.items()
        if len(cell) > _LONGEST_CELL
    ]
    if long:
        raise TableError(long)
    return lines


def _heads(
    rows: Sequence[Sequence[str]], columns: Mapping[str, Sequence[str]], needed: Sequence[str]
) -> tuple[int, dict[str, int]]:
    best: dict[str, int] = {}
    for number, row in enumerate(rows[:_HEADS_WITHIN]):
        folded = [cell.casefold() for cell in row]
        found = {
            name: next(at for at, cell in enumerate(folded) if cell in called)
            for name, called in columns.items()
            if any(cell in called for cell in folded)
        }
        if set(needed) <= set(found):
            return number, found
        best = max(best, found, key=len)
    missing = [columns[name][0] for name in needed if name not in best]
    raise TableError([Wrong(0, name, "kolom ini tidak ada") for name in missing])


def _csv(data: bytes) -> list[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")  # what an older Excel saves
    if "\0" in text:
        raise TableError([Wrong(0, "", "berkas ini bukan CSV atau XLSX")])
    begin = "\n".join(text.splitlines()[:_HEADS_WITHIN])
    delimiter = max(";,\t", key=begin.count)
    try:
        rows = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
        return [[_plain(cell) for cell in row] for row in rows]
    except csv.Error as error:
        raise TableError([Wrong(0, "", "CSV ini rusak; simpan ulang dari lembar kerjanya")]) from error


def _xlsx(data: bytes) -> list[list[str]]:
    from python_calamine import CalamineError, load_workbook  # only who brings a workbook needs it

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > _MOST_UNPACKED:
                raise TableError([Wrong(0, "", "berkas XLSX ini terlalu besar")])
        sheet = load_workbook(io.BytesIO(data)).get_sheet_by_index(0)
        return [[_plain(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    except (CalamineError, zipfile.BadZipFile) as error:
        raise TableError([Wrong(0, "", "XLSX ini tidak bisa dibuka; simpan ulang tanpa sandi")]) from error


def _plain(cell: object) -> str:
    """A cell as text: whole numbers without a point, days as YYYY-MM-DD, control characters gone, one space between
    words."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime):
        cell = cell.date()
    text = cell.isoformat() if isinstance(cell, date) else str(cell)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def day(text: str) -> date | None:
    """`2026-11-26`, `26-11-2026` or `26/11/2026`; None for anything else."""
    parts = text.replace("/", "-").split("-")
    if len(parts) != 3 or not all(part.isdecimal() and part.isascii() for part in parts):
        return None
    year, month, number = parts if len(parts[0]) == 4 else reversed(parts)
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        return None
