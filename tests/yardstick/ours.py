"""Our own reader as the product runs it: two threads, each with its warm sandbox for all that it is given."""

from __future__ import annotations

import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from archive.reading import PageReading
from ocr.reader import Mode, assemble, inspect, read_page
from ocr.sandbox import Sandbox
from tests.assets.about import ABOUT

PROCESSES = 2
MEMORY_MB = 2048
SECONDS = 120


def searchable(source: Path, pages: int, out: Path, mode: Mode) -> list[str]:
    """The text of each page of a PDF, which is written to `out` as a searchable one. Starting the sandboxes counts."""
    own = threading.local()
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:

        def start() -> None:
            own.sandbox = stack.enter_context(Sandbox(MEMORY_MB))
            own.preview = Path(folder) / f"{threading.get_ident()}.jpg"

        def look(_number: int) -> None:
            none = Path(folder) / "none.pdf"
            inspect(own.sandbox, source, "application/pdf", none, max_pages=pages, seconds=SECONDS)

        def read(number: int) -> PageReading:
            return read_page(own.sandbox, source, number, own.preview, seconds=SECONDS, mode=mode)

        with ThreadPoolExecutor(PROCESSES, initializer=start) as pool:
            list(pool.map(look, range(PROCESSES)))
            read_pages = list(pool.map(read, range(1, pages + 1)))
            pool.submit(lambda: assemble(own.sandbox, source, read_pages, out, ABOUT, seconds=SECONDS)).result()
    return [page.text for page in read_pages]
