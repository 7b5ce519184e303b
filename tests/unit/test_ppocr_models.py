"""The script that cuts the models keeps everything but the characters nobody prints here."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

_SPEC = importlib.util.spec_from_file_location("models", Path(__file__).parents[2] / "scripts" / "models.py")
assert _SPEC
assert _SPEC.loader
script = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(script)

FIELDS = st.lists(st.tuples(st.integers(1, 2**20), st.integers(0, 2**64 - 1) | st.binary(max_size=300)))


@given(FIELDS)
def test_what_is_written_reads_back(fields: list[tuple[int, int | bytes]]) -> None:
    assert list(script._fields(script._joined(fields))) == fields


def tensor(name: bytes, data: np.ndarray) -> bytes:
    fields = [(1, size) for size in data.shape]
    packed: bytes = script._joined([*fields, (2, 1), (8, name), (9, data.astype("<f4").tobytes())])
    return packed


def test_only_the_last_layer_is_cut() -> None:
    body, head = np.arange(12.0).reshape(3, 4), np.arange(15.0).reshape(3, 5)
    graph = script._joined([(1, b"knot"), (5, tensor(b"body", body)), (5, tensor(b"head", head)), (13, b"shape")])
    cut = dict(script._fields(script._cut(script._joined([(1, 8), (7, graph)]), 5, np.array([0, 2, 4]))))
    fields = list(script._fields(cut[7]))
    assert cut[1] == 8
    assert fields == [(1, b"knot"), (5, tensor(b"body", body)), (5, tensor(b"head", head[:, [0, 2, 4]]))]


def test_an_unknown_kind_of_field_stops_the_set_up() -> None:
    with pytest.raises(SystemExit):
        list(script._fields(bytes([1 << 3 | 5, 0, 0, 0, 0])))
