"""`make bench`: what the product costs on this machine, in one run, as a table and as JSON.

Peers are measured in the same run, in turn with ours, and compared by medians. Nothing here is a test: the machine
may be busy with other things.
"""

import argparse
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import img2pdf

from tests.assets.letters import make_scan_pdf, unique_jpeg
from tests.bench_agenda import race
from tests.bench_disposal import list_as_pdf
from tests.bench_proof import offline, reading_again
from tests.bench_retention import sweep
from tests.large.ask import SORTS
from tests.large.measure import RATE, at_size
from tests.load import load
from tests.processes import family, memory_mb, processor_ms
from tests.product import Product, settled, until

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "src" / "cli" / "samples"
OCRMYPDF = [sys.executable, "-m", "ocrmypdf", "--jobs", "2", "-l", "ind", "--output-type", "pdf", "--quiet"]


@dataclass
class Report:
    """Rows as they are measured; each is printed at once, so that a long run shows where it is."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, what: str, value: float, unit: str, note: str = "") -> None:
        self.rows.append({"what": what, "value": round(value, 3), "unit": unit, "note": note})
        print(f"{what:58s} {value:10.3f} {unit:10s} {note}", flush=True)


@contextmanager
def a_product(folder: Path, name: str, **settings: str) -> Iterator[Product]:
    """A running product with its own data."""
    product = Product(folder / name, settings)
    product.start()
    try:
        yield product
    finally:
        product.stop()


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of all values do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def start_up(report: Report, folder: Path, rounds: int) -> None:
    """Seconds to `Ready`, from nothing and with data; memory of everything when nothing is asked."""
    cold, warm = [], []
    for number in range(rounds):
        product = Product(folder / f"start{number}")
        for times in (cold, warm):
            began = time.perf_counter()
            product.start()
            times.append(time.perf_counter() - began)
            if times is warm and number == rounds - 1:
                time.sleep(5)
                assert product.process is not None
                resident, proportional = memory_mb(family(product.process.pid))
                report.add("idle memory, all processes, resident", resident, "MB", "shared pages counted each time")
                report.add("idle memory, all processes, proportional", proportional, "MB")
            product.stop()
    report.add("start, nothing initialised (median)", statistics.median(cold), "s", f"of {rounds}")
    report.add("start, with data (median)", statistics.median(warm), "s", f"of {rounds}")


def one_letter(report: Report, product: Product, rounds: int) -> None:
    """Seconds from the upload's answer until a word of the letter is found, and until it is sealed."""
    searchable, sealed, note = [], [], f"of {rounds}, nothing else to do"
    with product.client() as client:
        for number in range(rounds):
            seed = 900_000 + number
            receipt = client.post("/documents", files={"file": (f"{seed}.jpg", unique_jpeg(seed, 200))}).json()
            began = time.perf_counter()
            # the whole archive is asked, as an officer asks; the letter's own number stands on it alone
            until(lambda: _found(client, str(seed), receipt["id"]), step=0.02)  # noqa: B023 - called at once
            searchable.append(time.perf_counter() - began)
            settled(client, receipt["id"])
            sealed.append(time.perf_counter() - began)
    report.add("upload's answer → searchable (median)", statistics.median(searchable), "s", note)
    report.add("upload's answer → sealed (median)", statistics.median(sealed), "s", note)


def _found(client: httpx.Client, word: str, document: str) -> bool:
    hits = client.get("/search", params={"q": word}).json()["hits"]
    return any(hit["document"] == document for hit in hits)


def accepting(report: Report, product: Product, each: int) -> None:
    """POST of 300 KB by 20 clients at once, with the broker well and with it frozen; then all must be sealed."""
    burst(report, product, each)
    product.kill("valkey", signal.SIGSTOP)
    try:
        burst(report, product, each, ", Valkey stopped", 500_000)
    finally:
        product.kill("valkey", signal.SIGCONT)


def burst(report: Report, product: Product, each: int, label: str = "", first: int = 0) -> float:
    """One burst of POSTs, its latency and what a letter took of the processor. The p99 in ms."""
    before = _processor(product)
    taken, statuses = load(product.url, product.secrets["operator_token"], clients=20, each=each, first_seed=first)
    spent = {name: (ms - before[name]) / len(taken) for name, ms in _processor(product).items()}
    p99 = 1000 * percentile(taken, 0.99)
    report.add(f"accept 300 KB, 20 clients, p50{label}", 1000 * percentile(taken, 0.5), "ms", f"of {len(taken)}")
    report.add(f"accept 300 KB, 20 clients, p99{label}", p99, "ms", str(dict(statuses)))
    note = ", ".join(f"{name} {ms:.1f}" for name, ms in spent.items() if ms >= 0.1)
    report.add(f"processor time a letter{label}", sum(spent.values()), "ms", note)
    return p99


