"""The picture of a page that is nothing but one JPEG, decoded straight away. Runs in the child only.

Most scanners write such pages, and our own working PDFs of photos are such. Drawing them through pdfium costs three
times as much and resamples every pixel. Whatever is not surely such a page is left to pdfium.
"""

import io
import mmap
import re
from typing import Any

import cv2
import numpy as np
import pypdfium2.raw as pdfium_c
from PIL import Image

from ocr.straighten import Pixels, turned

_CLOSE_PT = 1.0  # a picture that misses the page's edge by less covers it
_MARK = 64  # bytes of the JPEG by which it is found in the file
_DICTIONARY = 2048  # bytes before a stream within which its dictionary stands
# keys that make the page look other than the JPEG alone
_CHANGES = re.compile(rb"/(SMask|Mask|Decode|ImageMask)\b")
_PLAIN = ("L", "RGB")
_END = b"\xff\xd9"


def only_jpeg(page: Any, fd: int, width: int) -> Pixels | None:
    """The page as a viewer shows it, at least `width` px wide where the JPEG is; None when it is no such page.

    The JPEG's own pixels, halved as often as `width` allows. `fd` is the file the page is of.
    """
    if pdfium_c.FPDFPage_GetAnnotCount(page) or pdfium_c.FPDFPage_CountObjects(page) != 1:
        return None
    (only,) = page.get_objects(max_depth=1)
    if only.type != pdfium_c.FPDF_PAGEOBJ_IMAGE or not _covers(only, page) or only.get_filters() != ["DCTDecode"]:
        return None
    data = bytes(only.get_data(decode_simple=False))
    if not _as_it_is(data, fd):
        return None
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as picture:
            if picture.mode not in _PLAIN:
                return None
            lying = page.get_rotation() % 180 == 90
            least = (1, width) if lying else (width, 1)
            whole = picture.size
            picture.draft(None, least)
            pixels = _at_once(data, picture.mode) if picture.size == whole else np.asarray(picture)
    except (OSError, SyntaxError, ValueError, cv2.error):
        return None  # pdfium shows what there is of a damaged one
    return None if pixels is None else turned(pixels, page.get_rotation())


def _at_once(jpeg: bytes, mode: str) -> Pixels | None:
    """All its pixels. Pillow would give the same, in pieces that are put together twice: a quarter more time."""
    if _END not in jpeg[-_MARK:]:
        return None  # cut short: OpenCV would invent the rest
    how = cv2.IMREAD_COLOR_RGB if mode == "RGB" else cv2.IMREAD_GRAYSCALE
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), how | cv2.IMREAD_IGNORE_ORIENTATION)
    return None if pixels is None else pixels.astype(np.uint8, copy=False)


def _covers(picture: Any, page: Any) -> bool:
    a, b, c, d, _, _ = picture.get_matrix().get()
    if a <= 0 or d <= 0 or b or c:
        return False  # turned or mirrored inside its page
    shown, stands = page.get_bbox(), picture.get_bounds()
    return all(abs(s - p) < _CLOSE_PT for s, p in zip(shown, stands, strict=True))


def _as_it_is(jpeg: bytes, fd: int) -> bool:
    """Whether the picture's dictionary, read in the file itself, adds nothing to the JPEG."""
    with mmap.mmap(fd, 0, access=mmap.ACCESS_READ) as file:
        at = file.find(jpeg[:_MARK])
        before = file[max(0, at - _DICTIONARY) : at] if at > 0 else b""
    start = before.rfind(b" obj")
    return start >= 0 and not _CHANGES.search(before[start:])
