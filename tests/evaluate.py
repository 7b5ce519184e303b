"""`make eval`: how right the reader is, against every target, on a set of scans with truth.

``python -m tests.evaluate [--set DIR] [--mode fast|accurate] [--pages N] [--peers [--rounds N]] [--readings FILE]
[--json FILE] [--write] [--from FILE]``
``python -m tests.evaluate --search [--rounds N] [--losses] [--json FILE]``: how well search finds (tests/relevance)

Without --set it reads the sibling folder ../shared/corpus where there is one, else a set made by tests.assets.truth.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, get_args

from ocr.reader import Mode, engine_versions
from tests.assets import truth
from tests.relevance import report as relevance
from tests.yardstick import figures, links, peers, report, scans, stacks, targets, twins, twins_worn
from tests.yardstick.reading import Run, run

ROOT = Path(__file__).resolve().parent.parent
GIVEN = ROOT.parent / "shared" / "corpus"
PAGE = ROOT / "docs" / "ACCURACY.md"
OWN_LETTERS, OWN_SEED = 64, 20250601


def main() -> None:
    """Measure, print, write."""
    args = _arguments()
    if args.search:
        _search(args)
        return
    found = json.loads(args.source.read_text("utf-8")) if args.source else _measured(args)
    print()
    for line in report.lines_of(found["targets"]):
        print(line)
    print()
    for line in stacks.lines(found["figures"]):
        print(line)
    if args.json:
        args.json.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if args.write:
        PAGE.write_text(report.page(found), "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", type=Path, help="folder with index.json, truth/ and scans/")
    parser.add_argument("--mode", choices=get_args(Mode), default="accurate")
    parser.add_argument("--pages", type=int, help="read about so many pages, whole letters, evenly chosen")
    parser.add_argument("--peers", action="store_true", help="measure other readers too (minutes)")
    parser.add_argument("--search", action="store_true", help="measure the search instead of the reader")
    parser.add_argument("--losses", action="store_true", help="of --search: the queries where another engine is better")
    parser.add_argument("--rounds", type=int, default=1, help="of --peers and --search; speeds are medians (default 1)")
    parser.add_argument("--readings", type=Path, help="where READINGS.jsonl goes (default: a temporary folder)")
    parser.add_argument("--json", type=Path, help="write all figures there")
    parser.add_argument("--write", action="store_true", help="write docs/ACCURACY.md")
    parser.add_argument(
        "--from", dest="source", type=Path, help="take the figures of an earlier --json, measure nothing"
    )
    return parser.parse_args()


def _search(args: argparse.Namespace) -> None:
    rows = relevance.measure(args.rounds)
    for line in (*relevance.lines(rows), *(relevance.worst(rows) if args.losses else ())):
        print(line)
    if args.json:
        args.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _measured(args: argparse.Namespace) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = args.set or (GIVEN if (GIVEN / "index.json").is_file() else None)
        name = folder.name if folder else "the project's own"
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            truth.write(folder, OWN_LETTERS, OWN_SEED)
        chosen = scans.load(folder, args.pages)
        ran = run(chosen, args.mode)
        readings = args.readings or Path(stack.enter_context(tempfile.TemporaryDirectory())) / "READINGS.jsonl"
        _write_readings(ran, chosen, readings)
        if not args.pages:  # it takes a page without a reading for an empty one
            _score(folder, readings)
        others, ratios = peers.measure(chosen, args.rounds) if args.peers else ([], {})
        if not args.pages:
            ratios |= twins.measure() | twins_worn.measure() | links.measure()
        return _collected(args, name, ran, others, ratios)


def _collected(
    args: argparse.Namespace, name: str, ran: Run, others: list[dict[str, Any]], ratios: figures.Figures
) -> dict[str, Any]:
    all_of_it = {**figures.all_figures(ran.pages), "peak_mb": ran.peak_mb, "seconds": ran.seconds, **ratios}
    all_of_it |= stacks.figures()
    return {
        "set": name,
        "pages": len(ran.pages),
        "mode": args.mode,
        "day": time.strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "versions": engine_versions(),
        "figures": all_of_it,
        "by_profile": figures.grouped(ran.pages, "profile"),
        "by_kind": figures.grouped(ran.pages, "kind"),
        "peers": others,
        "targets": targets.table(all_of_it),
    }


def _write_readings(ran: Run, chosen: list[scans.Scan], out: Path) -> None:
    names = scans.field_names(chosen)
    every = frozenset(name for known in names.values() for name in known)
    lines = [json.dumps(read.line(names.get(read.kind, every)), ensure_ascii=False) for read in ran.pages]
    out.write_text("\n".join(lines) + "\n", "utf-8")


def _score(folder: Path, readings: Path) -> None:
    """Print what the set's own yardstick says, where it brings one."""
    for by in ("profile", "kind") if (folder / "score.py").is_file() else ():
        subprocess.run([sys.executable, folder / "score.py", readings, "--by", by, "--set", folder], check=True)


if __name__ == "__main__":
    main()
