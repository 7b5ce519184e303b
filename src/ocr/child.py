"""The reading child: imports once, then forks for each job, so that nothing of one letter meets the next.

Started by sandbox.Sandbox with its end of a socket as standard input. It opens no file by name: a job gets its files
already open. Each fork has limits of memory, time, file size and files, and a scratch folder that is emptied after it.
"""

import ctypes
import gc
import importlib
import json
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.faults import Fault
from core.priority import step_back
from ocr import frames

Job = Callable[[dict[str, Any], list[int], Path], dict[str, Any]]

_PR_SET_PDEATHSIG = 1
_OPEN_FILES = 64


def main() -> None:
    """Serve jobs until the worker closes its end or dies."""
    _die_with_parent()
    step_back()
    link = socket.socket(fileno=0)
    jobs: dict[str, Job] = importlib.import_module(sys.argv[1]).JOBS
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries print what they see in a file: never into a log
    gc.collect()
    gc.freeze()  # the collector would write into every shared page of each fork
    frames.send(link, {"ready": True})
    while True:
        try:
            request, files = frames.receive(link)
        except (EOFError, OSError):
            return
        # what only some jobs need is imported before the fork when first asked for, so later forks find it warm
        for module in request["modules"]:
            importlib.import_module(module)
        frames.send(link, _serve(link, jobs[request["job"]], request, files))


def _serve(link: socket.socket, job: Job, request: dict[str, Any], files: list[int]) -> dict[str, Any]:
    scratch = tempfile.mkdtemp()
    answers, answer = os.pipe()
    pid = os.fork()
    if pid == 0:
        link.detach()
        os.close(0)
        _run(job, request, files, Path(scratch), answer)
    os.close(answer)
    for fd in files:
        os.close(fd)
    signal.signal(signal.SIGTERM, lambda *_: _end(pid))
    body = _collect(link, answers, pid)
    os.close(answers)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _kill_group(pid)  # a helper program must not outlive its job
    status = os.waitpid(pid, 0)[1]
    shutil.rmtree(scratch, ignore_errors=True)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0 and body:
        answered: dict[str, Any] = json.loads(body)
        return answered
    return {"crashed": os.waitstatus_to_exitcode(status)}


def _collect(link: socket.socket, answers: int, pid: int) -> bytes:
    """All the job answers; ends with the job when the worker is gone."""
    body = bytearray()
    while True:
        ready, _, _ = select.select([answers, link.fileno()], [], [])
        if answers not in ready:
            _end(pid)  # a worker that speaks during a job has died: it waits for the answer
        part = os.read(answers, 1 << 18)
        if not part:
            return bytes(body)
        body += part
        if len(body) > frames.MAX_BYTES:
            _kill_group(pid)
            return b""


def _end(pid: int) -> None:
    _kill_group(pid)
    os._exit(1)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # it has not made its group yet, or all of it has ended


def _run(job: Job, request: dict[str, Any], files: list[int], scratch: Path, answer: int) -> None:
    """In the fork: do the job, write the answer, never return."""
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _die_with_parent()
        _limit(request["limits"])
        tempfile.tempdir = str(scratch)
        body = json.dumps(_answer(job, request, files, scratch), ensure_ascii=False).encode()
        view = memoryview(body)
        while view:
            view = view[os.write(answer, view) :]
        os._exit(0)
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
        (resource.RLIMIT_CPU, limits["seconds"] + 2),
        (resource.RLIMIT_FSIZE, limits["file_mb"] << 20),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        most = resource.getrlimit(what)[1]
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(what, (value, value))


def _die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent dies, even by kill -9."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


if __name__ == "__main__":
    main()
