"""One file of a multipart request, counted while it is read: the sender's Content-Length proves nothing."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from core.faults import InvalidRequest, TooLarge
from core.settings import settings

_OVERHEAD: Final = 64 * 1024  # boundaries, headers and short fields around the file
_DRAIN_SECONDS: Final = 3
_SILENT_SECONDS: Final = 60.0  # a phone in a bad network goes on sooner; who promised more than they have never does


@dataclass(frozen=True, slots=True)
class Upload:
    """A received file, complete on disk or in memory, and the fields that came with it."""

    file: BinaryIO
    size: int
    filename: str | None
    clearance: str | None


async def _limited(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    received, stream = 0, request.stream()
    while True:
        try:
            async with asyncio.timeout(_SILENT_SECONDS):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise InvalidRequest(what="kiriman berhenti sebelum sepanjang Content-Length-nya") from error
        received += len(chunk)
        if received > limit:
            raise TooLarge(limit_mb=settings().max_upload_mb)
        yield chunk


async def _drain(request: Request) -> None:
    """Take a little more of what is refused, so that the sender is still there to read why."""
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            while not await request.is_disconnected():
                message = await request.receive()
                if message["type"] != "http.request" or not message.get("more_body"):
                    return
    except (TimeoutError, ClientDisconnect):
        return


@asynccontextmanager
async def received_file(request: Request) -> AsyncIterator[Upload]:
    """The multipart field `file`; for senders that were found to be allowed. Raises TooLarge, InvalidRequest."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise InvalidRequest(what="kirim sebagai multipart/form-data dengan isian `file`")
    limit = settings().max_upload_mb * 1024 * 1024 + _OVERHEAD
    parser = MultiPartParser(request.headers, _limited(request, limit), max_files=1, max_fields=4)
    try:
        if int(request.headers.get("content-length") or 0) > limit:
            raise TooLarge(limit_mb=settings().max_upload_mb)
        form = await parser.parse()
    except TooLarge:
        await _drain(request)
        raise
    except (MultiPartException, ValueError) as error:
        raise InvalidRequest(what="isi multipart") from error
    except ClientDisconnect as error:
        raise InvalidRequest(what="kiriman terputus di tengah jalan") from error
    try:
        file, clearance = form.get("file"), form.get("clearance")
        if not isinstance(file, UploadFile):
            raise InvalidRequest(what="isian `file`")
        if file.size is not None and file.size > settings().max_upload_mb * 1024 * 1024:
            raise TooLarge(limit_mb=settings().max_upload_mb)
        yield Upload(file.file, file.size or 0, file.filename, clearance if isinstance(clearance, str) else None)
    finally:
        await form.close()
