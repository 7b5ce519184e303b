"""A body that stops in the middle: its sender hears of it instead of waiting for ever."""

import asyncio
from typing import Any

import pytest
from fastapi import Request

from api import upload
from core.faults import InvalidRequest

PART = b'--batas\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7\n'
HEADERS = [(b"content-type", b"multipart/form-data; boundary=batas"), (b"content-length", b"5000")]


def test_a_length_that_promises_more_than_comes_is_answered(
    reaches_nothing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "_SILENT_SECONDS", 0.05)
    parts = [PART]

    async def receive() -> dict[str, Any]:
        if not parts:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": parts.pop(), "more_body": True}

    async def send_it() -> None:
        async with upload.received_file(Request({"type": "http", "headers": HEADERS}, receive)):
            pass

    with pytest.raises(InvalidRequest) as refused:
        asyncio.run(asyncio.wait_for(send_it(), 5))
    assert "Content-Length" in refused.value.detail
