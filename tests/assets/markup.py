"""The short language in which kinds.toml writes a letter: one element to a line, its first word says which.

- ``kop NAME`` letterhead; ``judul TEXT``, ``nomor TEXT`` centred; ``kanan TEXT`` place and date at the right
- ``p TEXT``, ``n TEXT`` paragraph with and without indent; ``h TEXT`` heading; ``f LABEL | VALUE``; ``l NUMBER | TEXT``
- ``t WIDTHS`` in percent, then ``rh CELL | CELL`` and ``r CELL | CELL``; ``;;`` breaks a line in a cell
- ``ttd LINES``, ``ttd2 LINES || LINES`` with lines parted by ``|``: ``~`` signature and stamp, ``~~`` signature alone
- ``tulis TEXT`` handwriting; ``jarak POINTS`` space; ``hal`` new page; ``kode TEXT`` bar code
- ``cap NAME`` whose stamp, where no letterhead says it; ``kartu`` the face of an identity card

``[]`` and ``[x]`` anywhere are check boxes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.assets.typeset import Mark, Page, Setter, Style, width, wrap

LABEL_SHARE = 0.26  # of the line, for the labels of fields
STAMPS = {  # by letterhead: the ring of the stamp and its middle
    "kota": "DINAS SOSIAL|TARAKAN",
    "prov": "DINAS SOSIAL|KALTARA",
    "polisi": "KEPOLISIAN|SPKT",
    "kelurahan": "KELURAHAN|LURAH",
    "lk3": "KONSULTASI|LK3",
    "klinik": "KESEHATAN|KLINIK",
    "asal": "DINAS SOSIAL|DAERAH",
    "": "DUKCAPIL|DINAS",
}


class Compositor:
    """Sets one letter from its markup."""

    def __init__(self, setter: Setter, heads: dict[str, list[str]]) -> None:
        self.set = setter
        self.heads = heads
        self.columns: list[float] = []
        self.office = ""
        self.elements: dict[str, Callable[[str], None]] = {
            "kop": self.head, "judul": self.title, "nomor": self.number, "kanan": self.place,
            "p": self.paragraph, "n": self.plain, "h": self.heading, "f": self.fact, "l": self.item,
            "t": self.table, "rh": self.header, "r": self.row, "ttd": self.sign, "ttd2": self.sign_both,
            "tulis": self.hand, "jarak": self.gap, "hal": self.turn, "kode": self.barcode, "kartu": self.card,
            "cap": self.stamp_of,
        }  # fmt: skip

    def compose(self, body: str) -> list[Page]:
        """Pages of the whole letter; KeyError names an element that does not exist."""
        for line in body.strip().splitlines():
            if line.strip():
                name, _, rest = line.strip().partition(" ")
                self.elements[name](rest.strip())
        return self.set.pages

    def _style(self, **changes: object) -> Style:
        return replace(self.set.style, **changes)  # type: ignore[arg-type]

    def head(self, name: str) -> None:
        """Letterhead: the police's stands at the left, everybody else's in the middle beside an emblem."""
        lines = self.heads[name]
        self.office = name
        s = self.set
        police = name == "polisi"
        middle = s.left + 120.0 if police else (s.left + s.right) / 2 + 22.0
        for number, text in enumerate(lines):
            last = number == len(lines) - 1
            size = 8.0 if last else (10.0 if police else 12.5)
            s.y += 3.0 if last else 0.0
            box = s.centre(text, self._style(size=size, bold=not police and not last), middle)
        s.y += 6.0
        if police:
            s.rule(box[0] - 10, s.y, box[2] + 10, s.y, 0.8)
            x = (s.left + s.right) / 2
            s.page.marks.append(Mark("emblem", (x - 20, s.y + 6, x + 20, s.y + 50)))
            s.y += 50.0
            return
        s.page.marks.append(Mark("emblem", (s.left + 4, 46.0, s.left + 44, 94.0)))
        s.y = max(s.y, 100.0)
        s.rule(s.left, s.y, s.right, s.y, 2.0)
        s.rule(s.left, s.y + 2.6, s.right, s.y + 2.6, 0.6)
        s.y += 8.0

    def stamp_of(self, name: str) -> None:
        """Whose stamp the page carries when it has no letterhead."""
        self.office = name

    def title(self, text: str) -> None:
        """Centred, bold, underlined."""
        self.set.y += 6.0
        box = self.set.centre(text, self._style(size=self.set.style.size + 1.5, bold=True))
        self.set.rule(box[0], box[3] + 2.5, box[2], box[3] + 2.5, 0.8)
        self.set.y += 4.0

    def number(self, text: str) -> None:
        """Centred line under a title."""
        self.set.centre(text, self.set.style)
        self.set.y += 10.0

    def place(self, text: str) -> None:
        """Place and date at the right of a letter."""
        s = self.set
        s.y += s.leading
        s.words(s.right - width(text, s.style), s.y, text.split(), s.style)
        s.y += 4.0

    def paragraph(self, text: str) -> None:
        """Justified, first line indented."""
        self.set.block(self.set.left, self.set.right - self.set.left, text, indent=34.0, justify=True)
        self.set.y += 4.0

    def plain(self, text: str) -> None:
        """Not indented."""
        self.set.block(self.set.left, self.set.right - self.set.left, text)

    def heading(self, text: str) -> None:
        """Bold line that never ends a page."""
        s = self.set
        s.need(s.leading * 4)
        s.y += s.leading + 5.0
        s.words(s.left, s.y, text.split(), self._style(bold=True))
        s.y += 2.0

    def fact(self, text: str) -> None:
        """Label, colon, value; a long value hangs under itself."""
        s = self.set
        label, _, value = (part.strip() for part in text.partition("|"))
        column = s.left + (s.right - s.left) * LABEL_SHARE
        s.need(s.leading)
        s.words(s.left + 12, s.y + s.leading, label.split(), s.style)
        s.words(column, s.y + s.leading, [":"], s.style)
        if value:
            s.block(column + 9, s.right - column - 9, value)
        else:
            s.y += s.leading

    def item(self, text: str) -> None:
        """A numbered item with hanging indent."""
        s = self.set
        label, _, value = (part.strip() for part in text.partition("|"))
        s.need(s.leading)
        s.words(s.left + 10, s.y + s.leading, label.split(), s.style)
        s.block(s.left + 30, s.right - s.left - 30, value)

    def table(self, text: str) -> None:
        """Column widths of the rows that follow, in percent of the line."""
        s = self.set
        s.y += 7.0
        self.columns = [(s.right - s.left) * float(share) / 100 for share in text.split()]

    def header(self, text: str) -> None:
        """A table's head."""
        self._row(text, self._style(bold=True, size=self.set.style.size - 0.5))

    def row(self, text: str) -> None:
        """A row of the table."""
        self._row(text, self._style(size=self.set.style.size - 0.5))

    def _row(self, text: str, style: Style) -> None:
        s = self.set
        cells = [
            [line for part in cell.split(";;") for line in wrap(part.strip(), room - 9, style)]
            for cell, room in zip(text.split("|"), self.columns, strict=True)
        ]
        leading = style.size * 1.3
        height = max(len(cell) for cell in cells) * leading + 6.5
        s.need(height)
        x = s.left
        for cell, room in zip(cells, self.columns, strict=True):
            for number, line in enumerate(cell):
                s.words(x + 4.5, s.y + 1.5 + (number + 1) * leading, line, style)
            s.page.marks.append(Mark("frame", (x, s.y, x + room, s.y + height)))
            x += room
        s.y += height

    def sign(self, text: str) -> None:
        """One signature, at the right."""
        self._signatures([(text, (self.set.left + self.set.right) / 2 + 118.0)])

    def sign_both(self, text: str) -> None:
        """Two signatures side by side."""
        left, _, right = text.partition("||")
        third = (self.set.right - self.set.left) / 4
        self._signatures([(left, self.set.left + third), (right, self.set.right - third)])

    def _signatures(self, columns: list[tuple[str, float]]) -> None:
        s = self.set
        blocks = [([line.strip() for line in text.split("|")], middle) for text, middle in columns]
        before = max(next(n for n, line in enumerate(lines) if line.startswith("~")) for lines, _ in blocks)
        after = max(len(lines) for lines, _ in blocks)
        s.need(s.leading * after + 58.0)
        top = s.y + 8.0
        for lines, middle in blocks:
            gap = next(n for n, line in enumerate(lines) if line.startswith("~"))
            s.y = top + (before - gap) * s.leading
            for number, line in enumerate(lines):
                if line.startswith("~"):
                    self._scribble(middle, line == "~")
                    continue
                name = number == gap + 1
                s.y += s.leading - s.style.size * 1.2
                box = s.centre(line, self._style(bold=name), middle)
                if name:
                    s.rule(box[0], box[3] + 2.2, box[2], box[3] + 2.2)
        s.y = top + after * s.leading + 46.0

    def _scribble(self, middle: float, stamped: bool) -> None:
        s = self.set
        s.page.marks.append(Mark("signature", (middle - 48, s.y + 2, middle + 48, s.y + 48)))
        if stamped:
            s.page.marks.append(Mark("stamp", (middle - 92, s.y - 4, middle - 24, s.y + 64), STAMPS[self.office]))
        s.y += 44.0

    def hand(self, text: str) -> None:
        """A line in somebody's handwriting."""
        s = self.set
        s.y += 24.0
        s.words(s.left + 16, s.y, text.split(), Style("hand", 16.0))

    def gap(self, points: str) -> None:
        """Empty space."""
        self.set.y += float(points)

    def turn(self, _: str) -> None:
        """A new page."""
        self.set.open_page()

    def barcode(self, text: str) -> None:
        """A bar code with its text beneath."""
        s = self.set
        s.page.marks.append(Mark("bars", (s.left + 12, s.y + 8, s.left + 190, s.y + 44), text))
        s.words(s.left + 12, s.y + 56, text.split(), Style("mono", 9.0))
        s.y += 62.0

    def card(self, text: str) -> None:
        """Face of an identity card: two heads, the number, facts, portrait, place and date of issue."""
        s = self.set
        province, town, nik, issued, *facts = [part.strip() for part in text.split("|")]
        s.page.marks.append(Mark("card", (22, 18, s.size[0] - 22, s.size[1] - 28)))
        s.y = 22.0
        s.centre(province, Style("sans", 10.0, bold=True))
        s.centre(town, Style("sans", 10.0, bold=True))
        s.words(34, 64, ["NIK"], Style("sans", 10.5, bold=True))
        s.words(88, 64, [":", nik], Style("mono", 12.5, bold=True))
        y = 76.0
        for fact in facts:
            label, _, value = fact.partition("=")
            s.words(34, y, label.split(), Style("sans", 7.2))
            value, _, beside = value.partition(">>")
            s.words(98, y, [":", *value.split()], Style("sans", 7.2))
            if beside:
                s.words(176, y, beside.split(), Style("sans", 7.2))
            y += 9.6
        s.page.marks.append(Mark("portrait", (238, 72, 294, 142)))
        for number, line in enumerate(issued.split(";;")):
            s.words(240, 152 + 9 * number, line.split(), Style("sans", 6.8))
        s.page.marks.append(Mark("signature", (246, 166, 290, 186)))
        s.page.marks.append(Mark("watermark", (120, 90, 230, 150), "CONTOH"))
