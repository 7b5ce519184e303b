"""`make eval ARGS=--search`: what three engines find, and how fast, at three shares of misread text.

The targets are those of the search's own promise: recall of names and places, the lead in quality over both others, and
at most twice tantivy's latency, though ours keeps transactions and permissions and tantivy neither. They are judged on
the first set of letters; beside it stands what is found in the second, by which no rule was made.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from typing import Any

import psycopg

from cli.datadir import load_secrets
from tests.integration.driving import own_archive, somebody
from tests.relevance.engines import Engine, Exact, Ours, Tantivy
from tests.relevance.figures import ndcg, recall
from tests.relevance.letters import HELD_BACK, SETS, WORDS, Letter, letters
from tests.relevance.queries import Query, judged

RATES = (0.0, 0.03, 0.08)
NAMES_AND_PLACES = ("names", "places")
TARGETS = {0.03: 0.98, 0.08: 0.93}  # recall@20 of names and places, by share of misread characters
LATENCY = 2.0  # times tantivy's at most


@contextmanager
def engines(of: Sequence[Letter], rate: float, connection: psycopg.Connection[Any]) -> Iterator[dict[str, Engine]]:
    """The three engines, filled with the letters as misread; the archive must be running."""
    chosen, name = list(of), f"r{round(100 * rate)}_{of[0].id.lower()}_{len(of)}"
    yield {
        "exact": Exact(connection, name, chosen, rate),
        "ours": Ours(connection, somebody("pejabat", name), chosen, rate),
        "tantivy": Tantivy(chosen, rate),
    }


def answers(
    by: dict[str, Engine], queries: Sequence[Query], rounds: int
) -> tuple[dict[str, dict[str, list[str]]], Any]:
    """What each engine finds for each query, and the median milliseconds it takes; engines alternate."""
    found: dict[str, dict[str, list[str]]] = {name: {} for name in by}
    taken: dict[str, dict[str, list[float]]] = {name: {} for name in by}
    for _ in range(rounds):
        for query in queries:
            for name, engine in by.items():
                began = time.perf_counter()
                found[name][query.id] = engine.find(query.text)
                taken[name].setdefault(query.id, []).append(1000 * (time.perf_counter() - began))
    return found, {name: [statistics.median(each) for each in times.values()] for name, times in taken.items()}


def measure(rounds: int = 3) -> list[dict[str, Any]]:
    """A row for each set of letters, share of misread characters and engine."""
    rows = []
    with own_archive() as stack:
        password, port = load_secrets(stack.data).postgres_password, stack.ports.postgres
        url = f"postgresql://postgres:{password}@127.0.0.1:{port}/arsip"
        with psycopg.connect(url, autocommit=True) as connection:
            for of, rate in product(SETS, RATES):
                queries = judged(of)
                with engines(letters(of), rate, connection) as by:
                    found, taken = answers(by, queries, rounds)
                rows += [{"set": of} | _row(rate, name, queries, found[name], taken[name]) for name in by]
    return rows


def _row(
    rate: float, name: str, queries: Sequence[Query], found: dict[str, list[str]], taken: list[float]
) -> dict[str, Any]:
    sorts = dict.fromkeys(query.sort for query in queries)
    by_sort = {
        sort: {
            "ndcg": statistics.mean(ndcg(found[q.id], q.grades) for q in queries if q.sort == sort),
            "recall": statistics.mean(recall(found[q.id], q.grades) for q in queries if q.sort == sort),
        }
        for sort in sorts
    }
    keys = [q for q in queries if q.sort in NAMES_AND_PLACES]
    return {
        "rate": rate,
        "engine": name,
        "ndcg": statistics.mean(ndcg(found[q.id], q.grades) for q in queries),
        "recall": statistics.mean(recall(found[q.id], q.grades) for q in queries),
        "names_places": statistics.mean(recall(found[q.id], q.grades) for q in keys),
        "median_ms": statistics.median(taken),
        "p95_ms": sorted(taken)[int(len(taken) * 0.95)],
        "by_sort": by_sort,
        "found": found,
    }


def lines(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The figures for a terminal, the second set's beside the first's, then each target with its verdict."""
    yield (
        f"{len(judged())} judged queries over {len(letters())} letters; quality × 100, latency of one query; behind /: "
        f"{len(judged(HELD_BACK))} queries over the {len(letters(HELD_BACK))} letters of the second set"
    )
    yield (
        f"{'misread':8s} {'engine':9s} {'nDCG@10':>12s} {'recall@20':>12s} {'names+places':>13s} {'median':>9s}"
        f" {'p95':>9s}"
    )
    second = {(row["rate"], row["engine"]): row for row in rows if row["set"] == HELD_BACK}
    rows = [row for row in rows if row["set"] == WORDS]
    for row in rows:
        other = second[row["rate"], row["engine"]]
        yield (
            f"{row['rate']:7.0%}  {row['engine']:9s} {_both(row, other, 'ndcg')} {_both(row, other, 'recall')} "
            f" {_both(row, other, 'names_places')} {row['median_ms']:6.2f} ms {row['p95_ms']:6.2f} ms"
        )
    for rate in RATES:
        of = {row["engine"]: row["by_sort"] for row in rows if row["rate"] == rate}
        yield ""
        yield f"nDCG@10 / recall@20 by what is asked, {rate:.0%} misread"
        for sort in of["ours"]:
            shown = "   ".join(
                f"{name} {100 * of[name][sort]['ndcg']:5.1f} /{100 * of[name][sort]['recall']:5.1f}" for name in of
            )
            yield f"  {sort:18s} {shown}"
    yield ""
    for what, kept in verdicts(rows):
        yield f"{'kept' if kept else 'MISSED':7s} {what}"


