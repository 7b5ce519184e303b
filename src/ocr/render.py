"""From a page of a PDF to pixels, and to the small picture people see. Runs in the child only."""

import ctypes
import mmap
import os
from dataclasses import dataclass
from typing import Any, BinaryIO

import cv2
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray
from PIL import Image

from core.faults import DamagedFile, EncryptedPdf, PictureTooLarge
from ocr.shrink import by_steps
from ocr.straighten import turned

MAX_PICTURE_PX = 120_000_000  # a 108-megapixel phone fits; 360 MB as colour, so it fits the child too
_MAX_RASTER_PX = 40_000_000
_LEAST_DPI, _VECTOR_DPI = 150, 200
_PREVIEW_PX = 1400  # width a full screen shows sharply
_PREVIEW_QUALITY = 75


Pixels = NDArray[np.uint8]  # height × width, × 3 in colour (red, green, blue)


@dataclass(frozen=True, slots=True)
class Pictures:
    """What a page's pictures say: their finest resolution (dpi, None = no large picture) and share of the page."""

    dpi: float | None
    coverage: float


def opened(fd: int) -> Any:
    """The PDF behind a file descriptor, open until the job's process ends, which is the job's own.

    Raises EncryptedPdf, or DamagedFile when nothing can be opened.
    """
    size = os.fstat(fd).st_size
    if size == 0:
        raise DamagedFile
    # mapped, not read: one page of a large file needs little of it. Private and writable because ctypes wants it so
    data = mmap.mmap(fd, size, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    try:
        return pdfium.PdfDocument((ctypes.c_ubyte * size).from_buffer(data))
    except pdfium.PdfiumError as error:
        raise _fault(error) from None


def _fault(error: Exception) -> Exception:
    if getattr(error, "err_code", None) in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY):
        return EncryptedPdf()
    return DamagedFile()


def pictures_of(page: Any) -> Pictures:
    """The page's pictures. Raises PictureTooLarge for one that would not fit the child's memory."""
    width, height = page.get_size()
    finest: float | None = None
    covered = 0.0
    for picture in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        px_width, px_height = picture.get_px_size()
        if px_width * px_height > MAX_PICTURE_PX:
            raise PictureTooLarge(width=px_width, height=px_height)
        left, bottom, right, top = picture.get_bounds()
        share = max(0.0, right - left) * max(0.0, top - bottom) / (width * height)
        covered += share
        if share > 0.2:
            # a picture may lie turned in its page: compare areas, not sides
            dpi = 72 * (px_width * px_height / ((right - left) * (top - bottom))) ** 0.5
            finest = max(finest or 0.0, dpi)
    return Pictures(finest, min(1.0, covered))


def raster_dpi(page: Any, pictures: Pictures, most: float) -> float:
    """The resolution to recognise at: the scan's own where sensible, less on a page too large for 40 Mpx."""
    wanted = _VECTOR_DPI if pictures.dpi is None else min(most, max(_LEAST_DPI, pictures.dpi))
    width, height = page.get_size()
    most = 72 * (_MAX_RASTER_PX / (width * height)) ** 0.5
    return float(min(wanted, most))


def preview_dpi(page: Any) -> float:
    """The resolution at which the page is as wide as its preview."""
    width, height = page.get_size()
    return float(72 * min(_PREVIEW_PX / width, (2 * _PREVIEW_PX) / height))


def raster(page: Any, dpi: float) -> Image.Image:
    """The page in colour as a viewer shows it, annotations included. Raises DamagedFile when it cannot be drawn."""
    try:
        bitmap = page.render(scale=dpi / 72, rev_byteorder=True, may_draw_forms=False)
    except pdfium.PdfiumError:
        raise DamagedFile from None
    # a copy, so that the picture outlives the page; an empty page comes with alpha
    picture: Image.Image = bitmap.to_pil()
    return picture.convert("RGB")


def gray_of(picture: Pixels) -> Pixels:
    """The picture in 8-bit grey; itself where it is."""
    return picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)


def save_preview(picture: Pixels, rotation: int, out: BinaryIO) -> tuple[int, int]:
    """Write a page, grey or colour, as a JPEG for people, turned upright by `rotation` degrees clockwise.

    Nothing but the picture is in it. Returns its width and height in pixels.
    """
    high, wide = picture.shape[:2] if rotation % 180 == 0 else picture.shape[1::-1]
    scale = min(1.0, _PREVIEW_PX / wide, 2 * _PREVIEW_PX / high)
    size = (max(1, round(wide * scale)), max(1, round(high * scale)))
    # whole steps first: mixing four neighbours, which is fast, is clean only down to a half
    small = by_steps(picture, int(1 / scale)) if scale <= 0.5 else picture
    small = turned(small, rotation)
    if small.shape[1::-1] != size:
        small = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
    Image.fromarray(small).save(out, "JPEG", quality=_PREVIEW_QUALITY)
    return size
