"""The searchable PDF: the recognised words, invisible, before everything else on each untouched page.

pypdf adds one content stream and one font to a page; the page's own streams are not even decoded. Each word has its
own text matrix, so that it starts, ends and leans where its picture does and a viewer marks just that.
"""

import io
import math
import mmap
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, cast

import pypdfium2 as pdfium
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, NumberObject

from archive.reading import PageReading
from core.faults import DamagedFile
from ocr import pdfa
from ocr.about import About
from ocr.render import opened
from ocr.stamp import Stamp

_FONT = "/ArsipTeks"
_ADVANCE = 0.6  # every glyph is 600/1000 wide, so a word's width is known without a table
_DESCENT = 0.22  # share of a line's height under its baseline
_FREE_CODES = range(1, 32)  # WinAnsi leaves these unused: room for characters it lacks


@dataclass(frozen=True, slots=True)
class Placing:
    """From fractions of the upright page to the page's own space: (u, v) → origin + u·right + v·down, in points."""

    origin: tuple[float, float]
    right: tuple[float, float]
    down: tuple[float, float]

    def at(self, u: float, v: float) -> tuple[float, float]:
        """The point in the page's own space."""
        return (
            self.origin[0] + u * self.right[0] + v * self.down[0],
            self.origin[1] + u * self.right[1] + v * self.down[1],
        )


def placing(box: Sequence[float], turned: int) -> Placing:
    """Where the upright page lies in `box` (left, bottom, right, top), being shown turned `turned`° clockwise of it."""
    left, bottom, right, top = box
    width, height = right - left, top - bottom
    return {
        0: Placing((left, top), (width, 0), (0, -height)),
        90: Placing((left, bottom), (0, height), (width, 0)),
        180: Placing((right, bottom), (-width, 0), (0, height)),
        270: Placing((right, top), (0, -height), (-width, 0)),
    }[turned % 360]


class Codes:
    """One byte for each character: WinAnsi's own, then free codes; what finds no room becomes a question mark."""

    def __init__(self, characters: Iterable[str]) -> None:
        self._code: dict[str, int] = {}
        free = iter(_FREE_CODES)
        for character in sorted(set(characters)):
            try:
                (code,) = character.encode("cp1252")
            except UnicodeEncodeError:
                code = next(free, ord("?"))
            self._code[character] = code

    def encode(self, text: str) -> bytes:
        """The text's codes."""
        return bytes(map(self._code.__getitem__, text))

    def to_unicode(self) -> bytes:
        """The CMap that turns codes back into characters."""
        pairs = {code: char for char, code in sorted(self._code.items(), reverse=True)}
        pairs |= {ord("?"): "?"} if ord("?") in pairs else {}
        rows = [f"<{code:02x}> <{char.encode('utf-16-be').hex()}>" for code, char in sorted(pairs.items())]
        blocks = [rows[i : i + 100] for i in range(0, len(rows), 100)]  # the most one block may hold
        body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<00> <ff>\nendcodespacerange\n"
            f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
        ).encode("ascii")


def page_stream(page: PageReading, place: Placing, codes: Codes) -> bytes:
    """The content that writes the page's words invisibly (text rendering mode 3); leaves no trace in the state."""
    shown = _words(page, place, codes)
    return b"q\nBT\n3 Tr\n" + b"\n".join(shown) + b"\nET\nQ\n"


