"""The broker learns ids and nothing else, and its losses are no losses."""

import json
import os
import subprocess
import sys

import pytest

from core.queue import (
    ARCHIVE,
    CHECK_OBJECTS,
    CHECK_SIGNATURES,
    CHECKPOINT,
    COMPARE_STORE,
    DISPOSE,
    ENTER_SEARCHES,
    ERASE_LIST,
    FIXITY,
    INTAKE,
    KEEP_LOCKS,
    LEARN,
    OPEN_DOCUMENT,
    PAGES,
    PRESERVE,
    QUEUES,
    READ_PAGE,
    REMOVE_OLD_COPIES,
    REPORT_LIST,
    RETAIN,
    ROUTES,
    SEAL_DOCUMENT,
    SEEK_LETTERS,
    TIDY,
)
from core.settings import Settings
from tests.unit.test_settings import NEEDED
from workers.schedule import SCHEDULE

# In a process of its own: importing workers.tasks makes the Celery app of that process
SHOW = """
import inspect, json, workers.disposer, workers.tasks
from core.queue import celery_app
app = celery_app()
own = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
names = ("task_acks_late", "task_reject_on_worker_lost", "worker_prefetch_multiplier", "task_ignore_result",
         "accept_content", "task_serializer", "task_always_eager", "result_backend", "task_default_queue")
print(json.dumps({
    "tasks": {name: [p.annotation.__name__ for p in inspect.signature(task.run).parameters.values()]
              for name, task in own.items()},
    "conf": {name: app.conf[name] for name in names},
    "visibility": app.conf.broker_transport_options["visibility_timeout"],
}))
"""


@pytest.fixture(scope="module")
def shown() -> dict[str, object]:
    ran = subprocess.run(
        [sys.executable, "-c", SHOW], env={**os.environ, **NEEDED}, capture_output=True, text=True, check=True
    )
    return json.loads(ran.stdout)


def test_a_task_carries_one_id_or_nothing(shown: dict[str, object]) -> None:
    assert shown["tasks"] == {
        OPEN_DOCUMENT: ["str"],
        READ_PAGE: ["str"],
        SEAL_DOCUMENT: ["str"],
        SEEK_LETTERS: ["str"],
        ERASE_LIST: ["str"],
        REPORT_LIST: ["str"],
        TIDY: [],
        CHECKPOINT: [],
        LEARN: [],
        CHECK_OBJECTS: [],
        CHECK_SIGNATURES: [],
        RETAIN: [],
        KEEP_LOCKS: [],
        COMPARE_STORE: [],
        PRESERVE: [],
        ENTER_SEARCHES: [],
        REMOVE_OLD_COPIES: [],
    }


def test_every_task_has_a_queue_that_somebody_works_on(shown: dict[str, object]) -> None:
    assert set(ROUTES) == set(shown["tasks"])
    assert set(ROUTES.values()) == set(QUEUES) == {INTAKE, PAGES, ARCHIVE, FIXITY, DISPOSE}


def test_messages_may_be_lost_and_come_twice(shown: dict[str, object]) -> None:
    assert shown["conf"] == {
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "task_ignore_result": True,
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_always_eager": False,
        "result_backend": None,
        "task_default_queue": ARCHIVE,
    }
    assert shown["visibility"] == Settings.model_fields["visibility_seconds"].default


def test_the_schedule_asks_for_known_tasks_and_never_piles_up() -> None:
    for entry in SCHEDULE.values():
        assert entry["task"] in ROUTES
        assert entry["options"]["expires"] < entry["schedule"]
    assert {entry["task"] for entry in SCHEDULE.values()} == {
        TIDY,
        CHECKPOINT,
        LEARN,
        CHECK_OBJECTS,
        CHECK_SIGNATURES,
        RETAIN,
        KEEP_LOCKS,
        COMPARE_STORE,
        PRESERVE,
        ENTER_SEARCHES,
        REMOVE_OLD_COPIES,
    }
