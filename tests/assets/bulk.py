"""Many letters quickly, for tests of load: the wear is made once and laid over every page."""

from __future__ import annotations

import io
import random
from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from tests.assets.letter import bound, kinds, make_letter
from tests.assets.paint import paint
from tests.assets.typeset import DPI, Style, font
from tests.assets.wear import light

SEGMENT = 60_000  # bytes of one JPEG comment; the format allows 65,533
PRINTABLE = bytes(33 + byte % 90 for byte in range(256))


@lru_cache(maxsize=8)
def _background(size: tuple[int, int], seed: int) -> Image.Image:
    """Grey paper with a scanner's noise and fall of light."""
    noise = np.random.default_rng(seed).normal(0.0, 2.0, (size[1], size[0])).astype(np.float32)
    return Image.fromarray(np.clip(light(size, 0.06, seed) * 244 + noise, 0, 255).astype(np.uint8))


def make_scan_pdf(pages: int, seed: int) -> bytes:
    """A scanner's PDF of ``pages`` different A4 pages (200 dpi grey JPEG, no text), about 120 ms a page.

    Each page is the first page of another letter of another case; "Lembar n" at its foot tells them apart for certain.
    """
    rng = random.Random(seed)
    upright = [kind for kind in kinds() if kind not in ("ktp", "kk", "daftar_tanda_terima")]
    jpegs = []
    for number in range(1, pages + 1):
        letter = make_letter(upright[(number - 1) % len(upright)], rng.randrange(1 << 30))
        clean = paint(letter.pages[0], DPI, number).convert("L")
        face = font(Style("sans", 10.0).file, 28)
        ImageDraw.Draw(clean).text((clean.width * 0.7, clean.height * 0.955), f"Lembar {number}", 40, face)
        clean = clean.rotate(rng.uniform(-0.8, 0.8), Image.Resampling.BILINEAR, fillcolor=255)
        out = io.BytesIO()
        worn = ImageChops.multiply(clean, _background(clean.size, seed % 4 + number % 4))
        worn.save(out, "JPEG", quality=45, dpi=(DPI, DPI))
        jpegs.append(out.getvalue())
    return bound(jpegs)


@lru_cache(maxsize=8)
def _plate(room: int) -> tuple[Image.Image, int]:
    """The finest scan of one letter whose JPEG stays below ``room`` bytes, and its resolution."""
    page = make_letter("surat_rekomendasi_pemulangan", 1).pages[0]
    for dpi in (150, 120, 100, 75, 50):
        clean = paint(page, dpi, 1).convert("L")
        plate = ImageChops.multiply(clean, _background(clean.size, 1))
        out = io.BytesIO()
        plate.save(out, "JPEG", quality=45)
        if len(out.getvalue()) < room * 0.9:
            break
    return plate, dpi


def unique_jpeg(seed: int, kb: int) -> bytes:
    """A letter as a valid JPEG of ``kb`` × 1000 bytes (never below some 20), with other bytes for each seed.

    ``Agenda n`` with n = seed is printed at its top. The rest of the size is filled by JPEG comments.
    """
    plate, dpi = _plate(kb * 1000)
    picture = plate.copy()
    draw = ImageDraw.Draw(picture)
    draw.text(
        (picture.width * 0.62, picture.height * 0.012), f"Agenda {seed}", 25, font(Style("sans", 12.0).file, dpi // 6)
    )
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=45, dpi=(dpi, dpi))
    jpeg = out.getvalue()
    rng = random.Random(seed)
    missing = max(kb * 1000 - len(jpeg), 20)
    comments = b""
    while missing > 0:
        length = min(missing, SEGMENT)
        filling = rng.randbytes(max(length - 4, 1)).translate(PRINTABLE)
        comments += b"\xff\xfe" + (len(filling) + 2).to_bytes(2, "big") + filling
        missing -= length
    return jpeg[:2] + comments + jpeg[2:]