def _words(page: PageReading, place: Placing, codes: Codes) -> Iterator[bytes]:
    """Each word with its own matrix; what is the same for all of a page is reckoned once."""
    cos, sin = math.cos(math.radians(page.skew)), math.sin(math.radians(page.skew))
    spread = cos * cos - sin * sin
    across, down = _unit(place.right), _unit(place.down)
    along = (across[0] * cos + down[0] * sin, across[1] * cos + down[1] * sin)
    up = (across[0] * sin - down[0] * cos, across[1] * sin - down[1] * cos)
    leaning = " ".join(f"{v:.5f}" for v in (*along, *up))
    for word in page.words:
        x0, y0, x1, y1 = word.box
        hull_width, hull_height = (x1 - x0) * page.width_pt, (y1 - y0) * page.height_pt
        # the box is the hull of a leaning word: take the lean out again
        width = (hull_width * cos - hull_height * abs(sin)) / spread
        height = (hull_height * cos - hull_width * abs(sin)) / spread
        if width <= 0.1 or height <= 0.1:
            continue
        # its baseline's start, seen from the middle of the box, in points right and down
        ahead, below = -width / 2, height * (0.5 - _DESCENT)
        dx, dy = ahead * cos - below * sin, ahead * sin + below * cos
        x, y = place.at((x0 + x1) / 2 + dx / page.width_pt, (y0 + y1) / 2 + dy / page.height_pt)
        stretch = 100 * width / (_ADVANCE * height * len(word.text))
        # the trailing space tells words apart without moving anything: each has its own matrix
        code = codes.encode(word.text + " ").hex()
        yield f"{_FONT} {height:.2f} Tf {stretch:.2f} Tz {leaning} {x:.2f} {y:.2f} Tm <{code}> Tj".encode("ascii")


def _unit(vector: tuple[float, float]) -> tuple[float, float]:
    length = math.hypot(*vector)
    return vector[0] / length, vector[1] / length


@dataclass(frozen=True, slots=True)
class _How:
    """`ours`: the file was made just now, and says when; that must not make it another one each time."""

    about: About
    ours: bool
    signed: bool
    pdfa: bool


def lay_under(
    source: int,
    pages: Sequence[PageReading],
    target: int,
    about: About,
    *,
    part: Sequence[int] | None = None,
    picture: bool = False,
) -> list[str]:
    """Write the PDF behind `source` to `target` with the words of `pages` under their pages, as a PDF/A-2b.

    `part` are the first and last page to write, if not all; `picture`: inspection.py made the source of pictures.
    A PDF that pypdf cannot handle is first written anew by pdfium. One that cannot become a PDF/A, because of what is
    on its pages, is written without saying that it is one; answers why not. Raises EncryptedPdf or DamagedFile.
    """
    how = _How(about, ours=part is not None, signed=pdfa.is_signed(source), pdfa=True)
    if part is not None:
        source = _taken_out(source, *part)
    plain = _write(source, pages, target, how)
    _check(source, target)
    # nothing but our own structures around plain pictures needs no judge, who takes his time to look at each
    broken = [] if picture and plain else pdfa.why_not(target)
    if broken:
        _write(source, pages, target, replace(how, pdfa=False))
        _check(source, target)
    return broken


def _write(source: int, pages: Sequence[PageReading], target: int, how: _How) -> bool:
    """Whether all pictures are plain (see pdfa.prepare)."""
    with open(target, "wb", closefd=False) as out:
        out.seek(0)
        out.truncate()
        try:
            with mmap.mmap(source, 0, access=mmap.ACCESS_READ) as data:
                return _lay(cast(BinaryIO, data), pages, out, how)
        except Exception:  # noqa: BLE001 - pypdf raises anything on PDFs that pdfium still opens
            out.seek(0)
            out.truncate()
            return _lay_anew(source, pages, out, how)


def _taken_out(source: int, first: int, last: int) -> int:
    """A file of those pages alone. pdfium copies their streams as they are, and follows no reference to other pages:
    pypdf would take along what a link or a form leads to."""
    pages, taken = opened(source), pdfium.PdfDocument.new()
    fd, name = tempfile.mkstemp()
    os.unlink(name)
    try:
        taken.import_pages(pages, list(range(first - 1, last)))
        with open(fd, "wb", closefd=False) as out:
            taken.save(out)
    except pdfium.PdfiumError:
        raise DamagedFile from None
    return fd


def _lay_anew(source: int, pages: Sequence[PageReading], out: BinaryIO, how: _How) -> bool:
    pdf, copy = opened(source), io.BytesIO()
    try:
        pdf.save(copy)
        return _lay(copy, pages, out, how)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - pdfium shows pages of a wreck that no PDF can be made of any more
        raise DamagedFile from None


