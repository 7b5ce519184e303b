"""One archive at one size: answers, the cost of storing, and what the search takes of the disk."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.types.json import Jsonb

from tests.large.ask import SORTS, alone, crowd, typing
from tests.large.fill import add_document, connect, fill, stored
from tests.relevance.store import Stored, reading_of

EACH, RATE, SECONDS = 60, 200, 10
SETTLE: Final = 30
"""Seconds after a start, or after filling, until the tasks are done that were due."""
_SIZES = """
SELECT (SELECT sum(octet_length(text)) FROM page),
       (SELECT sum(pg_relation_size(indexrelid)) FROM pg_index JOIN pg_class c ON c.oid = indexrelid
        JOIN pg_am ON pg_am.oid = c.relam WHERE indrelid = 'page'::regclass AND amname IN ('gin', 'gist')),
       (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c
        WHERE relname IN ('word') AND relkind IN ('r', 'p')),
       pg_database_size(current_database())
"""


def at_size(data: Path, url: str, token: str, size: int, seconds: int = SECONDS, seed: int = 1) -> dict[str, Any]:
    """Fill to that size and measure, by the questions of that seed: figures by name, milliseconds and bytes."""
    began = time.perf_counter()
    fill(data, size)
    found: dict[str, Any] = {"size": size, "filled_s": time.perf_counter() - began}
    time.sleep(SETTLE)
    one = alone(url, token, size, EACH, seed)
    found |= {f"{sort}_p95": p95(taken) for sort, taken in one.items()}
    found |= {f"{sort}_median": statistics.median(taken) for sort, taken in one.items()}
    found["suggestions_p95"] = p95(typing(url, token, size, EACH, seed))
    timed = crowd(url, token, size, RATE, seconds, seed)
    found |= {f"{sort}_crowd_p95": p95([ms for name, ms, _ in timed if name == sort]) for sort in SORTS}
    found["crowd_p95"] = p95([ms for _, ms, _ in timed])
    found["served"] = len(timed) / max(answered for _, _, answered in timed)
    with connect(data) as connection:
        found["storing_ms"] = storing(connection, size)
        row = connection.execute(_SIZES).fetchone()
    found |= dict(
        zip(("text_bytes", "index_bytes", "vocabulary_bytes", "database_bytes"), map(int, row or ()), strict=True)
    )
    return found


def p95(taken: list[float]) -> float:
    """The value that 95 in 100 do not exceed."""
    return sorted(taken)[int(len(taken) * 0.95)]


def storing(connection: psycopg.Connection[Any], size: int, rounds: int = 100) -> float:
    """Milliseconds that a page's INSERT with its commit takes more than that of the same row into a table that has the
    same columns but no generated words, index or trigger: medians of rounds in turn. What it stored is taken back."""
    connection.execute("CREATE TABLE IF NOT EXISTS page_plain (LIKE page INCLUDING DEFAULTS)")
    rows = [stored(number) for number in range(size, size + rounds)]
    taken = dict[str, list[float]](page=[], page_plain=[])
    _take_back(connection, rows)  # of a run that was broken off
    try:
        for number, row in enumerate(rows, size):
            add_document(connection, number + 1, row)
            for table, times in taken.items():
                began = time.perf_counter()
                connection.execute(
                    f"INSERT INTO {table} (document_id, document_seq, unit, clearance, number, text, reading,"
                    " read_at) VALUES (%s, %s, %s, %s, 1, %s, %s, now())",
                    (row.id, number + 1, row.unit, row.clearance, row.text, Jsonb(reading_of(row.text))),
                )
                times.append(1000 * (time.perf_counter() - began))
    finally:
        connection.execute("DROP TABLE page_plain")  # it would stop the next `arsip migrate`
        _take_back(connection, rows)
    return statistics.median(taken["page"]) - statistics.median(taken["page_plain"])


def _take_back(connection: psycopg.Connection[Any], rows: Sequence[Stored]) -> None:
    ids = [row.id for row in rows]
    connection.execute("DELETE FROM page WHERE document_id = ANY (%s)", (ids,))
    connection.execute("SET session_replication_role = replica")
    connection.execute("DELETE FROM document WHERE id = ANY (%s)", (ids,))
    connection.execute("SET session_replication_role = origin")
