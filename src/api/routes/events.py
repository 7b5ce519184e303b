"""Live progress as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from access.accounts import Account
from api.auth import Reader
from api.progress import Listener
from api.schemas import documents as document_schemas
from api.schemas.shared import ID
from archive import documents
from core.db import transaction

router = APIRouter(tags=["events"])

_ALIVE_SECONDS = 15.0
_GATHER_SECONDS = 0.2  # a page read every few milliseconds is one redraw, not fifty
_LONGEST_SECONDS = 900.0  # then the browser asks again, and must still be signed in


def _visible(account: Account, changed: set[UUID]) -> list[document_schemas.Document]:
    with transaction(account.context) as session:
        return [document_schemas.document(row) for row in documents.several(session, list(changed)).values()]


async def _news(request: Request, account: Account, listener: Listener) -> AsyncIterator[str]:
    clock = asyncio.get_running_loop().time
    end = clock() + _LONGEST_SECONDS
    with listener.stream() as stream:
        yield "retry: 2000\n\n"
        while clock() < end and not await request.is_disconnected():
            changed = await stream.changed(_ALIVE_SECONDS)
            if not changed:
                yield ": alive\n\n"
                continue
            for document in await run_in_threadpool(_visible, account, changed):
                yield f"event: document\nid: {document.id}\ndata: {json.dumps(document.model_dump(mode='json'))}\n\n"
            await asyncio.sleep(_GATHER_SECONDS)


_NEWS = f"event: document\nid: {ID}\ndata: {json.dumps(document_schemas.DOCUMENT_EXAMPLE)}\n\n"
_STREAM = {"schema": {"type": "string"}, "example": _NEWS}


@router.get(
    "/events/stream", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": _STREAM}}}
)
async def stream_events(request: Request, account: Reader) -> StreamingResponse:
    """Each change of a letter the asker may see, as it happens: event `document`, data as `GET /documents/{id}`."""
    listener: Listener = request.app.state.listener
    return StreamingResponse(
        _news(request, account, listener),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
