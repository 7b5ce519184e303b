"""Makes 1 × 1 convolutions of an ONNX model work on bytes instead of floats: half the time, nearly the same answers.

What a layer takes and gives is spread over 0…255 between the ends that calibration saw (models.ranges.json; ONNX's
QLinearConv). Weights get seven bits: with eight, processors without VNNI would overflow and read something else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from wire import Field, fields, joined

Ranges = Mapping[str, tuple[float, float, float, float]]  # least and most of what a layer takes, and of what it gives

_MODEL_GRAPH = 7
_GRAPH_NODE, _GRAPH_TENSOR = 1, 5
_NODE_INPUT, _NODE_OUTPUT, _NODE_KIND, _NODE_ATTRIBUTE = 1, 2, 4, 5
_TENSOR_DIMS, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_DATA = 1, 2, 8, 9
_TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6}
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
    attributes: tuple[Field, ...]
    at: int
    bias_at: int


def in_integers(model: bytes, ranges: Ranges) -> bytes:
    """The model with the layers that `ranges` names working on bytes."""
    return joined((n, _graph(v, ranges) if n == _MODEL_GRAPH else v) for n, v in fields(model))


def layers(model: bytes) -> list[Layer]:
    """The layers that can work on bytes, in their order."""
    graph = dict(fields(model))[_MODEL_GRAPH]
    return list(_layers(_nodes(graph), _weights(graph)))


def _graph(graph: int | bytes, ranges: Ranges) -> bytes:
    nodes = _nodes(graph)
    chosen = [layer for layer in _layers(nodes, _weights(graph)) if layer.name in ranges]
    tensors: list[bytes] = []
    for layer in chosen:
        made, held = _in_bytes(layer, ranges[layer.name])
        nodes[layer.at] = made
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
            attributes = tuple(field for field in node if field[0] == _NODE_ATTRIBUTE)
            yield Layer(_text(given), _text(taken), kernel, bias.reshape(-1), attributes, at, users[0])


def _text(name: int | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else ""


def _in_bytes(layer: Layer, ends: tuple[float, float, float, float]) -> tuple[list[bytes], list[bytes]]:
    """The nodes that do a layer's work, and the tensors they hold."""
    taken, given = _steps(*ends[:2]), _steps(*ends[2:])
    heaviest = np.abs(layer.weights).max(axis=(1, 2, 3))
    scale = np.where(heaviest > 0, heaviest / np.float32(_MOST), np.float32(1)).astype(np.float32)
    held: dict[str, Array] = {
        "taken_step": taken[0],
        "taken_zero": taken[1],
        "weights": np.rint(layer.weights / scale[:, None, None, None]).astype(np.int8),
        "weights_step": scale,
        "weights_zero": np.zeros(len(scale), np.int8),
        "given_step": given[0],
        "given_zero": given[1],
        "bias": np.rint(layer.bias / (taken[0] * scale)).astype(np.int32),
    }
    names = {key: f"{layer.name}.{key}" for key in held}
    into, out = f"{layer.name}.taken", f"{layer.name}.given"
    nodes = [
        _node("QuantizeLinear", [layer.taken, names["taken_step"], names["taken_zero"]], into),
        _node("QLinearConv", [into, *names.values()], out, layer.attributes),
        _node("DequantizeLinear", [out, names["given_step"], names["given_zero"]], layer.name),
    ]
    return nodes, [_tensor(names[key], array) for key, array in held.items()]


def _steps(least: float, most: float) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """The step between neighbouring bytes and the byte that is 0."""
    least, most = min(0.0, least), max(0.0, most)
    step = np.float32((most - least) / 255)
    return np.array(step, np.float32), np.array(round(-least / float(step)), np.uint8)


def _node(kind: str, takes: list[str], gives: str, attributes: tuple[Field, ...] = ()) -> bytes:
    ends: list[Field] = [*((_NODE_INPUT, name.encode()) for name in takes), (_NODE_OUTPUT, gives.encode())]
    return joined([*ends, (_NODE_KIND, kind.encode()), *attributes])


def _tensor(name: str, data: Array) -> bytes:
    told: list[Field] = [(_TENSOR_DIMS, size) for size in data.shape]
    told += [(_TENSOR_TYPE, _TYPES[data.dtype.name]), (_TENSOR_NAME, name.encode()), (_TENSOR_DATA, data.tobytes())]
    return joined(told)
