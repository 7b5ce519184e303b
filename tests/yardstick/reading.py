"""One run of the product's own reader over a set: two processes, each with its sandbox, as two workers would.

Every page is read from its own file; kind and fields are judged over all pages of a letter, as the product files it.
"""

from __future__ import annotations

import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import uuid4

import pypdfium2 as pdfium

from archive.reading import PageReading
from classify.fields import extract
from classify.kinds import classify, classify_page
from core.faults import Fault
from ocr.boxes import Tick, ticked
from ocr.codes import Code, find_codes
from ocr.reader import Mode, assemble, inspect, read_page
from ocr.sandbox import Sandbox
from tests.assets.about import ABOUT
from tests.assets.pen import disturb
from tests.yardstick.ours import MEMORY_MB, PROCESSES, SECONDS
from tests.yardstick.scans import Scan, moved
from workers.opinions import with_second_opinion

MEDIA = {".jpg": "image/jpeg", ".png": "image/png"}
Char = tuple[str, float, float]


@dataclass
class Read:
    """All that the product says of one page."""

    scan: Scan
    page: PageReading | None  # None: the reader refused it
    kind: str = ""
    kind_alone: str = ""  # judged by this page alone
    confidence: float = 0.0
    kind_sure: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    sure: list[str] = field(default_factory=list)
    sure_alone: list[str] = field(default_factory=list)  # before the second reader was asked
    codes: tuple[Code, ...] = ()
    boxes: list[tuple[bool, Tick | None]] = field(default_factory=list)  # (truth, found)
    pen_boxes: list[tuple[bool, Tick | None]] = field(default_factory=list)
    false_boxes: int = 0
    chars: list[Char] = field(default_factory=list)  # of the searchable PDF: letter and its middle, fractions

    def line(self, names: frozenset[str]) -> dict[str, Any]:
        """Its line of READINGS.jsonl, with the fields that the set has truth of."""
        return {
            "file": self.scan.name,
            "text": self.page.text if self.page else "",
            "kind": self.kind,
            "fields": {name: text for name, text in self.fields.items() if name in names},
            "sure": [name for name in self.sure if name in names],
        }


@dataclass(frozen=True)
class Run:
    """A run over a set: pages in the set's order, and the largest peak of one reading child, MB."""

    pages: list[Read]
    peak_mb: float
    seconds: float


def run(scans: list[Scan], mode: Mode) -> Run:
    """Read every scan as its own file."""
    began = time.monotonic()
    letters = [list(group) for _, group in groupby(scans, key=lambda scan: str(scan.entry["doc"]))]
    shares = [letters[n :: PROCESSES * 4] for n in range(PROCESSES * 4)]
    found: dict[str, Read] = {}
    peak = 0.0
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        for job in [pool.submit(_share, share, mode) for share in shares if share]:
            reads, memory = job.result()
            found |= {read.scan.name: read for read in reads}
            peak = max(peak, memory)
    return Run([found[scan.name] for scan in scans], peak, time.monotonic() - began)


def _share(letters: list[list[Scan]], mode: Mode) -> tuple[list[Read], float]:
    reads = []
    with tempfile.TemporaryDirectory() as folder, Sandbox(MEMORY_MB) as sandbox:
        for letter in letters:
            files = [Path(folder) / f"{number}.pdf" for number in range(len(letter))]
            pages = [_read(sandbox, scan, file, mode) for scan, file in zip(letter, files, strict=True)]
            _judge(sandbox, pages, files, mode)
            reads += pages
    return reads, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _read(sandbox: Sandbox, scan: Scan, working: Path, mode: Mode) -> Read:
    folder = working.parent
    out = folder / "searchable.pdf"
    try:
        inspect(sandbox, scan.file, MEDIA[scan.file.suffix], working, max_pages=2, seconds=SECONDS)
        page = read_page(sandbox, working, 1, folder / "preview.jpg", seconds=SECONDS, mode=mode)
        assemble(sandbox, working, [page], out, ABOUT, picture=True, seconds=SECONDS)
    except Fault:
        return Read(scan, None)
    read = Read(scan, page, kind_alone=classify_page(page).kind, chars=_chars(out))
    _look(read, page)
    return read


def _judge(sandbox: Sandbox, letter: list[Read], files: list[Path], mode: Mode) -> None:
    """Kind and fields of one letter, each field at the page it was read on; a second opinion on what is in doubt."""
    pages = [replace(read.page, number=n + 1) for n, read in enumerate(letter) if read.page]
    if not pages:
        return
    verdict = classify(pages)
    for number, read in enumerate(letter):
        read.kind, read.confidence, read.kind_sure = verdict.kind, verdict.confidence, verdict.sure
        here = [f for f in extract(verdict.kind, pages) if f.page == number + 1]
        read.sure_alone = [f.name for f in here if f.sure]
        if mode != "tesseract" and read.page:  # each page is the first of its own file
            here = [replace(f, page=1) for f in here]
            pdf = files[number].absolute
            here = list(with_second_opinion(sandbox, uuid4(), here, [read.page], {}, pdf, seconds=SECONDS))
        read.fields = {f.name: f.text for f in here}
        read.sure = [f.name for f in here if f.sure]


def _look(read: Read, page: PageReading) -> None:
    """Codes and check boxes, as the page stands after the reader's own turn; boxes once more after a pen."""
    scan = read.scan
    upright = scan.picture(page.rotation)
    read.codes = find_codes(upright)
    places = [code.box for code in read.codes]
    truth = scan.page["checkboxes"]
    quads = [moved(scan.upright, box["b"]) for box in truth]
    ticks = ticked(upright, page.words, page.width_pt, page.skew, places)
    read.boxes = [
        (box["checked"], _at(ticks, quad.mean(axis=0).tolist())) for box, quad in zip(truth, quads, strict=True)
    ]
    read.false_boxes = len(ticks) - sum(tick is not None for _, tick in read.boxes)
    if not truth:
        return
    for seed in range(2):
        pixels = [quad * (upright.width, upright.height) for quad in quads]
        penned, now = disturb(upright, pixels, [box["checked"] for box in truth], seed * 997 + len(scan.name))
        ticks = ticked(penned, page.words, page.width_pt, page.skew, places)
        read.pen_boxes += [
            (is_now, _at(ticks, quad.mean(axis=0).tolist())) for is_now, quad in zip(now, quads, strict=True)
        ]


def _at(ticks: tuple[Tick, ...], middle: list[float]) -> Tick | None:
    x, y = middle
    return next((t for t in ticks if t.box[0] < x < t.box[2] and t.box[1] < y < t.box[3]), None)


def _chars(pdf: Path) -> list[Char]:
    """The letters that pdfium finds on the searchable page, with the middles of their boxes, origin top left."""
    with pdfium.PdfDocument(pdf) as document:
        page = document[0]
        width, height = page.get_size()
        text = page.get_textpage()
        found = []
        for number in range(text.count_chars()):
            letter = text.get_text_range(number, 1)
            left, bottom, right, top = text.get_charbox(number)
            if letter.isalnum():
                found.append((letter, (left + right) / 2 / width, 1 - (bottom + top) / 2 / height))
        return found
