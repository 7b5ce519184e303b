"""Pictures of our own making as they are served: a part of one, and what browsers may do with it."""

import io
from typing import Final

from PIL import Image

from archive.reading import Box

# Whatever is served, a browser must neither show nor run it as ours
PRIVATE: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def cut(picture: bytes, area: Box) -> bytes:
    """The part of a JPEG that `area` (fractions 0…1) names, as a JPEG."""
    with Image.open(io.BytesIO(picture), formats=["JPEG"]) as image:
        x0, x1 = (round(edge * image.width) for edge in area[::2])
        y0, y1 = (round(edge * image.height) for edge in area[1::2])
        out = io.BytesIO()
        image.crop((x0, y0, max(x1, x0 + 1), max(y1, y0 + 1))).save(out, "JPEG", quality=85)
    return out.getvalue()
