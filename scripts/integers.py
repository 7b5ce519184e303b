"""Makes 1 × 1 convolutions of an ONNX model work on bytes, not floats: a third of the time, nearly the same answers.

A layer's pixels are multiplied as rows of a matrix: onnxruntime's DynamicQuantizeMatMul spreads them over 0…255 between
the ends it sees and gives floats again. Weights get seven bits: with eight, processors without VNNI would overflow and
read something else. What rounding the weights shifts a layer's answers by on average is taken off its bias; for that it
takes the mean of each channel (models.means.json).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from wire import Field, fields, joined

Means = Mapping[str, Sequence[float]]  # of each channel that a layer takes

_MODEL_GRAPH, _MODEL_OPSETS = 7, 8
_GRAPH_NODE, _GRAPH_TENSOR = 1, 5
_NODE_INPUT, _NODE_OUTPUT, _NODE_KIND, _NODE_ATTRIBUTE, _NODE_DOMAIN = 1, 2, 4, 5, 7
_ATTRIBUTE_NAME, _ATTRIBUTE_INTS, _ATTRIBUTE_TYPE, _INTS = 1, 8, 20, 7
_TENSOR_DIMS, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_DATA = 1, 2, 8, 9
_OPSET_DOMAIN, _OPSET_VERSION = 1, 2
_TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6}
_OF_ONNXRUNTIME = b"com.microsoft"
_CHANNELS_LAST, _CHANNELS_SECOND = (0, 2, 3, 1), (0, 3, 1, 2)
_LEAST_WEIGHTS = 1500  # a smaller layer gains less than going to bytes and back costs
_MOST = 63  # of a weight in seven bits

Array = NDArray[np.generic]


@dataclass(frozen=True)
class Layer:
    """A 1 × 1 convolution and the addition of its bias, each with its place among the nodes."""

    name: str  # of what it gives
    taken: str
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    at: int
    bias_at: int


def in_integers(model: bytes, means: Means) -> bytes:
    """The model with the layers that `means` names working on bytes."""
    own = joined([(_OPSET_DOMAIN, _OF_ONNXRUNTIME), (_OPSET_VERSION, 1)])
    told = [(n, _graph(v, means) if n == _MODEL_GRAPH else v) for n, v in fields(model)]
    return joined([*told, (_MODEL_OPSETS, own)])


def layers(model: bytes) -> list[Layer]:
    """The layers that can work on bytes, in their order."""
    graph = dict(fields(model))[_MODEL_GRAPH]
    return list(_layers(_nodes(graph), _weights(graph)))


def _graph(graph: int | bytes, means: Means) -> bytes:
    nodes = _nodes(graph)
    tensors: list[bytes] = []
    for layer in _layers(nodes, _weights(graph)):
        if layer.name in means:
            nodes[layer.at], held = _in_bytes(layer, means[layer.name])
            nodes[layer.bias_at] = []
            tensors += held
    flat = [node for group in nodes for node in group]
    used = {value for node in flat for number, value in fields(node) if number == _NODE_INPUT}
    rest = [(n, v) for n, v in fields(graph) if n != _GRAPH_NODE and (n != _GRAPH_TENSOR or _name(v) in used)]
    return joined([*((_GRAPH_NODE, node) for node in flat), *rest, *((_GRAPH_TENSOR, tensor) for tensor in tensors)])


def _nodes(graph: int | bytes) -> list[list[bytes]]:
    """Each node in a list of its own, to be replaced by none or many."""
    return [[v] for n, v in fields(graph) if n == _GRAPH_NODE and isinstance(v, bytes)]


def _name(tensor: int | bytes) -> int | bytes:
    return dict(fields(tensor))[_TENSOR_NAME]


def _weights(graph: int | bytes) -> dict[int | bytes, NDArray[np.float32]]:
    found = {}
    for number, value in fields(graph):
        told = dict(fields(value)) if number == _GRAPH_TENSOR else {}
        data = told.get(_TENSOR_DATA)
        if told.get(_TENSOR_TYPE) == _TYPES["float32"] and isinstance(data, bytes):
            shape = [int(v) for n, v in fields(value) if n == _TENSOR_DIMS]
            found[told[_TENSOR_NAME]] = np.frombuffer(data, "<f4").reshape(shape)
    return found


def _layers(nodes: list[list[bytes]], weights: Mapping[int | bytes, NDArray[np.float32]]) -> Iterator[Layer]:
    told = [list(fields(node)) for (node,) in nodes]
    takes = [[v for n, v in node if n == _NODE_INPUT] for node in told]
    for at, node in enumerate(told):
        kernel = weights.get(takes[at][1]) if dict(node)[_NODE_KIND] == b"Conv" else None
        if kernel is None or kernel.shape[2:] != (1, 1) or kernel.size < _LEAST_WEIGHTS:
            continue
        users = [n for n, names in enumerate(takes) if dict(node)[_NODE_OUTPUT] in names]
        bias = weights.get(takes[users[0]][-1]) if len(users) == 1 else None
        if bias is not None and dict(told[users[0]])[_NODE_KIND] == b"Add":
            given, taken = dict(told[users[0]])[_NODE_OUTPUT], takes[at][0]
            yield Layer(_text(given), _text(taken), kernel[:, :, 0, 0], bias.reshape(-1), at, users[0])


def _text(name: int | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else ""


def _in_bytes(layer: Layer, means: Sequence[float]) -> tuple[list[bytes], list[bytes]]:
    """The nodes that do a layer's work, and the tensors they hold."""
    heaviest = np.abs(layer.weights).max(axis=1)
    step = np.where(heaviest > 0, heaviest / np.float32(_MOST), np.float32(1)).astype(np.float32)
    rounded = np.rint(layer.weights / step[:, None]).astype(np.int8)
    off = layer.weights.astype(np.float64) - rounded * step[:, None].astype(np.float64)
    # exact sums, or the order of adding would make other bytes on other processors
    shift = [math.fsum(row) for row in (off * np.array(means)).tolist()]
    held: dict[str, Array] = {
        "weights": np.ascontiguousarray(rounded.T),
        "step": step,
        "zero": np.zeros(len(step), np.int8),
        "bias": (layer.bias + np.array(shift)).astype(np.float32),
    }
    names = {key: f"{layer.name}.{key}" for key in held}
    into, out = f"{layer.name}.taken", f"{layer.name}.given"
    nodes = [
        _node("Transpose", [layer.taken], into, _order(_CHANNELS_LAST)),
        _node("DynamicQuantizeMatMul", [into, *names.values()], out, (_NODE_DOMAIN, _OF_ONNXRUNTIME)),
        _node("Transpose", [out], layer.name, _order(_CHANNELS_SECOND)),
    ]
    return nodes, [_tensor(names[key], array) for key, array in held.items()]


def _order(axes: Sequence[int]) -> Field:
    ints: list[Field] = [(_ATTRIBUTE_INTS, axis) for axis in axes]
    return _NODE_ATTRIBUTE, joined([(_ATTRIBUTE_NAME, b"perm"), *ints, (_ATTRIBUTE_TYPE, _INTS)])


def _node(kind: str, takes: list[str], gives: str, more: Field) -> bytes:
    ends: list[Field] = [*((_NODE_INPUT, name.encode()) for name in takes), (_NODE_OUTPUT, gives.encode())]
    return joined([*ends, (_NODE_KIND, kind.encode()), more])


def _tensor(name: str, data: Array) -> bytes:
    told: list[Field] = [(_TENSOR_DIMS, size) for size in data.shape]
    told += [(_TENSOR_TYPE, _TYPES[data.dtype.name]), (_TENSOR_NAME, name.encode()), (_TENSOR_DATA, data.tobytes())]
    return joined(told)
