"""The office key: one secret, a subkey for each use, and wrapped keys that open only where they belong."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import officekey
from archive.officekey import DOCUMENTS, GENERATIONS, unwrap, wrap
from core import settings
from core.faults import KeyUnusable

pytestmark = pytest.mark.usefixtures("reaches_nothing")


def test_each_use_has_a_subkey_of_its_own_that_stays() -> None:
    assert officekey.office_key() == b"\x5e" * 32
    keys = {officekey.subkey(name) for name in (DOCUMENTS, GENERATIONS)} | {officekey.office_key()}
    assert len(keys) == 3
    # A letter locked under one version of the program opens under every later one
    assert officekey.subkey(DOCUMENTS).hex() == "5ea848d2f238c7dc253701eb8406cabacefd5bec41407678803e4abfda998d14"
    assert officekey.fingerprint() == "031f8547d8c08fe8"


def test_a_wrapped_key_opens_where_it_belongs() -> None:
    key = os.urandom(32)
    wrapped = wrap(key, DOCUMENTS, b"surat")
    assert key not in wrapped
    assert wrap(key, DOCUMENTS, b"surat") != wrapped
    assert unwrap(wrapped, DOCUMENTS, b"surat") == key
    for name, about in ((GENERATIONS, b"surat"), (DOCUMENTS, b"surat lain")):
        with pytest.raises(KeyUnusable):
            unwrap(wrapped, name, about)


@given(st.integers(0, 60), st.integers(1, 255))
def test_a_changed_byte_opens_nothing(place: int, flipped: int) -> None:
    wrapped = bytearray(wrap(b"k" * 32, DOCUMENTS, b"surat"))
    assert len(wrapped) == 61
    wrapped[place] ^= flipped
    with pytest.raises(KeyUnusable):
        unwrap(bytes(wrapped), DOCUMENTS, b"surat")


@pytest.mark.parametrize("length", [0, 1, 12, 13, 28, 60])
def test_a_cut_key_opens_nothing(length: int) -> None:
    with pytest.raises(KeyUnusable):
        unwrap(wrap(b"k" * 32, DOCUMENTS, b"surat")[:length], DOCUMENTS, b"surat")


def test_another_office_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    wrapped = wrap(b"k" * 32, DOCUMENTS, b"surat")
    monkeypatch.setenv("ARSIP_OFFICE_KEY", "0" * 64)
    settings.settings.cache_clear()
    with pytest.raises(KeyUnusable):
        unwrap(wrapped, DOCUMENTS, b"surat")
