"""A printed sheet of disposition as it comes back: ticked and written on by pen, then scanned."""

import io

import pypdfium2
from PIL import Image, ImageDraw

from tests.assets import wear

DPI = 200
TICKED = ("Kepala Bidang Rehabilitasi Sosial", "Pekerja Sosial", "Proses lebih lanjut", "Siapkan jawaban")
WRITTEN = (1640, 1775)  # from where to where handwriting stands, px of a page of 2339
_PEN = (24, 40, 120)
_UNIT = DPI / 72


def page_of(pdf: bytes) -> Image.Image:
    """The sheet's one page as a printer would make it."""
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return document[0].render(scale=_UNIT).to_pil().convert("RGB")


def _boxes(pdf: bytes) -> list[tuple[float, float]]:
    """The middle of the box before each label of TICKED, in px."""
    document = pypdfium2.PdfDocument(pdf)
    printed, high = document[0].get_textpage(), document[0].get_height()
    found = []
    for label in TICKED:
        place = printed.search(label).get_next()
        assert place is not None, label
        left, bottom, _, top = printed.get_charbox(place[0])
        # a box of 11 pt, six before its label
        found.append((left * _UNIT - 11.5 * _UNIT, (high - (bottom + top) / 2) * _UNIT))
    return found


def tick(picture: Image.Image, pdf: bytes) -> None:
    """Tick the boxes of TICKED, as a pen does: a hook that leaves its box."""
    pen = ImageDraw.Draw(picture)
    for x, y in _boxes(pdf):
        hook = [(x - 4 * _UNIT, y), (x - _UNIT, y + 4 * _UNIT), (x + 6 * _UNIT, y - 7 * _UNIT)]
        pen.line(hook, _PEN, round(1.5 * _UNIT), joint="curve")


def touch(picture: Image.Image, pdf: bytes) -> None:
    """A mark in each of those boxes that is too faint to be sure of."""
    pen = ImageDraw.Draw(picture)
    for x, y in _boxes(pdf):
        pen.line([(x - 2.5 * _UNIT, y), (x + 2.5 * _UNIT, y)], (60, 60, 70), round(1.8 * _UNIT))


def write(picture: Image.Image) -> None:
    """Three lines of handwriting under the boxes, as far as a picture knows."""
    pen = ImageDraw.Draw(picture)
    for row in range(3):
        pen.line([(200, WRITTEN[0] + 10 + 60 * row), (700, WRITTEN[0] + 60 * row)], _PEN, 5)


def scanned(picture: Image.Image, seed: int = 9) -> bytes:
    """The picture as a scanner's JPEG."""
    how = wear.WEARS["scan"]
    scan = wear.apply(picture, how, wear.place(how, 0, picture.width / picture.height, seed), 0, seed)
    out = io.BytesIO()
    scan.convert("RGB").save(out, "JPEG", quality=88, dpi=(DPI, DPI))
    return out.getvalue()
