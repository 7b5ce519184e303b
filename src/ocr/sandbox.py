"""The worker's end of the reading child: starts it behind the best wall there is, times it, kills it.

Walls, best first: bubblewrap (own users, processes, network and a file system of programs only), then `unshare`
(no network, own processes), then limits alone. The limits of child.py always hold. Which one stands is logged once
and shown by `isolation`.
"""

import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.faults import ReaderCrashed, ReaderTooSlow, fault_from
from ocr import frames

log = logging.getLogger(__name__)

_START_SECONDS = 60
_SCRATCH_MB = 512
_FILE_MB = 2048  # an assembled PDF holds the original and more
_SOURCE = Path(__file__).resolve().parent.parent
# The kernel empties memory each time a process gets it, which costs as much as using it. So it comes in pages of 2 MB
# where the kernel has them, not of 4 KB, and a fork keeps it: a page's pictures stand where those of the last one did
_MEMORY = {"hugetlb": 1, "mmap_threshold": 32 << 20, "trim_threshold": 1 << 32, "top_pad": 64 << 20}
_OWN_CODE = (_SOURCE / "core", _SOURCE / "archive", _SOURCE / "ocr")


class Sandbox:
    """One reading child, for one thread: it serves a job at a time and dies with the thread that first used it.

    It starts with the first job and again with the first job after a death. `jobs` names the module whose JOBS it
    runs, `code` the packages it may see besides the Python installation.
    """

    def __init__(self, memory_mb: int, *, jobs: str = "ocr.jobs", code: Sequence[Path] = _OWN_CODE) -> None:
        self._memory_mb = memory_mb
        self._jobs = jobs
        self._code = tuple(code)
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None
        self._scratch: Path | None = None
        self.isolation: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def run(
        self,
        job: str,
        facts: dict[str, Any],
        files: Sequence[int] = (),
        *,
        seconds: int,
        modules: Sequence[str] = (),
    ) -> dict[str, Any]:
        """The answer of one job that may take `seconds`; `files` are open descriptors, which stay the caller's.

        Raises the Fault the job raised, ReaderTooSlow when it was late, ReaderCrashed when it died or failed.
        """
        limits = {"memory_mb": self._memory_mb, "seconds": seconds, "file_mb": _FILE_MB}
        request = {"job": job, "facts": facts, "limits": limits, "modules": list(modules)}
        try:
            link = self._send(request, files)
            answer = self._receive(link, time.monotonic() + seconds)
        except TimeoutError:
            self.close()
            raise ReaderTooSlow(seconds=seconds) from None
        except (EOFError, OSError, ValueError):
            self.close()
            log.warning("reader_died", extra={"job": job})
            raise ReaderCrashed from None
        return _unpack(job, answer)

    def close(self) -> None:
        """End the child and everything it started; harmless when there is none."""
        process, link, scratch = self._process, self._link, self._scratch
        self._process = self._link = self._scratch = None
        if link:
            link.close()
        if process:
            _kill(process)
        if scratch:
            shutil.rmtree(scratch, ignore_errors=True)

    def start(self) -> None:
        """Have the child ready. Raises ReaderCrashed when none can be started."""
        if self._process and self._process.poll() is None:
            return
        self.close()
        for wall, argv in _walls(self._code):
            why = self._start(argv)
            if why is None:
                if self.isolation != wall:
                    log.log(logging.INFO if wall == "bubblewrap" else logging.WARNING, "sandbox", extra={"wall": wall})
                self.isolation = wall
                return
            log.warning("sandbox_wall_failed", extra={"wall": wall, "why": why})
        raise ReaderCrashed

    def _send(self, request: dict[str, Any], files: Sequence[int]) -> socket.socket:
        for last in (False, True):
            self.start()
            assert self._link is not None  # noqa: S101 - start() raised otherwise
            try:
                frames.send(self._link, request, files)
            except OSError:  # it died while idle: nobody's work is lost, so start another
                self.close()
                if last:
                    raise
            else:
                return self._link
        raise ReaderCrashed

    def _receive(self, link: socket.socket, deadline: float) -> dict[str, Any]:
        link.settimeout(max(0.01, deadline - time.monotonic()))
        answer, files = frames.receive(link)
        for fd in files:
            os.close(fd)
        link.settimeout(None)
        return answer

    def _start(self, argv: list[str]) -> str | None:
        """Start the child behind one wall; the reason when that fails."""
        self._link, theirs = socket.socketpair()
        environment = _environment(self._code)
        if "--tmpfs" not in argv:  # behind the best wall /tmp is the child's own, in memory, and goes with it
            self._scratch = Path(tempfile.mkdtemp(prefix="arsip-baca-"))
            environment["TMPDIR"] = str(self._scratch)
        command = [*argv, sys.executable, "-s", "-P", "-m", "ocr.child", self._jobs]
        with theirs:
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    start_new_session=True,
                    env=environment,
                )
            except OSError as error:
                self.close()
                return type(error).__name__
        assert self._process.stderr is not None  # noqa: S101 - PIPE
        with self._process.stderr as complaints:
            try:
                self._receive(self._link, time.monotonic() + _START_SECONDS)
            except (EOFError, OSError, ValueError):
                _kill(self._process)
                why = complaints.read(2000).decode(errors="replace").strip().splitlines()
                self.close()
                return why[-1] if why else "no answer"
        return None


