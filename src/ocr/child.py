"""The reading child: imports once, then forks for each file, so that nothing of one letter meets the next.

Started by sandbox.Sandbox with its end of a socket as standard input. It opens no file by name: a job gets its files
already open. Each fork has limits of memory, time, file size and files, and a scratch folder that is emptied after it.
A fork stays for the next page of the same file, which comes at once or not at all: it has its memory already, and a
fifth of a page's time would go into having it anew.
"""

import ctypes
import importlib
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import memory
from core.faults import Fault
from core.priority import step_back
from ocr import frames

Job = Callable[[dict[str, Any], list[int], Path], dict[str, Any]]

_PR_SET_PDEATHSIG = 1
_OPEN_FILES = 64
_STAYS_SECONDS = 1.0
_MOST_JOBS = 32  # of one fork: whatever a library leaks ends with it


def main() -> None:
    """Serve jobs until the worker closes its end or dies."""
    memory.starting()
    _die_with_parent()
    step_back()
    link = socket.socket(fileno=0)
    jobs: dict[str, Job] = importlib.import_module(sys.argv[1]).JOBS
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries print what they see in a file: never into a log
    memory.started()
    frames.send(link, {"ready": True})
    fork: _Fork | None = None
    while True:
        if fork and not select.select([link], [], [], _STAYS_SECONDS)[0]:
            fork.end()
            fork = None
        try:
            request, files = frames.receive(link)
        except (EOFError, OSError):
            return
        # what only some jobs need is imported before the fork when first asked for, so later forks find it warm
        for module in request["modules"]:
            importlib.import_module(module)
        if fork and not fork.serves(request, files):
            fork.end()
            fork = None
        fork = fork or _Fork(link, jobs[request["job"]], request, files)
        answer = fork.ask(link, request, files)
        if fork.crashed or "answer" not in answer:
            fork.end()
            fork = None
        frames.send(link, answer)


class _Fork:
    """A process of its own for the jobs of one kind with one file."""

    def __init__(self, link: socket.socket, job: Job, request: dict[str, Any], files: list[int]) -> None:
        self._kind = request["job"], request["limits"], _file_of(files)
        self._file = os.dup(files[0]) if files else None  # held, so that no other file gets its number
        self._left = _MOST_JOBS
        self._scratch = tempfile.mkdtemp()
        self._link, theirs = socket.socketpair()
        self.crashed = False
        self._pid = os.fork()
        if self._pid == 0:
            link.detach()
            os.close(0)
            self._link.close()
            _run(theirs, job, Path(self._scratch))
        theirs.close()
        signal.signal(signal.SIGTERM, lambda *_: _end(self._pid))

    def serves(self, request: dict[str, Any], files: list[int]) -> bool:
        """Whether it is there for this job: the same kind, with the same file."""
        return bool(files) and self._left > 0 and self._kind == (request["job"], request["limits"], _file_of(files))

    def ask(self, link: socket.socket, request: dict[str, Any], files: list[int]) -> dict[str, Any]:
        """What the job answers, or that it crashed; ends with the job when the worker is gone."""
        self._left -= 1
        try:
            try:
                frames.send(self._link, request, files)
            finally:
                for fd in files:
                    os.close(fd)
            ready, _, _ = select.select([self._link, link], [], [])
            if self._link not in ready:
                _end(self._pid)  # a worker that speaks during a job has died: it waits for the answer
            answer, sent = frames.receive(self._link)
        except (EOFError, OSError, ValueError):
            self.crashed = True
            return {"crashed": 0}
        if sent:  # no job answers with files: one that was taken over would hand them to the next letter's
            for fd in sent:
                os.close(fd)
            self.crashed = True
            return {"crashed": 0}
        return answer

    def end(self) -> None:
        """End it, and all it has started: a helper program must not outlive it."""
        _kill_group(self._pid)
        os.waitpid(self._pid, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._link.close()
        if self._file is not None:
            os.close(self._file)
        shutil.rmtree(self._scratch, ignore_errors=True)


def _file_of(files: list[int]) -> tuple[int, int] | None:
    """Which file a job is about: the first it is given."""
    if not files:
        return None
    found = os.fstat(files[0])
    return found.st_dev, found.st_ino


def _end(pid: int) -> None:
    _kill_group(pid)
    os._exit(1)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # it has not made its group yet, or all of it has ended


def _run(link: socket.socket, job: Job, scratch: Path) -> None:
    """In the fork: do jobs until it is ended, never return."""
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _die_with_parent()
        tempfile.tempdir = str(scratch)
        while True:
            request, files = frames.receive(link)
            _limit(request["limits"])
            frames.send(link, _answer(job, request, files, scratch))
            for fd in files:
                os.close(fd)
    except BaseException:  # noqa: BLE001 - whatever happens, the fork must not go on as the server
        os._exit(70)


def _answer(job: Job, request: dict[str, Any], files: list[int], scratch: Path) -> dict[str, Any]:
    try:
        return {"answer": job(request["facts"], files, scratch)}
    except Fault as fault:
        return {"fault": fault.slug, "facts": fault.facts}
    except MemoryError:
        return {"crashed": 0}
    except Exception as error:  # noqa: BLE001 - parsers of foreign files raise anything
        # places only: the message of an error can quote the letter
        places = [f"{Path(f.filename).name}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)]
        return {"error": type(error).__name__, "places": places[-6:]}


def _limit(limits: dict[str, int]) -> None:
    for what, value in (
        (resource.RLIMIT_AS, limits["memory_mb"] << 20),
        (resource.RLIMIT_FSIZE, limits["file_mb"] << 20),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        value = _at_most(value, resource.getrlimit(what)[1])
        resource.setrlimit(what, (value, value))
    # time is counted over all jobs, so its soft limit moves on with each
    each = limits["seconds"] + 2
    last = _at_most(_MOST_JOBS * each, resource.getrlimit(resource.RLIMIT_CPU)[1])
    resource.setrlimit(resource.RLIMIT_CPU, (_at_most(int(time.process_time()) + each, last), last))


def _at_most(value: int, most: int) -> int:
    return value if most == resource.RLIM_INFINITY else min(value, most)


def _die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent dies, even by kill -9."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


if __name__ == "__main__":
    main()
