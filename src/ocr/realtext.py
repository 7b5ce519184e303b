"""Whether a PDF page already says what it shows, and its words if so. Runs in the child only.

Many pages only pretend: tagged without text, a scanner app's footer under a full-page picture, letters that map to
nothing. Those are read from their pixels like any scan.
"""

import ctypes
import unicodedata
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium_c

from archive.reading import Box, Word, word_at
from ocr.render import Pictures

_LEAST_LETTERS = 40  # fewer say too little to trust that they are the page
_LETTERS_OVER_PICTURE = 200  # a page that is a picture needs a page's worth of text, not a stamp or a footer
_PICTURE_PAGE = 0.5
_MOST_UNKNOWN = 0.1
_LEAST_SPREAD = 0.1  # share of the page's height the words must span over a picture
_PRIVATE = "\ufffd\ufffe\uffff"


@dataclass(frozen=True, slots=True)
class _Glyph:
    text: str
    box: Box


def real_words(page: Any, pictures: Pictures) -> tuple[Word, ...] | None:
    """The page's own words in its own order, or None when it must be recognised."""
    text_page = page.get_textpage()
    try:
        glyphs = _glyphs(page, text_page)
    finally:
        text_page.close()
    marks = [g for g in glyphs if not g.text.isspace()]
    letters = [g for g in marks if unicodedata.category(g.text[0])[0] in "LN"]
    unknown = sum(g.text in _PRIVATE or unicodedata.category(g.text[0]) in ("Co", "Cn", "Cc", "Cs") for g in marks)
    picture_page = pictures.coverage >= _PICTURE_PAGE
    if len(letters) < (_LETTERS_OVER_PICTURE if picture_page else _LEAST_LETTERS):
        return None
    if unknown > _MOST_UNKNOWN * len(marks) or len(letters) < 0.5 * len(marks):
        return None
    spread = max(g.box[3] for g in letters) - min(g.box[1] for g in letters)
    if picture_page and spread < _LEAST_SPREAD:
        return None
    return tuple(_words(glyphs))


def _words(glyphs: list[_Glyph]) -> list[Word]:
    words: list[Word] = []
    pending: list[_Glyph] = []
    line = 0

    def finish() -> None:
        if pending:
            boxes = [g.box for g in pending]
            hull = (
                min(b[0] for b in boxes),
                min(b[1] for b in boxes),
                max(b[2] for b in boxes),
                max(b[3] for b in boxes),
            )
            words.extend(word_at("".join(g.text for g in pending), hull, None, line))
            pending.clear()

    for glyph in glyphs:
        if not glyph.text.isspace():
            pending.append(glyph)
            continue
        finish()
        if glyph.text in "\r\n" and words and words[-1].line == line:
            line += 1
    finish()
    return words


def _glyphs(page: Any, text_page: Any) -> list[_Glyph]:
    """Every character with its box as fractions of the page as shown; those out of the page's sight are left out."""
    to_fraction = _fractions(page)
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    glyphs: list[_Glyph] = []
    high = 0
    for i in range(text_page.count_chars()):
        code = pdfium_c.FPDFText_GetUnicode(text_page, i)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code, high = (0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0xFFFD), 0
        text = chr(code) if 0 < code <= 0x10FFFF else "\ufffd"
        if text.isspace():
            glyphs.append(_Glyph(text, (0.0, 0.0, 0.0, 0.0)))
            continue
        pdfium_c.FPDFText_GetCharBox(text_page, i, left, right, bottom, top)
        box = to_fraction(left.value, bottom.value, right.value, top.value)
        if box[2] > 0 and box[0] < 1 and box[3] > 0 and box[1] < 1:
            glyphs.append(_Glyph(text, box))
    return glyphs


def _fractions(page: Any) -> Any:
    """From a box in the page's own space to fractions of the page as shown, its /Rotate applied."""
    left, bottom, right, top = page.get_bbox()
    width, height = right - left, top - bottom
    turn = page.get_rotation()

    def convert(x0: float, y0: float, x1: float, y1: float) -> Box:
        u0, u1 = (x0 - left) / width, (x1 - left) / width
        v0, v1 = (top - y1) / height, (top - y0) / height
        if turn == 90:
            return 1 - v1, u0, 1 - v0, u1
        if turn == 180:
            return 1 - u1, 1 - v1, 1 - u0, 1 - v0
        if turn == 270:
            return v0, 1 - u1, v1, 1 - u0
        return u0, v0, u1, v1

    return convert
