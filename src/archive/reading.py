"""What reading yields: frozen values that check themselves, and their compact JSON.

Boxes are fractions 0…1 of the *upright* page (and of its preview), origin at the top left, so they fit any size a
page is shown at. Lengths are points (1/72 inch). Angles are degrees, clockwise positive.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal, Self, get_args

Source = Literal["ocr", "pdf_text", "blank"]
Box = tuple[float, float, float, float]

# finer than a pixel of any raster we make, and short enough to store by the million
_DIGITS = 5
# controls, formats (zero-width, bidi overrides: they hide what a word says), surrogates: PostgreSQL refuses some,
# readers see none
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Cn"}
_LIGATURES = range(0xFB00, 0xFB07)
_PICTURE = re.compile("[0-9a-f]{16}")


def clean(text: str) -> str:
    """`text` without characters nobody can read or store, ligatures spelled out; may be empty, may hold spaces."""
    if text.isascii() and text.isprintable():
        return text
    spelled = "".join(unicodedata.normalize("NFKC", c) if ord(c) in _LIGATURES else c for c in text)
    return "".join(c for c in spelled if c.isspace() or unicodedata.category(c) not in _UNPRINTABLE)


@contextmanager
def _shaped() -> Iterator[None]:
    """Data of another shape than a reading's are a ValueError: a file may have taken over the child that sends them."""
    try:
        yield
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not the shape of a reading: {type(error).__name__}") from None


def _check_box(box: Box) -> None:
    x0, y0, x1, y1 = box
    if not (0 <= x0 <= x1 <= 1 and 0 <= y0 <= y1 <= 1):
        raise ValueError("a box is x0 ≤ x1, y0 ≤ y1 within 0…1")


@dataclass(frozen=True, slots=True)
class PageSize:
    """A page as a viewer shows it (its own /Rotate applied): width and height in points."""

    width_pt: float
    height_pt: float

    def __post_init__(self) -> None:
        if not (0 < self.width_pt < math.inf and 0 < self.height_pt < math.inf):
            raise ValueError("a page has a size")


@dataclass(frozen=True, slots=True)
class Inspection:
    """A file that can be read: its pages, and whether a working PDF was made of it (pictures only)."""

    pages: tuple[PageSize, ...]
    has_working: bool

    def __post_init__(self) -> None:
        if not self.pages:
            raise ValueError("a file has pages")

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The inspection that `to_json` wrote; ValueError when the data are not one."""
        with _shaped():
            return cls(tuple(PageSize(w, h) for w, h in data["pages"]), bool(data["has_working"]))

    def to_json(self) -> dict[str, Any]:
        """Plain lists and numbers."""
        return {"pages": [[p.width_pt, p.height_pt] for p in self.pages], "has_working": self.has_working}


@dataclass(frozen=True, slots=True)
class Word:
    """One word, where it stands and how sure the reader is (0…1; None = not recognised but given by the PDF)."""

    text: str
    box: Box
    confidence: float | None
    line: int

    def __post_init__(self) -> None:
        if self.text.split() != [self.text] or clean(self.text) != self.text:
            raise ValueError("a word is printable text without spaces")
        _check_box(self.box)
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise ValueError("a confidence is 0…1")
        if not isinstance(self.line, int) or self.line < 0:
            raise ValueError("a line counts from 0")


def word_at(text: str, box: Sequence[float], confidence: float | None, line: int) -> list[Word]:
    """The words in `text` (none, one, or more when it hides spaces), all at `box` cut to the page and rounded."""
    x0, y0, x1, y1 = (round(min(1.0, max(0.0, v)), _DIGITS) for v in box)
    sure = None if confidence is None else round(min(1.0, max(0.0, confidence)), 3)
    place = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    return [Word(part, place, sure, line) for part in clean(text).split()]


def text_of(words: Iterable[Word]) -> str:
    """Lines joined by a line feed, the words of a line by one space."""
    return "\n".join(" ".join(w.text for w in line) for _, line in groupby(words, key=lambda w: w.line))


# What the code on a printed separator sheet says (ingest/separator.py), with the version of the sheet
SEPARATOR = "ARSIP-PEMISAH-1"


def is_separator(text: str) -> bool:
    """Whether a code's text is that of a separator sheet, of this version or a later one."""
    head, _, version = text.strip().rpartition("-")
    return head == SEPARATOR.rpartition("-")[0] and version.isascii() and version.isdecimal() and len(version) <= 3


CodeKind = Literal["qr", "code128", "datamatrix"]


