"""What the recognisers' layers take on average, seen on letters of our own: scripts/models.means.json.

``python -m tests.calibrate WHEEL`` with the wheel of requirements/models.txt. Needed again only for other models; what
set-up makes of the figures is fixed by scripts/models.sha256.
"""

from __future__ import annotations

import json
import sys
import tempfile
import zipfile
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
sys.path.insert(0, str(SCRIPTS))

from integers import layers  # noqa: E402
from models import recognisers  # noqa: E402
from wire import fields, joined  # noqa: E402

from ocr import detect, lines, sessions  # noqa: E402
from tests.assets import truth  # noqa: E402
from tests.yardstick import scans  # noqa: E402

LETTERS, SEED, STRIPS = 40, 777, 250
DIGITS = 3
Strips = list[npt.NDArray[np.float32]]


def main(wheel: Path) -> None:
    """Write the means of both recognisers."""
    with zipfile.ZipFile(wheel) as carrier:
        tiny, small = recognisers(carrier)
    found = {"rec-tiny": _means(tiny, _strips(0.9)), "rec-small": _means(small, _strips(1.2))}
    a_line_each = json.dumps(found, separators=(",", ":")).replace("],", "],\n")
    (SCRIPTS / "models.means.json").write_text(a_line_each + "\n", "utf-8")


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


def _means(model: bytes, strips: Strips) -> dict[str, list[float]]:
    names = sorted({layer.taken for layer in layers(model)})
    onnxruntime.set_default_logger_severity(4)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    session = onnxruntime.InferenceSession(_telling(model, names), options, providers=["CPUExecutionProvider"])
    sums = {name: np.zeros(1) for name in names}
    pixels = dict.fromkeys(names, 0)
    for strip in strips:
        for name, values in zip(names, session.run(names, {"x": strip[None, None]}), strict=True):
            sums[name] = sums[name] + values[0].sum(axis=(1, 2), dtype=np.float64)
            pixels[name] += values[0, 0].size
    # a layer that weighs whole channels takes one pixel of each strip: it has no work to save
    return {
        layer.name: [round(mean, DIGITS) for mean in (sums[layer.taken] / pixels[layer.taken]).tolist()]
        for layer in layers(model)
        if pixels[layer.taken] > len(strips)
    }


def _telling(model: bytes, names: list[str]) -> bytes:
    """The model with what flows between its layers as outputs too."""
    graph, output, floats = 7, 12, joined([(1, joined([(1, 1)]))])
    told = [(output, joined([(1, name.encode()), (2, floats)])) for name in names]
    return joined((n, joined([*fields(v), *told]) if n == graph else v) for n, v in fields(model))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
