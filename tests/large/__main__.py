"""`make bench-large`: search at ten thousand, a hundred thousand and a million letters, as a table, as JSON, as a plot.

``python -m tests.large [--sizes 10000,100000,1000000] [--keep DIR] [--seconds 10] [--seed 1] [--json FILE]
[--write] [--from FILE]``
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
from tests.large.measure import RATE, SECONDS, at_size
from tests.large.plot import svg
from tests.large.scaling import ALONE, CROWD, STORED, SUGGESTED, TAKEN, page
from tests.product import Product

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE, PLOT = DOCS / "SCALING.md", DOCS / "images" / "pencarian.svg"


def main() -> None:
    """Fill and measure size by size; each size's figures are printed at once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="letters, rising")
    parser.add_argument("--keep", type=Path, help="keep an archive of each size there, and take those that are there")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="how long new requests of the crowd come")
    parser.add_argument("--seed", type=int, default=1, help="of the questions; another one asks for other letters")
    parser.add_argument("--json", type=Path, help="write all figures there")
    parser.add_argument("--write", action="store_true", help="write docs/SCALING.md and its plot")
    parser.add_argument(
        "--from", dest="source", type=Path, help="take the figures of an earlier --json, measure nothing"
    )
    args = parser.parse_args()
    sizes = [int(size) for size in args.sizes.split(",")]
    found = (
        json.loads(args.source.read_text("utf-8")) if args.source else _found(sizes, args.keep, args.seconds, args.seed)
    )
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    if args.write:
        PLOT.write_text(svg(found["rows"]), "utf-8")
        PAGE.write_text(page(found["rows"], found["machine"]), "utf-8")


def _found(sizes: Sequence[int], keep: Path | None, seconds: int, seed: int) -> dict[str, Any]:
    machine = f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(machine)
    return {
        "machine": machine,
        "rows": list(kept(sizes, keep, seconds, seed) if keep else measured(sizes, seconds, seed)),
    }


def measured(sizes: Sequence[int], seconds: int, seed: int) -> Iterator[dict[str, Any]]:
    """The figures of each size, printed as they come."""
    with tempfile.TemporaryDirectory(prefix="arsip-large-") as name:
        product = Product(Path(name) / "data")
        product.start()
        try:
            token = product.user("pejabat").token
            for size in sizes:
                row = at_size(product.data, product.url, token, size, seconds, seed)
                for line in lines(row):
                    print(line, flush=True)
                yield row
        finally:
            product.stop()


def kept(sizes: Sequence[int], folder: Path, seconds: int, seed: int) -> Iterator[dict[str, Any]]:
    """The same, of an archive for each size that stays in the folder and is filled by the first run alone."""
    for size in sizes:
        base = folder / str(size)
        base.mkdir(parents=True, exist_ok=True)
        product = Product(base / "data")
        product.start(timeout=300)  # a new version's index may have to be made first
        try:
            row = at_size(product.data, product.url, product.user("pejabat").token, size, seconds, seed)
            told = base / "filled_s"
            if not told.exists():
                told.write_text(str(row["filled_s"]), "utf-8")
            row["filled_s"] = float(told.read_text("utf-8"))
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
    yield _told("suggestions, 1 client, p95", row["suggestions_p95"], SUGGESTED, "ms", "")
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
