"""Where the lines of print stand on a picture. Runs in the child only.

PP-OCRv6's detector (differentiable binarisation) gives each pixel's chance to lie in the core of a line; each
connected core becomes a rectangle that leans with its line, grown again to the whole line.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.sessions import Floats, Models, run
from ocr.shrink import by_steps

_LONG_SIDE = 736  # px; enough to find lines of any office print on A4 (docs/adr/0011)
_STEP = 32  # the detector halves its picture five times
_MEAN, _SPREAD = 0.449, 0.226  # of the pictures it was trained on, in grey (scripts/gray.py)
_LEVELS = ((np.arange(256) / 255 - _MEAN) / _SPREAD).astype(np.float32)
_CORE, _LEAST_CHANCE = 0.2, 0.4  # the model's own thresholds of a pixel and of a line's mean
_GROWN = 1.4  # as the model was trained: its cores are shrunk by area / perimeter times this
_LEAST_PX = 3
_MOST_LINES = 600  # a full page of small print has some 150
_LONG = 3.0  # times as wide as high: leans for itself; shorter ones lean with the page

Gray = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Strip:
    """A line's rectangle: its middle, its length and height in pixels, and its lean (radians, clockwise)."""

    x: float
    y: float
    length: float
    height: float
    lean: float

    def corners(self) -> Floats:
        """Start and end of its upper edge, end and start of its lower one, in pixels."""
        along = np.array([math.cos(self.lean), math.sin(self.lean)]) * self.length / 2
        down = np.array([-math.sin(self.lean), math.cos(self.lean)]) * self.height / 2
        middle = np.array([self.x, self.y])
        corners = [middle - along - down, middle + along - down, middle + along + down, middle - along + down]
        return np.array(corners, np.float32)

    def hull(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom, in pixels."""
        cos, sin = abs(math.cos(self.lean)), abs(math.sin(self.lean))
        wide, high = (cos * self.length + sin * self.height) / 2, (sin * self.length + cos * self.height) / 2
        return self.x - wide, self.y - high, self.x + wide, self.y + high

    def part(self, start: float, end: float) -> "Strip":
        """What lies between two shares of the strip's length."""
        aside = ((start + end) / 2 - 0.5) * self.length
        x, y = self.x + aside * math.cos(self.lean), self.y + aside * math.sin(self.lean)
        return Strip(x, y, (end - start) * self.length, self.height, self.lean)

    def turned(self, quarters: int) -> "Strip":
        """The same strip read `quarters` further clockwise."""
        swap = quarters % 2 == 1
        return Strip(
            self.x,
            self.y,
            self.height if swap else self.length,
            self.length if swap else self.height,
            self.lean + quarters * math.pi / 2,
        )


def find(models: Models, gray: Gray) -> list[Strip]:
    """The strips of print on a grey picture, each along its longer side, in no order."""
    height, width = gray.shape
    scale = _LONG_SIDE / max(height, width)
    size = tuple(max(_STEP, round(side * scale / _STEP) * _STEP) for side in (width, height))
    # halved first, it costs a third; by larger steps (ocr/shrink.py) words of neighbouring cells would run together
    half = by_steps(gray, 2) if scale <= 0.5 else gray
    small = cv2.resize(half, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    chance = run(models.detector, cv2.LUT(small, _LEVELS).astype(np.float32, copy=False)[None, None])[0, 0]
    contours, _ = cv2.findContours((chance > _CORE).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    back = np.array([width / size[0], height / size[1]], np.float32)
    found = [_strip(c, chance, back) for c in sorted(contours, key=len, reverse=True)[:_MOST_LINES]]
    return [strip for strip in found if strip]


def _strip(contour: NDArray[np.int32], chance: Floats, back: Floats) -> Strip | None:
    left, top, columns, rows = cv2.boundingRect(contour)
    inside = np.zeros((rows, columns), np.uint8)
    cv2.fillPoly(inside, [contour - (left, top)], [1])
    if cv2.mean(chance[top : top + rows, left : left + columns], inside)[0] < _LEAST_CHANCE:
        return None
    (x, y), sides, angle = cv2.minAreaRect(((contour.reshape(-1, 2) + 0.5) * back).astype(np.float32))
    if min(sides) < _LEAST_PX:
        return None
    width, height = (side + float(back.mean()) for side in sides)  # from the middles of the outer pixels to their edges
    grow = _GROWN * width * height / (width + height)
    strip = Strip(x, y, width + grow, height + grow, math.radians(angle))
    return strip if width >= height else strip.turned(1)
