"""Where on a page the words stand: title, letterhead, subject, addressee, signature, and the text as a whole."""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby, pairwise

from archive.reading import PageReading, Word

# a page longer than any letter is a flood: what makes a kind stands before this many words
MOST_WORDS = 3000
MOST_LETTERS = 12_000
LONGEST_WORD = 64

_LETTER_LIKE = str.maketrans("01589|", "oisbgl")
_SUBJECT = {"hal", "perihal", "prihal", "perihai", "penhal", "hai", "ha1", "hai1", "perhal", "periha1"}
_TO = {"yth", "vth", "yih", "kepadayth", "ykh"}
_OFFICES = {
    "kepala",
    "direktur",
    "ketua",
    "pimpinan",
    "koordinator",
    "camat",
    "lurah",
    "bapak",
    "ibu",
    "gubernur",
    "rektor",
}
_LABELS = {"nomor", "sifat", "lampiran", "lamp", "tanggal", "tgl", "no", "nama", "nik", "kepada", "di", "dengan"} | _TO


@lru_cache(maxsize=8192)  # each word is looked at in up to three zones
def plain_word(word: str) -> str:
    """Small letters and digits of `word`, digits read as the letters they are mistaken for when it is mostly letters.

    "A5ESMEN" → "asesmen", "2025" → "2025", "Pos-el" → "posel".
    """
    kept = word[:LONGEST_WORD].casefold()
    if not kept.isascii():
        kept = unicodedata.normalize("NFKD", kept)
    letters = sum("a" <= c <= "z" for c in kept)
    if letters > 1 and letters > 2 * sum(c.isdigit() for c in kept):
        kept = kept.translate(_LETTER_LIKE)
    return "".join(c for c in kept if "a" <= c <= "z" or "0" <= c <= "9")


@dataclass(slots=True)
class ZoneText:
    """Words run together without spaces, and the way back from a place in them to the printed words."""

    words: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    line_starts: list[int] = field(default_factory=list)
    text: str = ""

    @classmethod
    def of(cls, lines: Iterable[Sequence[Word]], spelling: Mapping[str, str]) -> "ZoneText":
        """The zone made of `lines`."""
        zone, parts, length = cls(), [], 0
        for line in lines:
            zone.line_starts.append(length)
            for word in line:
                part = plain_word(word.text)
                if not part or length > MOST_LETTERS:
                    continue
                part = spelling.get(part, part)
                zone.words.append(word.text)
                zone.starts.append(length)
                parts.append(part)
                length += len(part)
        zone.text = "".join(parts)
        return zone

    def quote(self, start: int, end: int) -> str:
        """The words as printed that cover the places from `start` to `end`."""
        first = max(0, bisect_right(self.starts, start) - 1)
        last = max(first + 1, bisect_right(self.starts, max(start, end - 1)))
        return " ".join(self.words[first:last])[:80]

    def starts_word(self, place: int, slack: int) -> bool:
        """Whether a word begins at `place`, give or take `slack` letters."""
        near = bisect_right(self.starts, place + slack) - 1
        return near >= 0 and abs(place - self.starts[near]) <= slack

    def ends_word(self, place: int, slack: int) -> bool:
        """Whether a word ends at `place`, give or take `slack` letters."""
        return abs(len(self.text) - place) <= slack or self.starts_word(place, slack)

    def starts_line(self, place: int) -> bool:
        """Whether a line begins at `place`, give or take two letters (a smudge read as letters)."""
        near = bisect_right(self.line_starts, place + 2) - 1
        return near >= 0 and abs(place - self.line_starts[near]) <= 2

    def ends_line(self, place: int) -> bool:
        """Whether a line ends at `place`, give or take two letters."""
        return abs(len(self.text) - place) <= 2 or self.starts_line(place)


def _upper_share(line: Sequence[Word]) -> float:
    letters = [c for word in line for c in word.text if c.isalpha()]
    return sum(c.isupper() for c in letters) / len(letters) if len(letters) >= 3 else 0.0


@dataclass(frozen=True, slots=True)
class _Frame:
    """The box of all text: a photo shows the desk around the paper, a scan the margins."""

    x0: float
    y0: float
    x1: float
    y1: float

    @classmethod
    def of(cls, words: Sequence[Word]) -> "_Frame":
        # one stray word at the edge must not move the frame: the outer hundredth is left out
        cut = len(words) // 100
        xs, xe = sorted(w.box[0] for w in words), sorted(w.box[2] for w in words)
        ys, ye = sorted(w.box[1] for w in words), sorted(w.box[3] for w in words)
        return cls(xs[cut], ys[cut], xe[-1 - cut], ye[-1 - cut])

    def depth(self, line: Sequence[Word]) -> float:
        middle = sum((w.box[1] + w.box[3]) / 2 for w in line) / len(line)
        return (middle - self.y0) / max(1e-6, self.y1 - self.y0)

    def centred(self, line: Sequence[Word]) -> bool:
        width = max(1e-6, self.x1 - self.x0)
        x0, x1 = min(w.box[0] for w in line), max(w.box[2] for w in line)
        off = abs((x0 + x1) / 2 - (self.x0 + self.x1) / 2) / width
        return off < 0.09 and (x1 - x0) / width < 0.72


