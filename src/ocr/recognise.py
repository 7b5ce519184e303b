"""Tesseract over one straightened picture. Runs in the child only.

One pass a page, through pytesseract with the *path* of a bitmap: an array would be written as PNG first, half a
second a page, and leptonica takes a greymap byte by byte. Sauvola's threshold and page segmentation 4 halve the errors
of the defaults (docs/PERFORMANCE.md).
"""

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import pytesseract
from PIL import Image

from archive.reading import Box, Word, clean, word_at
from core.faults import DamagedFile, RecogniserUnavailable
from ocr import straighten
from ocr.found import Recognised
from ocr.shrink import shrunk

LANGUAGE = "ind"
_CONFIG = "--oem 1 --psm 4 --dpi {dpi} -c thresholding_method=2 -c thresholding_window_size=0.2 -c invert_threshold=0"
_LINE_CONFIG = "--oem 1 --psm 7 --dpi 300 -c invert_threshold=0"
_WORD_LEVEL = "5"
_CARD_PX = 1_200_000  # smaller than this is an identity card, not a sheet: its print is fine for its dpi
_CARD_SCALE = 1.6
_MOST_DPI = 200  # of a sheet: more costs a third more time, and no better reading
_LEAST_YIELD = 0.007  # letters read per pixel of ink on straighten's small picture; less: most print was too faint
_FAINT_INK, _DARK_INK = 70, 60
_POOR = 0.55  # upright print reads above this even on bad photos (0.60 the worst of 66), upside-down print below 0.45
_HOPELESS = 0.45  # below this not even the direction of the lines is believed


@dataclass(frozen=True, slots=True)
class _Found:
    text: str
    box: Box  # pixels of the levelled picture
    confidence: float


def recognise(gray: Image.Image, dpi: float, scratch: Path) -> Recognised:
    """Read a page however it lies. Raises RecogniserUnavailable when tesseract or its Indonesian data is missing."""
    gray, dpi = _no_finer(gray, dpi)
    even = straighten.even_light(gray)
    stands = straighten.stance(gray, even)
    if stands.blank:
        return Recognised(0, 0.0, ())
    if even.width * even.height < _CARD_PX:
        size = (round(even.width * _CARD_SCALE), round(even.height * _CARD_SCALE))
        even, dpi = even.resize(size, Image.Resampling.BICUBIC), dpi * _CARD_SCALE

    def read(picture: Image.Image, turn: int, skew: float) -> Recognised:
        return _read(picture, (stands.rotation + turn) % 360, skew, dpi, scratch)

    best = read(even, 0, stands.skew)
    if best.quality < _POOR:
        best = max(best, read(even, 180, stands.skew), key=lambda r: r.weight)
    if best.quality < _HOPELESS:
        best = max(best, read(even, 90, 0.0), read(even, 270, 0.0), key=lambda r: r.weight)
    if best.letters < _LEAST_YIELD * stands.ink and (darker := straighten.darkened(even, _FAINT_INK, _DARK_INK)):
        best = max(best, read(darker, best.rotation - stands.rotation, best.skew), key=lambda r: r.weight)
    return best


def lines(pictures: Sequence[Image.Image], scratch: Path) -> list[str]:
    """The text of pictures of one level line each, in one call; empty where nothing is read.

    Raises RecogniserUnavailable as `recognise` does.
    """
    paths = [scratch / f"line{number}.bmp" for number in range(len(pictures))]
    for path, picture in zip(paths, pictures, strict=True):
        picture.save(path)
    listed = scratch / "lines.txt"
    listed.write_text("".join(f"{path}\n" for path in paths))
    words: dict[int, list[str]] = {}
    for cells in _cells(_tesseract(listed, _LINE_CONFIG)):
        words.setdefault(int(cells["page_num"]), []).append(clean(cells["text"]).strip())
    return [" ".join(words.get(number, ())) for number in range(1, len(pictures) + 1)]


