"""Which engine reads a page. Runs in the child only, which imports this before it forks, so each job finds it warm.

PP-OCRv6 reads where its models were set up; tesseract reads otherwise, or where it is asked for.
"""

from pathlib import Path
from typing import Literal

import cv2
import numpy.ma  # noqa: F401 - percentiles ask for it: once here, not once in each fork
from PIL import Image

from ocr import models, ppocr, recognise, sessions
from ocr.detect import Gray
from ocr.found import Recognised

Mode = Literal["fast", "accurate", "tesseract"]

cv2.setNumThreads(1)  # a page is one core's work, and OpenCV's threads would not live on in a fork
Image.preinit()  # the formats too
MODELS = sessions.loaded() if models.installed() else None


def most_dpi(mode: Mode) -> float:
    """The resolution beyond which the engine gains nothing: PP-OCRv6 sees strips 48 px high, tesseract all there is."""
    return 300 if MODELS is None or mode == "tesseract" else 200


def read(gray: Gray, dpi: float, scratch: Path, mode: Mode) -> Recognised:
    """All print on a grey picture. Raises RecogniserUnavailable when tesseract is needed and missing."""
    if MODELS is None or mode == "tesseract":
        return recognise.recognise(Image.fromarray(gray), dpi, scratch)
    return ppocr.read(MODELS, gray, accurate=mode == "accurate")
