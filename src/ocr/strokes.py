"""A pen's line that only passes through a check box is no tick: it is known by going on beyond it on both sides."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.squares import Square

Gray = NDArray[np.uint8]

_DARK = 90  # of 255, as where squares are found
_INSET = 0.16  # of the side: the frame is not the stroke
_STRAIGHT = 0.12  # of the side: how far a line's ink lies from its middle
_BEYOND = (0.35, 1.0)  # of the side, outside the frame: where a passing line is still seen
_SEEN = 0.75  # share of that stretch that is ink
_LEAST_PX = 8


def without_crossing(ink: Gray, square: Square) -> Gray:
    """The ink with the straight line taken out that runs through the square and on beyond it at both ends, if any."""
    inset = square.side * _INSET
    x0, y0 = round(square.x + inset), round(square.y + inset)
    side = round(square.side - 2 * inset)
    ys, xs = np.nonzero(ink[y0 : y0 + side, x0 : x0 + side] > _DARK)
    if len(xs) < _LEAST_PX:
        return ink
    points = np.column_stack([xs + x0, ys + y0]).astype(np.float32)
    dx, dy, cx, cy = (float(v) for v in cv2.fitLine(points, cv2.DIST_HUBER, 0, 0.01, 0.01).flatten())
    if not (_runs_on(ink, square, (cx, cy), (dx, dy)) and _runs_on(ink, square, (cx, cy), (-dx, -dy))):
        return ink
    rest = ink.copy()
    far = 3 * square.side
    ends = (round(cx - dx * far), round(cy - dy * far)), (round(cx + dx * far), round(cy + dy * far))
    cv2.line(rest, *ends, (0,), max(3, round(2 * _STRAIGHT * square.side)))
    return rest


def _runs_on(ink: Gray, square: Square, start: tuple[float, float], way: tuple[float, float]) -> bool:
    """Whether ink follows the line from the frame outwards."""
    # from the middle to the frame along the line, then the stretch beyond it
    middle = square.middle
    reach = [
        ((middle[axis] + (1 if way[axis] > 0 else -1) * square.side / 2) - start[axis]) / way[axis]
        for axis in (0, 1)
        if abs(way[axis]) > 1e-3
    ]
    edge = min(reach)
    steps = edge + np.linspace(*_BEYOND, 16) * square.side
    xs, ys = np.rint(start[0] + way[0] * steps).astype(int), np.rint(start[1] + way[1] * steps).astype(int)
    seen = [
        ink[y - 1 : y + 2, x - 1 : x + 2].max() > _DARK
        for x, y in zip(xs.tolist(), ys.tolist(), strict=True)
        if 1 <= x < ink.shape[1] - 1 and 1 <= y < ink.shape[0] - 1
    ]
    return bool(seen) and sum(seen) >= _SEEN * len(steps)