def _no_finer(gray: Image.Image, dpi: float) -> tuple[Image.Image, float]:
    """The picture of a sheet at no more than _MOST_DPI, and its dpi; a small paper keeps all its pixels."""
    scale = _MOST_DPI / dpi
    size = (round(gray.width * scale), round(gray.height * scale))
    if scale >= 1 or size[0] * size[1] < _CARD_PX:
        return gray, dpi
    return Image.fromarray(shrunk(np.asarray(gray), size)), _MOST_DPI


def _read(even: Image.Image, rotation: int, skew: float, dpi: float, scratch: Path) -> Recognised:
    upright = straighten.level(straighten.turn(even, rotation), skew)
    path = scratch / "page.bmp"
    upright.save(path)
    found = _rows(_tesseract(path, _CONFIG.format(dpi=round(dpi))))
    words: list[Word] = []
    for row, glyphs in enumerate(found):
        for glyph in glyphs:
            words += word_at(glyph.text, _leaning(glyph.box, upright.size, skew), glyph.confidence, row)
    return Recognised(rotation, skew, tuple(words))


def _tesseract(path: Path, config: str) -> str:
    try:
        table: str = pytesseract.image_to_data(str(path), lang=LANGUAGE, config=config)
    except pytesseract.TesseractNotFoundError:
        raise RecogniserUnavailable from None
    except pytesseract.TesseractError as error:
        if "load" in error.message and LANGUAGE in error.message:  # "Failed loading language 'ind'"
            raise RecogniserUnavailable from None
        raise DamagedFile from None
    return table


def _cells(table: str) -> Iterator[dict[str, str]]:
    """The table's rows that are words."""
    for cells in csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        if cells["level"] == _WORD_LEVEL and clean(cells["text"]).strip():
            yield cells


def _rows(table: str) -> list[list[_Found]]:
    """Tesseract's words, row by row as a person reads them.

    Tesseract gives what it takes for columns one after the other; in letters and forms the columns are label and
    value, or two signatures, and belong side by side.
    """
    lines: dict[tuple[str, str, str], list[_Found]] = {}
    for cells in _cells(table):
        left, top = float(cells["left"]), float(cells["top"])
        box = (left, top, left + float(cells["width"]), top + float(cells["height"]))
        line = lines.setdefault((cells["block_num"], cells["par_num"], cells["line_num"]), [])
        line.append(_Found(cells["text"], box, float(cells["conf"]) / 100))
    rows: list[list[list[_Found]]] = []
    for line in sorted(lines.values(), key=_middle):
        if rows and _middle(line) - _middle(rows[-1][-1]) < 0.5 * min(_height(line), _height(rows[-1][-1])):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [[word for line in sorted(row, key=lambda li: li[0].box[0]) for word in line] for row in rows]


def _middle(line: list[_Found]) -> float:
    return median((w.box[1] + w.box[3]) / 2 for w in line)


def _height(line: list[_Found]) -> float:
    return median(w.box[3] - w.box[1] for w in line)


def _leaning(box: Box, size: tuple[int, int], skew: float) -> Box:
    """Where a box of the levelled picture stood before levelling: its hull, as fractions of the page."""
    width, height = size
    cos, sin = math.cos(math.radians(skew)), math.sin(math.radians(skew))
    x, y = (box[0] + box[2] - width) / 2, (box[1] + box[3] - height) / 2
    half_width = ((box[2] - box[0]) * cos + (box[3] - box[1]) * abs(sin)) / 2
    half_height = ((box[2] - box[0]) * abs(sin) + (box[3] - box[1]) * cos) / 2
    # image coordinates point down, so a clockwise lean is a positive rotation of them
    middle_x, middle_y = x * cos - y * sin + width / 2, x * sin + y * cos + height / 2
    return (
        (middle_x - half_width) / width,
        (middle_y - half_height) / height,
        (middle_x + half_width) / width,
        (middle_y + half_height) / height,
    )
