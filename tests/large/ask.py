"""What is asked of a large archive over HTTP, alone and in a crowd; each question is a new one."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Iterator
from multiprocessing import get_context
from urllib.parse import quote, urlsplit

from tests.large.letters import large, person
from tests.relevance.letters import words
from tests.relevance.noise import LIKE

SORTS = ("selective", "number", "fuzzy", "broad", "filtered")
PROCESSES, THREADS = 2, 16  # of a crowd

Timed = list[tuple[str, float, float]]


def questions(sort: str, size: int, count: int, seed: int) -> Iterator[str]:
    """Paths of so many requests of a sort, about letters that are there."""
    rng = random.Random(f"{sort} {size} {seed}")
    for _ in range(count):
        yield _path(sort, rng, rng.randrange(size))


def _path(sort: str, rng: random.Random, number: int) -> str:
    name, letter = person(number), large(number)
    topic = rng.choice(words()["topics"])
    asked = {
        "selective": name,
        "number": letter.letter_number.replace("/", rng.choice((" ", "-", "."))),
        "fuzzy": f"{name.split()[0]} {_misread(rng, name.split()[1])}",
        "broad": rng.choice(("surat keluarga", "dinas sosial", "berkas petugas", "klien")),
        "filtered": f"{topic['only'][0]} jenis:{letter.kind} dari:{letter.at:%Y}-01 sampai:{letter.at:%Y}-12",
    }[sort]
    return f"/api/v1/search?q={quote(asked)}"


def _misread(rng: random.Random, word: str) -> str:
    place = rng.choice([n for n, char in enumerate(word) if n and char in LIKE])
    return word[:place] + rng.choice(LIKE[word[place]]) + word[place + 1 :]


def alone(url: str, token: str, size: int, each: int, seed: int) -> dict[str, list[float]]:
    """Milliseconds of each request of one client, by sort; the sorts take turns, and the first round is not counted."""
    asked = {sort: list(questions(sort, size, each + 3, seed)) for sort in SORTS}
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    taken: dict[str, list[float]] = {sort: [] for sort in asked}
    for number in range(each + 3):
        for sort, paths in asked.items():
            began = time.perf_counter()
            _get(connection, token, paths[number])
            if number >= 3:
                taken[sort].append(1000 * (time.perf_counter() - began))
    connection.close()
    return taken


def typing(url: str, token: str, size: int, each: int, seed: int) -> list[float]:
    """Milliseconds of so many requests for what a name goes on with, of which some letters are typed."""
    rng = random.Random(f"typing {size} {seed}")
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    taken = []
    for _ in range(each):
        began = time.perf_counter()
        typed = person(rng.randrange(size)).split()[1][: rng.choice((3, 4, 5))]
        _ask(connection, token, "POST", "/api/v1/search/suggestions", json.dumps({"begun": typed}))
        taken.append(1000 * (time.perf_counter() - began))
    connection.close()
    return taken


def crowd(url: str, token: str, size: int, rate: int, seconds: int, seed: int) -> Timed:
    """Of each request: sort, milliseconds, and when it was answered, in seconds from the first; all sorts mixed.

    Requests are sent when they are due, however long those before take; a late answer is counted from when it was due.
    """
    share, start = rate / PROCESSES, time.time() + 5
    jobs = [(url, token, size, share, seconds, start, 100 * seed + process) for process in range(PROCESSES)]
    with get_context("spawn").Pool(PROCESSES) as pool:
        return [one for timed in pool.map(_crowd, jobs, chunksize=1) for one in timed]


def _crowd(job: tuple[str, str, int, float, int, float, int]) -> Timed:
    url, token, size, rate, seconds, start, seed = job
    count = int(rate * seconds)
    paths = {sort: questions(sort, size, count, seed) for sort in SORTS}
    due = iter([(n, SORTS[n % len(SORTS)], next(paths[SORTS[n % len(SORTS)]])) for n in range(count)])
    timed: Timed = []
    lock = threading.Lock()

    def client() -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        while True:
            with lock:
                number, sort, path = next(due, (0, "", ""))
            if not sort:
                return connection.close()
            at = start + number / rate
            time.sleep(max(0.0, at - time.time()))
            _get(connection, token, path)
            timed.append((sort, 1000 * (time.time() - at), time.time() - start))

    threads = [threading.Thread(target=client) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return timed


def _get(connection: http.client.HTTPConnection, token: str, path: str) -> None:
    _ask(connection, token, "GET", path)


def _ask(connection: http.client.HTTPConnection, token: str, method: str, path: str, body: str | None = None) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    told = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status} for a question: {json.loads(told).get('title')}")
