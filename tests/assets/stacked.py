"""Stacks as an office scans them: letters one after another in one file, with or without separator sheets."""

import io
from collections.abc import Iterable
from pathlib import Path

import img2pdf
from pypdf import PdfReader, PdfWriter

from ingest.separator import separator_pdf

BLANK = b""


def sheet() -> bytes:
    """The product's own separator sheet."""
    return separator_pdf()


def stacked(papers: Iterable[Path | bytes], mark: str) -> bytes:
    """One PDF of these files (PDF or picture) and PDFs' bytes; `BLANK` is an empty page. `mark` makes it one of its
    kind."""
    writer = PdfWriter()
    for paper in papers:
        if paper == BLANK:
            writer.add_blank_page(595, 842)
            continue
        data = paper.read_bytes() if isinstance(paper, Path) else paper
        if not data.startswith(b"%PDF"):
            data = img2pdf.convert(data)
        for page in PdfReader(io.BytesIO(data)).pages:
            writer.add_page(page)
    writer.add_metadata({"/Subject": mark})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
