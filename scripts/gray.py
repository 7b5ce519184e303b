"""Lets an ONNX model take one grey picture instead of three equal colours: a third of its largest layer's work.

What the first convolution does to each colour it does to the grey at once, with the sum of the colours' weights.
"""

import math
from collections.abc import Sequence

import numpy as np
from wire import Field, fields, joined

MEANS, SPREADS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # by colour, of the pictures the detector was trained on
ONE_MEAN, ONE_SPREAD = 0.449, 0.226  # how a grey picture is evened in their place
_MODEL_GRAPH = 7
_GRAPH_NODE, _GRAPH_TENSOR, _GRAPH_INPUT = 1, 5, 11
_NODE_INPUT = 1
_TENSOR_DIMS, _TENSOR_NAME, _TENSOR_DATA = 1, 8, 9
_VALUE_TYPE, _TYPE_TENSOR, _TENSOR_SHAPE, _SHAPE_DIM, _DIM_VALUE = 2, 1, 2, 1, 1


def in_gray(model: bytes, means: Sequence[float] = (), spreads: Sequence[float] = ()) -> bytes:
    """The model for one grey picture instead of three colours.

    Where the colours were evened by `means` and `spreads`, the grey is by ONE_MEAN and ONE_SPREAD.
    """
    return joined((n, _graph(v, means, spreads) if n == _MODEL_GRAPH else v) for n, v in fields(model))


def _graph(graph: int | bytes, means: Sequence[float], spreads: Sequence[float]) -> bytes:
    first = next(v for n, v in fields(graph) if n == _GRAPH_NODE)
    _, weights, *bias = [v for n, v in fields(first) if n == _NODE_INPUT]
    held = {dict(fields(v))[_TENSOR_NAME]: v for n, v in fields(graph) if n == _GRAPH_TENSOR}
    kernel = _floats(held[weights])
    share = np.array([ONE_SPREAD / spread for spread in spreads] or [1.0] * 3)
    shift = np.array([(ONE_MEAN - m) / s for m, s in zip(means, spreads, strict=True)] or [0.0] * 3)
    changed = {weights: _tensor(held[weights], _summed(kernel * share[:, None, None], 1)[:, None])}
    if bias:
        moved = _summed((kernel * shift[:, None, None]).reshape(len(kernel), -1), 1)
        changed[bias[0]] = _tensor(held[bias[0]], _floats(held[bias[0]]) + moved)
    told: list[Field] = []
    for number, value in fields(graph):
        if number == _GRAPH_TENSOR:
            value = changed.get(dict(fields(value))[_TENSOR_NAME], value)
        elif number == _GRAPH_INPUT:
            value = _one_colour(value, _VALUE_TYPE, _TYPE_TENSOR, _TENSOR_SHAPE)
        told.append((number, value))
    return joined(told)


def _floats(tensor: int | bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    data = dict(fields(tensor))[_TENSOR_DATA]
    shape = [int(v) for n, v in fields(tensor) if n == _TENSOR_DIMS]
    return np.frombuffer(data if isinstance(data, bytes) else b"", "<f4").reshape(shape).astype(np.float64)


def _summed(
    numbers: np.ndarray[tuple[int, ...], np.dtype[np.float64]], axis: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Exact sums, or the order of adding would make other bytes on other processors."""
    return np.apply_along_axis(lambda row: math.fsum(row.tolist()), axis, numbers)


def _tensor(before: int | bytes, data: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bytes:
    told: list[Field] = [(_TENSOR_DIMS, size) for size in data.shape]
    told += [(n, v) for n, v in fields(before) if n not in (_TENSOR_DIMS, _TENSOR_DATA)]
    return joined([*told, (_TENSOR_DATA, data.astype("<f4").tobytes())])


def _one_colour(value: int | bytes, *path: int) -> bytes:
    """The note of what the model takes, saying one where it said three colours."""
    if path:
        first, *rest = path
        return joined((n, _one_colour(v, *rest) if n == first else v) for n, v in fields(value))
    three, one = joined([(_DIM_VALUE, 3)]), joined([(_DIM_VALUE, 1)])
    return joined((n, one if (n, v) == (_SHAPE_DIM, three) else v) for n, v in fields(value))
