"""The separator sheet: a page laid between letters of a stack, so that one scan can be cut into letters.

Drawn with a PDF's own lines and standard fonts: sharp at any size, the same bytes every time.
"""

import io
from collections.abc import Iterable, Iterator

import numpy as np
import zxingcpp
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from archive.reading import SEPARATOR

_WIDTH, _HEIGHT = 595.28, 841.89  # A4, points
_CODE = 198.4  # 70 mm: read from a bad copy too; 18 mm is the least that any wear leaves readable
_CODE_TOP = 640.0
_QUIET = 4  # modules of white around a QR code, by its standard
_MARGIN = 82.0  # everything begins there
_TITLE, _TITLE_SIZE, _TITLE_TOP = "LEMBAR PEMISAH", 40.0, 150.0
_LINES = (
    "Letakkan satu lembar ini di antara dua surat, lalu pindai semuanya sekaligus.",
    "Arsiparis memotong tumpukan di sini: halaman berikutnya menjadi surat baru.",
    "Lembar ini bukan surat dan boleh dipakai berulang kali.",
    "Cetak dengan ukuran asli (100%). Jangan dilipat, jangan menulis pada kode.",
)
_LINE_SIZE, _FIRST_LINE, _LEADING = 12.0, 480.0, 24.0


def separator_pdf() -> bytes:
    """A one-page A4 PDF to print as often as needed; the same bytes at every call."""
    writer = PdfWriter()
    sheet = writer.add_blank_page(_WIDTH, _HEIGHT)
    fonts = DictionaryObject()
    for name, face in (("/B", "/Helvetica-Bold"), ("/R", "/Helvetica")):
        described = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": face, "/Encoding": "/WinAnsiEncoding"}
        fonts[NameObject(name)] = DictionaryObject({NameObject(k): NameObject(v) for k, v in described.items()})
    sheet[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    stream = DecodedStreamObject()
    stream.set_data("\n".join([*_frame(), *_words(), *_code(SEPARATOR)]).encode("cp1252"))
    sheet[NameObject("/Contents")] = writer._add_object(stream)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _frame() -> Iterable[str]:
    """A broad dashed rim: a person finds the sheet in a stack."""
    return ("q 6 w [24 12] 0 d", f"40 40 {_WIDTH - 80:.2f} {_HEIGHT - 80:.2f} re S Q")


def _words() -> Iterator[str]:
    yield _text("/B", _TITLE_SIZE, _TITLE_TOP, _TITLE)
    for number, line in enumerate(_LINES):
        yield _text("/R", _LINE_SIZE, _FIRST_LINE + number * _LEADING, line)


def _text(font: str, size: float, top: float, text: str) -> str:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT {font} {size:.1f} Tf {_MARGIN:.2f} {_HEIGHT - top:.2f} Td ({escaped}) Tj ET"


def _code(payload: str) -> Iterator[str]:
    """The QR code under the title, run by run of dark modules."""
    symbol = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level="H")
    modules = np.asarray(zxingcpp.write_barcode_to_image(symbol, scale=1, add_quiet_zones=False)) < 128
    side = _CODE / (len(modules) + 2 * _QUIET)
    for number, row in enumerate(modules):
        edges = np.flatnonzero(np.diff(np.concatenate(([False], row, [False])).astype(np.int8)))
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            # a hair higher than a module: rows that only touch show a white seam on some printers
            box = _MARGIN + start * side, _CODE_TOP - (number + 1) * side, (end - start) * side, side + 0.02
            yield "{:.2f} {:.2f} {:.2f} {:.2f} re f".format(*box)
