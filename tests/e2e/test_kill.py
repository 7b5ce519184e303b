"""Everything that can die is killed while letters come in and are read: each accepted letter is there, once, whole.

What is true is the sender's own journal of what was answered; the product's word is only held against it.
"""

import hashlib
import json
import os
import secrets
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from minio import Minio

from tests.assets.letters import make_scan_pdf, unique_jpeg
from tests.e2e.inside import nonce, settings_of, superuser, text_pdf
from tests.product import Product, settled, until

ENGINES = ("postgres", "valkey", "seaweedfs")


@dataclass
class Journal:
    """A sender who writes down what was answered, and asks again with the same key when nothing was."""

    product: Product
    token: str
    accepted: dict[str, bytes] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)

    def client(self) -> httpx.Client:
        return self.product.client(self.token)

    def send(self, data: bytes, name: str = "surat.pdf", patience: float = 60) -> str:
        """Send until it is answered. The letter's id."""
        key, end = secrets.token_hex(8), time.monotonic() + patience
        while True:
            try:
                with self.client() as client:
                    answer = client.post("/documents", files={"file": (name, data)}, headers={"Idempotency-Key": key})
            except httpx.TransportError:
                assert time.monotonic() < end
                time.sleep(0.1)
                continue
            self.statuses.append(answer.status_code)
            if answer.status_code == 202:
                break
            assert answer.status_code == 503, answer.text
            assert answer.headers["retry-after"]
            assert time.monotonic() < end, answer.text
            time.sleep(0.2)
        receipt = answer.json()
        assert receipt["duplicate_of"] is None  # however often it was asked, it arrived once
        assert receipt["id"] not in self.accepted
        self.accepted[receipt["id"]] = data
        return str(receipt["id"])

    def send_some(self, pages: int = 3) -> list[str]:
        """Letters of several sorts: a thick scan, a photograph, and two that need no recognition."""
        seed = secrets.randbelow(1 << 30)
        papers = [make_scan_pdf(pages, seed), unique_jpeg(seed, 60), text_pdf(nonce()), text_pdf(nonce())]
        return [self.send(paper) for paper in papers]

    def check(self, database: psycopg.Connection[Any]) -> None:
        """Every accepted letter exists once, is sealed, whole and unchanged, and nothing else is there."""
        with self.client() as client:
            for document, data in self.accepted.items():
                assert settled(client, document)["stage"] == "sealed"
                original = client.get(f"/documents/{document}/original").raise_for_status().content
                assert hashlib.sha256(original).digest() == hashlib.sha256(data).digest()
            listed = _listed(client)
        assert sorted(listed) == sorted(self.accepted)
        doubled = database.execute(
            "SELECT document, action, count(*) FROM ledger WHERE action IN ('received', 'paged', 'filed', 'sealed')"
            " GROUP BY 1, 2 HAVING count(*) > 1"
        ).fetchall()
        assert doubled == []
        pages = database.execute(
            "SELECT d.id, d.pages, count(*) FROM document d JOIN ledger l ON l.document = d.id"
            " WHERE l.action = 'page_read' GROUP BY d.id, d.pages"
        ).fetchall()
        assert all(wanted == read for _, wanted, read in pages)
        assert sum(1 for _ in pages) == len(self.accepted)
        left = "SELECT count(*) FROM {} WHERE lease IS NOT NULL OR attempts > 3"
        for table in ("document", "page"):
            assert database.execute(left.format(table)).fetchone() == (0,)
        self._verify()
        spool = self.product.data / "spool"
        until(lambda: list(spool.glob("work-*/*")), lambda found: found == [], timeout=10)

    def _verify(self) -> None:
        with self.product.client() as operator, operator.stream("POST", "/verification", timeout=120) as lines:
            verdict = json.loads(list(lines.iter_lines())[-1])
        assert verdict["ok"], verdict
        assert verdict["objects"] >= 3 * len(self.accepted)  # original, searchable PDF, manifest


def _listed(client: httpx.Client) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        page = client.get("/documents", params={"limit": 200} | ({"cursor": cursor} if cursor else {})).json()
        found += [document["id"] for document in page["documents"]]
        if (cursor := page["next"]) is None:
            return found


