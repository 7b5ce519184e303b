"""Entry of Celery's clock: `celery -A workers.clock beat`. It only asks for work, so it imports none of it."""

import logging
from typing import Any

from celery.signals import beat_init, setup_logging

from core import log as logs
from core import memory
from core.queue import celery_app
from core.settings import settings
from workers.schedule import SCHEDULE

log = logging.getLogger(__name__)
app = celery_app()
# What the office sets
_SET = {"checkpoint": settings().checkpoint_seconds, "check_objects": settings().fixity_seconds}
app.conf.beat_schedule = {
    **SCHEDULE,
    **{name: {**SCHEDULE[name], "schedule": float(seconds)} for name, seconds in _SET.items()},
}


@setup_logging.connect
def _log(**_: Any) -> None:
    logs.configure(settings().log_level)


@beat_init.connect
def _beat(**_: Any) -> None:
    memory.started()
    log.info("beat_ready")
