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
    pages_a_minute: float = 143.8  # read and sealed by this machine


def page(rows: Sequence[Row], machine: str, country: Country | None = None) -> str:
    """The whole page; the last row's size is the one it reckons from."""
    country = country or Country()
    told = asdict(country) | _storage(rows[-1], country) | _work(rows[-1], country)
    words = Path(__file__).with_name("scaling.txt").read_text("utf-8")
    return words.format(machine=machine, table="\n".join(_table(rows)), **told)


def _table(rows: Sequence[Row]) -> Iterator[str]:
    yield "| | " + " | ".join(f"{row['size']:,} letters" for row in rows) + " |"
    yield "|---|" + "---|" * len(rows)
    for sort in SORTS:
        yield _line(f"{sort}, 1 client, p95, ms", (f"{row[f'{sort}_p95']:.1f}" for row in rows))
    yield _line("all sorts mixed, 200 new requests a second, p95, ms", (f"{row['crowd_p95']:.0f}" for row in rows))
    yield _line("answered a second meanwhile", (f"{row['served']:.0f}" for row in rows))
    yield _line("extra for storing a page, median, ms", (f"{row['storing_ms']:.2f}" for row in rows))
    for what in ("text", "index", "vocabulary", "database"):
        yield _line(f"{what}, MB", (f"{row[f'{what}_bytes'] / 1e6:.0f}" for row in rows))
    yield _line("index and vocabulary by text", (f"{_taken(row) / row['text_bytes']:.2f}" for row in rows))
    yield _line("filled from the size before, s", (f"{row['filled_s']:.0f}" for row in rows))


def _line(what: str, values: Iterable[str]) -> str:
    return f"| {what} | {' | '.join(values)} |"


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