def _processor(product: Product) -> dict[str, float]:
    """Milliseconds of processor time so far of the programs that a letter comes by."""
    return {name: processor_ms(product.pid(name)) for name in ("api", "seaweedfs", "postgres", "worker", "valkey")}


def acceptance(report: Report, folder: Path, rounds: int) -> None:
    """Start-up, memory, accepting and one letter's way alone: what somebody at the scanner feels, in five minutes.

    Of each first burst one letter in ten is of the first wave; of the long ones one in a hundred."""
    start_up(report, folder, rounds)
    firsts = []
    for number in range(rounds):
        with a_product(folder, f"first{number}") as product:
            firsts.append(burst(report, product, 10, ", first after a start"))
    report.add("accept, p99 of the first burst (median)", statistics.median(firsts), "ms", f"of {rounds} starts")
    with a_product(folder, "warm") as product:
        one_letter(report, product, 20)
        accepting(report, product, 100)


def drained(report: Report, product: Product, timeout: float) -> None:
    """Wait until everything accepted is sealed."""

    def waiting() -> int:
        with product.client() as client:
            return sum(
                len(client.get("/documents", params={"stage": stage, "limit": 200}).json()["documents"])
                for stage in ("received", "paged", "read", "filed")
            )

    began = time.perf_counter()
    until(lambda: waiting() == 0, timeout=timeout, step=0.5)
    with product.client() as client:
        held = len(client.get("/documents", params={"stage": "held"}).json()["documents"])
    report.add("everything accepted is sealed after", time.perf_counter() - began, "s", f"{held} held")


def against_ocrmypdf(report: Report, product: Product, folder: Path, rounds: int) -> None:
    """Pages a minute from PDF in to searchable PDF out, ours and ocrmypdf's on the same file in turn."""
    pictures = [p for p in sorted(SAMPLES.iterdir()) if p.suffix in (".jpg", ".png")]
    pages = len(pictures)
    ours, theirs = [], []
    with product.client() as client:
        for number in range(rounds):
            scan = folder / f"scan{number}.pdf"
            # a comment at the end makes each round's bytes, and so the document, a new one
            scan.write_bytes(img2pdf.convert([str(p) for p in pictures]) + f"\n%{number}\n".encode())
            began = time.perf_counter()
            with scan.open("rb") as file:
                receipt = client.post("/documents", files={"file": (scan.name, file)}).json()
            assert settled(client, receipt["id"], 600)["stage"] == "sealed"
            ours.append(time.perf_counter() - began)
            began = time.perf_counter()
            subprocess.run([*OCRMYPDF, str(scan), str(folder / "out.pdf")], check=True, capture_output=True)
            theirs.append(time.perf_counter() - began)
    mine, peer = 60 * pages / statistics.median(ours), 60 * pages / statistics.median(theirs)
    report.add("read and seal, pages/min (median)", mine, "pages/min", f"{pages} pages, {rounds} rounds in turn")
    report.add("ocrmypdf --jobs 2 -l ind, pages/min (median)", peer, "pages/min", "same files, same run")
    report.add("ratio of medians", mine / peer, "×", "ours turns pages upright, ocrmypdf here does not")


def growth_by_pages(report: Report, product: Product) -> None:
    """How the time of one file grows with its pages."""
    with product.client() as client:
        for pages in (1, 5, 20):
            data = make_scan_pdf(pages, seed=pages)
            began = time.perf_counter()
            receipt = client.post("/documents", files={"file": (f"{pages}.pdf", data)}).json()
            assert settled(client, receipt["id"], 600)["stage"] == "sealed"
            report.add(f"one scan of {pages} pages, sent → sealed", time.perf_counter() - began, "s")


def growth_by_workers(report: Report, folder: Path) -> None:
    """The same scan with one and with two pieces of work at once."""
    for threads in ("1", "2"):
        one = a_product(folder, f"threads{threads}", ARSIP_WORKER_THREADS=threads)
        with one as product, product.client() as client:
            data = make_scan_pdf(16, seed=7)
            began = time.perf_counter()
            receipt = client.post("/documents", files={"file": ("16.pdf", data)}).json()
            assert settled(client, receipt["id"], 600)["stage"] == "sealed"
            report.add(f"16 pages with {threads} worker thread(s)", time.perf_counter() - began, "s")


