"""The corner marks of a printed form: four small ArUco squares that say where the sheet lies on a picture."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Matrix = NDArray[np.float64]
_Seen = tuple[Matrix, int, float]  # middle (px of the picture), number, side (px)

_SMALL = 1200  # long side of the copy the marks are sought on, px: 5 px to a cell of a 22 pt mark
_SIDES = (0.006, 0.08)  # of the picture's long side: smaller is print, larger a drawing
_CORNER = (0.3, 0.25)  # of the picture's width and height: where a sheet's marks are looked for first
_UNLIKE = 1.6  # how much larger one mark of a sheet may be than another, in a photo taken from near


@dataclass(frozen=True, slots=True)
class Marks:
    """Four marks, clockwise from the top left: their numbers, middles (px of the picture) and mean side (px)."""

    ids: tuple[int, int, int, int]
    middles: tuple[tuple[float, float], ...]
    side: float

    def to_sheet(self) -> Matrix:
        """From pixels of the picture to the sheet: (0, 0) is the first mark's middle, (1, 1) the third's."""
        unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
        return np.asarray(cv2.getPerspectiveTransform(np.array(self.middles, np.float32), unit), np.float64)


def corner_marks(pixels: Gray) -> Marks | None:
    """The marks of the sheet on an upright grey picture; None unless all four stand around it."""
    scale, long_side = min(1.0, _SMALL / max(pixels.shape)), max(pixels.shape)
    high, wide = round(pixels.shape[0] * _CORNER[1]), round(pixels.shape[1] * _CORNER[0])
    # two opposite corners cost an eighth of the whole picture, which is looked at only where one of them holds a mark
    if not any(_seen(corner, scale, long_side) for corner in (pixels[:high, :wide], pixels[-high:, -wide:])):
        return None
    return _around(_seen(pixels, scale, long_side), pixels.shape)


def _seen(pixels: Gray, scale: float, long_side: int) -> list[_Seen]:
    """Every mark on a picture or a part of it, looked for on a copy made `scale` times as large."""
    # not by steps (ocr/shrink.py): the cells of a mark are few pixels, and a bad photo of one was no longer read
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50))
    corners, ids, _ = detector.detectMarkers(small)
    if ids is None:
        return []
    seen = []
    for quad, number in zip(corners, ids.flatten(), strict=True):
        side = float(np.sqrt(cv2.contourArea(quad))) / scale
        if _SIDES[0] <= side / long_side <= _SIDES[1]:
            seen.append((quad.reshape(4, 2).mean(axis=0) / scale, int(number), side))
    return seen


def _around(seen: list[_Seen], shape: tuple[int, ...]) -> Marks | None:
    """The four of `seen` nearest the picture's corners, if they are four and alike."""
    high, wide = shape[:2]
    if len(seen) < 4:
        return None
    nearest = [
        min(range(len(seen)), key=lambda n: float(np.hypot(*(seen[n][0] - corner))))
        for corner in np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float64)
    ]
    sides = [seen[n][2] for n in nearest]
    if len(set(nearest)) < 4 or max(sides) > _UNLIKE * min(sides):
        return None
    a, b, c, d = (seen[n][1] for n in nearest)
    middles = tuple((float(seen[n][0][0]), float(seen[n][0][1])) for n in nearest)
    return Marks((a, b, c, d), middles, sum(sides) / 4)
