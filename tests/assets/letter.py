"""One letter: what it says (kinds.toml, case.py), where each word stands, and how it looks when it arrives."""

from __future__ import annotations

import io
import string
import tomllib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import img2pdf
import numpy as np
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from tests.assets.case import invent
from tests.assets.markup import Compositor
from tests.assets.paint import paint
from tests.assets.typeset import Box, Page, Setter, Style
from tests.assets.wear import WEARS, Matrix, apply, place

TRUTHS = ("nama", "NAMA", "nik", "kk", "ttl", "nomor", "tanggal", "perihal")
FOOTER = "CONTOH ARSIPARIS – orang, nomor, dan peristiwa dalam surat ini rekaan"
# The PDF standard fonts that have the metrics of Liberation, so a born-digital page needs no font file inside
STANDARD = {
    "serif": ("Times-Roman", "Times-Bold"),
    "sans": ("Helvetica", "Helvetica-Bold"),
    "narrow": ("Helvetica", "Helvetica-Bold"),
    "mono": ("Courier", "Courier-Bold"),
}
NARROW = 82  # percent of the width of Helvetica


@dataclass(frozen=True, slots=True)
class TrueWord:
    """A printed word and its box in fractions of the page's picture; ``page`` counts from 1."""

    text: str
    page: int
    box: Box


@lru_cache(maxsize=1)
def book() -> dict[str, dict[str, Any]]:
    """kinds.toml: ``kinds`` by id, and ``heads`` (letterheads)."""
    return tomllib.loads((Path(__file__).parent / "kinds.toml").read_text("utf-8"))


def kinds() -> tuple[str, ...]:
    """Every kind of letter that can be made, in the order of the domain's list."""
    return tuple(book()["kinds"])