@pytest.fixture(scope="module")
def victim(short_tmp: Path) -> Iterator[Product]:
    """A product of this module's own, to be ill-treated."""
    own = Product(short_tmp / "victim")
    own.start()
    yield own
    own.stop()


@pytest.fixture(scope="module")
def journal(victim: Product) -> Journal:
    return Journal(victim, victim.user("petugas", f"unit-{nonce()}").token)


def _ready(product: Product) -> bool:
    try:
        return httpx.get(f"{product.url}/readyz", timeout=10).status_code == 200
    except httpx.TransportError:
        return False


def _kill(product: Product, name: str) -> None:
    """`kill -9`, and wait for the heir."""
    dead = product.pid(name)
    os.kill(dead, signal.SIGKILL)
    until(lambda: product.pid(name) != dead, timeout=30)


def _busy_at(database: psycopg.Connection[Any], stage: str) -> Callable[[], bool]:
    """Whether a worker has some work of that stage in hand at this moment."""
    if stage == "paged":
        query = "SELECT count(*) FROM page WHERE lease IS NOT NULL AND read_at IS NULL"
    elif stage == "read":  # read → filed is one short transaction: due is as good as in hand
        query = "SELECT count(*) FROM document WHERE stage = 'read'"
    else:
        query = f"SELECT count(*) FROM document WHERE stage = '{stage}' AND lease IS NOT NULL"

    def busy() -> bool:
        row = database.execute(query).fetchone()
        return bool(row and row[0])

    return busy


@pytest.mark.parametrize("stage", ["received", "paged", "read", "filed"])
def test_worker_killed_at(victim: Product, journal: Journal, stage: str) -> None:
    with superuser(victim) as database:
        until(lambda: _ready(victim))
        sender = threading.Thread(target=journal.send_some)
        sender.start()
        until(_busy_at(database, stage), step=0.001)
        _kill(victim, "worker")
        sender.join()
        journal.check(database)


def _store(product: Product) -> Minio:
    env, keys = settings_of(product, "api"), product.secrets
    return Minio(
        env["ARSIP_S3_ENDPOINT"],
        access_key=keys["s3_admin_access_key"],
        secret_key=keys["s3_admin_secret_key"],
        secure=False,
    )


def _originals(store: Minio) -> set[str | None]:
    found = store.list_objects("arsip", prefix="documents/", recursive=True)
    return {item.object_name for item in found if str(item.object_name).endswith("/original")}


def test_server_killed_between_store_and_commit(victim: Product, journal: Journal) -> None:
    data, store = text_pdf(nonce()), _store(victim)
    before = _originals(store)
    with superuser(victim) as database:
        with database.transaction():
            database.execute("LOCK TABLE document_key IN ACCESS EXCLUSIVE MODE")  # no document can be entered
            sender = threading.Thread(target=journal.send, args=(data,))
            sender.start()
            until(lambda: _originals(store) > before)
            _kill(victim, "api")
        sender.join()
        assert journal.accepted
        assert data in journal.accepted.values()
        journal.check(database)


SLOW_COMMIT = """
CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON arrival DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION slow_commit();
"""
COMMITTING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND usename = 'arsip_api'"


def test_server_killed_between_commit_and_answer(victim: Product, journal: Journal) -> None:
    data = text_pdf(nonce())
    with superuser(victim) as database:
        database.execute(SLOW_COMMIT)
        sender = threading.Thread(target=journal.send, args=(data,))
        try:
            sender.start()
            until(lambda: database.execute(COMMITTING).fetchone() == (1,), step=0.01)
            _kill(victim, "api")  # PostgreSQL goes on and commits; nobody is there to answer
        finally:
            sender.join()
            database.execute("DROP TRIGGER slow_commit ON arrival; DROP FUNCTION slow_commit()")
        journal.check(database)


@pytest.mark.parametrize("engine", ENGINES)
def test_engine_killed(victim: Product, journal: Journal, engine: str) -> None:
    until(lambda: _ready(victim))
    sender = threading.Thread(target=journal.send_some)
    sender.start()
    until(lambda: _work_under_way(victim), step=0.01)
    if engine == "valkey":
        _wipe_valkey(victim)
    else:
        _kill(victim, engine)
    sender.join()
    journal.send_some(pages=1)
    until(lambda: _ready(victim))
    with superuser(victim) as database:
        journal.check(database)