def _lay(source: BinaryIO, pages: Sequence[PageReading], out: BinaryIO, how: _How) -> bool:
    reader = PdfReader(source)
    writer = PdfWriter(clone_from=reader)
    if how.ours:
        writer.metadata, writer._ID = None, None
    pdfa.describe(writer, how.about, claim=how.pdfa, signed=how.signed)
    plain = how.pdfa and pdfa.prepare(writer, how.about)
    codes = Codes(" " + "".join(word.text for page in pages for word in page.words))
    font = writer._add_object(_font(codes, writer))
    for reading in pages:
        page = writer.pages[reading.number - 1]
        box = _shown_box(page)
        # shown as it stands the page is turned by its own /Rotate; upright it is turned `rotation` further
        stream = DecodedStreamObject()
        stream.set_data(page_stream(reading, placing(box, page.rotation + reading.rotation), codes))
        _add(page, font, writer._add_object(stream.flate_encode()))
    if how.about.mark:
        _stamp(writer, how.about.mark, {reading.number: reading.rotation for reading in pages})
    writer.write(out)
    return plain


def _stamp(writer: PdfWriter, mark: Sequence[str], turned: Mapping[int, int]) -> None:
    """Put the mark on every page, also on those that no words were read on; `turned`: how pages have to be, by number,
    beyond what they say themselves."""
    stamp = Stamp(writer, mark)
    for number, page in enumerate(writer.pages, 1):
        place = placing(_shown_box(page), page.rotation + turned.get(number, 0))
        along, down = _unit(place.right), _unit(place.down)
        stamp.put_on(page, (place.at(0, 1), along, (-down[0], -down[1])), math.hypot(*place.right))


def _add(page: PageObject, font: Any, stream: Any) -> None:
    """Put the stream first and the font beside the page's own, in dictionaries no other page shares."""
    own = page.get("/Resources")
    resources = DictionaryObject(own.get_object()) if own is not None else DictionaryObject(_inherited(page))
    fonts = resources.get("/Font")
    resources[NameObject("/Font")] = DictionaryObject(fonts.get_object() if fonts is not None else {})
    cast(DictionaryObject, resources["/Font"])[NameObject(_FONT)] = font
    page[NameObject("/Resources")] = resources
    contents = page.raw_get("/Contents") if "/Contents" in page else None
    held = contents.get_object() if contents is not None else None
    after = list(held) if isinstance(held, ArrayObject) else [contents] if held is not None else []
    page[NameObject("/Contents")] = ArrayObject([stream, *after])


def _inherited(page: DictionaryObject) -> dict[Any, Any]:
    node: Any = page
    for _ in range(64):  # a damaged tree can bite its tail
        node = node.get("/Parent")
        if node is None:
            return {}
        node = node.get_object()
        if "/Resources" in node:
            return dict(node["/Resources"].get_object())
    return {}


def _shown_box(page: PageObject) -> tuple[float, float, float, float]:
    """What viewers show of a page: its crop box, cut to its media box."""
    media, crop = page.mediabox, page.cropbox
    left, bottom = max(media.left, crop.left), max(media.bottom, crop.bottom)
    right, top = min(media.right, crop.right), min(media.top, crop.top)
    if right <= left or top <= bottom:
        left, bottom, right, top = media.left, media.bottom, media.right, media.top
    return float(left), float(bottom), float(right), float(top)


def _font(codes: Codes, writer: PdfWriter) -> DictionaryObject:
    cmap = DecodedStreamObject()
    cmap.set_data(codes.to_unicode())
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/TrueType"),
            NameObject("/BaseFont"): NameObject("/ArsipTeks"),
            NameObject("/FontDescriptor"): writer._add_object(pdfa.font_file(writer)),
            NameObject("/FirstChar"): NumberObject(1),
            NameObject("/LastChar"): NumberObject(255),
            NameObject("/Widths"): ArrayObject([NumberObject(600)] * 255),
            NameObject("/ToUnicode"): writer._add_object(cmap.flate_encode()),
        }
    )


def _check(source: int, target: int) -> None:
    """The written file must open and show as many pages as the one it was made of."""
    if len(opened(source)) != len(opened(target)):
        raise DamagedFile
