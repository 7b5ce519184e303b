"""Smaller copies of a page, quickly. Runs in the child only.

Mixing all the pixels that a smaller one covers is fast only by whole steps, then fifty times as fast.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]


def by_steps(pixels: Gray, step: int) -> Gray:
    """Each `step` × `step` pixels mixed to one; a rest of fewer at the right and below is left out."""
    wide, high = pixels.shape[1] // step, pixels.shape[0] // step
    if step < 2 or not wide or not high:
        return pixels
    whole = pixels[: high * step, : wide * step]
    return cv2.resize(whole, (wide, high), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def shrunk(pixels: Gray, size: tuple[int, int]) -> Gray:
    """The picture at `size` (width, height), no larger than itself: in whole steps first, then the rest."""
    step = min(pixels.shape[1] // size[0], pixels.shape[0] // size[1])
    small = by_steps(pixels, step)
    if small.shape != size[::-1]:
        small = cv2.resize(small, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    return small


def at_most(pixels: Gray, long_side: int) -> tuple[Gray, float]:
    """The picture with no side longer than `long_side` px, and its scale; for shapes, not for what is to be read."""
    scale = long_side / max(pixels.shape)
    if scale >= 1:
        return pixels, 1.0
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    # less than halved, four mixed neighbours leave nothing out, at a tenth of the cost
    small = cv2.resize(by_steps(pixels, int(1 / scale)), size, interpolation=cv2.INTER_LINEAR)
    return small.astype(np.uint8, copy=False), scale
