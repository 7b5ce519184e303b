"""The script that cuts the models keeps everything but the characters nobody prints here."""

import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

import gray
import integers
import models as script
import wire

FIELDS = st.lists(st.tuples(st.integers(1, 2**20), st.integers(0, 2**64 - 1) | st.binary(max_size=300)))


@given(FIELDS)
def test_what_is_written_reads_back(fields: list[tuple[int, int | bytes]]) -> None:
    assert list(wire.fields(wire.joined(fields))) == fields


def tensor(name: bytes, data: np.ndarray) -> bytes:
    fields = [(1, size) for size in data.shape]
    packed: bytes = wire.joined([*fields, (2, 1), (8, name), (9, data.astype("<f4").tobytes())])
    return packed


def test_only_the_last_layer_is_cut() -> None:
    body, head = np.arange(12.0).reshape(3, 4), np.arange(15.0).reshape(3, 5)
    graph = wire.joined([(1, b"knot"), (5, tensor(b"body", body)), (5, tensor(b"head", head)), (13, b"shape")])
    cut = dict(wire.fields(script._cut(wire.joined([(1, 8), (7, graph)]), 5, np.array([0, 2, 4]))))
    fields = list(wire.fields(cut[7]))
    assert cut[1] == 8
    assert fields == [(1, b"knot"), (5, tensor(b"body", body)), (5, tensor(b"head", head[:, [0, 2, 4]]))]


def test_an_unknown_kind_of_field_stops_the_set_up() -> None:
    with pytest.raises(SystemExit):
        list(wire.fields(bytes([1 << 3 | 5, 0, 0, 0, 0])))


def node(kind: bytes, takes: list[bytes], gives: bytes) -> bytes:
    packed: bytes = wire.joined([*((1, name) for name in takes), (2, gives), (4, kind)])
    return packed


def value(name: bytes) -> bytes:
    packed: bytes = wire.joined([(1, name), (2, wire.joined([(1, wire.joined([(1, 1)]))]))])
    return packed


def one_layer(weights: np.ndarray, bias: np.ndarray) -> bytes:
    graph = wire.joined(
        [
            (1, node(b"Conv", [b"x", b"w"], b"c")),
            (1, node(b"Add", [b"c", b"b"], b"y")),
            (2, b"g"),
            (5, tensor(b"w", weights)),
            (5, tensor(b"b", bias.reshape(1, -1, 1, 1))),
            (11, value(b"x")),
            (12, value(b"y")),
        ]
    )
    packed: bytes = wire.joined([(1, 6), (7, graph), (8, wire.joined([(2, 11)]))])
    return packed


def answer(model: bytes, picture: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": picture})[0])


def test_a_layer_in_bytes_answers_nearly_the_same() -> None:
    rng = np.random.default_rng(1)
    model = one_layer(rng.normal(size=(48, 40, 1, 1)), rng.normal(size=48))
    picture = rng.uniform(-2, 3, (1, 40, 5, 7)).astype(np.float32)
    floats = answer(model, picture)
    assert [layer.name for layer in integers.layers(model)] == ["y"]
    in_bytes = integers.in_integers(model, {"y": [0.5] * 40})
    assert len(in_bytes) < len(model) / 2
    assert np.abs(answer(in_bytes, picture) - floats).max() < 0.03 * np.ptp(floats)


def test_the_means_take_off_what_rounding_weights_shifts() -> None:
    rng = np.random.default_rng(3)
    model = one_layer(rng.normal(size=(48, 40, 1, 1)), rng.normal(size=48))
    picture = np.full((1, 40, 5, 7), 1.0, np.float32)  # all at its mean, so nothing else is rounded
    exact = answer(model, picture)
    shifted = answer(integers.in_integers(model, {"y": [0.0] * 40}), picture)
    mended = answer(integers.in_integers(model, {"y": [1.0] * 40}), picture)
    assert np.abs(mended - exact).max() < 0.01 * np.abs(shifted - exact).max()


def test_a_layer_without_means_stays_as_it_is() -> None:
    model = one_layer(np.ones((48, 40, 1, 1)), np.ones(48))
    assert answer(integers.in_integers(model, {}), np.ones((1, 40, 2, 2), np.float32)).tolist() == [
        [[[41.0] * 2] * 2] * 48
    ]


def test_no_weight_needs_its_eighth_bit() -> None:
    rng = np.random.default_rng(2)
    model = integers.in_integers(one_layer(rng.normal(size=(48, 40, 1, 1)), np.zeros(48)), {"y": [0.0] * 40})
    held = {dict(wire.fields(v))[8]: v for n, v in wire.fields(dict(wire.fields(model))[7]) if n == 5}
    weights = np.frombuffer(dict(wire.fields(held[b"y.weights"]))[9], np.int8)
    assert np.abs(weights).max() == 63


@pytest.mark.parametrize("evened", [((), ()), (gray.MEANS, gray.SPREADS)], ids=["as it is", "evened by colour"])
def test_one_grey_picture_answers_as_three_colours_of_it(evened: tuple[tuple[float, ...], tuple[float, ...]]) -> None:
    rng = np.random.default_rng(4)
    colours = wire.joined([(1, b"x"), (2, wire.joined([(1, wire.joined([(1, 1), (2, shape(1, 3, 6, 8))]))]))])
    graph = wire.joined(
        [
            (1, node(b"Conv", [b"x", b"w", b"b"], b"y")),
            (2, b"g"),
            (5, tensor(b"w", rng.normal(size=(5, 3, 3, 3)))),
            (5, tensor(b"b", rng.normal(size=5))),
            (11, colours),
            (12, value(b"y")),
        ]
    )
    model: bytes = wire.joined([(1, 6), (7, graph), (8, wire.joined([(2, 11)]))])
    page = rng.uniform(0, 1, (6, 8)).astype(np.float32)
    means, spreads = (
        np.array(part or fill, np.float32)[:, None, None] for part, fill in zip(evened, ([0] * 3, [1] * 3), strict=True)
    )
    three = answer(model, ((page - means) / spreads)[None].astype(np.float32))
    mean, spread = (gray.ONE_MEAN, gray.ONE_SPREAD) if evened[0] else (0.0, 1.0)
    one = answer(gray.in_gray(model, *evened), ((page - mean) / spread)[None, None].astype(np.float32))
    assert np.abs(one - three).max() < 1e-4


def shape(*sizes: int) -> bytes:
    packed: bytes = wire.joined([(1, wire.joined([(1, size)])) for size in sizes])
    return packed