def _unpack(job: str, answer: dict[str, Any]) -> dict[str, Any]:
    found, fault, facts = (answer.get(name) for name in ("answer", "fault", "facts"))
    if isinstance(found, dict):
        return found
    if isinstance(fault, str) and isinstance(facts, dict):
        # counts and sizes are all that a file's fault has to tell; other things are stored nowhere
        raise fault_from(fault, {name: value for name, value in facts.items() if isinstance(value, int)})
    log.warning("reader_failed", extra={"job": job, "why": {k: v for k, v in answer.items() if k != "facts"}})
    raise ReaderCrashed


def _kill(process: subprocess.Popen[bytes]) -> None:
    # SIGTERM first: without a process namespace only the child knows its helper programs, and ends them on it
    for how, seconds in ((signal.SIGTERM, 1.0), (signal.SIGKILL, 10.0)):
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            pass
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return


def _environment(code: Sequence[Path]) -> dict[str, str]:
    """All the child gets to know of this process's environment: how to find programs and languages."""
    kept = {name: os.environ[name] for name in ("PATH", "TESSDATA_PREFIX", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(str(p.parent) for p in code)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
        # a page is one core's work: the pages run side by side
        "OMP_THREAD_LIMIT": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "GLIBC_TUNABLES": ":".join(f"glibc.malloc.{name}={value}" for name, value in _MEMORY.items()),
    }


def _walls(code: Sequence[Path]) -> list[tuple[str, list[str]]]:
    walls: list[tuple[str, list[str]]] = []
    if bwrap := shutil.which("bwrap"):
        walls.append(("bubblewrap", [bwrap, *_bubble(code)]))
    if unshare := shutil.which("unshare"):
        own = [unshare, "--net", "--pid", "--fork", "--kill-child=TERM"]
        walls.append(("unshare", own if os.geteuid() == 0 else [*own, "--user", "--map-current-user"]))
    walls.append(("limits", []))
    return walls


def _bubble(code: Sequence[Path]) -> list[str]:
    options = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    for name in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"):
        if os.path.islink(name):
            options += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            options += ["--ro-bind", name, name]
    options += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", "--proc", "/proc", "--dev", "/dev"]
    options += ["--size", str(_SCRATCH_MB << 20), "--tmpfs", "/tmp"]  # noqa: S108 - its own, in memory
    for place in _homes(code):
        options += ["--ro-bind", place, place]
    return [*options, "--chdir", "/"]


def _homes(code: Sequence[Path]) -> list[str]:
    """What lies outside the system folders and is needed: Python wherever it is installed, our code, the languages."""
    places = {sys.prefix, sys.base_prefix, *map(str, code)}
    program: str | None = sys.executable
    while program and os.path.islink(program):  # a venv's python leads over links to the real one
        program = os.path.join(os.path.dirname(program), os.readlink(program))
        places.add(os.path.dirname(os.path.dirname(program)))
    if tesseract := shutil.which("tesseract"):
        places.add(os.path.dirname(os.path.dirname(os.path.realpath(tesseract))))
    if languages := os.environ.get("TESSDATA_PREFIX"):
        places.add(languages)
    absolute = {os.path.abspath(p) for p in places} | {os.path.realpath(p) for p in places}
    return sorted(p for p in absolute if p != "/" and p.split("/")[1] not in ("usr", "bin", "lib", "lib64"))
