"""Encrypted objects: they open whole, under their key and name, or not at all; and other code opens them too."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.envelope import HEAD_BYTES, SEGMENT_BYTES, TAG_BYTES, seal, sealed_size, unseal
from archive.unsealing import DoesNotOpenError, plain
from core.faults import BytesDiffer

KEY, NAME = os.urandom(32), "documents/x/original"
SIZES = [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 2 * SEGMENT_BYTES, 2 * SEGMENT_BYTES + 7]
WHOLE = SEGMENT_BYTES + TAG_BYTES


def sealed(data: bytes, key: bytes = KEY, name: str = NAME) -> bytes:
    return b"".join(seal(key, name, memoryview(data)))


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def opened(data: bytes, size: int = 256 * 1024, key: bytes = KEY, name: str = NAME) -> bytes:
    return b"".join(unseal(key, name, pieces(data, size)))


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_opens_by_both_ways(size: int) -> None:
    data = os.urandom(size)
    locked = sealed(data)
    assert len(locked) == sealed_size(size)
    assert locked[:4] == b"ASE1"
    for piece in (262_144, 1_000_003, len(locked)):
        assert opened(locked, piece) == data
        assert b"".join(plain(KEY, NAME, pieces(locked, piece))) == data


@given(st.binary(max_size=300), st.integers(1, 400))
def test_pieces_of_any_size(data: bytes, size: int) -> None:
    assert opened(sealed(data), size) == data
    assert b"".join(plain(KEY, NAME, pieces(sealed(data), size))) == data


def test_the_same_bytes_never_look_the_same() -> None:
    one, other = sealed(b"surat"), sealed(b"surat")
    assert one[4:] != other[4:]


def refused(locked: bytes, key: bytes = KEY, name: str = NAME) -> None:
    with pytest.raises(BytesDiffer):
        opened(locked, key=key, name=name)
    with pytest.raises(DoesNotOpenError):
        list(plain(key, name, pieces(locked, 262_144)))


@given(st.data())
@settings(max_examples=200)
def test_any_changed_byte_is_seen(data: st.DataObject) -> None:
    locked = bytearray(sealed(b"isi surat" * 20))
    locked[data.draw(st.integers(0, len(locked) - 1))] ^= data.draw(st.integers(1, 255))
    refused(bytes(locked))


def test_under_another_key_or_name() -> None:
    refused(sealed(b"surat"), key=os.urandom(32))
    refused(sealed(b"surat"), name="documents/x/pdf-1")


LONG = sealed(os.urandom(3 * SEGMENT_BYTES))
HEAD, ONE, TWO, THREE = (
    LONG[:HEAD_BYTES],
    *(LONG[HEAD_BYTES + n * WHOLE : HEAD_BYTES + (n + 1) * WHOLE] for n in range(3)),
)


@pytest.mark.parametrize(
    "changed",
    [
        b"",
        HEAD[:20],
        HEAD,
        HEAD + ONE,
        HEAD + ONE + TWO,
        HEAD + ONE + TWO + THREE[:-1],
        HEAD + TWO + ONE + THREE,
        HEAD + ONE + THREE,
        HEAD + ONE + TWO + TWO,
        HEAD + ONE + TWO + THREE + b"x",
        HEAD + ONE + TWO + THREE + THREE,
        b"PLAIN" + ONE,
    ],
    ids=[
        "empty",
        "half a head",
        "head",
        "cut 1",
        "cut 2",
        "cut byte",
        "swapped",
        "left out",
        "twice",
        "longer",
        "more",
        "no mark",
    ],
)
def test_segments_cut_swapped_or_added(changed: bytes) -> None:
    refused(changed)
