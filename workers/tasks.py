"""The Celery tasks. Each only names a piece of work; workers/pipeline.py does it."""

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from core.queue import (
    CHECK_OBJECTS,
    CHECK_SIGNATURES,
    CHECKPOINT,
    COMPARE_STORE,
    ENTER_SEARCHES,
    KEEP_LOCKS,
    LEARN,
    OPEN_DOCUMENT,
    PRESERVE,
    READ_PAGE,
    REPORT_LIST,
    RETAIN,
    SEAL_DOCUMENT,
    SEEK_LETTERS,
    TIDY,
    celery_app,
)
from core.settings import settings
from ocr.sandbox import Sandbox
from workers import (
    depositing,
    fixity,
    housekeeping,
    learning,
    linking,
    locking,
    pipeline,
    preserving,
    reconciling,
    retention,
    vouching,
)

_app = celery_app()
_owner = ["worker"]
_idle: queue.SimpleQueue[Sandbox] = queue.SimpleQueue()


def take_work_as(name: str) -> None:
    """The name under which this process takes work from now on. What a dead worker of that name left is removed."""
    _owner[0] = name
    pipeline.clear_work_folder(name)


def warm_up(sandboxes: int) -> None:
    """Have so many sandboxes ready, so that the first letter waits no longer than the others."""
    for _ in range(sandboxes):
        sandbox = Sandbox(settings().parser_memory_mb)
        sandbox.start()
        _idle.put(sandbox)


def _run(step: Callable[[pipeline.Worker, UUID], None], piece: str) -> None:
    with _sandbox() as sandbox:
        step(pipeline.Worker(_owner[0], sandbox), UUID(piece))


@contextmanager
def _sandbox() -> Iterator[Sandbox]:
    """A sandbox that no other task uses meanwhile; kept warm for the next."""
    try:
        sandbox = _idle.get_nowait()
    except queue.Empty:
        sandbox = Sandbox(settings().parser_memory_mb)
    try:
        yield sandbox
    finally:
        _idle.put(sandbox)


@_app.task(name=OPEN_DOCUMENT)
def open_document(document: str) -> None:
    _run(pipeline.open_document, document)


@_app.task(name=READ_PAGE)
def read_page(page: str) -> None:
    _run(pipeline.read_page, page)


@_app.task(name=SEAL_DOCUMENT)
def seal_document(document: str) -> None:
    _run(pipeline.seal_document, document)


@_app.task(name=SEEK_LETTERS)
def seek_letters(case: str) -> None:
    linking.seek_for(UUID(case))


@_app.task(name=TIDY)
def tidy() -> None:
    housekeeping.tidy()


@_app.task(name=CHECKPOINT)
def checkpoint() -> None:
    housekeeping.checkpoint()
    preserving.preserve()  # the bucket must hold the ledger up to a head that lies there under lock


@_app.task(name=ENTER_SEARCHES)
def enter_searches() -> None:
    housekeeping.enter_searches()
    housekeeping.hash_numbers()


@_app.task(name=PRESERVE)
def preserve() -> None:
    preserving.preserve_and_tell()


@_app.task(name=LEARN)
def learn() -> None:
    learning.learn()


@_app.task(name=CHECK_OBJECTS)
def check_objects() -> None:
    fixity.run()


@_app.task(name=CHECK_SIGNATURES)
def check_signatures() -> None:
    with _sandbox() as sandbox:
        vouching.check_again(sandbox)


@_app.task(name=RETAIN)
def retain() -> None:
    retention.sweep()


@_app.task(name=KEEP_LOCKS)
def keep_locks() -> None:
    locking.keep_locks()


@_app.task(name=COMPARE_STORE)
def compare_store() -> None:
    reconciling.compare()


@_app.task(name=REPORT_LIST)
def report_list(listed: str) -> None:
    depositing.report(UUID(listed))
