"""The office key and what is made of it (docs/adr/0025).

One secret of 32 bytes, `ARSIP_OFFICE_KEY`, kept outside the database. It encrypts no letter itself: each use has a
subkey of its own (HKDF-SHA-256, RFC 5869), and the keys of documents and of backups' generations are random, lie
wrapped by such a subkey (AES-256-GCM) and can so be destroyed one by one.
"""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.faults import KeyUnusable
from core.settings import settings

KEY_BYTES: Final = 32
_NONCE_BYTES = 12
# What wraps keys of documents, and keys of generations of backups and snapshots
DOCUMENTS, GENERATIONS = "documents", "generations"
_FORM = b"\x01"  # first byte of a wrapped key: the way it is wrapped


def office_key() -> bytes:
    """The office's 32 bytes, as its setting gives them in hexadecimal."""
    return bytes.fromhex(settings().office_key.get_secret_value())


def derive(key: bytes, purpose: str, salt: bytes | None = None) -> bytes:
    """Another 32 bytes out of a key, for that purpose alone."""
    return HKDF(SHA256(), KEY_BYTES, salt, f"arsiparis {purpose}".encode()).derive(key)


def subkey(name: str) -> bytes:
    """The office's key of that name. The same name gives the same key for as long as the office key is the same."""
    return derive(office_key(), f"office {name}")


def fingerprint(key: bytes | None = None) -> str:
    """16 hexadecimal digits by which people compare office keys; they tell nothing of the key."""
    return derive(key or office_key(), "fingerprint").hex()[:16]


def wrap(key: bytes, name: str, about: bytes) -> bytes:
    """A key under the office's key of that name, bound to what it is of: it opens under no other `about`."""
    nonce = os.urandom(_NONCE_BYTES)
    return _FORM + nonce + AESGCM(subkey(name)).encrypt(nonce, key, about)


def unwrap(wrapped: bytes, name: str, about: bytes) -> bytes:
    """The key that `wrap` was given. Raises KeyUnusable under another office key, or when a byte was changed."""
    if wrapped[:1] != _FORM:
        raise KeyUnusable
    nonce, sealed = wrapped[1 : 1 + _NONCE_BYTES], wrapped[1 + _NONCE_BYTES :]
    try:
        return AESGCM(subkey(name)).decrypt(nonce, sealed, about)
    except (InvalidTag, ValueError) as error:
        raise KeyUnusable from error
