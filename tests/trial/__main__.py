"""Clerks made of Chromium try a running product, and what it took is printed.

python -m tests.trial [letters | stack] [--data DIR]

letters: every sample letter sent by the page Unggah, then checked at the desk by keyboard (letters.py)
stack: all letters of one client as one file, until their case is closed (stack.py)

How a person's time is reckoned: clerk.py.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.product import Product
from tests.trial import letters, stack
from tests.trial.clerk import chromium


def main() -> None:
    """Start the product, try, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=("letters", "stack"), default="letters")
    parser.add_argument("--data", type=Path, help="data directory of the product (default: a new one, then gone)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="arsip-", dir="/tmp") as folder:
        product = Product(args.data or Path(folder) / "data")
        product.start()
        try:
            with chromium(product.url) as page:
                user = product.user("petugas", f"unit-{time.time_ns():x}", "rahasia")
                if args.what == "stack":
                    found = stack.trial(product, page, user, Path(folder))
                else:
                    found = letters.trial(product, page, user)
        finally:
            product.stop()
    corrections = found.pop("corrections")
    for what, value in found.items():
        print(f"{what:48s} {value:>8}")
    print(*corrections, sep="\n")


if __name__ == "__main__":
    main()
