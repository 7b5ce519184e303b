"""Objects as they lie in the store: encrypted under their document's key, in segments (docs/adr/0025).

    ASE1 (4) | salt (32) | nonce's beginning (7) | segment | segment | … | last segment

A segment is at most 1 MiB of plain bytes with a tag of 16. The object's own key is made of the document's, the salt
and the object's name; a segment's nonce of the beginning, its number and whether it is the last (STREAM, Hoang,
Reyhanitabar, Rogaway and Vizár 2015). So each segment opens by itself, and an object that was cut, lengthened, put
together anew or put under another name does not open. archive/unsealing.py opens the same by code of its own.
"""

import os
from collections.abc import Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from archive.officekey import derive
from core.faults import BytesDiffer

MARK: Final = b"ASE1"
SEGMENT_BYTES: Final = 1 << 20
TAG_BYTES: Final = 16
_SALT_BYTES, _BEGINNING_BYTES = 32, 7
HEAD_BYTES: Final = len(MARK) + _SALT_BYTES + _BEGINNING_BYTES
_SEALED_BYTES = SEGMENT_BYTES + TAG_BYTES


def sealed_size(size: int) -> int:
    """How many bytes `size` plain ones become."""
    segments = max(1, -(-size // SEGMENT_BYTES))
    return HEAD_BYTES + size + segments * TAG_BYTES


def _nonce(beginning: bytes, number: int, *, is_last: bool) -> bytes:
    return beginning + number.to_bytes(4, "big") + bytes([is_last])


def seal(key: bytes, name: str, data: memoryview) -> Iterator[bytes]:
    """The object of that name, piece by piece; `key` is the document's."""
    salt, beginning = os.urandom(_SALT_BYTES), os.urandom(_BEGINNING_BYTES)
    aead = AESGCM(derive(key, f"object {name}", salt))
    yield MARK + salt + beginning
    last = max(0, len(data) - 1) // SEGMENT_BYTES
    for number in range(last + 1):
        segment = data[number * SEGMENT_BYTES : (number + 1) * SEGMENT_BYTES]
        yield aead.encrypt(_nonce(beginning, number, is_last=number == last), segment, None)


def unseal(key: bytes, name: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The plain bytes of the object of that name, at most a segment at a time; none before it is known to be right.

    Raises BytesDiffer where the object is not as it was sealed, or not under this key.
    """
    kept, aead, beginning, number = bytearray(), None, b"", 0
    try:
        for piece in pieces:
            kept += piece
            if aead is None and len(kept) >= HEAD_BYTES:
                aead, beginning = _begin(key, name, bytes(kept[:HEAD_BYTES]))
                del kept[:HEAD_BYTES]
            while aead is not None and len(kept) > _SEALED_BYTES:  # so that what stays holds the last segment
                yield aead.decrypt(_nonce(beginning, number, is_last=False), kept[:_SEALED_BYTES], None)
                del kept[:_SEALED_BYTES]
                number += 1
        if aead is None:
            raise InvalidTag
        yield aead.decrypt(_nonce(beginning, number, is_last=True), kept, None)
    except (InvalidTag, ValueError) as error:
        raise BytesDiffer(key=name, version="") from error


def _begin(key: bytes, name: str, head: bytes) -> tuple[AESGCM, bytes]:
    if not head.startswith(MARK):
        raise InvalidTag
    salt = head[len(MARK) : len(MARK) + _SALT_BYTES]
    return AESGCM(derive(key, f"object {name}", salt)), head[len(MARK) + _SALT_BYTES :]