@dataclass(frozen=True)
class Letter:
    """One letter: its truth at once, its pictures when asked for. ``pages`` are clean, ``images`` worn."""

    kind: str
    seed: int
    title: str
    phrase: str
    fields: dict[str, str]
    pages: tuple[Page, ...]
    wear: str
    turn: int
    dpi: int

    @property
    def text(self) -> str:
        """All printed text, line by line; handwriting, stamps and signatures are not in it."""
        return "\n".join(page.text for page in self.pages)

    def _matrix(self, number: int) -> Matrix:
        page = self.pages[number]
        return place(WEARS[self.wear], self.turn, page.width / page.height, self.seed * 31 + number)

    @cached_property
    def words(self) -> tuple[TrueWord, ...]:
        """Every printed word with the box where it stands on the worn picture."""
        found = []
        for number, page in enumerate(self.pages):
            matrix = self._matrix(number)
            for word in page.words:
                if word.style.family == "hand":
                    continue
                x0, y0, x1, y1 = word.box
                corners = np.array([[x0, x1, x1, x0], [y0, y0, y1, y1], [1, 1, 1, 1]], dtype=np.float64)
                corners[0] /= page.width
                corners[1] /= page.height
                moved = matrix @ corners
                xs, ys = moved[0] / moved[2], moved[1] / moved[2]
                found.append(
                    TrueWord(
                        word.text, number + 1, (float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max()))
                    )
                )
        return tuple(found)

    @cached_property
    def images(self) -> tuple[Image.Image, ...]:
        """The worn pages."""
        return tuple(
            apply(
                paint(page, self.dpi, self.seed + number),
                WEARS[self.wear],
                self._matrix(number),
                self.turn,
                self.seed * 31 + number,
            )
            for number, page in enumerate(self.pages)
        )

    @property
    def image(self) -> Image.Image:
        """The first worn page."""
        return self.images[0]

    def jpeg(self, quality: int = 60, page: int = 0) -> bytes:
        """One worn page as JPEG."""
        out = io.BytesIO()
        picture = self.images[page]
        (picture.convert("L") if picture.mode == "1" else picture).save(
            out, "JPEG", quality=quality, dpi=(self.dpi, self.dpi)
        )
        return out.getvalue()

    def scan_pdf(self, quality: int = 50) -> bytes:
        """The worn pages as a scanner's PDF: one JPEG to a page, no text."""
        return bound([self.jpeg(quality, number) for number in range(len(self.pages))])

    def digital_pdf(self) -> bytes:
        """The clean pages as an office program's PDF: real text, no picture, the standard fonts."""
        writer = PdfWriter()
        for page in self.pages:
            sheet = writer.add_blank_page(page.width, page.height)
            stream = DecodedStreamObject()
            stream.set_data(_drawing(page).encode("cp1252"))
            fonts = DictionaryObject()
            for name in dict.fromkeys(_standard(word.style) for word in page.words if word.style.family != "hand"):
                described = {
                    "/Type": "/Font",
                    "/Subtype": "/Type1",
                    "/BaseFont": f"/{name}",
                    "/Encoding": "/WinAnsiEncoding",
                }
                fonts[NameObject(f"/{name}")] = DictionaryObject(
                    {NameObject(k): NameObject(v) for k, v in described.items()}
                )
            sheet[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
            sheet[NameObject("/Contents")] = writer._add_object(stream)
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()


def _standard(style: Style) -> str:
    return STANDARD[style.family][style.bold]


def _drawing(page: Page) -> str:
    """The page's content stream: words, frames, rules and bars (a born-digital letter carries no ink)."""
    parts = ["0.6 w"]
    for mark in page.marks:
        x0, y0, x1, y1 = mark.box
        if mark.name == "rule":
            parts.append(f"{x0:.2f} {page.height - y0:.2f} m {x1:.2f} {page.height - y1:.2f} l S")
        elif mark.name in ("frame", "box"):
            parts.append(f"{x0:.2f} {page.height - y1:.2f} {x1 - x0:.2f} {y1 - y0:.2f} re S")
        elif mark.name == "bars":
            step = (x1 - x0) / (len(mark.text) * 3)
            for number, char in enumerate(mark.text * 3):
                parts.append(
                    f"{x0 + number * step:.2f} {page.height - y1:.2f} {1 + ord(char) % 4 * 0.6:.2f} {y1 - y0:.2f} re f"
                )
    for word in page.words:
        if word.style.family == "hand":
            continue
        text = word.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        x, y = word.origin[0], page.height - word.origin[1]
        shown = f"BT /{_standard(word.style)} {word.style.size} Tf {x:.2f} {y:.2f} Td ({text}) Tj ET"
        parts.append(f"q {NARROW} Tz {shown} Q" if word.style.family == "narrow" else shown)
    return "\n".join(parts)


def bound(jpegs: list[bytes]) -> bytes:
    """JPEGs as the pages of one PDF, their bytes untouched; the same input gives the same output."""
    # the other engines give every file a random id
    made: bytes = img2pdf.convert(jpegs, nodate=True, engine=img2pdf.Engine.internal)
    return made


def make_letter(kind: str, seed: int, wear: str | None = None, turn: int | None = None) -> Letter:
    """A letter of ``kind`` in the invented case ``seed``; the same arguments give the same letter, word for word.

    ``wear`` (of ``wear.WEARS``) and ``turn`` (degrees clockwise) override the kind's own. KeyError for an unknown kind.
    """
    entry = book()["kinds"][kind]
    facts = invent(seed)
    facts["nomor"] = entry.get("nomor", "").format_map(facts)
    facts["perihal"] = entry.get("perihal", entry["title"]).format_map(facts)
    facts["tanggal"] = facts[entry.get("tanggal", "d0")]
    body = entry["body"]
    used = {name for _, name, _, _ in string.Formatter().parse(body) if name}
    heads = {name: [line.format_map(facts) for line in lines] for name, lines in book()["heads"].items()}
    family, size = entry.get("font", "serif 11").split()
    setter = Setter(entry.get("paper", "a4"), Style(family, float(size)), FOOTER)
    pages = Compositor(setter, heads).compose(body.format_map(facts))
    return Letter(
        kind=kind,
        seed=seed,
        title=entry["title"],
        phrase=entry["phrase"],
        fields={name.lower(): facts[name] for name in TRUTHS if name in used},
        pages=tuple(pages),
        wear=wear or entry.get("wear", "scan"),
        turn=int(entry.get("turn", 0)) if turn is None else turn,
        dpi=int(entry.get("dpi", 200)),
    )


def sample(kind: str) -> Letter:
    """The letter of ``kind`` that the product ships."""
    return make_letter(kind, int(book()["kinds"][kind]["case"]))
