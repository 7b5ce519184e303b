"""What somebody searched for, closed up so that only their own account opens it: for addresses and saved searches.

An address stands in a browser's history, in a proxy's log and in what is copied from one to another; a saved search
stands in the database and in its copies. Neither may name a person (house rule: nothing personal in addresses or
logs), so both hold the words under AES-GCM, with a key of the office that only doors have.
"""

import base64
import hashlib
import hmac
import json
import os
from functools import cache
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from archive.officekey import derive
from core.faults import InvalidRequest

_NONCE_BYTES: Final = 12
_DIGEST_LETTERS: Final = 16
Asked = dict[str, Any]


def digest(key: str, words: str) -> str:
    """16 hexadecimal digits: equal for equal words, and nothing can be learned from them without the key."""
    plain = " ".join(words.casefold().split())
    return hmac.digest(_own_key(key, "searches made"), plain.encode(), hashlib.sha256).hex()[:_DIGEST_LETTERS]


def seal(key: str, owner: UUID, asked: Asked) -> bytes:
    """The search, closed up for its owner."""
    nonce = os.urandom(_NONCE_BYTES)
    body = json.dumps(asked, ensure_ascii=False, separators=(",", ":")).encode()
    return nonce + _cipher(key).encrypt(nonce, body, owner.bytes)


def opened(key: str, owner: UUID, data: bytes) -> Asked:
    """The search that seal() closed up for this owner. Raises InvalidRequest for anything else."""
    try:
        body = _cipher(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], owner.bytes)
    except (InvalidTag, ValueError) as error:
        raise InvalidRequest(what="alamat pencarian; mulai lagi dari Cari") from error
    asked: Asked = json.loads(body)
    return asked


def to_address(key: str, owner: UUID, asked: Asked) -> str:
    """The same, as letters that can stand in an address."""
    return base64.urlsafe_b64encode(seal(key, owner, asked)).rstrip(b"=").decode()


def from_address(key: str, owner: UUID, value: str) -> Asked:
    """The search that to_address() closed up. Raises InvalidRequest."""
    try:
        data = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise InvalidRequest(what="alamat pencarian; mulai lagi dari Cari") from error
    return opened(key, owner, data)


def _cipher(key: str) -> AESGCM:
    return AESGCM(_own_key(key, "searches"))


@cache
def _own_key(key: str, purpose: str) -> bytes:
    return derive(key.encode(), purpose)