def lines_of(page: PageReading) -> list[list[Word]]:
    """The page's lines of words, no more of them than a letter has."""
    return [list(line) for _, line in groupby(page.words[:MOST_WORDS], key=lambda w: w.line)]


def _top(lines: Sequence[list[Word]], frame: _Frame) -> list[list[Word]]:
    """Lines that can be letterhead or title: capitals, or short and centred, in the upper part of the page."""
    found = []
    for line in lines:
        depth = frame.depth(line)
        if depth < 0.55 and (_upper_share(line) >= 0.6 or (depth < 0.45 and frame.centred(line))):
            found.append(line)
    return found[:24]


def _column(line: Sequence[Word], left: float, right: float) -> list[Word]:
    return [w for w in line if w.box[2] > left and w.box[0] < right]


def _first(line: Sequence[Word]) -> str:
    return next((p for w in line if (p := plain_word(w.text))), "")


def _is_to(word: str) -> bool:
    """Whether a line with this word addresses somebody; the space after Yth. may be lost ("Yth.Direktur")."""
    return word in _TO or word.startswith("yth")


def _follow(lines: Sequence[list[Word]], at: int, start: int, more: int) -> list[list[Word]]:
    """The words of `lines[at]` from number `start` on, and what goes on below them, down to a gap or another label."""
    head = lines[at][start:]
    cut = next((i for i, (a, b) in enumerate(pairwise(head), 1) if b.box[0] - a.box[2] > 0.12), None)
    right = head[cut].box[0] - 0.01 if cut else 1.0
    head = head[:cut]
    found, left = [head], lines[at][start].box[0] - 0.03
    below = max(w.box[3] for w in head)
    height = max(0.004, sum(w.box[3] - w.box[1] for w in head) / len(head))
    for line in lines[at + 1 : at + 1 + more]:
        part = _column(line, left, right)
        if (
            not part
            or _first(part) in _LABELS
            or _is_to(_first(line))
            or min(w.box[1] for w in part) - below > 1.9 * height
        ):
            break
        found.append(part)
        below = max(w.box[3] for w in part)
    return found


def _subject(lines: Sequence[list[Word]]) -> tuple[int, list[list[Word]]]:
    """What stands after Hal or Perihal, with the lines it goes on, and the number of its first line (-1: none)."""
    for number, line in enumerate(lines[:40]):
        for place, word in enumerate(line[:-1]):
            if plain_word(word.text) in _SUBJECT and (place == 0 or line[place].box[0] - line[place - 1].box[2] > 0.03):
                start = place + 1
                while start < len(line) - 1 and not plain_word(line[start].text):
                    start += 1
                return number, _follow(lines, number, start, 3)
    return -1, []


def _to(lines: Sequence[list[Word]], subject: int) -> list[list[Word]]:
    """The addressee: the line of Yth. (or Kepada) and what goes on below it.

    Yth. is short and easily misread: then it is the line below the subject that begins with an office, if any.
    """
    for number, line in enumerate(lines[:40]):
        for place, word in enumerate(line):
            text = plain_word(word.text)
            if _is_to(text) or (text == "kepada" and place == 0 and len(line) <= 6):
                return _follow(lines, number, place, 5)
    if subject >= 0:
        for number, line in enumerate(lines[subject + 1 : subject + 7], subject + 1):
            if any(plain_word(word.text) in _OFFICES for word in line[:2]):
                return _follow(lines, number, 0, 5)
    return []


def zones_of(page: PageReading, spelling: Mapping[str, str]) -> dict[str, ZoneText]:
    """The page's zones by name (rules.ZONES); letterhead and title are looked for in the same lines."""
    lines = lines_of(page)
    if not lines:
        return {name: ZoneText() for name in ("title", "head", "subject", "to", "sign", "body")}
    frame = _Frame.of([word for line in lines for word in line])
    begins, subject = _subject(lines)
    top = ZoneText.of(_top(lines, frame), spelling)
    return {
        "title": top,
        "head": top,
        "subject": ZoneText.of(subject, spelling),
        "to": ZoneText.of(_to(lines, begins), spelling),
        "sign": ZoneText.of([line for line in lines if frame.depth(line) > 0.62], spelling),
        "body": ZoneText.of(lines, spelling),
    }


def cues_of(page: PageReading) -> frozenset[str]:
    """What the page's shape tells (rules.CUES)."""
    ratio = page.width_pt / page.height_pt
    found = set()
    # an identity card is 85.6 × 54 mm; scanned with some margin, or photographed, it is still far smaller than a sheet
    if 1.25 < ratio < 1.85 and page.width_pt < 450:
        found.add("card")
    elif ratio > 1.15:
        found.add("landscape")
    if len(page.words) < 110:
        found.add("few_words")
    if len(page.words) > 170:
        found.add("many_words")
    if sum(any(w.text.startswith((":", "=")) for w in line[1:5]) for line in lines_of(page)) >= 6:
        found.add("label_rows")
    return frozenset(found)
