"""The growth of search with the archive as one drawing (SVG): milliseconds by letters, both in powers of ten."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from tests.large.ask import SORTS

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 360, 56, 120, 36, 44
LOWEST, HIGHEST = 1.0, 1000.0  # milliseconds
COLOURS = ("#0b5d8a", "#b4501e", "#2e7d32", "#7b1fa2", "#8a6d00")


def svg(rows: Sequence[dict[str, Any]], promised: float = 20.0) -> str:
    """The p95 of each sort of question at one client, one line a sort; a broken line where the promise lies."""
    return "\n".join(_parts(rows, promised)) + "\n"


def _parts(rows: Sequence[dict[str, Any]], promised: float) -> Iterator[str]:
    sizes = [row["size"] for row in rows]
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif"'
        f' font-size="12"><title>p95 of search through HTTP by letters in the archive</title>'
    )
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    yield f'<text x="{LEFT}" y="20" font-size="14">p95 through HTTP, one client, milliseconds by letters</text>'
    for ms in (1, 10, 100, 1000):
        yield f'<path d="M{LEFT} {_y(ms):.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>'
        yield f'<text x="{LEFT - 6}" y="{_y(ms) + 4:.1f}" text-anchor="end">{ms}</text>'
    for size in sizes:
        yield f'<text x="{_x(size, sizes):.1f}" y="{HEIGHT - 18}" text-anchor="middle">{size:,}</text>'
    yield f'<path d="M{LEFT} {_y(promised):.1f}H{WIDTH - RIGHT}" stroke="#000000" stroke-dasharray="5 4"/>'
    placed: list[float] = []
    by_height = sorted(zip(SORTS, COLOURS, strict=True), key=lambda each: -rows[-1][f"{each[0]}_p95"])
    for sort, colour in by_height:  # from the top down, so that the names stand in the order of their lines
        yield from _line(rows, sizes, sort, colour, placed)
    yield "</svg>"


def _line(
    rows: Sequence[dict[str, Any]], sizes: list[int], sort: str, colour: str, placed: list[float]
) -> Iterator[str]:
    points = [(_x(row["size"], sizes), _y(row[f"{sort}_p95"])) for row in rows]
    path = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, y in points:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
    y = points[-1][1] + 4
    while any(abs(y - other) < 13 for other in placed):  # names that would cover each other step aside
        y += 1
    placed.append(y)
    yield f'<text x="{WIDTH - RIGHT + 8}" y="{y:.1f}" fill="{colour}">{sort}</text>'


def _x(size: int, sizes: list[int]) -> float:
    low, high = math.log10(min(sizes)), math.log10(max(sizes))
    share = (math.log10(size) - low) / (high - low) if high > low else 0.5
    return LEFT + 12 + share * (WIDTH - LEFT - RIGHT - 24)


def _y(ms: float) -> float:
    share = math.log10(min(max(ms, LOWEST), HIGHEST) / LOWEST) / math.log10(HIGHEST / LOWEST)
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
