"""The Celery app: a way to make due work soon. What is due stands in PostgreSQL (docs/adr/0003)."""

import os
from functools import cache
from typing import TYPE_CHECKING

from redis import Redis

from core.settings import settings

if TYPE_CHECKING:
    from celery import Celery

# One queue for each kind of work, so that workers can be set apart by it (docs/operating.md)
INTAKE, PAGES, ARCHIVE, FIXITY = "intake", "pages", "archive", "fixity"
# What only the worker does that has the key of the identity that deletes (docs/adr/0025)
DISPOSE = "dispose"
QUEUES = (INTAKE, PAGES, ARCHIVE, FIXITY, DISPOSE)

# Tasks carry one id and nothing else: whoever reads the broker learns nothing of a letter
OPEN_DOCUMENT = "document.open"
READ_PAGE = "page.read"
SEAL_DOCUMENT = "document.seal"
SEEK_LETTERS = "case.seek"
TIDY = "schedule.tidy"
CHECKPOINT = "schedule.checkpoint"
LEARN = "schedule.learn"
CHECK_OBJECTS = "schedule.check_objects"
CHECK_SIGNATURES = "schedule.check_signatures"
RETAIN = "schedule.retain"
KEEP_LOCKS = "store.lock"
COMPARE_STORE = "store.compare"
PRESERVE = "schedule.preserve"
ENTER_SEARCHES = "schedule.enter_searches"
ERASE_LIST = "disposal.erase"
REPORT_LIST = "disposal.report"
REMOVE_OLD_COPIES = "store.remove_old_copies"
ROUTES = {
    OPEN_DOCUMENT: INTAKE,
    READ_PAGE: PAGES,
    SEAL_DOCUMENT: ARCHIVE,
    SEEK_LETTERS: ARCHIVE,
    ERASE_LIST: DISPOSE,
    REMOVE_OLD_COPIES: DISPOSE,
    REPORT_LIST: ARCHIVE,
    CHECK_OBJECTS: FIXITY,
    **dict.fromkeys((TIDY, CHECKPOINT, LEARN, CHECK_SIGNATURES, RETAIN, PRESERVE, KEEP_LOCKS, COMPARE_STORE), ARCHIVE),
    ENTER_SEARCHES: ARCHIVE,
}

# PostgreSQL's advisory lock that the one feeding worker holds for as long as it lives
FEEDER_LOCK = 7202612
# The one that reads the store again holds it meanwhile
FIXITY_LOCK = 7202613
# The one that tells the store of locks
LOCKS_LOCK = 7202614


def work_at_once() -> int:
    """Pieces of work that one worker process does at a time."""
    return settings().worker_threads or len(os.sched_getaffinity(0))


@cache
def celery_app() -> "Celery":
    """The app of this process, configured for late acknowledgement and losable messages."""
    from celery import Celery  # here, as the HTTP server only asks the broker: a quarter of a second of its start

    app = Celery("arsip", broker=settings().broker_url.get_secret_value(), set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        # Threads: what is heavy or foreign runs in a child that is killed alone (docs/adr/0003, 0007)
        worker_pool="threads",
        worker_concurrency=work_at_once(),
        task_routes={name: {"queue": queue} for name, queue in ROUTES.items()},
        task_create_missing_queues=True,
        task_default_queue=ARCHIVE,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": settings().visibility_seconds,
            "socket_timeout": 10,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
        },
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        enable_utc=True,
    )
    return app


@cache
def broker() -> Redis:
    """A plain connection to the broker, for asking how long its queues are; gives up after a second."""
    return Redis.from_url(settings().broker_url.get_secret_value(), socket_timeout=1, socket_connect_timeout=1)
