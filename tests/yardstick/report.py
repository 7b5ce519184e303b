"""The figures of a run as a page of docs (Bahasa Indonesia is for clerks; this page is for builders, in English)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tests.yardstick import stacks

SHOWN = ("pages", "cer", "ocer", "key", "places", "kind", "field", "field_sure", "field_cover")
HEAD = {
    "pages": "pages", "cer": "CER", "ocer": "oCER", "key": "key", "places": "at place", "kind": "kind",
    "field": "field", "field_sure": "sure", "field_cover": "of",
}  # fmt: skip


def lines_of(targets: list[dict[str, Any]]) -> Iterator[str]:
    """The targets for a terminal."""
    for row in targets:
        value = "-" if row["value"] is None else f"{row['value']:.2f} {row['unit']}"
        yield f"{row['what']:56s} {row['bound']:>10s} {value:>12s}  {row['verdict']}"


def page(report: dict[str, Any]) -> str:
    """docs/ACCURACY.md."""
    return "\n".join(_parts(report)) + "\n"


def _parts(report: dict[str, Any]) -> Iterator[str]:
    yield "# How right the reader is"
    yield ""
    yield "Written by `make eval ARGS=--write`; change nothing here by hand. Figures are per cent unless marked."
    yield (
        f"Set: {report['set']}, {report['pages']} pages. Mode: {report['mode']}. Day: {report['day']}. "
        f"Machine: {report['machine']}."
    )
    yield ""
    yield "All letters are invented and worn by machine; real scans will read worse. What each figure means is said in"
    yield "tests/yardstick/figures.py. Kinds and fields are judged over all pages of a letter, words page by page."
    yield ""
    yield "## Targets"
    yield ""
    yield from _table(("target", "bound", "measured", ""), (
        (r["what"], r["bound"], "–" if r["value"] is None else f"{r['value']:.2f} {r['unit']}".strip(), r["verdict"])
        for r in report["targets"]
    ))  # fmt: skip
    for by in ("profile", "kind"):
        yield ""
        yield f"## By {by}"
        yield ""
        rows = [("all", report["figures"]), *report[f"by_{by}"].items()]
        yield from _table(
            (by, *(HEAD[name] for name in SHOWN)), ((name, *(_number(f, n) for n in SHOWN)) for name, f in rows)
        )
    yield ""
    yield "## Codes and check boxes"
    yield ""
    named = [n for n in report["figures"] if n.startswith(("qr", "code", "datamatrix", "boxes"))]
    yield from _table(("figure", "measured"), ((name, _number(report["figures"], name)) for name in named))
    if "cuts_sure" in report["figures"]:
        yield ""
        yield "## Stacks"
        yield ""
        rows = [(meaning, _number(report["figures"], name)) for name, meaning in stacks.MEANING.items()]
        yield from _table(("figure", "measured"), rows)
    if report.get("peers"):
        yield ""
        yield "## Other readers, same pages, same run"
        yield ""
        names = ("pages_per_minute", "cer", "ocer", "key", "field")
        yield from _table(
            ("reader", "pages/min", "CER", "oCER", "key", "field"),
            ((row["reader"], *(_number(row, name) for name in names)) for row in report["peers"]),
        )
    yield ""
    yield "## Versions"
    yield ""
    yield from (f"- {name}: {version}" for name, version in sorted(report["versions"].items()))


def _number(figures: dict[str, Any], name: str) -> str:
    value = figures.get(name)
    if value is None:
        return "–"
    return f"{value:.0f}" if name in ("pages", "boxes_count", "boxes_false", "codes_false") else f"{value:.2f}"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(head)
    yield f"| {' | '.join(names)} |"
    yield f"|{'|'.join('---' for _ in names)}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
