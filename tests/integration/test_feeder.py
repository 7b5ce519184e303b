"""PostgreSQL knows what is due; the broker only ever holds a little of it, and may lose all of that."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from cli.datadir import load_secrets
from cli.engines import Stack, settings_env
from core.queue import ARCHIVE, INTAKE, OPEN_DOCUMENT, PAGES, QUEUES, READ_PAGE, SEAL_DOCUMENT, broker
from tests.integration.driving import engine_of, own_archive, process_with
from workers.feeder import Feeder


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """An archive of its own, and this process a worker of it."""
    with own_archive() as own:
        env = settings_env(own.data, load_secrets(own.data), own.ports, role="worker")
        with process_with({**env, "ARSIP_WORKER_THREADS": "2"}):
            yield own


@pytest.fixture
def root(stack: Stack) -> Iterator[Engine]:
    """PostgreSQL's superuser; nothing is due and the broker is empty when a test begins."""
    broker().flushall()
    with engine_of(stack, "postgres") as engine:
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text("TRUNCATE document CASCADE"))
        yield engine


def _letters(root: Engine, count: int, stage: str = "received") -> list[UUID]:
    with root.begin() as connection:
        made = connection.scalars(
            text(
                "INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version, stage)"
                " SELECT 'umum', 1, encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 1, 'image/jpeg',"
                " 'Budi Santoso.jpg', 'v', :stage FROM generate_series(1, :count) RETURNING id"
            ),
            {"stage": stage, "count": count},
        )
        return list(made)


def _done(root: Engine, documents: list[UUID]) -> None:
    with root.begin() as connection:
        connection.execute(
            text("UPDATE document SET lease_until = now() + interval '1 hour' WHERE id = ANY(:ids)"), {"ids": documents}
        )


@contextmanager
def _feeding() -> Iterator[Feeder]:
    feeder = Feeder()
    feeder.start()
    try:
        yield feeder
    finally:
        feeder.stop()
        feeder._thread.join(15)


def _take(queue: str) -> tuple[str, UUID] | None:
    """What a worker would get next: task and id; checks that the message has nothing else to tell."""
    raw = broker().rpop(queue)
    if raw is None:
        return None
    message = json.loads(raw)
    args, kwargs, _ = json.loads(base64.b64decode(message["body"]))
    assert (len(args), kwargs) == (1, {})
    assert "Budi" not in raw.decode() + base64.b64decode(message["body"]).decode()
    return message["headers"]["task"], UUID(args[0])


def _take_all(queue: str) -> list[tuple[str, UUID]]:
    return list(iter(lambda: _take(queue), None))


def _depth(queue: str = INTAKE) -> int:
    return int(broker().llen(queue))