def _both(first: dict[str, Any], second: dict[str, Any], figure: str) -> str:
    return f"{100 * first[figure]:5.1f} /{100 * second[figure]:5.1f}"


def verdicts(rows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, bool]]:
    """Each target, and whether the first set's figures keep it."""
    by = {(row["rate"], row["engine"]): row for row in rows if row["set"] == WORDS}
    for rate in RATES:
        ours, exact, peer = (by[rate, name] for name in ("ours", "exact", "tantivy"))
        for what in ("ndcg", "recall"):
            best = max(exact[what], peer[what])
            yield f"{what} at {rate:.0%} misread leads: {ours[what]:.3f} over {best:.3f}", ours[what] > best
        if rate in TARGETS:
            got = ours["names_places"]
            yield (
                f"recall@20 of names and places at {rate:.0%} misread ≥ {TARGETS[rate]}: {got:.3f}"
                f" (exact {exact['names_places']:.3f})",
                got >= TARGETS[rate],
            )
        times = ours["median_ms"] / peer["median_ms"]
        yield f"latency at {rate:.0%} misread ≤ {LATENCY:.0f} × tantivy's: {times:.1f} ×", times <= LATENCY


def worst(rows: Sequence[dict[str, Any]], most: int = 40) -> Iterator[str]:
    """Queries of the first set where ours loses most against the better of the others."""
    by = {(row["rate"], row["engine"]): row for row in rows if row["set"] == WORDS}
    lost = []
    for rate in RATES:
        for query in judged():
            ours, *others = (
                ndcg(by[rate, name]["found"][query.id], query.grades) for name in ("ours", "exact", "tantivy")
            )
            lost.append((max(others) - ours, rate, query, by[rate, "ours"]["found"][query.id]))
    for by_much, rate, query, found in sorted(lost, key=lambda row: -row[0])[:most]:
        if by_much > 0:
            right = sorted(query.grades, key=lambda id_: -query.grades[id_])[:5]
            yield f"{rate:.0%} {query.id} {query.text!r}: -{by_much:.2f}, right {right}…, ours {found[:5]}"
