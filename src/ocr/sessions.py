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
    """The detector of lines, the recognisers, and the characters these know, blank first.

    The recognisers work in bytes (scripts/integers.py).
    """

    detector: Any
    fast: Any
    careful: Any
    table: str


@cache
def loaded() -> Models:
    """All of them, ready. Raises OSError when the models were not set up."""
    return Models(
        detector=_session("det-tiny-gray.onnx"),
        fast=_session("rec-tiny-gray.onnx"),
        careful=_session("rec-small-gray.onnx"),
        table="\0" + table() + " ",
    )


def run(session: Any, picture: Floats) -> Floats:
    """The one output of a model for one grey picture (1 × 1 × height × width)."""
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