def _until(happens: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happens():
            return True
        time.sleep(0.02)
    return happens()


def test_the_queue_is_never_deeper_than_a_few_moments_of_work(root: Engine) -> None:
    with _feeding() as feeder:
        letters = _letters(root, 40)
        assert _until(lambda: _depth() == feeder._depth == 8)
        seen: list[UUID] = []
        deepest = 0
        while len(seen) < 40 and _until(lambda: _depth() > 0):
            deepest = max(deepest, _depth())
            taken = [document for task, document in _take_all(INTAKE) if task == OPEN_DOCUMENT]
            seen += taken
            _done(root, taken)
        assert seen == letters  # oldest first, each once
        assert deepest <= 8
        time.sleep(1.5)
        assert [_depth(queue) for queue in QUEUES] == [0] * len(QUEUES)


def test_each_stage_goes_to_its_queue(root: Engine) -> None:
    (read,), (paged,) = _letters(root, 1, "read"), _letters(root, 1, "paged")
    (filed,) = _letters(root, 1, "filed")
    with root.begin() as connection:
        page = connection.scalar(
            text(
                "INSERT INTO page (document_id, document_seq, unit, clearance, number)"
                " SELECT id, seq, unit, clearance, 1 FROM document WHERE id = :id RETURNING id"
            ),
            {"id": paged},
        )
    with _feeding():
        assert _until(lambda: (_depth(PAGES), _depth(ARCHIVE)) == (1, 2))
        assert _take_all(PAGES) == [(READ_PAGE, page)]
        assert _take_all(ARCHIVE) == [(SEAL_DOCUMENT, read), (SEAL_DOCUMENT, filed)]
        assert _take_all(INTAKE) == []


def test_a_letter_is_fed_in_the_moment_it_commits(root: Engine) -> None:
    with _feeding():
        _letters(root, 1)
        assert _until(lambda: _depth() == 1)
        _take_all(INTAKE)
        time.sleep(0.3)
        waits = []
        for _ in range(5):
            time.sleep(0.37)  # out of step with the look once a second
            began = time.monotonic()
            _letters(root, 1)
            assert _until(lambda: _depth() == 1)
            waits.append(time.monotonic() - began)
            _take_all(INTAKE)
        assert sorted(waits)[2] < 0.5


def test_reading_makes_way_for_those_who_send_but_not_for_ever(root: Engine) -> None:
    with _feeding() as feeder:
        assert _until(lambda: feeder._busy_since is None)
        began = time.monotonic()
        while time.monotonic() - began < 3:  # letters never stop coming
            _letters(root, 8)
            if time.monotonic() - began > 0.3:
                assert _depth() == 0
            time.sleep(0.1)
        assert feeder._busy_since is not None
        feeder._busy_since -= 30  # as if it had lasted so long
        depths = set()
        while time.monotonic() - began < 5:  # and goes on
            _letters(root, 8)
            time.sleep(0.1)
            depths.add(_depth())
        assert max(depths) == 1  # a piece at a time
        assert _until(lambda: _depth() > 1, 3)


def test_all_that_a_wiped_broker_held_is_sent_again(root: Engine) -> None:
    with _feeding():
        letters = _letters(root, 6)
        assert _until(lambda: _depth() == 6)
        broker().flushall()
        assert _until(lambda: _depth() == 6, 20)
        assert [document for _, document in _take_all(INTAKE)] == letters


def test_what_has_a_lease_is_not_sent_and_comes_back_when_it_is_out(root: Engine) -> None:
    held, waiting = _letters(root, 2)
    _done(root, [held])
    with _feeding():
        assert _until(lambda: _depth() == 1)
        assert _take_all(INTAKE) == [(OPEN_DOCUMENT, waiting)]
        _done(root, [waiting])
        with root.begin() as connection:
            connection.execute(text("UPDATE document SET lease_until = now() WHERE id = :id"), {"id": held})
        assert _until(lambda: _depth() == 1)
        assert _take_all(INTAKE) == [(OPEN_DOCUMENT, held)]


def test_one_feeds_and_the_other_takes_over(root: Engine) -> None:
    with _feeding() as first:
        letters = _letters(root, 4)
        assert _until(lambda: _depth() == 4)
        with _feeding():
            more = _letters(root, 3)
            time.sleep(2.5)
            assert [document for _, document in _take_all(INTAKE)] == letters + more  # nothing twice
            _done(root, letters + more)
            first.stop()
            first._thread.join(15)
            (late,) = _letters(root, 1)
            assert _until(lambda: _depth() == 1, 15)
            assert _take_all(INTAKE) == [(OPEN_DOCUMENT, late)]


@pytest.mark.parametrize("engine", ["postgres", "valkey"])
def test_feeding_goes_on_after_an_engine_died(stack: Stack, root: Engine, engine: str) -> None:
    with _feeding():
        before = _letters(root, 1)
        assert _until(lambda: _depth() == 1)
        _take_all(INTAKE)
        _done(root, before)
        stack.kill(engine)
        root.dispose()
        (letter,) = _letters(root, 1)
        assert _until(lambda: _depth() == 1, 25)
        assert _take_all(INTAKE) == [(OPEN_DOCUMENT, letter)]


def test_nothing_due_is_nothing_sent(root: Engine) -> None:
    _letters(root, 1, "paged")  # its pages are read, or being read
    with _feeding():
        time.sleep(1.5)
        assert [_depth(queue) for queue in QUEUES] == [0] * len(QUEUES)
