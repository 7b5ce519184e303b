"""What kind of file this is inside: can it be opened, how many pages, how large. Runs in the child only.

Pictures become a working PDF here, without loss, so that all that follows knows only PDFs.
"""

import io
import mmap
import re
import warnings
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
from PIL import Image

from archive.reading import Inspection, PageSize
from core.faults import DamagedFile, Fault, NoPages, PictureTooLarge, TooManyPages
from ocr.render import MAX_PICTURE_PX, opened

# dearer formats of Pillow's stay shut: nobody scans to them, and parsers of rare formats have the holes
_FORMATS = ("JPEG", "PNG", "TIFF", "HEIF")  # a phone's several-picture JPEG (MPO) opens as JPEG
_A4_LONG_PT = 841.89
_LEAST_REAL_DPI = 100  # 72 and 96 are what cameras and programs write that know nothing of paper
_TAIL = 2048
_RIGHT_WAY_UP = 1
_TURNED = (_RIGHT_WAY_UP, 3, 6, 8)  # EXIF orientations img2pdf can express as a page's /Rotate; the others mirror
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def inspect_pdf(facts: dict[str, Any], files: list[int], _scratch: Path) -> dict[str, Any]:
    """Job: the pages of a PDF. Raises EncryptedPdf, DamagedFile, NoPages or TooManyPages."""
    try:
        return _inspected(files[0], facts["max_pages"], has_working=False)
    except DamagedFile:
        if _without_pages(files[0]):
            raise NoPages from None
        raise