@dataclass(frozen=True, slots=True)
class Code:
    """One code: what it says, its hull, and how far clockwise it is turned (−180…180)."""

    kind: CodeKind
    text: str
    box: Box
    angle: int

    def __post_init__(self) -> None:
        _check_box(self.box)
        if self.kind not in get_args(CodeKind) or not self.text or clean(self.text) != self.text:
            raise ValueError("a code is of a known kind and says something printable")
        if not isinstance(self.angle, int) or not -180 <= self.angle <= 180:
            raise ValueError("a code is turned by −180…180 degrees")

    def to_json(self) -> dict[str, Any]:
        """Plain data for storage."""
        return {"kind": self.kind, "text": self.text, "box": list(self.box), "angle": self.angle}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The code that `to_json` wrote."""
        return cls(data["kind"], data["text"], tuple(data["box"]), data["angle"])


@dataclass(frozen=True, slots=True)
class Tick:
    """One check box.

    `label` is what is printed beside it, `heading` what stands over it or before its row (either may be empty),
    `ink` how much of its inside is inked (0…1), `place` its middle between the corner marks ((0, 0) top left … (1, 1)
    bottom right; None without marks), `doubt` why a person should look (None = sure).
    """

    label: str
    heading: str
    ticked: bool
    ink: float
    box: Box
    place: tuple[float, float] | None
    doubt: str | None

    def __post_init__(self) -> None:
        _check_box(self.box)
        if any(clean(text) != text for text in (self.label, self.heading, self.doubt or "")):
            raise ValueError("a check box has printable words around it")
        if not 0 <= self.ink <= 1 or not all(math.isfinite(edge) for edge in self.place or ()):
            raise ValueError("a check box has a place, and ink of 0…1")

    @property
    def sure(self) -> bool:
        """Whether it would be filed unasked."""
        return self.doubt is None

    def to_json(self) -> dict[str, Any]:
        """Plain data for storage."""
        return {
            "label": self.label,
            "heading": self.heading,
            "ticked": self.ticked,
            "ink": round(self.ink, 3),
            "box": list(self.box),
            "place": list(self.place) if self.place else None,
            "doubt": self.doubt,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The check box that `to_json` wrote."""
        place = tuple(data["place"]) if data["place"] else None
        return cls(**{**data, "box": tuple(data["box"]), "place": place})


@dataclass(frozen=True, slots=True)
class PageReading:
    """One page read.

    `rotation` is how far clockwise (0, 90, 180, 270) the page must be turned from how a viewer shows it to stand
    upright; `skew` how far clockwise its lines still lean then. Sizes are those of the upright page.
    `words` stand in reading order; `seconds` is the time spent in the child. `picture` is the perceptual hash of the
    upright page, 16 hexadecimal digits; None for a page with nothing on it, or of an earlier reader.
    """

    number: int
    width_pt: float
    height_pt: float
    preview_width: int
    preview_height: int
    rotation: int
    skew: float
    source: Source
    words: tuple[Word, ...]
    seconds: float
    codes: tuple[Code, ...] = ()
    ticks: tuple[Tick, ...] = ()
    picture: str | None = None

    def __post_init__(self) -> None:
        PageSize(self.width_pt, self.height_pt)
        if not all(isinstance(count, int) and count >= 1 for count in (self.number, *self.preview)):
            raise ValueError("pages and pixels count from 1")
        if self.rotation not in (0, 90, 180, 270) or not -45 < self.skew < 45:
            raise ValueError("a page is turned by quarters and leans less than half a quarter")
        if self.source not in get_args(Source) or (self.source == "blank" and self.words):
            raise ValueError("a source is ocr, pdf_text or blank, and a blank page has no words")
        if not 0 <= self.seconds < math.inf:
            raise ValueError("a page takes its time")
        lines = [w.line for w in self.words]
        if lines != sorted(lines):
            raise ValueError("words stand line after line")
        if self.picture is not None and not _PICTURE.fullmatch(self.picture):
            raise ValueError("a picture's hash is 16 hexadecimal digits")

    @property
    def preview(self) -> tuple[int, int]:
        """Width and height of the picture people see, in pixels."""
        return self.preview_width, self.preview_height

    @property
    def text(self) -> str:
        """The page's text; `text.split()` are exactly the words' texts."""
        return text_of(self.words)

    @property
    def confidence(self) -> float | None:
        """Mean confidence of the recognised words, by their length; None when nothing was recognised."""
        sure = [(w.confidence, len(w.text)) for w in self.words if w.confidence is not None]
        return round(sum(c * n for c, n in sure) / sum(n for _, n in sure), 3) if sure else None

    def to_json(self) -> dict[str, Any]:
        """Plain data for storage; a word is `[text, x0, y0, x1, y1, confidence, line]`."""
        return {
            "number": self.number,
            "size": [self.width_pt, self.height_pt],
            "preview": [self.preview_width, self.preview_height],
            "rotation": self.rotation,
            "skew": self.skew,
            "source": self.source,
            "words": [[w.text, *w.box, w.confidence, w.line] for w in self.words],
            "seconds": self.seconds,
            "codes": [code.to_json() for code in self.codes],
            "ticks": [tick.to_json() for tick in self.ticks],
            "picture": self.picture,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The reading that `to_json` wrote; ValueError when the data are not one."""
        with _shaped():
            return cls(
                number=data["number"],
                width_pt=data["size"][0],
                height_pt=data["size"][1],
                preview_width=data["preview"][0],
                preview_height=data["preview"][1],
                rotation=data["rotation"],
                skew=data["skew"],
                source=data["source"],
                words=tuple(Word(t, (x0, y0, x1, y1), c, n) for t, x0, y0, x1, y1, c, n in data["words"]),
                seconds=data["seconds"],
                # an earlier reader did not look for them
                codes=tuple(Code.from_json(code) for code in data.get("codes", ())),
                ticks=tuple(Tick.from_json(tick) for tick in data.get("ticks", ())),
                picture=data.get("picture"),
            )
