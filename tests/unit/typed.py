"""Pages typed on a typewriter: text with its spaces becomes words with boxes, for tests of what is read from place."""

from collections.abc import Sequence

from archive.reading import PageReading, Word, word_at

WIDE, HIGH = 595.0, 842.0
CHAR, PITCH, TALL = 5.6, 15.0, 9.0


def words(lines: Sequence[str], confidence: float = 0.99, top: float = 40.0) -> list[Word]:
    """Each line's words at the columns they are typed in."""
    found: list[Word] = []
    for number, line in enumerate(lines):
        y = top + number * PITCH
        at = 0
        for text in line.split(" "):
            if text:
                x0, x1 = 30 + at * CHAR, 30 + (at + len(text)) * CHAR
                found += word_at(text, (x0 / WIDE, y / HIGH, x1 / WIDE, (y + TALL) / HIGH), confidence, number)
            at += len(text) + 1
    return found


def page(text: str, number: int = 1, confidence: float = 0.99) -> PageReading:
    """A page of A4 with `text` typed on it."""
    lines = text.strip("\n").split("\n")
    return PageReading(number, WIDE, HIGH, 1240, 1754, 0, 0.0, "ocr", tuple(words(lines, confidence)), 0.1)
