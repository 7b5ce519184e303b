"""Tables as CSV files that spreadsheets open rightly, and in which no text of a person computes anything."""

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

from fastapi.responses import Response, StreamingResponse

MEDIA_TYPE: Final = "text/csv"
# What spreadsheets take for the beginning of a formula
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

_TYPE: Final = f"{MEDIA_TYPE}; charset=utf-8"
_BEGINS: Final = "\ufeff".encode()  # tells Excel that it is UTF-8

Cell = str | int | None


def documented(heads: Sequence[str], *rows: Sequence[Cell]) -> dict[int | str, dict[str, Any]]:
    """What a route's description says of such an answer, with these lines for an example."""
    example = _lines([heads, *rows]).decode()
    return {200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": example}}}}


def answer(name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """The rows as a file of that name to be saved, heads first."""
    return Response(_BEGINS + _lines([heads]) + _lines(rows), media_type=_TYPE, headers=_named(name))


def stream(name: str, heads: Sequence[str], parts: Iterable[Iterable[Sequence[Cell]]]) -> StreamingResponse:
    """As answer(), of rows that are asked for part by part while they are sent: of any number."""
    lines = chain([_BEGINS + _lines([heads])], (_lines(rows) for rows in parts))
    return StreamingResponse(lines, media_type=_TYPE, headers=_named(name))


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _lines(rows: Iterable[Sequence[Cell]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def _safe(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
