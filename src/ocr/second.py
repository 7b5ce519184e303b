"""The second opinion: tesseract over single lines of pages that the fast engine has read. Runs in the child only.

A field in doubt is a line or a few. They are cut out of the page, stood upright and levelled, and all lines of a letter
go through one call of tesseract as a list of pictures: most of what it costs is its start.
"""

import math
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from PIL import Image

from archive.reading import Box
from ocr import recognise, straighten
from ocr.render import opened, pictures_of, raster, raster_dpi

MOST_LINES = 40  # more than the identifying fields of any letter take; a hostile one costs no more
_MOST_DPI = 300
_LINE_PX = 56  # what a line's height is brought to
_ABOVE, _BESIDE = 0.18, 0.35  # paper around a line, in its heights
_BORDER_PX = 12


def second_opinion(facts: dict[str, Any], files: list[int], scratch: Path) -> dict[str, Any]:
    """Job: what tesseract reads in each line asked for, of pages of the PDF files[0]; empty where it reads nothing.

    `pages` are `number`, `rotation` and `skew` as the page was read, and `lines`: boxes, fractions of the upright page.
    """
    standing = lru_cache(maxsize=1)(partial(_standing, opened(files[0])))  # fields of one page follow each other
    crops: list[Image.Image] = []
    for asked in facts["pages"]:
        even = standing(asked["number"], asked["rotation"])
        crops += [_line(even, box, asked["skew"]) for box in asked["lines"][: MOST_LINES - len(crops)]]
    texts = iter(recognise.lines(crops, scratch) if crops else ())
    return {"pages": [[next(texts, "") for _ in asked["lines"]] for asked in facts["pages"]]}


def _standing(pdf: Any, number: int, rotation: int) -> Image.Image:
    """The grey page upright, in even light."""
    page = pdf[number - 1]  # it was read before, so it is there
    picture = raster(page, raster_dpi(page, pictures_of(page), _MOST_DPI)).convert("L")
    return straighten.even_light(straighten.turn(picture, rotation))


def _line(even: Image.Image, box: Box, skew: float) -> Image.Image:
    """One line of the upright page, level, at the height tesseract reads best, on white."""
    x0, y0, x1, y1 = (v * side for v, side in zip(box, even.size * 2, strict=True))
    wide, tall = x1 - x0, y1 - y0
    # the box is the hull of a leaning line: its own height is less by what it leans
    height = max(tall * 0.4, tall - wide * abs(math.tan(math.radians(skew))), 6.0)
    reach = (wide + height) * abs(math.sin(math.radians(skew))) + height
    around = (x0 - height, y0 - reach, x1 + height, y1 + reach)
    level = straighten.level(_cut(even, around), skew)
    above, beside = (0.5 + _ABOVE) * height, wide / 2 + _BESIDE * height
    middle = (level.width / 2, level.height / 2)
    line = _cut(level, (middle[0] - beside, middle[1] - above, middle[0] + beside, middle[1] + above))
    scale = _LINE_PX / line.height
    line = line.resize((max(1, round(line.width * scale)), _LINE_PX), Image.Resampling.BICUBIC)
    framed = Image.new("L", (line.width + 2 * _BORDER_PX, line.height + 2 * _BORDER_PX), 255)
    framed.paste(line, (_BORDER_PX, _BORDER_PX))
    return framed


def _cut(picture: Image.Image, box: Box) -> Image.Image:
    """That part of a picture, white where it ends, at least a pixel."""
    x0, y0, x1, y1 = math.floor(box[0]), math.floor(box[1]), math.ceil(box[2]), math.ceil(box[3])
    part = Image.new("L", (max(1, x1 - x0), max(1, y1 - y0)), 255)
    part.paste(
        picture.crop((max(0, x0), max(0, y0), min(picture.width, x1), min(picture.height, y1))),
        (max(0, -x0), max(0, -y0)),
    )
    return part