def growth_by_archive(report: Report, folder: Path, sizes: list[int]) -> None:
    """Search at growing archives, over HTTP, as an officer of one of its units (more: `make bench-large`)."""
    with a_product(folder, "big") as product:
        token = product.user("pejabat").token
        for size in sizes:
            row = at_size(product.data, product.url, token, size)
            for sort in SORTS:
                note = f"median {row[f'{sort}_median']:.1f}; at {RATE}/s mixed {row[f'{sort}_crowd_p95']:.0f}"
                report.add(f"search, {size} letters, {sort}, p95", row[f"{sort}_p95"], "ms", note)
            report.add(f"search, {size} letters, extra for storing a page", row["storing_ms"], "ms", "median")


def registering(report: Report, product: Product, letters: int) -> None:
    """Racing registrations in one agenda book: how many a second, and that the numbers are exactly 1..n."""
    seconds, exact = race(product, letters)
    note = f"{letters} letters, 16 at once; numbers 1..n: {'exactly' if exact else 'BROKEN'}"
    report.add("agenda, registrations", letters / seconds, "/s", note)


def listing(report: Report, lines: int) -> None:
    """A list of records as a form."""
    seconds, size = list_as_pdf(lines)
    report.add(f"list of {lines} berkas as PDF/A", seconds, "s", f"{size / 1000:.0f} kB")


def proof(report: Report, folder: Path, events: int, objects: int) -> None:
    """A ledger checked offline, and every object read again."""
    report.add(f"ledger of {events} events verified offline", offline(folder, events), "s", "the whole command")
    speed = reading_again(objects, 8000)
    told = f"{objects} of 8 MB, no limit, one at a time"
    report.add("objects read again, opened and compared", speed.ours, "MB/s", told)
    report.add("the same objects got from the store and thrown away", speed.got, "MB/s", "one at a time")
    report.add("the store's volumes as plain files, read", speed.plain, "MB/s", "from memory where they fit")
    report.add("the store's volumes as plain files, hashed", speed.hashed, "MB/s", "from memory where they fit")


def retaining(report: Report, berkas: int) -> None:
    """The daily sweep of retention over many berkas."""
    whole, ordinary, nothing, listing = sweep(berkas)
    report.add(f"retention, {berkas} berkas under a new schedule", whole, "s", "every clock set anew")
    report.add("retention, an ordinary day", ordinary, "s", "one berkas in 300 moves on")
    report.add("retention, a day without news", nothing, "s")
    report.add("retention, first of the work list, and counts", listing, "s")


def everything(report: Report, folder: Path, rounds: int, sizes: list[int], *, quick: bool) -> None:
    """All that docs/PERFORMANCE.md shows."""
    start_up(report, folder, rounds)
    with a_product(folder, "main") as product:
        one_letter(report, product, 5 if quick else 20)
        against_ocrmypdf(report, product, folder, rounds)
        growth_by_pages(report, product)
        accepting(report, product, 4 if quick else 10)
        drained(report, product, 1800)
        registering(report, product, 2000 if quick else 50_000)
    listing(report, 10_000)
    proof(report, folder, 100_000 if quick else 1_000_000, 10 if quick else 40)
    retaining(report, 10_000 if quick else 100_000)
    growth_by_workers(report, folder)
    growth_by_archive(report, folder, sizes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and smaller archives")
    parser.add_argument("--only", choices=("accept",), help="only start-up, memory, accepting and one letter's way")
    parser.add_argument("--json", type=Path, help="write the JSON to this file instead of standard output")
    wanted = parser.parse_args()
    rounds, sizes = (2, [1000, 10_000]) if wanted.quick else (3, [1000, 10_000, 50_000])
    report = Report()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.platform()}")
    with tempfile.TemporaryDirectory(prefix="arsip-bench-") as name:
        if wanted.only == "accept":
            acceptance(report, Path(name), rounds)
        else:
            everything(report, Path(name), rounds, sizes, quick=wanted.quick)
    text = json.dumps({"machine": platform.platform(), "cores": os.cpu_count(), "rows": report.rows}, indent=1)
    if wanted.json:
        wanted.json.write_text(text + "\n")
    else:
        print(text)


if __name__ == "__main__":
    main()
