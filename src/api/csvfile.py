"""Tables as CSV files that spreadsheets open rightly, and in which no text of a person computes anything."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

from fastapi.responses import Response, StreamingResponse

from core.csvlines import BEGINS, Cell, lines

MEDIA_TYPE: Final = "text/csv"
_TYPE: Final = f"{MEDIA_TYPE}; charset=utf-8"


def documented(heads: Sequence[str], *rows: Sequence[Cell]) -> dict[int | str, dict[str, Any]]:
    """What a route's description says of such an answer, with these lines for an example."""
    example = lines([heads, *rows]).decode()
    return {200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": example}}}}


def answer(name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """The rows as a file of that name to be saved, heads first."""
    return Response(BEGINS + lines([heads]) + lines(rows), media_type=_TYPE, headers=_named(name))


def stream(name: str, heads: Sequence[str], parts: Iterable[Iterable[Sequence[Cell]]]) -> StreamingResponse:
    """As answer(), of rows that are asked for part by part while they are sent: of any number."""
    body = chain([BEGINS + lines([heads])], (lines(rows) for rows in parts))
    return StreamingResponse(body, media_type=_TYPE, headers=_named(name))


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
