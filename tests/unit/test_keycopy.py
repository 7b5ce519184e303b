"""The sealed copy of the office key opens with its passphrase, here and by anybody's scrypt, and with nothing else."""

import hashlib
import json
import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from archive import keycopy, officekey
from core.faults import KeyUnusable

KEY, PASSPHRASE = os.urandom(32), "tiga ekor kuda terbang"


@pytest.fixture(scope="module")
def text() -> str:
    return keycopy.seal(KEY, PASSPHRASE)


def test_it_opens_with_its_passphrase(text: str) -> None:
    assert keycopy.open_copy(text, PASSPHRASE) == KEY
    assert KEY.hex() not in text
    assert json.loads(text)["fingerprint"] == officekey.fingerprint(KEY)


def test_it_opens_by_other_means(text: str) -> None:
    told = json.loads(text)
    n, r, p, salt = (told["scrypt"][name] for name in ("n", "r", "p", "salt"))
    made = hashlib.scrypt(PASSPHRASE.encode(), salt=bytes.fromhex(salt), n=n, r=r, p=p, maxmem=1 << 28, dklen=32)
    opened = AESGCM(made).decrypt(
        bytes.fromhex(told["nonce"]), bytes.fromhex(told["sealed"]), told["fingerprint"].encode()
    )
    assert opened == KEY


def test_another_passphrase_opens_nothing(text: str) -> None:
    with pytest.raises(KeyUnusable):
        keycopy.open_copy(text, PASSPHRASE + " ")


@pytest.mark.parametrize("member", ["fingerprint", "nonce", "sealed", "form", "scrypt"])
def test_a_changed_or_missing_member_opens_nothing(text: str, member: str) -> None:
    changed = {"fingerprint": "0" * 16, "nonce": "00" * 12, "sealed": "00" * 48, "form": 2, "scrypt": {}}[member]
    for told in ({**json.loads(text), member: changed}, {k: v for k, v in json.loads(text).items() if k != member}):
        with pytest.raises(KeyUnusable):
            keycopy.open_copy(json.dumps(told), PASSPHRASE)


def test_a_file_that_asks_for_more_than_a_machine_has_is_refused(text: str) -> None:
    told = json.loads(text)
    told["scrypt"]["n"] = 1 << 40
    with pytest.raises(KeyUnusable):
        keycopy.open_copy(json.dumps(told), PASSPHRASE)


@pytest.mark.parametrize("other", ["", "{}", "[]", "null", "bukan json"])
def test_another_file_is_no_copy(other: str) -> None:
    with pytest.raises(KeyUnusable):
        keycopy.open_copy(other, PASSPHRASE)
