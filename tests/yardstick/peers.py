"""Other readers on the same scans in the same run: tesseract alone, ocrmypdf, and readers of identity cards."""

from __future__ import annotations

import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, get_args

import img2pdf
import pypdfium2 as pdfium
import pytesseract
from PIL import Image

from core.priority import step_back
from ocr.reader import Mode
from tests.yardstick import cards
from tests.yardstick.figures import Figures, text_figures
from tests.yardstick.ours import PROCESSES, searchable
from tests.yardstick.scans import Scan

OCRMYPDF = [sys.executable, "-m", "ocrmypdf", "--jobs", str(PROCESSES), "-l", "ind", "--output-type", "pdf", "--quiet"]


def measure(scans: list[Scan], rounds: int) -> tuple[list[dict[str, Any]], Figures]:
    """A row for each reader, and our speed over ocrmypdf's: medians of rounds in turn. A round takes minutes."""
    step_back()  # as our reading children do: on a machine that others use too, they would be measured waiting for it
    spent: dict[str, list[float]] = {}
    texts: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        merged = folder / "all.pdf"
        merged.write_bytes(_merged(scans))
        for _ in range(rounds):
            for label, read in _readers(scans, merged, folder):
                began = time.monotonic()
                texts[label] = read()
                spent.setdefault(label, []).append(time.monotonic() - began)
    speeds = {label: 60 * len(scans) / statistics.median(seconds) for label, seconds in spent.items()}
    rows = [_row(label, scans, texts[label], speed) for label, speed in speeds.items()]
    ratios = Figures()
    for mode in get_args(Mode):
        ratios[f"ratio_{mode}"] = speeds[f"Arsiparis, {mode}"] / speeds["ocrmypdf"]
        ratios[f"cer_{mode}"] = next(row["cer"] for row in rows if row["reader"] == f"Arsiparis, {mode}")
        ratios[f"ratio_rotate_{mode}"] = speeds[f"Arsiparis, {mode}"] / speeds["ocrmypdf --rotate-pages"]
    return rows + cards.measure(scans), ratios


def _readers(scans: list[Scan], merged: Path, folder: Path) -> list[tuple[str, Callable[[], list[str]]]]:
    return [
        ("ocrmypdf", partial(_ocrmypdf, merged, folder / "peer.pdf", [])),
        *(
            (f"Arsiparis, {mode}", partial(searchable, merged, len(scans), folder / "ours.pdf", mode))
            for mode in get_args(Mode)
        ),
        ("ocrmypdf --rotate-pages", partial(_ocrmypdf, merged, folder / "peer.pdf", ["--rotate-pages"])),
        ("tesseract alone (pytesseract)", partial(_tesseract, scans)),
    ]


def _row(label: str, scans: list[Scan], texts: list[str], speed: float) -> dict[str, Any]:
    return {"reader": label, "pages_per_minute": speed, **text_figures(zip(scans, texts, strict=True))}


def _merged(scans: list[Scan]) -> bytes:
    """The scans as they lie, one PDF, each at its own resolution."""
    parts = []
    for scan in scans:
        with Image.open(scan.file) as picture:
            out = io.BytesIO()
            kind = "PNG" if picture.mode == "1" else "JPEG"
            dpi = int(scan.entry["dpi"])
            if picture.format == kind == "JPEG" and picture.info.get("dpi"):
                out.write(scan.file.read_bytes())
            else:
                picture.save(out, kind, dpi=(dpi, dpi), **({"quality": 90} if kind == "JPEG" else {}))
        parts.append(out.getvalue())
    made: bytes = img2pdf.convert(parts, nodate=True, engine=img2pdf.Engine.internal)
    return made


def _ocrmypdf(source: Path, out: Path, options: list[str]) -> list[str]:
    subprocess.run([*OCRMYPDF, *options, source, out], check=True, env={**os.environ, "OMP_THREAD_LIMIT": "1"})
    with pdfium.PdfDocument(out) as document:
        return [page.get_textpage().get_text_range() for page in document]


def _tesseract(scans: list[Scan]) -> list[str]:
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"), initializer=_one_thread) as pool:
        return list(pool.map(_tesseract_page, [scan.file for scan in scans]))


def _one_thread() -> None:
    """Two processes on two cores: tesseract's own threads would only get in each other's way."""
    os.environ["OMP_THREAD_LIMIT"] = "1"


def _tesseract_page(file: Path) -> str:
    text: str = pytesseract.image_to_string(str(file), lang="ind")
    return text
