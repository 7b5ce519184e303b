"""Words on paper: where each word of a line, a paragraph or a table cell stands, in points from the top left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from PIL import ImageFont

Box = tuple[float, float, float, float]

FONTS = {  # found by file name in the system's font folders (Debian: fonts-liberation); needed only to generate
    "serif": ("LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf"),
    "sans": ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    "narrow": ("LiberationSansNarrow-Regular.ttf", "LiberationSansNarrow-Bold.ttf"),
    "mono": ("LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf"),
    "hand": ("LiberationSerif-Italic.ttf", "LiberationSerif-BoldItalic.ttf"),
}
PAPERS = {"a4": (595.0, 842.0), "landscape": (842.0, 595.0), "card": (330.0, 225.0)}
DPI = 200
# Words are measured at the resolution they are mostly painted at: hinted glyphs are wider there than the outline says


@dataclass(frozen=True, slots=True)
class Style:
    """How a run of text looks: a family of ``FONTS``, size in points."""

    family: str
    size: float
    bold: bool = False

    @property
    def file(self) -> str:
        """File name of the font."""
        return FONTS[self.family][self.bold]


@dataclass(frozen=True, slots=True)
class Word:
    """A word as set: its ink box, its baseline start, and the number of the line it belongs to."""

    text: str
    box: Box
    origin: tuple[float, float]
    style: Style
    line: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Anything on the paper that is not a printed word: a rule, a check box, a stamp, a signature, a portrait."""

    name: str
    box: Box
    text: str = ""
    weight: float = 0.7


@dataclass(slots=True)
class Page:
    """One side of paper, size in points."""

    width: float
    height: float
    words: list[Word] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The printed words, a line of the letter to a line; handwriting is not in it."""
        lines: dict[int, list[str]] = {}
        for word in self.words:
            if word.style.family != "hand":
                lines.setdefault(word.line, []).append(word.text)
        return "\n".join(" ".join(words) for words in lines.values())


@lru_cache(maxsize=64)
def font(file: str, pixels: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels; OSError when it is not installed."""
    return ImageFont.truetype(file, pixels, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=20_000)
def _extent(style: Style, text: str) -> tuple[float, Box]:
    """Advance and ink box of a word from its baseline start, in points."""
    face, points = font(style.file, round(style.size * DPI / 72)), 72 / DPI
    x0, y0, x1, y1 = face.getbbox(text, anchor="ls")
    return face.getlength(text) * points, (x0 * points, y0 * points, x1 * points, y1 * points)


def width(text: str, style: Style) -> float:
    """Advance of a run without spaces, or with them, in points. A check box is as wide as the text is high."""
    if text in ("[]", "[x]"):
        return style.size
    return _extent(style, text)[0]


def wrap(text: str, room: float, style: Style, indent: float = 0.0) -> list[list[str]]:
    """Words of ``text`` in lines no wider than ``room``; the first line is ``indent`` shorter."""
    lines: list[list[str]] = [[]]
    space, used = width(" ", style), indent
    for word in text.split():
        wide = width(word, style)
        if lines[-1] and used + space + wide > room:
            lines.append([])
            used = 0.0
        used += wide + (space if lines[-1] else 0.0)
        lines[-1].append(word)
    return lines


class Setter:
    """Puts words and marks on pages and knows the height reached (``y``); opens a new page when one is full."""

    def __init__(self, paper: str, style: Style, footer: str) -> None:
        self.size = PAPERS[paper]
        self.style = style
        self.footer = footer
        self.left, self.right = (62.0, self.size[0] - 50.0) if paper == "a4" else (40.0, self.size[0] - 40.0)
        if paper == "card":
            self.left, self.right = 40.0, self.size[0] - 40.0
        self.lines = 0
        self.pages: list[Page] = []
        self.open_page()

    @property
    def page(self) -> Page:
        """The page being written."""
        return self.pages[-1]

    @property
    def leading(self) -> float:
        """Distance of baselines."""
        return self.style.size * 1.28

    def open_page(self) -> None:
        """Begin a page; every page says at its foot that it is invented."""
        self.pages.append(Page(*self.size))
        self.y = 44.0
        small = Style("sans", 6.5)
        self.words(self.left, self.size[1] - 17.0, self.footer.split(), small)

    def need(self, height: float) -> None:
        """Open a new page unless ``height`` points are left on this one."""
        if self.y + height > self.size[1] - 34.0:
            self.open_page()

    def words(self, x: float, baseline: float, words: Sequence[str], style: Style, stretch: float = 0.0) -> float:
        """Set one line from ``x``; ``stretch`` widens each space. Returns where it ends."""
        self.lines += 1
        space = width(" ", style) + stretch
        for number, text in enumerate(words):
            wide = width(text, style)
            if text in ("[]", "[x]"):
                x += 12.0 if number else 0.0
                top = baseline - style.size * 0.82
                self.page.marks.append(
                    Mark("tick" if text == "[x]" else "box", (x, top, x + wide * 0.85, top + wide * 0.85))
                )
            else:
                x0, y0, x1, y1 = _extent(style, text)[1]
                box = (x + x0, baseline + y0, x + x1, baseline + y1)
                self.page.words.append(Word(text, box, (x, baseline), style, self.lines))
            x += wide + space
        return x - space

    def centre(self, text: str, style: Style, middle: float | None = None) -> Box:
        """One centred line at the present height; returns its box from top to baseline."""
        at = (self.left + self.right) / 2 if middle is None else middle
        wide = width(text, style)
        self.y += style.size * 1.2
        self.words(at - wide / 2, self.y, text.split(), style)
        return (at - wide / 2, self.y - style.size, at + wide / 2, self.y)

    def block(self, x: float, room: float, text: str, indent: float = 0.0, justify: bool = False) -> None:
        """A wrapped paragraph from the present height on."""
        lines = wrap(text, room, self.style, indent)
        for number, line in enumerate(lines):
            self.need(self.leading)
            self.y += self.leading
            start = x + (indent if number == 0 else 0.0)
            slack = room - (start - x) - width(" ".join(line), self.style)
            stretched = justify and number < len(lines) - 1 and len(line) > 1
            self.words(start, self.y, line, self.style, slack / (len(line) - 1) if stretched else 0.0)

    def rule(self, x0: float, y0: float, x1: float, y1: float, weight: float = 0.7) -> None:
        """A straight line."""
        self.page.marks.append(Mark("rule", (x0, y0, x1, y1), weight=weight))
