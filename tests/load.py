"""Load from several processes, so that the measuring side does not wait for itself.

`python -m tests.load URL CLIENTS SECONDS < TOKEN` prints one line of JSON: {"seconds": [...], "statuses": {...}}.
"""

import http.client
import json
import multiprocessing
import sys
import threading
import time
from collections import Counter
from urllib.parse import urlsplit

from tests.assets.letters import unique_jpeg

_BOUNDARY = "arsip-load"


def _body(seed: int, kb: int) -> bytes:
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{seed}.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    return head.encode() + unique_jpeg(seed, kb) + f"\r\n--{_BOUNDARY}--\r\n".encode()


def _client(host: str, token: str, bodies: list[bytes], end: float, taken: list[float], statuses: Counter[str]) -> None:
    connection = http.client.HTTPConnection(host, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    for body in bodies:
        if time.monotonic() > end:
            break
        began = time.perf_counter()
        connection.request("POST", "/api/v1/documents", body, headers)
        answer = connection.getresponse()
        answer.read()
        taken.append(time.perf_counter() - began)
        statuses[str(answer.status)] += 1
    connection.close()


def _process(job: tuple[str, str, int, int, int, int, float, float]) -> tuple[list[float], dict[str, int]]:
    host, token, first, clients, each, kb, seconds, start_at = job
    taken: list[float] = []
    statuses: Counter[str] = Counter()
    bodies = [[_body(first + c * each + i, kb) for i in range(each)] for c in range(clients)]
    time.sleep(max(0.0, start_at - time.time()))  # all letters are made before the first is sent
    end = time.monotonic() + seconds
    threads = [threading.Thread(target=_client, args=(host, token, b, end, taken, statuses)) for b in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken, dict(statuses)


def load(
    url: str, token: str, *, clients: int, each: int, kb: int = 300, seconds: float = 60, first_seed: int = 0
) -> tuple[list[float], Counter[str]]:
    """Send `each` different letters of `kb` KB from each of `clients` at once; seconds per request, and statuses."""
    host, processes = urlsplit(url).netloc, min(4, clients)
    share = clients // processes
    start_at = time.time() + 3 + 0.02 * clients * each
    jobs = [(host, token, first_seed + n * share * each, share, each, kb, seconds, start_at) for n in range(processes)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        results = pool.map(_process, jobs, chunksize=1)
    statuses: Counter[str] = Counter()
    for _, counted in results:
        statuses.update(counted)
    return [t for taken, _ in results for t in taken], statuses


if __name__ == "__main__":
    taken, statuses = load(sys.argv[1], sys.stdin.read().strip(), clients=int(sys.argv[2]), each=int(sys.argv[3]))
    print(json.dumps({"seconds": sorted(taken), "statuses": statuses}))