def _work_under_way(product: Product) -> bool:
    with superuser(product) as database:
        return _busy_at(database, "paged")()


def _state(process: int) -> str:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


def _wipe_valkey(product: Product) -> None:
    """Kill it and take its data away before the supervisor sees that it died."""
    assert product.process is not None
    dead = product.pid("valkey")
    product.process.send_signal(signal.SIGSTOP)
    try:
        until(lambda: _state(product.pid("supervisor")) == "T")
        os.kill(dead, signal.SIGKILL)
        until(lambda: _state(dead) == "Z")
        kept = product.data / "valkey"
        assert list(kept.iterdir())
        shutil.rmtree(kept)
        kept.mkdir(mode=0o700)
    finally:
        product.process.send_signal(signal.SIGCONT)
    until(lambda: product.pid("valkey") != dead, timeout=30)


def test_letters_are_accepted_while_valkey_is_frozen(victim: Product, journal: Journal) -> None:
    until(lambda: _ready(victim))
    journal.statuses.clear()
    slowest = 0.0
    victim.kill("valkey", signal.SIGSTOP)
    try:
        for _ in range(12):
            began = time.monotonic()
            journal.send(text_pdf(nonce()))
            slowest = max(slowest, time.monotonic() - began)
    finally:
        victim.kill("valkey", signal.SIGCONT)
    assert journal.statuses == [202] * 12
    assert slowest < 30  # a request that publishes to a frozen broker hangs for over a minute (docs/adr/0003)
    with superuser(victim) as database:
        journal.check(database)


def test_thick_scan_loses_only_the_pages_in_hand(victim: Product, journal: Journal) -> None:
    pages, cores = 16, len(os.sched_getaffinity(0))
    until(lambda: _ready(victim))
    document = journal.send(make_scan_pdf(pages, 77))
    seen: list[int] = []

    def read() -> int:
        with journal.client() as client:
            seen.append(client.get(f"/documents/{document}").raise_for_status().json()["pages_read"])
        return seen[-1]

    with superuser(victim) as database:
        work = "SELECT count(*), sum(attempts) FROM page WHERE document_id = %s"
        held = "SELECT count(*) FROM page WHERE document_id = %s AND lease IS NOT NULL AND read_at IS NULL"

        def has_pages_in_hand() -> bool:
            """Looked at while the worker stands still: between a look and a kill it could give its pages back."""
            if not pages > read() >= pages // 3:
                return False
            victim.kill("worker", signal.SIGSTOP)
            time.sleep(0.2)  # what it had sent to be committed is committed
            if database.execute(held, (document,)).fetchone() != (0,):
                return True
            victim.kill("worker", signal.SIGCONT)
            return False

        until(has_pages_in_hand, timeout=120, step=0.1)
        _kill(victim, "worker")
        until(lambda: read() == pages, timeout=120, step=0.1)
        assert seen == sorted(seen)
        [(rows, attempts)] = database.execute(work, (document,)).fetchall()
        assert rows == pages
        assert pages < attempts <= pages + cores
        journal.check(database)


def test_everything_is_found_again_after_the_supervisor_was_killed(victim: Product, journal: Journal) -> None:
    journal.send_some(pages=2)
    assert victim.process is not None
    victim.process.kill()
    victim.process.wait()
    assert victim.process.stdout is not None
    victim.process.stdout.close()
    victim.start(port=httpx.URL(victim.url).port)
    with superuser(victim) as database:
        journal.check(database)
    assert "Arsip utuh" in victim.arsip("verify").stdout


def test_starts_while_much_work_waits(victim: Product, journal: Journal) -> None:
    document = journal.send(make_scan_pdf(16, secrets.randbelow(1 << 30)))
    with journal.client() as client:
        until(lambda: client.get(f"/documents/{document}").json()["stage"] == "paged")
    port = httpx.URL(victim.url).port
    victim.stop()
    victim.start(port=port)
    with superuser(victim) as database:
        waiting = "SELECT count(*) FROM page WHERE document_id = %s AND read_at IS NULL"
        [(unread,)] = database.execute(waiting, (document,)).fetchall()
        assert unread > 2 * len(os.sched_getaffinity(0))  # it was ready before the worker had nothing else to do
        journal.check(database)
