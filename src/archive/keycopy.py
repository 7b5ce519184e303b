"""The sealed copy of the office key: a small file that opens with a passphrase, to be kept apart from the machine.

JSON: `fingerprint` of the key, `scrypt` (RFC 7914: n, r, p and salt), `nonce` and `sealed`, the key under AES-256-GCM
with the key that scrypt makes of the passphrase; the fingerprint is bound to it. docs/operating.md says how to open it
without Arsiparis.
"""

import json
import os
import unicodedata
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from access.accounts import Account
from archive import ledger, officekey
from archive.keytables import OfficeKeyCopyRow
from core.faults import InvalidRequest, KeyUnusable

FORM: Final = 1
# 128 MiB and about half a second for each guess
_N, _R, _P = 1 << 17, 8, 1
LEAST_PASSPHRASE: Final = 12


def _stretched(passphrase: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return Scrypt(salt, 32, n, r, p).derive(unicodedata.normalize("NFC", passphrase).encode())


def seal(key: bytes, passphrase: str) -> str:
    """The file's text: the office key under that passphrase."""
    salt, nonce, fingerprint = os.urandom(16), os.urandom(12), officekey.fingerprint(key)
    sealed = AESGCM(_stretched(passphrase, salt, _N, _R, _P)).encrypt(nonce, key, fingerprint.encode())
    told = {
        "arsiparis": "salinan kunci kantor",
        "form": FORM,
        "fingerprint": fingerprint,
        "scrypt": {"n": _N, "r": _R, "p": _P, "salt": salt.hex()},
        "nonce": nonce.hex(),
        "sealed": sealed.hex(),
    }
    return json.dumps(told, indent=1) + "\n"


def open_copy(text: str, passphrase: str) -> bytes:
    """The office key out of such a file. Raises KeyUnusable for another passphrase or a file that is none."""
    try:
        told: dict[str, Any] = json.loads(text)
        how = told["scrypt"]
        if told["form"] != FORM or how["n"] > 1 << 20 or how["r"] > 16 or how["p"] > 4:  # what no machine could bear
            raise KeyUnusable
        stretched = _stretched(passphrase, bytes.fromhex(how["salt"]), how["n"], how["r"], how["p"])
        sealed, about = bytes.fromhex(told["sealed"]), str(told["fingerprint"])
        key = AESGCM(stretched).decrypt(bytes.fromhex(told["nonce"]), sealed, about.encode())
    except (InvalidTag, ValueError, KeyError, TypeError) as error:
        raise KeyUnusable from error
    if len(key) != officekey.KEY_BYTES or officekey.fingerprint(key) != about:
        raise KeyUnusable
    return key


def record(session: Session, account: Account, fingerprint: str) -> None:
    """Enter that the account made a copy of the key in use. Raises InvalidRequest for the fingerprint of another."""
    if fingerprint != officekey.fingerprint():
        raise InvalidRequest(what="sidik kunci kantor")
    session.add(OfficeKeyCopyRow(fingerprint=fingerprint, account_id=account.id))
    session.flush()
    ledger.append(session, "office_key_copied", actor=account.id, fingerprint=fingerprint)


def is_made(session: Session) -> bool:
    """Whether somebody made a copy of the key in use, if the asker may know."""
    copies = select(func.count()).where(OfficeKeyCopyRow.fingerprint == officekey.fingerprint())
    return bool(session.scalar(copies))
