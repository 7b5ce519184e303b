"""Entry of the workers: `celery -A workers.app worker`. The clock has its own (workers/clock.py)."""

import logging
import os
from typing import Any

from celery import bootsteps
from celery.signals import celeryd_after_setup, setup_logging, worker_ready, worker_shutting_down

import workers.tasks
from archive import work
from core import log as logs
from core import memory
from core.db import transaction
from core.queue import celery_app, work_at_once
from core.settings import settings
from workers.feeder import Feeder

log = logging.getLogger(__name__)
app = celery_app()
_feeder = Feeder()
_LOOK_SECONDS = 0.05


@setup_logging.connect
def _log(**_: Any) -> None:
    logs.configure(settings().log_level)
    # Two lines a task tell an operator nothing: the ledger has every step
    for chatty in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


@celeryd_after_setup.connect
def _named(sender: str, **_: Any) -> None:
    """What a dead worker of our name still held is due again at once: the supervisor has just started its heir."""
    workers.tasks.take_work_as(sender)
    with transaction() as session:
        freed = work.free_leases_of(session, sender)
    log.info("worker_named", extra={"worker": sender, "freed": freed, "pid": os.getpid()})


class _Wake(bootsteps.StartStopStep):  # type: ignore[misc] # Celery ships no types
    """Keeps Celery's event loop looking for messages.

    A thread that acknowledges its task does not wake the loop, which would look for the next message only at its own
    timers, five and ten seconds later. A step and no signal: a lost broker clears all timers, and this starts again.
    """

    def start(self, consumer: Any) -> None:
        consumer.hub.call_repeatedly(_LOOK_SECONDS, lambda: None)


app.steps["consumer"].add(_Wake)


@worker_ready.connect
def _ready(**_: Any) -> None:
    _feeder.start()
    workers.tasks.warm_up(work_at_once())
    memory.started()


@worker_shutting_down.connect
def _ending(**_: Any) -> None:
    _feeder.stop()