def inspect_picture(facts: dict[str, Any], files: list[int], _scratch: Path) -> dict[str, Any]:
    """Job: write the pictures of files[0] as a PDF to files[1]. Raises DamagedFile, TooManyPages, PictureTooLarge."""
    original, working = files
    with open(original, "rb", closefd=False) as source:
        data = source.read()
    try:
        _prove(data, facts["max_pages"])
        made = _as_pdf(data)
    except (Fault, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - decoders raise anything on pictures that are damaged
        raise DamagedFile from None
    with open(working, "wb", closefd=False) as out:
        out.write(made)
    return _inspected(working, facts["max_pages"], has_working=True)


def _inspected(fd: int, max_pages: int, *, has_working: bool) -> dict[str, Any]:
    pdf = opened(fd)
    count = len(pdf)
    if count < 1:
        raise NoPages
    if count > max_pages:
        raise TooManyPages(pages=count, limit=max_pages)
    try:
        pages = tuple(PageSize(*pdf.get_page_size(i)) for i in range(count))
        if not has_working and _cut_short(fd):
            for i in range(count):
                pdf[i].close()
    except (pdfium.PdfiumError, ValueError):
        raise DamagedFile from None
    return Inspection(pages, has_working).to_json()


def _without_pages(fd: int) -> bool:
    """Whether a file that pdfium refuses is a sound PDF of no pages, which it doesn't tell from a damaged one."""
    from pypdf import PdfReader

    with open(fd, "rb", closefd=False) as source:
        try:
            return len(PdfReader(source, strict=True).pages) == 0
        except Exception:  # noqa: BLE001 - pypdf raises anything on what is no PDF
            return False


def _cut_short(fd: int) -> bool:
    """Whether the file lacks its end. Raises DamagedFile when it breaks off inside an object, so content is missing."""
    with mmap.mmap(fd, 0, access=mmap.ACCESS_READ) as data:
        if data.rfind(b"%%EOF", max(0, len(data) - _TAIL)) >= 0:
            return False
        tail_start = max(data.rfind(b"endobj"), data.rfind(b"%%EOF"))
        if tail_start < 0 or re.search(rb"\d\s+\d+\s+obj\b", data[tail_start:]):
            raise DamagedFile
        return True


def _prove(data: bytes, max_pages: int) -> None:
    """Decode every picture once within the limits: one cut short must not become a grey half page in the archive."""
    _open_heif()
    with _open(data) as picture:
        frames = 1 if picture.format == "MPO" else getattr(picture, "n_frames", 1)
        if frames > max_pages:
            raise TooManyPages(pages=frames, limit=max_pages)
        for number in range(frames):
            if frames > 1:
                picture.seek(number)
            _refuse_giant(picture)
            if picture.format in ("JPEG", "MPO"):
                # proves all bytes, at a third of the time
                picture.draft("L", (picture.width // 8, picture.height // 8))
            picture.load()


def _open(data: bytes) -> Image.Image:
    # our own limit speaks first, with a fault people understand
    Image.MAX_IMAGE_PIXELS = None
    with warnings.catch_warnings(action="ignore"):
        return Image.open(io.BytesIO(data), formats=_FORMATS)


def _refuse_giant(picture: Image.Image) -> None:
    if picture.width * picture.height > MAX_PICTURE_PX:
        raise PictureTooLarge(width=picture.width, height=picture.height)


def _open_heif() -> None:
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False)


def _as_pdf(data: bytes) -> bytes:
    with _open(data) as picture:
        plain = picture.format != "HEIF" and _orientation(picture) in _TURNED
    if plain:
        try:
            return _convert([data])
        except Exception:  # noqa: BLE001, S110 - it refuses alpha, odd depths and more, each in its own way
            pass
    return _convert(_pages_without_oddities(data))


def _orientation(picture: Image.Image) -> int:
    """How the camera was held, by EXIF; right way up where that is damaged, as long as the picture is not."""
    try:
        told: int = picture.getexif().get(_ORIENTATION, _RIGHT_WAY_UP)
    except Exception:  # noqa: BLE001 - it raises anything
        return _RIGHT_WAY_UP
    return told


def _upright(picture: Image.Image) -> Image.Image:
    turn = _TURNS.get(_orientation(picture))
    return picture if turn is None else picture.transpose(turn)


def _convert(pictures: list[bytes]) -> bytes:
    import img2pdf

    made: bytes = img2pdf.convert(
        pictures,
        layout_fun=_layout,
        rotation=img2pdf.Rotation.ifvalid,
        engine=img2pdf.Engine.internal,
        nodate=True,
        producer="Arsiparis",
    )
    return made


def _layout(px_width: int, px_height: int, dpi: tuple[float, float]) -> tuple[float, float, float, float]:
    """Page and picture size in points: true to the scanner's dpi, else as long as A4."""
    if min(dpi) >= _LEAST_REAL_DPI:
        width, height = px_width * 72 / dpi[0], px_height * 72 / dpi[1]
    else:
        scale = _A4_LONG_PT / max(px_width, px_height)
        width, height = px_width * scale, px_height * scale
    return width, height, width, height


def _pages_without_oddities(data: bytes) -> list[bytes]:
    """Each picture upright, without alpha, as grey or colour of 8 bits, losslessly packed."""
    pages = []
    with _open(data) as picture:
        for number in range(1 if picture.format == "MPO" else getattr(picture, "n_frames", 1)):
            if number:
                picture.seek(number)
            dpi = picture.info.get("dpi")
            packed = io.BytesIO()
            plain = _plain(_upright(picture))
            # the fastest compression: a photo gains little from more and takes seconds
            plain.save(packed, "PNG", compress_level=1, **({"dpi": dpi} if dpi else {}))
            pages.append(packed.getvalue())
    return pages


def _plain(picture: Image.Image) -> Image.Image:
    if picture.mode in ("1", "L", "RGB") and "transparency" not in picture.info:
        return picture
    if picture.mode in ("I;16", "I;16B", "I;16L", "I"):
        return picture.point(lambda v: v / 256).convert("L")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        paper = Image.new("RGB", picture.size, "white")
        paper.paste(picture, mask=picture.getchannel("A"))
        return paper
    return picture.convert("RGB")
