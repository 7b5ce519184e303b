"""Messages between a worker and its reading child: a length, JSON, and open files beside it."""

import json
import os
import socket
import struct
from collections.abc import Sequence
from typing import Any

_LENGTH = struct.Struct("!I")
MAX_BYTES = 16 * 1024 * 1024  # a page of 5 MB of text with boxes; more is an attack on the worker
_MAX_FILES = 4


def send(link: socket.socket, message: dict[str, Any], files: Sequence[int] = ()) -> None:
    """Send one message and up to four open files. Raises OSError when the other side is gone."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    if files:
        socket.send_fds(link, [_LENGTH.pack(len(body))], list(files))
    else:
        link.sendall(_LENGTH.pack(len(body)))
    link.sendall(body)


def receive(link: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """One message and the files that came with it, which the caller must close.

    Raises EOFError when the other side is gone, ValueError when it talks nonsense, TimeoutError when it is late.
    """
    head, files, _, _ = socket.recv_fds(link, _LENGTH.size, _MAX_FILES)
    try:
        head += _exactly(link, _LENGTH.size - len(head)) if head else b""
        if not head:
            raise EOFError
        (length,) = _LENGTH.unpack(head)
        if length > MAX_BYTES:
            raise ValueError("message too long")
        message = json.loads(_exactly(link, length))
        if not isinstance(message, dict):
            raise ValueError("not a message")
    except BaseException:
        for fd in files:
            os.close(fd)
        raise
    return message, files


def _exactly(link: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = link.recv(min(count - len(parts), 1 << 18))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
