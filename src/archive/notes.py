"""Signed checkpoints as text that other programs know: C2SP's tlog-checkpoint within a signed note, Ed25519.

    arsiparis/5f0e9c1a                       the log: the key's id makes it this office's
    1204                                     entries
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=   root of the Merkle tree (archive/merkle.py)
    kepala 2c7530218f4d…                     hash of the last entry
    waktu 2026-11-26T14:00:00Z               when it was signed

    — arsiparis/5f0e9c1a Zz8h…               four bytes of the key's id and the signature over the five lines

The public key is one line, `name+id+key`, as C2SP's signed-note writes verifier keys.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LOG: Final = "arsiparis"
_ED25519: Final = b"\x01"


@dataclass(frozen=True)
class Signer:
    """The office's key for checkpoints, from its seed of 32 bytes."""

    seed: bytes

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def _public(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    @cached_property
    def name(self) -> str:
        """The log's name: no two keys have the same."""
        return f"{LOG}/{hashlib.sha256(self._public).hexdigest()[:8]}"

    @cached_property
    def _id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self._public).digest()[:4]

    @property
    def public(self) -> str:
        """The public key as one line of text."""
        return f"{self.name}+{self._id.hex()}+{base64.b64encode(_ED25519 + self._public).decode()}"

    def checkpoint(self, size: int, root: bytes, head: str, at: datetime) -> str:
        """The signed checkpoint of a ledger of `size` entries; `head` is its last entry's hash in hexadecimal."""
        lines = [self.name, str(size), base64.b64encode(root).decode(), f"kepala {head}", f"waktu {stamp(at)}"]
        body = "\n".join(lines) + "\n"
        signature = base64.b64encode(self._id + self._key.sign(body.encode())).decode()
        return f"{body}\n— {self.name} {signature}\n"


def stamp(at: datetime) -> str:
    """A moment in UTC to the second, as checkpoints write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
