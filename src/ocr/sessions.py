"""PP-OCRv6's models as onnxruntime sessions. Runs in the child, which loads them once before it forks for its jobs.

One thread a session: a page is one core's work, and a session without threads of its own lives on in a fork.
"""

from dataclasses import dataclass, replace
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

    The careful one works in bytes (scripts/integers.py), the fast one does not: it has the first word on every line.
    """

    detector: Any
    fast: Any
    hasty: Any  # the fast one in bytes
    careful: Any
    table: str

    def in_haste(self) -> "Models":
        """The same with the fast recogniser in bytes: a third less time, a seventh more errors."""
        return replace(self, fast=self.hasty)


@cache
def loaded() -> Models:
    """All of them, ready. Raises OSError when the models were not set up."""
    return Models(
        detector=_session("det-tiny.onnx"),
        fast=_session("rec-tiny.onnx"),
        hasty=_session("rec-tiny-bytes.onnx"),
        careful=_session("rec-small-bytes.onnx"),
        table="\0" + table() + " ",
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
    # what works in bytes is written as it shall run; onnxruntime's own way with it keeps Gelu's parts from being joined
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    return onnxruntime.InferenceSession(FOLDER / name, options, providers=["CPUExecutionProvider"])
