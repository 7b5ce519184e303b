"""docs/SCALING.md out of the figures of a run: from this machine to every social office of the country.

The words are in scaling.txt. All arithmetic is done here, from the run's own figures and the assumptions of `Country`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.large.ask import SORTS

Row = dict[str, Any]
ALONE, CROWD, SUGGESTED, STORED, TAKEN = 20.0, 150.0, 15.0, 5.0, 1.5
"""What is promised at a million letters: milliseconds, and index by text."""


@dataclass(frozen=True, slots=True)
class Country:
    """What no measurement here can say, and what others said (`pages_a_minute`: docs/PERFORMANCE.md)."""

    offices: int = 550
    letters_a_year: int = 20_000  # of one office
    pages: float = 1.5  # of a letter
    years: int = 10  # that letters stay searchable
    officers: int = 10  # of one office, at once
    pause_s: int = 120  # between an officer's two searches
    minutes: int = 250 * 8 * 60  # of work in a year
    memory_gb: int = 24  # of this machine; half of it is taken as room for indexes
    pages_a_minute: float = 337.6  # read and sealed by this machine


def page(rows: Sequence[Row], machine: str, country: Country | None = None) -> str:
    """The whole page; the last row's size is the one it reckons from."""
    country = country or Country()
    told = asdict(country) | _storage(rows[-1], country) | _work(rows[-1], country)
    words = Path(__file__).with_name("scaling.txt").read_text("utf-8")
    return words.format(machine=machine, table="\n".join(_table(rows)), **told)


def _table(rows: Sequence[Row]) -> Iterator[str]:
    yield "| | promised at a million | " + " | ".join(f"{row['size']:,} letters" for row in rows) + " |"
    yield "|---|---|" + "---|" * len(rows)
    for sort in SORTS:
        yield _line(f"{sort}, 1 client, p95, ms", [row[f"{sort}_p95"] for row in rows], ".1f", ALONE)
    yield _line("suggestions, 1 client, p95, ms", [row["suggestions_p95"] for row in rows], ".1f", SUGGESTED)
    mixed = "all sorts mixed, 200 new requests a second, p95, ms"
    yield _line(mixed, [row["crowd_p95"] for row in rows], ".0f", CROWD)
    yield _line("answered a second meanwhile", [row["served"] for row in rows], ".0f")
    yield _line("extra for storing a page, median, ms", [row["storing_ms"] for row in rows], ".2f", STORED)
    for what in ("text", "index", "vocabulary", "database"):
        yield _line(f"{what}, MB", [row[f"{what}_bytes"] / 1e6 for row in rows], ".0f")
    yield _line("index and vocabulary by text", [_taken(row) / row["text_bytes"] for row in rows], ".2f", TAKEN)
    yield _line("filled, s", [row["filled_s"] for row in rows], ".0f")


def _line(what: str, values: Iterable[float], form: str, promised: float | None = None) -> str:
    """One line of the table; what is not kept at the largest size is said to be missed."""
    cells = [format(value, form) for value in values]
    if promised is not None and float(cells[-1]) >= promised:
        cells[-1] += " **missed**"
    return f"| {what} | {f'< {promised:g}' if promised is not None else ''} | {' | '.join(cells)} |"


def _taken(row: Row) -> int:
    return int(row["index_bytes"] + row["vocabulary_bytes"])


def _storage(row: Row, country: Country) -> Row:
    """Bytes, and what they fit into."""
    own, index, base = (
        country.letters_a_year * country.years,
        _taken(row) / row["size"],
        row["database_bytes"] / row["size"],
    )
    everything, room = own * country.offices, country.memory_gb * 1e9 / 2
    held = row["size"] // own
    return {
        "size": row["size"], "own": own, "all_m": everything / 1e6, "index": index, "base": base,
        "base_tb": everything * base / 1e12, "index_gb": everything * index / 1e9, "room_gb": room / 1e9,
        "fits_m": room / index / 1e6, "fits_offices": int(room / index) // own, "machines": everything * index / room,
        "memory_all": 2 * everything * index / 1e9, "citus_m": 128e9 / index / 1e6,
        "citus_offices": int(128e9 / index) // own,
        "reach": f"Measured up to {row['size']:,} letters, {held} offices in one." if held
        else f"Measured up to {row['size']:,} letters, of an office's {own:,}: the larger sizes are still to be run.",
    }  # fmt: skip


def _work(row: Row, country: Country) -> Row:
    """Searches, pages stored and pages read."""
    searches, a_year = country.offices * country.officers / country.pause_s, country.offices * country.letters_a_year
    stored = a_year * country.pages / (60 * country.minutes)
    return {
        "searches": searches, "served": row["served"], "times": searches / row["served"], "a_year_m": a_year / 1e6,
        "seconds_m": 60 * country.minutes / 1e6, "stored": stored, "stored_ms": stored * row["storing_ms"],
        "reading": a_year * country.pages / (country.pages_a_minute * country.minutes), "broad": row["broad_p95"],
        "broad_m": 150 / row["broad_p95"] * row["size"] / 1e6,
    }  # fmt: skip
