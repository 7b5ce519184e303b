"""Entry of the worker that destroys: `celery -A workers.disposer worker -Q dispose`.

A process of its own, since it alone has the key of the identity that deletes from the store (docs/adr/0025). It reads
no letter and parses no file: none of what parses runs beside that key.
"""

from typing import Any
from uuid import UUID

from celery.signals import setup_logging, worker_ready

from core import log as logs
from core import memory
from core.queue import ERASE_LIST, REMOVE_OLD_COPIES, celery_app
from core.settings import settings
from workers import disposing

app = celery_app()
app.conf.worker_concurrency = 1


@setup_logging.connect
def _log(**_: Any) -> None:
    logs.configure(settings().log_level)


@worker_ready.connect
def _ready(**_: Any) -> None:
    memory.started()


@app.task(name=ERASE_LIST)
def erase_list(listed: str) -> None:
    disposing.erase_list(UUID(listed))


@app.task(name=REMOVE_OLD_COPIES)
def remove_old_copies() -> None:
    disposing.remove_old_copies()
