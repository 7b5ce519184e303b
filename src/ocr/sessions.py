"""PP-OCRv6's models as onnxruntime sessions. Runs in the child, which loads them once before it forks for its jobs.

One thread a session: a page is one core's work, and a session without threads of its own lives on in a fork.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ocr.models import FOLDER, table

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Models:
    """The detector of lines, the fast recogniser, the careful one, and the characters both know, blank first."""

    detector: Any
    fast: Any
    careful: Any
    table: str


@cache
def loaded() -> Models:
    """All of them, ready. Raises OSError when the models were not set up."""
    return Models(
        _session("det-tiny.onnx"), _session("rec-tiny.onnx"), _session("rec-small.onnx"), "\0" + table() + " "
    )


def run(session: Any, picture: Floats) -> Floats:
    """The one output of a model for one picture (1 × 3 × height × width)."""
    found: Floats = session.run(None, {"x": picture})[0]
    return found


def _session(name: str) -> Any:
    onnxruntime.set_default_logger_severity(4)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # lines are all of different widths: a plan of memory for each would only pile up
    options.enable_mem_pattern = False
    return onnxruntime.InferenceSession(FOLDER / name, options, providers=["CPUExecutionProvider"])
