"""Lines of CSV files that spreadsheets open rightly, and in which no text of a person computes anything."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

Cell = str | int | None

BEGINS: Final = "\ufeff".encode()
"""What tells Excel that a file is UTF-8."""
# What spreadsheets take for the beginning of a formula
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def lines(rows: Iterable[Sequence[Cell]]) -> bytes:
    """The rows as bytes of a file, without its beginning."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def _safe(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
