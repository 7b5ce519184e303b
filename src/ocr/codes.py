"""QR, Code 128 and Data Matrix codes on a page, at any angle.

A code's text is whatever somebody printed: it is cleaned and cut here, and nothing may follow it blindly. Runs in the
reading child only.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from archive.reading import Box, Code, CodeKind, clean
from ocr.shrink import at_most

Gray = NDArray[np.uint8]

MAX_TEXT = 500  # characters kept of a code's text; what offices print has under 200
_MAX_CODES = 32  # a sheet of stickers has fewer
_KINDS: dict[Any, CodeKind] = {
    zxingcpp.BarcodeFormat.QRCode: "qr",
    zxingcpp.BarcodeFormat.QRCodeModel1: "qr",
    zxingcpp.BarcodeFormat.QRCodeModel2: "qr",
    zxingcpp.BarcodeFormat.Code128: "code128",
    zxingcpp.BarcodeFormat.DataMatrix: "datamatrix",
}
# looking for Data Matrix costs more than all the rest: over a whole page it is left out
_ON_PAGE = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128))
_AT_PLACE = zxingcpp.BarcodeFormats((*_ON_PAGE, zxingcpp.BarcodeFormat.DataMatrix))
_SMALL = 1100  # long side of the copy on which likely places are sought, px: 3.7 px/mm of an A4 page
_LEAST, _MOST = 26, 420  # sides of a likely place on that copy, px: 7 mm to a third of the page
_JOIN = 7  # px: closes the gaps inside a code, and not those between lines of print
_HOLE = 160  # px² of that copy: the largest light patch within a code
_MOST_RETRIES = 4
_MARGIN = 0.2  # of a place's long side: the quiet zone and what the blur took away
_RETRY_PX = 900  # long side a place is enlarged to at most


def find_codes(gray: Image.Image | Gray) -> tuple[Code, ...]:
    """Every code on the picture, top to bottom; at most 32. `gray` is 8-bit grey, upright or not."""
    pixels = np.asarray(gray)
    if min(pixels.shape) < 16:
        return ()
    # bars that run down the page are left to the second look, which turns them: every way here takes twice as long
    found = _decoded(pixels, _ON_PAGE, np.eye(3), pixels.shape, turned=False)
    for place in _likely(pixels, found):
        found += [code for code in _second_look(pixels, place) if not _known(code, found)]
    return tuple(sorted(found, key=lambda code: (code.box[1], code.box[0])))[:_MAX_CODES]


def _decoded(
    pixels: Gray, formats: Any, back: NDArray[np.float64], shape: tuple[int, ...], *, turned: bool = True
) -> list[Code]:
    """The codes on `pixels`; `back` leads from its pixels to those of a picture of `shape`."""
    if not pixels.size:
        return []  # a place at the very edge of a picture
    plain = zxingcpp.TextMode.Plain  # the other modes spell control characters out
    seen = zxingcpp.read_barcodes(
        np.ascontiguousarray(pixels),
        formats=formats,
        try_rotate=turned,
        try_downscale=turned,
        try_invert=False,
        text_mode=plain,
    )
    lean = float(np.degrees(np.arctan2(back[1, 0], back[0, 0])))
    codes = []
    for one in seen:
        text = clean(one.text)[:MAX_TEXT].strip()
        if one.valid and text and one.format in _KINDS:
            angle = round((one.orientation + lean + 180) % 360 - 180)
            codes.append(Code(_KINDS[one.format], text, _hull(one.position, back, shape), angle))
    return codes


def _hull(position: Any, back: NDArray[np.float64], shape: tuple[int, ...]) -> Box:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    points = back @ np.array([[p.x for p in corners], [p.y for p in corners], [1.0] * 4])
    xs = np.clip(points[0] / shape[1], 0, 1).round(5)
    ys = np.clip(points[1] / shape[0], 0, 1).round(5)
    return float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max())


def _known(code: Code, found: Iterable[Code]) -> bool:
    """The same code seen before: same text, places that touch."""
    x0, y0, x1, y1 = code.box
    return any(
        other.text == code.text
        and min(x1, other.box[2]) >= max(x0, other.box[0])
        and min(y1, other.box[3]) >= max(y0, other.box[1])
        for other in found
    )


Place = tuple[tuple[float, float], tuple[float, float], float]  # cv2's: centre, sides, degrees clockwise


def _likely(pixels: Gray, found: Iterable[Code]) -> Iterator[Place]:
    """Undecoded places, in pixels of the picture, that are as dense and as square-cut as a code; few on any page."""
    small, scale = at_most(pixels, _SMALL)
    ink = cv2.adaptiveThreshold(small, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 61, 18)
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((_JOIN, _JOIN), np.uint8))
    joined = _solid(joined.astype(np.uint8))
    joined = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((_LEAST // 2, _LEAST // 2), np.uint8))
    contours, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    size = (pixels.shape[1], pixels.shape[0])
    tried = 0
    for contour in sorted(contours, key=cv2.contourArea, reverse=True):
        (x, y), (wide, high), angle = cv2.minAreaRect(contour)
        if min(wide, high) < _LEAST or max(wide, high) > _MOST or cv2.contourArea(contour) < 0.8 * wide * high:
            continue
        place = ((x / scale, y / scale), (wide / scale, high / scale), angle)
        if any(_inside(place[0], code.box, size) for code in found):
            continue
        yield place
        tried += 1
        if tried == _MOST_RETRIES:
            return


def _solid(joined: Gray) -> Gray:
    """With what is light within a code filled; what tables and frames enclose is larger."""
    contours, levels = cv2.findContours(joined, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if levels is not None:
        inner = [c for c, level in zip(contours, levels[0], strict=True) if level[3] >= 0]
        small = [c for c in inner if len(c) <= _HOLE and cv2.contourArea(c) <= _HOLE]
        cv2.drawContours(joined, small, -1, (1,), cv2.FILLED)
    return joined


def _inside(point: tuple[float, float], box: Box, size: tuple[int, int]) -> bool:
    return box[0] <= point[0] / size[0] <= box[2] and box[1] <= point[1] / size[1] <= box[3]


def _second_look(pixels: Gray, place: Place) -> list[Code]:
    """The codes at a place, which is made level and twice as large: small and leaning bars are read only so."""
    (x, y), (wide, high), angle = place
    long = max(wide, high) * (1 + 2 * _MARGIN)
    factor = min(2.0, _RETRY_PX / long)
    side = round(long * factor)
    turn = np.vstack([cv2.getRotationMatrix2D((x, y), angle, factor), [0.0, 0.0, 1.0]])
    turn[:2, 2] += [side / 2 - x, side / 2 - y]
    patch = cv2.warpAffine(pixels, turn[:2], (side, side), flags=cv2.INTER_CUBIC, borderValue=255)
    return _decoded(patch.astype(np.uint8), _AT_PLACE, np.linalg.inv(turn), pixels.shape)
