"""What an office does to a letter before it is archived: scans it askew, copies it, photographs it, turns it.

The geometry (``place``) is known before any pixel is made, so the truth of word boxes costs no picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Matrix = npt.NDArray[np.float64]
Grey = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Wear:
    """One way letters arrive. ``skew`` in degrees either way, ``blur`` in pixels, ``noise`` in grey levels."""

    skew: float
    blur: float
    noise: float
    paper: tuple[int, int, int]
    colour: bool = False
    bilevel: bool = False
    grain: float = 0.0  # share of the page that a copier's dirt speckles
    desk: bool = False


WEARS = {
    "scan": Wear(0.9, 0.6, 0.9, (244, 244, 244)),
    "colour": Wear(1.1, 0.6, 0.8, (247, 243, 232), colour=True),
    "copy": Wear(1.2, 0.8, 2.0, (232, 232, 232), grain=0.00015),
    "bilevel": Wear(0.6, 0.6, 5.0, (240, 240, 240), bilevel=True, grain=0.00006),
    "phone": Wear(1.8, 0.7, 0.9, (238, 232, 220), colour=True, desk=True),
    "card": Wear(1.2, 0.5, 1.6, (246, 246, 242), colour=True),
    "none": Wear(0.0, 0.0, 0.0, (255, 255, 255), colour=True),
}


def _homography(source: Matrix, target: Matrix) -> Matrix:
    """The 3 × 3 matrix that maps four points on four others."""
    rows, wanted = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(wanted)), 1.0).reshape(3, 3)


def place(wear: Wear, turn: int, shape: float, seed: int) -> Matrix:
    """From fractions of the page to fractions of the picture.

    ``turn`` is clockwise (0, 90, 180, 270); ``shape`` is the page's width over its height: a skew stays a rotation.
    """
    rng = np.random.default_rng(seed)
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    angle = np.radians(rng.uniform(0.3, 1.0) * wear.skew * rng.choice((-1, 1)))
    centred = (corners - 0.5) * (shape, 1.0)
    turned = centred @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    target = turned / (shape, 1.0) + 0.5
    if wear.desk:  # held by hand: nearer at the foot, and a margin of desk around
        target = (target - 0.5) * 0.88 + 0.5 + rng.uniform(-0.025, 0.025, (4, 2))
    quarter = {0: (0, 1, 2, 3), 90: (1, 2, 3, 0), 180: (2, 3, 0, 1), 270: (3, 0, 1, 2)}[turn]
    spin = _homography(corners, corners[list(quarter)])
    return np.asarray(spin @ _homography(corners, target), dtype=np.float64)


def _warp(picture: Image.Image, wear: Wear, matrix: Matrix, turn: int) -> tuple[Image.Image, Image.Image]:
    """The picture moved by ``matrix``, and a mask of where the paper lies."""
    wide, high = picture.size
    out = (high, wide) if turn in (90, 270) else (wide, high)
    pixels = np.diag([out[0], out[1], 1.0]) @ matrix @ np.diag([1 / wide, 1 / high, 1.0])
    back = np.linalg.inv(pixels)
    numbers = (back / back[2, 2]).flatten()[:8].tolist()
    fill = (92, 66, 48) if wear.desk else (255, 255, 255)
    moved = picture.transform(out, Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BICUBIC, fillcolor=fill)
    mask = Image.new("L", picture.size, 255).transform(out, Image.Transform.PERSPECTIVE, numbers)
    return moved, mask


def light(size: tuple[int, int], strength: float, seed: int) -> Grey:
    """A slow fall of light over the picture, as a factor from ``1 - strength`` to 1; shape (height, width)."""
    rng = np.random.default_rng(seed)
    wide, high = size
    x, y = np.linspace(-1, 1, wide, dtype=np.float32), np.linspace(-1, 1, high, dtype=np.float32)
    slope = rng.uniform(-1, 1, 2).astype(np.float32)
    field = slope[0] * x[None, :] + slope[1] * y[:, None]
    field = (field - field.min()) / max(float(np.ptp(field)), 1e-6)
    return np.asarray(1.0 - strength * field, dtype=np.float32)


def dirt(pixels: Grey, share: float, seed: int) -> None:
    """Specks of a copier's glass, two by two pixels, and one faint streak, in place."""
    rng = np.random.default_rng(seed)
    high, wide = pixels.shape[:2]
    count = int(high * wide * share)
    rows, columns = rng.integers(0, high - 2, count), rng.integers(0, wide - 2, count)
    for down in (0, 1):
        for over in (0, 1):
            pixels[rows + down, columns + over] = rng.uniform(60, 170, (count, *pixels.shape[2:]))
    streak = int(rng.integers(wide // 10, wide - wide // 10))
    pixels[:, streak : streak + 2] *= 0.9


def apply(picture: Image.Image, wear: Wear, matrix: Matrix, turn: int, seed: int) -> Image.Image:
    """The clean RGB ``picture`` as it arrives: RGB, grey (L) or black and white (1)."""
    moved, mask = _warp(picture, wear, matrix, turn)
    if wear.blur:
        moved = moved.filter(ImageFilter.GaussianBlur(wear.blur))
    rng = np.random.default_rng(seed + 1)
    pixels = np.asarray(moved if wear.colour else moved.convert("L"), dtype=np.float32).copy()
    tint = np.array(wear.paper if wear.colour else wear.paper[0], dtype=np.float32) / 255
    on_paper = (np.asarray(mask) > 127) | (not wear.desk)
    pixels[on_paper] *= tint
    shade = light(moved.size, 0.3 if wear.desk else 0.06, seed)
    pixels *= shade[:, :, None] if wear.colour else shade
    if wear.grain:
        dirt(pixels, wear.grain, seed)
    if wear.noise:
        noise = rng.normal(0.0, wear.noise, pixels.shape[:2]).astype(np.float32)
        pixels += noise[:, :, None] if wear.colour else noise
    worn = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    if wear.bilevel:
        return worn.point(lambda grey: 255 if grey > 150 else 0).convert("1", dither=Image.Dither.NONE)
    return worn
