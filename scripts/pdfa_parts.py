#!/usr/bin/env python3
"""Makes the two small files that every searchable PDF carries: a font without ink and the sRGB profile.

Run once, `.venv/bin/python scripts/pdfa_parts.py`; what it writes is committed, and a second run writes the same.
"""

from datetime import UTC, datetime
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.misc.timeTools import timestampFromString
from fontTools.pens.ttGlyphPen import TTGlyphPen
from PIL import ImageCms

OCR = Path(__file__).parent.parent / "src" / "ocr"
_WHEN = datetime(2026, 1, 1, tzinfo=UTC)
_DATE, _ID = slice(24, 36), slice(84, 100)  # of an ICC header: when it was made, and a digest that may be left out


def font() -> None:
    """One glyph for every code, 600/1000 wide and without ink: a viewer marks it, nobody sees it."""
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "empty"])
    builder.setupCharacterMap({0xF000 + code: "empty" for code in range(1, 256)})
    for table in builder.font["cmap"].tables:
        table.platformID, table.platEncID = 3, 0  # symbolic: its codes are ours
    builder.font["cmap"].tables = builder.font["cmap"].tables[-1:]
    # there and back on one line: without extent viewers lose words on turned pages, without area nothing is drawn
    pen = TTGlyphPen(None)
    pen.moveTo((0, -220))
    pen.lineTo((600, 780))
    pen.closePath()
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "empty": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (600, 0), "empty": (600, 0)})
    builder.setupHorizontalHeader(ascent=780, descent=-220)
    builder.setupOS2(sTypoAscender=780, sTypoDescender=-220, usWinAscent=780, usWinDescent=220)
    builder.setupNameTable({"familyName": "ArsipTeks", "styleName": "Regular", "psName": "ArsipTeks"})
    builder.setupPost(isFixedPitch=1, keepGlyphNames=False)
    head = builder.font["head"]
    head.created = head.modified = timestampFromString(_WHEN.strftime("%a %b %d %H:%M:%S %Y"))
    builder.font.recalcTimestamp = False
    builder.save(OCR / "empty.ttf")


def profile() -> None:
    """sRGB as Little CMS makes it ("No copyright, use freely"), with a fixed date."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    when = (_WHEN.year, _WHEN.month, _WHEN.day, 0, 0, 0)
    made[_DATE] = b"".join(part.to_bytes(2, "big") for part in when)
    made[_ID] = bytes(16)
    (OCR / "srgb.icc").write_bytes(made)


if __name__ == "__main__":
    font()
    profile()
