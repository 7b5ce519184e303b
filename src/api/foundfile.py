"""What a search found as a file to be saved. Its name says nothing of what was searched for."""

from collections.abc import Iterator
from typing import Any, Final

from fastapi.responses import Response, StreamingResponse

from api.csvfile import MEDIA_TYPE as CSV
from api.pictures import PRIVATE
from records.export.found import HEADS, NAME, Ending

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP: Final = "application/zip"
_BINARY = {"schema": {"type": "string", "format": "binary"}}
DOCUMENTED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            CSV: {"schema": {"type": "string"}, "example": ",".join(HEADS)},
            XLSX: _BINARY,
            ZIP: _BINARY,
        }
    }
}


def table(data: bytes, ending: Ending) -> Response:
    """The table as CSV or XLSX."""
    kind = f"{CSV}; charset=utf-8" if ending == "csv" else XLSX
    return Response(data, media_type=kind, headers=_headers(ending))


def bag(body: Iterator[bytes]) -> StreamingResponse:
    """The bag as a ZIP."""
    return StreamingResponse(body, media_type=ZIP, headers=_headers("zip"))


def _headers(ending: str) -> dict[str, str]:
    return {**PRIVATE, "Content-Disposition": f'attachment; filename="{NAME}.{ending}"'}
