"""What a pen leaves on check boxes besides clear ticks: boxes filled half, dots, lines that stray across, touches.

Drawn on a worn picture, in the grey or colour of the print around, and worn with it by a little blur.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

Quad = npt.NDArray[np.float64]
HALVES = ("left", "right", "top", "bottom", "slant")
FINE = 4  # pens are drawn so many times finer than the picture


def disturb(
    picture: Image.Image, boxes: Sequence[Quad], ticked: Sequence[bool], seed: int, share: float = 0.35
) -> tuple[Image.Image, list[bool]]:
    """The grey picture with pen marks on a ``share`` of its boxes, and which boxes count as ticked then.

    ``boxes`` are quadrilaterals in pixels, clockwise from the top left. Half filled counts as ticked; dots, stray lines
    and touches of the frame do not, and take no tick away.
    """
    rng = random.Random(seed)
    now = list(ticked)
    worn = picture.convert("L").copy()
    # ink takes its share of whatever light falls there, in a shadow too
    ink, paper = np.percentile(np.asarray(worn)[::5, ::5], (1, 70))
    dark = min(0.75, float(ink + rng.randint(0, 40)) / float(paper))
    for number, quad in enumerate(boxes):
        if rng.random() >= share:
            continue
        stray = rng.choice(("dot", "line", "touch"))
        what = stray if ticked[number] else rng.choice(("half", "half", stray))
        now[number] = ticked[number] or what == "half"
        _draw(worn, quad, what, dark, rng)
    return worn, now


def _draw(worn: Image.Image, quad: Quad, what: str, dark: float, rng: random.Random) -> None:
    """One mark in the box ``quad``, in place."""
    middle = quad.mean(axis=0)
    reach = float(np.hypot(*(quad[1] - quad[0]))) * 3.2
    corner = np.floor(middle - reach).astype(int)
    size = int(2 * reach) + 2
    stain = Image.new("L", (size * FINE, size * FINE), 0)
    pen = ImageDraw.Draw(stain)

    def at(u: float, v: float) -> tuple[float, float]:
        """Box fractions to pixels of the stain."""
        top = quad[0] + (quad[1] - quad[0]) * u
        foot = quad[3] + (quad[2] - quad[3]) * u
        x, y = (top + (foot - top) * v - corner) * FINE
        return float(x), float(y)

    side = reach / 3.2 * FINE
    if what == "half":
        _half(pen, at, side, rng)
    elif what == "dot":
        x, y = at(rng.uniform(0.3, 0.7), rng.uniform(0.3, 0.7))
        radius = side * rng.uniform(0.03, 0.07)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), 255)
    elif what == "line":
        angle, slip = rng.uniform(0, np.pi), rng.uniform(-0.25, 0.25)
        dx, dy = np.cos(angle) * 2.4, np.sin(angle) * 2.4
        ends = at(0.5 - dx + slip, 0.5 - dy), at(0.5 + dx + slip, 0.5 + dy)
        pen.line([*ends[0], *ends[1]], 255, max(1, round(side * rng.uniform(0.06, 0.11))))
    else:
        u, v = rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8)
        pen.line([*at(-0.9, v), *at(0.04, u)], 255, max(1, round(side * 0.08)))
    fine = stain.resize((size, size), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(0.6))
    at_x, at_y = int(corner[0]), int(corner[1])
    under = worn.crop((at_x, at_y, at_x + size, at_y + size))
    worn.paste(under.point(lambda light: round(light * dark)), (at_x, at_y), fine)


Place = Callable[[float, float], tuple[float, float]]


def _half(pen: ImageDraw.ImageDraw, at: Place, side: float, rng: random.Random) -> None:
    """Half of the box covered by close strokes."""
    which = rng.choice(HALVES)
    wide = max(1, round(side * 0.12))
    for step in range(7):
        t = 0.08 + 0.42 * step / 6
        ends = {
            "left": ((t, 0.1), (t, 0.9)),
            "right": ((1 - t, 0.1), (1 - t, 0.9)),
            "top": ((0.1, t), (0.9, t)),
            "bottom": ((0.1, 1 - t), (0.9, 1 - t)),
            "slant": ((0.1, 2 * t), (min(0.9, 2 * t), 0.1)),
        }[which]
        pen.line([*at(*ends[0]), *at(*ends[1])], 255, wide)
