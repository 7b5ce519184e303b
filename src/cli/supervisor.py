"""Keeps programs running: starts them, asks until they're healthy, restarts what dies, stops them in order.

One thread per program starts it, waits for it and starts it again. That thread lives as long as its program does:
Linux ties the parent-death signal to the *thread* that forked, so a passing helper thread would kill its child.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cli.datadir import write_private

FIRST_WAIT = 0.1
LONGEST_WAIT = 10.0
# Between probes: each takes a little of the machine that the program starts on. From 0.03 s to 0.2 s in four seconds
FIRST_PROBE = 0.03
LONGEST_PROBE = 0.2
PROBE_GROWTH = 1.05
STEADY_SECONDS = 30.0
EARLY_DEATHS = 5
LOG_BYTES = 10 * 1024 * 1024


class StartError(Exception):
    """A program didn't get healthy; the message tells a clerk which, and where its log is."""


@dataclass(frozen=True)
class Program:
    """One program to keep running.

    `before` runs ahead of every start, `after` behind every end. `ready` is a real operation on the program and raises
    until that works. `orphan_signal` is what the kernel sends it when the supervisor itself dies. `keep_open` are file
    descriptors it inherits. `as_user` maps root to an ordinary user id in a user namespace, for programs that refuse to
    run as root.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Callable[[], None]
    cwd: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    grace: float = 10.0
    ready_seconds: float = 60.0
    keep_open: tuple[int, ...] = ()
    as_user: bool = False
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None


class Watch(threading.Thread):
    """Runs one program until told to stop."""

    def __init__(self, program: Program, log: Path, changed: Callable[[], None]) -> None:
        super().__init__(name=program.name, daemon=True)
        self.program = program
        self.log = log
        self.healthy = threading.Event()
        self.stopping = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.deaths_before_healthy = 0
        self._changed = changed

    def run(self) -> None:
        wait = FIRST_WAIT
        while not self.stopping.is_set():
            started = time.monotonic()
            try:
                self._live_once()
            except (OSError, StartError) as error:
                say(f"{self.name}: {error}")
            if self.stopping.is_set():
                return
            if not self.healthy.is_set():
                self.deaths_before_healthy += 1
            self.healthy.clear()
            wait = FIRST_WAIT if time.monotonic() - started > STEADY_SECONDS else wait
            say(f"{self.name} berhenti; dijalankan lagi")
            self.stopping.wait(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    def _live_once(self) -> None:
        self.program.before()
        process = spawn(self.program, self.log)
        self.process = process
        self._changed()
        if self.stopping.is_set():  # signal_stop came between the loop's check and this process
            process.send_signal(self.program.stop_signal)
        wait = FIRST_PROBE
        while process.poll() is None and not self.stopping.is_set():
            try:
                self.program.ready()
            except Exception:  # noqa: BLE001 - whatever a probe meets means: not yet
                time.sleep(wait)
                wait = min(wait * PROBE_GROWTH, LONGEST_PROBE)
            else:
                self.deaths_before_healthy = 0
                self.healthy.set()
                break
        process.wait()
        self.program.after()

    def signal_stop(self) -> None:
        """Ask the program to end and don't start it again. Returns at once."""
        self.stopping.set()
        if self.process:
            self.process.send_signal(self.program.stop_signal)

    def finish(self) -> None:
        """Wait for the end that `signal_stop` asked for; after the grace, kill its whole session."""
        self.join(self.program.grace)
        if self.is_alive() and self.process:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.join()


@dataclass
class Supervisor:
    """The programs of one run. `logs` and `pids_file` lie in the data directory."""

    logs: Path
    pids_file: Path
    waves: list[list[Watch]] = field(default_factory=list)
    cancelled: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, programs: Sequence[Program]) -> None:
        """Start these together and return when all are healthy.

        Raises StartError when one isn't in time or keeps dying, or when `cancelled` is set meanwhile.
        """
        wave = [Watch(p, self.logs / f"{p.name}.log", self._write_pids) for p in programs]
        self.waves.append(wave)
        for watch in wave:
            watch.start()
        for watch in wave:
            self._await(watch)

    def watch(self, name: str) -> Watch:
        """The watch of that program. Raises KeyError."""
        return {w.name: w for wave in self.waves for w in wave}[name]

    def pids(self) -> dict[str, int]:
        """The process id of every program that has been started."""
        return {w.name: w.process.pid for wave in self.waves for w in wave if w.process}

    def stop(self) -> None:
        """Stop all, the last wave first."""
        self.cancelled.set()
        while self.waves:
            wave = self.waves[-1]
            for watch in wave:
                watch.signal_stop()
            for watch in wave:
                watch.finish()
            self.waves.pop()
        self.pids_file.unlink(missing_ok=True)

    def _await(self, watch: Watch) -> None:
        deadline = time.monotonic() + watch.program.ready_seconds
        while not watch.healthy.wait(0.02):
            if self.cancelled.is_set():
                raise StartError("Dihentikan sebelum siap.")
            if time.monotonic() > deadline or watch.deaths_before_healthy >= EARLY_DEATHS:
                raise StartError(f"{watch.name} tidak mau berjalan. Baca lognya: {watch.log}")

    def _write_pids(self) -> None:
        with self._lock:
            write_private(self.pids_file, {"supervisor": os.getpid(), **self.pids()})


def spawn(program: Program, log: Path) -> subprocess.Popen[bytes]:
    """Start the program in its own session, its output appended to `log`, bound to the calling thread's life."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
        return subprocess.Popen(
            bound(program.argv, program.orphan_signal, as_user=program.as_user),
            env=dict(program.env),
            cwd=program.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=program.keep_open,
        )


def bound(argv: Sequence[str], orphan_signal: signal.Signals, *, as_user: bool) -> list[str]:
    """That command, ended by the kernel with its parent; `as_user` hides from it that it's root, when it is."""
    tied = ["setpriv", "--pdeathsig", orphan_signal.name.removeprefix("SIG"), *argv]
    if as_user and os.geteuid() == 0:
        return ["unshare", "--user", "--map-user=1000", "--map-group=1000", *tied]
    return tied


def say(line: str) -> None:
    """One line of progress for the person at the terminal; standard output is kept for the one line that counts."""
    print(line, file=sys.stderr, flush=True)
