"""Keeps the broker's queues topped up with what PostgreSQL says is due.

The broker never holds more than a few seconds of work: what it loses is due again in the next look, a wiped broker is
filled anew, and the order of work is the database's to decide (every letter's first page first). One feeder works at
a time, by an advisory lock; when its worker dies, another's takes over.
"""

import logging
import threading
import time
from collections.abc import Iterable
from uuid import UUID

import psycopg
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from archive import work
from cases import seeking
from core.db import transaction
from core.faults import DatabaseUnavailable
from core.queue import (
    ERASE_LIST,
    FEEDER_LOCK,
    OPEN_DOCUMENT,
    QUEUES,
    READ_PAGE,
    REPORT_LIST,
    ROUTES,
    SEAL_DOCUMENT,
    SEEK_LETTERS,
    broker,
    celery_app,
    work_at_once,
)
from core.settings import settings
from records.disposal import executing

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
# Twenty people sending at once tell of due work a hundred times a second: one look serves them all
_PAUSE_SECONDS = 0.05
# While many send, nothing is fed (below) and every look costs the senders
_PAUSE_WHILE_BUSY_SECONDS = 0.25
# Whoever sends a batch of letters waits for it, half a minute at most; where letters never stop coming, reading must go
# on, but a piece of work at a time: a worker's own steps weigh as much as a sender's
_MAKE_WAY_SECONDS = 30.0
_DEPTH_WHILE_BUSY = 1
# A message that has not been taken up after so long is taken for lost
_LOST_SECONDS = 10.0
_TASK_OF = {"received": OPEN_DOCUMENT, "read": SEAL_DOCUMENT, "filed": SEAL_DOCUMENT}


class Feeder:
    """A thread of a worker: looks when PostgreSQL tells of due work, and once a second in any case."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feeder", daemon=True)
        self._sent: dict[tuple[str, UUID], float] = {}
        self._busy_since: float | None = None
        # Enough that no worker runs dry between two looks, and few enough that the order of work stays ours
        self._depth = 4 * work_at_once()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        url = settings().database_url.get_secret_value().replace("postgresql+psycopg://", "postgresql://")
        while not self._stop.is_set():
            try:
                with psycopg.connect(url, autocommit=True, connect_timeout=3) as connection:
                    self._lead(connection)
            except psycopg.Error as error:
                log.warning("feeder_lost_database", extra={"error": type(error).__name__})
                self._stop.wait(_LOOK_SECONDS)

    def _lead(self, connection: psycopg.Connection) -> None:
        """Wait for the lock, then feed for as long as this connection, and so the lock, lives."""
        connection.execute("LISTEN due")
        while not self._stop.is_set():
            row = connection.execute("SELECT pg_try_advisory_lock(%s)", (FEEDER_LOCK,)).fetchone()
            if row and row[0]:
                break
            self._stop.wait(_LOOK_SECONDS)
        while not self._stop.is_set():
            self._feed()
            if list(connection.notifies(timeout=_LOOK_SECONDS, stop_after=1)):  # many at once are one reason to look
                self._stop.wait(_PAUSE_WHILE_BUSY_SECONDS if self._busy_since else _PAUSE_SECONDS)

    def _feed(self) -> None:
        now = time.monotonic()
        self._sent = {piece: at for piece, at in self._sent.items() if now - at < _LOST_SECONDS}
        try:
            waiting = {queue: int(broker().llen(queue)) for queue in QUEUES}  # type: ignore[arg-type]
            if min(waiting.values()) >= self._depth:
                return
            with transaction() as session:
                depth = self._depth_beside(work.is_busy_receiving(session))
                if not depth:
                    return
                due = [(_TASK_OF[stage], document) for document, stage in work.due_documents(session, self._look)]
                due += [(READ_PAGE, page) for page in work.due_pages(session, self._look)]
                due += [(SEEK_LETTERS, case) for case in seeking.due(session, self._look)]
                due += [(ERASE_LIST, listed) for listed in executing.due(session, self._look)]
                due += [(REPORT_LIST, listed) for listed in executing.unreported(session, self._look)]
                if not due:  # nobody waits for a second reading
                    due = [(READ_PAGE, page) for page in work.due_rereads(session, self._look)]
            self._send(due, {queue: depth - length for queue, length in waiting.items()}, now)
        except (RedisError, OperationalError, OSError) as error:
            log.warning("feeder_lost_broker", extra={"error": type(error).__name__})
            self._stop.wait(_LOOK_SECONDS)
        except DatabaseUnavailable:
            self._stop.wait(_LOOK_SECONDS)

    def _depth_beside(self, busy: bool) -> int:
        """How much may wait in each queue: while many send nothing for a while, then little, for their sake."""
        now = time.monotonic()
        self._busy_since = (self._busy_since or now) if busy else None
        if self._busy_since is None:
            return self._depth
        return 0 if now - self._busy_since < _MAKE_WAY_SECONDS else _DEPTH_WHILE_BUSY

    @property
    def _look(self) -> int:
        """How far to look: past everything sent and not yet claimed, to as many again."""
        return len(self._sent) + self._depth * len(QUEUES)

    def _send(self, due: Iterable[tuple[str, UUID]], room: dict[str, int], now: float) -> None:
        for task, piece in due:
            queue = ROUTES[task]
            if (task, piece) in self._sent or room[queue] <= 0:
                continue
            celery_app().send_task(task, (str(piece),), queue=queue, retry=False)
            self._sent[task, piece] = now
            room[queue] -= 1
