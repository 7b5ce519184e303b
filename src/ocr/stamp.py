"""The mark of an authentic copy (Perka ANRI 20/2011), as every page of its PDF shows it (docs/adr/0040).

A stamp over the foot of the page, which stays as it is: an annotation, drawn as a picture of ink alone, so that it
hides nothing and needs no font in the file. What it says is in the annotation too, for whoever cannot see it.
"""

import textwrap
from collections.abc import Sequence
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont
from pypdf import PageObject, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

_LETTERS: Final = 95  # of one line
_MOST_LINES: Final = 8
_PIXELS: Final = 40  # from line to line
_POINTS: Final = 9.0  # as much on paper, where the page is wide enough
_EDGE: Final = 14.0
_PRINTED: Final = 4  # of an annotation's flags: it is printed, and nothing hides it
_INK: Final = "0.1 0.1 0.5 rg"

# From the upright page's lower left corner: where that lies in the page's own space, one point right of it, one up
Corner = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]


class Stamp:
    """One mark, drawn once for all pages of a file."""

    def __init__(self, writer: PdfWriter, mark: Sequence[str]) -> None:
        self._writer = writer
        self._said = "\n".join(mark)
        lines = [part for one in mark for part in textwrap.wrap(one, _LETTERS)][:_MOST_LINES]
        drawn = _drawn(lines)
        self._size = drawn.width * _POINTS / _PIXELS, drawn.height * _POINTS / _PIXELS
        self._ink = writer._add_object(_mask(drawn))

    def put_on(self, page: PageObject, corner: Corner, width: float) -> None:
        """Stamp a page that is `width` points wide as people hold it."""
        scale = min(1.0, max(width - 2 * _EDGE, 1.0) / self._size[0])
        wide, high = self._size[0] * scale, self._size[1] * scale
        (x, y), along, up = corner
        x, y = x + _EDGE * (along[0] + up[0]), y + _EDGE * (along[1] + up[1])
        far = x + wide * along[0] + high * up[0], y + wide * along[1] + high * up[1]
        rect = [min(x, far[0]), min(y, far[1]), max(x, far[0]), max(y, far[1])]
        look = self._writer._add_object(self._look(wide, high, [*along, *up, 0, 0]))
        annotation = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/Stamp"),
                NameObject("/Name"): NameObject("/Approved"),
                NameObject("/Rect"): _numbers(rect),
                NameObject("/F"): NumberObject(_PRINTED),
                NameObject("/Contents"): TextStringObject(self._said),
                NameObject("/AP"): DictionaryObject({NameObject("/N"): look}),
            }
        )
        own = page.get("/Annots")
        others = list(own.get_object()) if own is not None else []
        page[NameObject("/Annots")] = ArrayObject([*others, self._writer._add_object(annotation)])

    def _look(self, wide: float, high: float, turned: Sequence[float]) -> StreamObject:
        look = DecodedStreamObject()
        look.set_data(f"q {_INK} {wide:.2f} 0 0 {high:.2f} 0 0 cm /Ink Do Q".encode("ascii"))
        look[NameObject("/Type")] = NameObject("/XObject")
        look[NameObject("/Subtype")] = NameObject("/Form")
        look[NameObject("/BBox")] = _numbers([0, 0, wide, high])
        look[NameObject("/Matrix")] = _numbers(turned)
        held = DictionaryObject({NameObject("/Ink"): self._ink})
        look[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): held})
        return look


def _drawn(lines: Sequence[str]) -> Image.Image:
    """The lines in a frame, black on white."""
    font, gap = ImageFont.load_default(_PIXELS * 0.8), _PIXELS // 2
    width = max(int(font.getlength(line)) for line in lines) + 2 * gap
    picture = Image.new("1", (width, _PIXELS * len(lines) + gap), 1)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, picture.width - 1, picture.height - 1), outline=0, width=3)
    for number, line in enumerate(lines):
        pen.text((gap, gap // 2 + _PIXELS * number), line, fill=0, font=font)
    return picture


def _mask(drawn: Image.Image) -> StreamObject:
    """As ink that is let through where the picture is black."""
    mask = DecodedStreamObject()
    mask.set_data(drawn.tobytes())
    packed = mask.flate_encode()
    said: dict[str, Any] = {
        "/Type": NameObject("/XObject"),
        "/Subtype": NameObject("/Image"),
        "/Width": NumberObject(drawn.width),
        "/Height": NumberObject(drawn.height),
        "/ImageMask": BooleanObject(True),
        "/BitsPerComponent": NumberObject(1),
    }
    for name, value in said.items():
        packed[NameObject(name)] = value
    return packed


def _numbers(values: Sequence[float]) -> ArrayObject:
    return ArrayObject([FloatObject(f"{value:.3f}") for value in values])
