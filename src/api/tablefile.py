"""A table that somebody brings (CSV or XLSX), taken from a multipart form; never read before who sends it is known."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from api.auth import Retainer
from core.faults import EmptyFile, InvalidRequest, TooLarge
from records.tablefile import MOST_BYTES

_OVERHEAD: Final = 32 * 1024  # boundaries and the fields beside the file
_MOST_FIELDS: Final = 8
_LONGEST_FIELD: Final = 4000


@dataclass(frozen=True, slots=True)
class Brought:
    """The file's bytes and the text fields that came with it."""

    data: bytes
    fields: dict[str, str]

    def text(self, name: str, most: int = 200) -> str:
        """One field; "" where it was left out. Raises InvalidRequest for one that is too long."""
        told = self.fields.get(name, "").strip()
        if len(told) > most:
            raise InvalidRequest(what=name)
        return told


def documented(**fields: dict[str, Any]) -> dict[str, Any]:
    """What a route's description says of such a form."""
    needed = ["file", *(name for name, field in fields.items() if not field.pop("optional", False))]
    schema = {
        "type": "object",
        "required": needed,
        "properties": {"file": {"type": "string", "format": "binary"}, **fields},
    }
    example = {"file": "kode;judul …", **{name: field["example"] for name, field in fields.items()}}
    content = {"multipart/form-data": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


async def from_program(request: Request, _account: Retainer) -> Brought:
    """What a program sends who may bring tables. Raises Forbidden, TooLarge, EmptyFile, InvalidRequest."""
    return await received(request)


async def _limited(request: Request) -> AsyncGenerator[bytes, None]:
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > MOST_BYTES + _OVERHEAD:
            raise TooLarge(limit_mb=MOST_BYTES // 1024 // 1024)
        yield chunk


async def received(request: Request, is_ours: Callable[[str | None], None] | None = None) -> Brought:
    """The form, whoever sends it; `is_ours` gets its token before anything else is looked at, and raises.

    Raises TooLarge, EmptyFile, InvalidRequest.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        if is_ours is not None:
            is_ours(None)
        raise InvalidRequest(what="kirim sebagai multipart/form-data dengan isian `file`")
    parser = MultiPartParser(
        request.headers,
        _limited(request),
        max_files=1,
        max_fields=_MOST_FIELDS,
        max_part_size=_LONGEST_FIELD,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError) as error:
        raise InvalidRequest(what="isi multipart") from error
    except ClientDisconnect as error:
        raise InvalidRequest(what="kiriman terputus di tengah jalan") from error
    try:
        if is_ours is not None:
            token = form.get("csrf")
            is_ours(token if isinstance(token, str) else None)
        return await _brought(form)
    finally:
        await form.close()


async def _brought(form: FormData) -> Brought:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise InvalidRequest(what="isian `file`")
    data = await file.read()
    if not data:
        raise EmptyFile
    return Brought(data, {name: value for name, value in form.items() if isinstance(value, str)})


ProgramsTable = Annotated[Brought, Depends(from_program)]
