"""`make bench-large`: search at ten thousand, a hundred thousand and a million letters, as a table, as JSON, as a plot.

``python -m tests.large [--sizes 10000,100000,1000000] [--json FILE] [--write] [--from FILE]``
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.large.ask import SORTS
from tests.large.measure import RATE, at_size
from tests.large.plot import svg
from tests.large.scaling import page
from tests.product import Product

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE, PLOT = DOCS / "SCALING.md", DOCS / "images" / "pencarian.svg"
ALONE, CROWD, STORED, TAKEN = 20.0, 150.0, 5.0, 1.5  # what is promised at a million letters


def main() -> None:
    """Fill and measure size by size; each size's figures are printed at once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="letters, rising")
    parser.add_argument("--json", type=Path, help="write all figures there")
    parser.add_argument("--write", action="store_true", help="write docs/SCALING.md and its plot")
    parser.add_argument(
        "--from", dest="source", type=Path, help="take the figures of an earlier --json, measure nothing"
    )
    args = parser.parse_args()
    sizes = [int(size) for size in args.sizes.split(",")]
    found = json.loads(args.source.read_text("utf-8")) if args.source else _found(sizes)
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    if args.write:
        PLOT.write_text(svg(found["rows"]), "utf-8")
        PAGE.write_text(page(found["rows"], found["machine"]), "utf-8")


def _found(sizes: Sequence[int]) -> dict[str, Any]:
    machine = f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(machine)
    return {"machine": machine, "rows": list(measured(sizes))}


def measured(sizes: Sequence[int]) -> Iterator[dict[str, Any]]:
    """The figures of each size, printed as they come."""
    with tempfile.TemporaryDirectory(prefix="arsip-large-") as name:
        product = Product(Path(name) / "data")
        product.start()
        try:
            token = product.user("pejabat").token
            for size in sizes:
                row = at_size(product.data, product.url, token, size)
                for line in lines(row):
                    print(line, flush=True)
                yield row
        finally:
            product.stop()


def lines(row: dict[str, Any]) -> Iterator[str]:
    """One size's figures beside what is promised."""
    yield f"\n{row['size']:,} letters, stored in {row['filled_s']:.0f} s"
    for sort in SORTS:
        yield _told(f"{sort}, 1 client, p95", row[f"{sort}_p95"], ALONE, "ms", f"median {row[f'{sort}_median']:.1f}")
    for sort in SORTS:
        yield _told(f"{sort}, {RATE} requests/s mixed, p95", row[f"{sort}_crowd_p95"], CROWD, "ms", "")
    yield f"{'answered meanwhile':46s} {row['served']:9.2f} requests/s"
    yield _told("storing a page: extra for the search, median", row["storing_ms"], STORED, "ms", "")
    taken = (row["index_bytes"] + row["vocabulary_bytes"]) / row["text_bytes"]
    sizes = ", ".join(
        f"{what} {row[f'{what}_bytes'] / 1e6:.0f} MB" for what in ("text", "index", "vocabulary", "database")
    )
    yield _told("index and vocabulary by text", taken, TAKEN, "×", sizes)


def _told(what: str, value: float, bound: float, unit: str, note: str) -> str:
    verdict = "kept" if value < bound else "MISSED"
    return f"{what:46s} {value:9.2f} {unit:3s} < {bound:g}  {verdict:7s} {note}"


if __name__ == "__main__":
    main()
