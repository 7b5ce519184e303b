"""Tables as CSV files that spreadsheets open rightly, and in which no text of a person computes anything."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

from fastapi.responses import Response

MEDIA_TYPE: Final = "text/csv"
DOCUMENTED: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}}
# What spreadsheets take for the beginning of a formula
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | None


def answer(name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """The rows as a file of that name to be saved, heads first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    # the mark at the beginning tells Excel that it is UTF-8
    return Response(
        ("\ufeff" + out.getvalue()).encode(),
        media_type=f"{MEDIA_TYPE}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _safe(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
