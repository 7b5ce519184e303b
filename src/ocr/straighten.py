"""Put a page's picture right before it is recognised: even light, upright, level.

Everything here looks at a small copy of the page (about 1,000 px long), so it costs tens of milliseconds where
tesseract's own orientation detection costs most of a second. Pictures are 8-bit grey, ink is dark.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

_SMALL = 1100  # long side, px: an x-height of about 6 px, enough to tell ascenders from descenders
_PAPER = 96  # long side of the picture of the paper alone, px
_INK = 170  # darker than this after the light is even
_SLOPE = 0.05  # change of the paper's brightness per 1/96 of the page that only an edge or a deep shadow makes
_SOLID = 0.55  # share of dark pixels that even bold capitals stay under
_RULE = 36  # a run of ink this long (px of the small picture) is a ruled line or a shadow, not a letter
_WIDEST = 8.0  # degrees of skew that scanners and hands produce
_LEAST_INK = 60  # fewer dark pixels on the small picture than this: nothing to read

Mask = NDArray[np.bool_]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Stance:
    """How a page stands: clockwise quarters to make it upright, remaining lean, and how sure up is up (−1…1)."""

    rotation: int
    skew: float
    upright: float
    ink: int

    @property
    def blank(self) -> bool:
        """Nothing dark enough to be print."""
        return self.ink < _LEAST_INK


def even_light(gray: Image.Image) -> Image.Image:
    """The page divided by its paper: shadows, yellowed paper and show-through go, print stays."""
    paper = np.maximum(np.asarray(_paper(gray)), 24)
    light = cv2.resize(paper, gray.size, interpolation=cv2.INTER_LINEAR)
    return Image.fromarray(cv2.divide(np.asarray(gray), light, scale=255.0))


def darkened(even: Image.Image, faint: int, dark: int) -> Image.Image | None:
    """The picture with its faint ink (darkest hundredth lighter than `faint`) made as dark as `dark`; None if it is."""
    pixels = np.asarray(even)
    ink = float(np.percentile(pixels[::4, ::4], 1))
    if ink <= faint:
        return None
    darker = 255.0 - (255.0 - pixels.astype(np.float32)) * ((255.0 - dark) / max(1.0, 255.0 - ink))
    return Image.fromarray(np.clip(darker, 0, 255).astype(np.uint8))


def stance(gray: Image.Image, even: Image.Image) -> Stance:
    """How the page on this picture stands; `even` is the same picture in even light."""
    small = even.reduce(max(1, round(max(even.size) / _SMALL)))
    ink = (np.asarray(small) < _INK) & _paper_only(gray, small.size)
    letters = ink & ~_runs(ink, _RULE) & ~_runs(ink.T, _RULE).T & ~_solid(ink)
    if int(letters.sum()) < _LEAST_INK:
        return Stance(0, 0.0, 0.0, int(letters.sum()))
    level, level_score = _lean(letters)
    turned = np.rot90(letters)  # anticlockwise: what ran up or down now runs across
    turned_lean, turned_score = _lean(turned)
    quarters, mask, lean = (0, letters, level) if level_score >= turned_score else (3, turned, turned_lean)
    up = _upright(mask, lean)
    if up < 0:
        quarters, up = (quarters + 2) % 4, -up
    return Stance(quarters * 90, round(lean, 2), round(up, 3), int(letters.sum()))


def turn(picture: Image.Image, rotation: int) -> Image.Image:
    """The picture turned clockwise by 0, 90, 180 or 270 degrees, without loss."""
    how = {
        90: Image.Transpose.ROTATE_270,
        180: Image.Transpose.ROTATE_180,
        270: Image.Transpose.ROTATE_90,
    }
    return picture.transpose(how[rotation]) if rotation else picture


def turned(pixels: Pixels, rotation: int) -> Pixels:
    """As `turn`, for pixels: the same array when there is nothing to turn."""
    how = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
    return cv2.rotate(pixels, how[rotation]).astype(np.uint8, copy=False) if rotation else pixels


def level(gray: Image.Image, skew: float) -> Image.Image:
    """The picture turned back by `skew` degrees about its centre, same size, white corners."""
    if abs(skew) < 0.05:
        return gray
    middle = ((gray.width - 1) / 2, (gray.height - 1) / 2)
    turned = cv2.warpAffine(
        np.asarray(gray), cv2.getRotationMatrix2D(middle, skew, 1.0), gray.size, flags=cv2.INTER_LINEAR, borderValue=255
    )
    return Image.fromarray(turned)


def _paper(gray: Image.Image) -> Image.Image:
    """A tiny picture of the paper without its print."""
    step = max(1, max(gray.size) // _PAPER)
    # the brightest of a neighbourhood is paper even inside a paragraph; the blur keeps its edges out of the quotient
    return gray.reduce(step).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(2.5))


def _paper_only(gray: Image.Image, size: tuple[int, int]) -> Mask:
    """Where on a picture of that size there is paper all around: no table under a photo, no shadow of a fold or lid.

    Such edges are long, dark and straight: taken for print they outshout a page of few lines.
    """
    paper = np.asarray(_paper(gray), dtype=np.float32)
    usual = float(np.percentile(paper, 75))
    good = (paper > 0.6 * usual) & (np.hypot(*np.gradient(paper)) < _SLOPE * usual)
    good[[0, -1], :] = good[:, [0, -1]] = False
    worn = Image.fromarray(good.astype(np.uint8) * 255).filter(ImageFilter.MinFilter(3))
    return np.asarray(worn.resize(size, Image.Resampling.NEAREST)) > 0


def _runs(ink: Mask, length: int) -> Mask:
    """Pixels that belong to a horizontal run of at least `length` dark pixels."""
    run = np.ones((1, length), np.uint8)
    # outside the picture there is no ink
    starts = cv2.erode(ink.view(np.uint8), run, anchor=(0, 0), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    found: Mask = cv2.dilate(starts, run, anchor=(length - 1, 0)) > 0
    return found


def _solid(ink: Mask) -> Mask:
    """Pixels in a neighbourhood darker than any print: passport photos, logos, seals."""
    share = Image.fromarray(ink.astype(np.uint8) * 255).reduce(_RULE // 2).filter(ImageFilter.MaxFilter(3))
    dark: Mask = np.asarray(share.resize(ink.shape[::-1], Image.Resampling.NEAREST)) > 255 * _SOLID
    return dark


def _lean(letters: Mask) -> tuple[float, float]:
    """(lean of the lines in degrees clockwise, how line-like the page is along this axis)."""
    y, x = (at.astype(np.float32) for at in np.nonzero(letters))
    x -= letters.shape[1] / 2
    scores: dict[float, float] = {}

    def score(angle: float) -> float:
        if angle not in scores:
            rows = np.rint(y - x * np.float32(np.tan(np.radians(angle))))
            profile = np.bincount((rows - rows.min()).astype(np.int64)).astype(np.float64)
            scores[angle] = float(np.square(np.diff(profile)).sum())
        return scores[angle]

    best = 0.0
    for reach, step in ((_WIDEST, 0.5), (0.5, 0.1), (0.1, 0.02)):
        count = round(reach / step)
        best = max((round(best + i * step, 2) for i in range(-count, count + 1)), key=score)
    return best, scores[best]


def _upright(letters: Mask, lean: float) -> float:
    """−1…1: above 0 the lines stand on their feet. Latin print has more ascenders than descenders."""
    y, x = np.nonzero(letters)
    above = below = 0.0
    strips = 6  # narrow strips keep a line's profile sharp where a photo bends it
    width = letters.shape[1] / strips
    rows = np.rint(y - (x - letters.shape[1] / 2) * np.tan(np.radians(lean))).astype(np.int64)
    rows -= rows.min()
    for strip in range(strips):
        inside = (x >= strip * width) & (x < (strip + 1) * width)
        profile = np.bincount(rows[inside], minlength=1).astype(np.float64)
        for start, end in _bands(profile > 0):
            band = profile[start:end]
            if not 6 <= len(band) <= 40:
                continue
            body = np.nonzero(band >= 0.5 * band.max())[0]
            above += float(band[: body[0]].sum())
            below += float(band[body[-1] + 1 :].sum())
    return (above - below) / (above + below) if above + below else 0.0


def _bands(filled: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(start, end) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], filled, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
