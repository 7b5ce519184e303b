"""Opening wrapped keys and encrypted objects for whoever checks the archive: by code of its own (docs/adr/0006, 0025).

Shares nothing with archive/officekey.py and archive/envelope.py but the forms that docs/adr/0025 writes down: were one
of them wrong, what it wrote would not open here. The derivation of keys is spelt out (RFC 5869), the cipher is the
library's.
"""

import hashlib
import hmac
import zlib
from collections.abc import Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_HEAD: Final = 43  # "ASE1", 32 bytes of salt, 7 of the nonce's beginning
_WHOLE: Final = 1_048_576 + 16  # a segment that is not the last, with its tag


class DoesNotOpenError(Exception):
    """A key or an object is not what was once sealed."""


def _hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    extracted = hmac.digest(salt or bytes(32), secret, hashlib.sha256)
    return hmac.digest(extracted, info + b"\x01", hashlib.sha256)


def document_key(office_key: str, wrapped: bytes, document: str) -> bytes:
    """The document's key out of its row. `office_key` is hexadecimal, `document` the id as it is written.

    Raises DoesNotOpenError.
    """
    wrapping = _hkdf(bytes.fromhex(office_key), b"", b"arsiparis office documents")
    if len(wrapped) != 61 or wrapped[0] != 1:
        raise DoesNotOpenError
    try:
        return AESGCM(wrapping).decrypt(wrapped[1:13], wrapped[13:], document.encode())
    except InvalidTag as error:
        raise DoesNotOpenError from error


def destroyed_list(office_key: str, sealed: bytes, name: str) -> bytes:
    """What a list of destroyed letters says (docs/adr/0034), by its name in the bucket. Raises DoesNotOpenError."""
    key = _hkdf(bytes.fromhex(office_key), b"", b"arsiparis office destroyed")
    try:
        return zlib.decompress(AESGCM(key).decrypt(sealed[:12], sealed[12:], name.encode()))
    except (InvalidTag, ValueError, zlib.error) as error:
        raise DoesNotOpenError from error


def plain(key: bytes, name: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The plain bytes of an encrypted object, a segment at a time. Raises DoesNotOpenError."""
    number, rest, cipher, start = 0, b"", None, b""
    for piece in pieces:
        rest += piece
        if cipher is None:
            if len(rest) < _HEAD:
                continue
            if rest[:4] != b"ASE1":
                raise DoesNotOpenError
            cipher = AESGCM(_hkdf(key, rest[4:36], f"arsiparis object {name}".encode()))
            start, rest = rest[36:_HEAD], rest[_HEAD:]
        while len(rest) > _WHOLE:
            yield _segment(cipher, start + number.to_bytes(4, "big") + b"\x00", rest[:_WHOLE])
            number, rest = number + 1, rest[_WHOLE:]
    if cipher is None:
        raise DoesNotOpenError
    yield _segment(cipher, start + number.to_bytes(4, "big") + b"\x01", rest)


def _segment(cipher: AESGCM, nonce: bytes, sealed: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, sealed, None)
    except (InvalidTag, ValueError) as error:
        raise DoesNotOpenError from error
