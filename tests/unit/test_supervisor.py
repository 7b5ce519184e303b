"""The supervisor keeps programs running, says when it can't, and leaves nothing behind."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.supervisor import Program, StartError, Supervisor


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path, tmp_path / "pids.json")
    yield supervisor
    supervisor.stop()


def _program(code: str, ready: Callable[[], None] = lambda: None, grace: float = 5.0) -> Program:
    return Program("one", [sys.executable, "-S", "-c", code], dict(os.environ), ready, grace=grace, ready_seconds=10)


def test_a_dead_program_is_started_again(supervisor: Supervisor) -> None:
    supervisor.start([_program("import time; time.sleep(60)")])
    first, watch = supervisor.pids()["one"], supervisor.watch("one")
    watch.healthy.clear()
    os.kill(first, signal.SIGKILL)
    assert watch.healthy.wait(10)
    assert supervisor.pids()["one"] != first
    assert f'"one": {supervisor.pids()["one"]}' in supervisor.pids_file.read_text()


def test_a_program_that_starts_slowly_is_asked_ever_less_often(supervisor: Supervisor) -> None:
    asked: list[float] = []

    def at_last() -> None:
        asked.append(time.monotonic())
        if len(asked) < 25:
            raise OSError

    supervisor.start([_program("import time; time.sleep(60)", at_last)])
    # twenty-four waits of 0.03 s are 0.72 s; a wait may be longer on a busy machine, never shorter
    assert asked[-1] - asked[0] >= 1.3


def test_a_program_that_keeps_dying_stops_the_start_and_names_its_log(supervisor: Supervisor) -> None:
    def never() -> None:
        raise OSError

    with pytest.raises(StartError, match=r"one tidak mau berjalan.*one\.log"):
        supervisor.start([_program("print('sebabnya', flush=True)", never)])
    assert "sebabnya" in supervisor.watch("one").log.read_text()


def test_a_program_that_ignores_the_request_is_killed_after_its_grace(supervisor: Supervisor, tmp_path: Path) -> None:
    deaf = "import signal,time,pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    deaf += f"pathlib.Path({str(tmp_path / 'deaf')!r}).touch(); time.sleep(60)"
    supervisor.start([_program(deaf, lambda: os.stat(tmp_path / "deaf") and None, grace=0.2)])
    pid, started = supervisor.pids()["one"], time.monotonic()
    supervisor.stop()
    assert 0.2 <= time.monotonic() - started < 30  # it would sleep for a minute
    assert not Path(f"/proc/{pid}").exists()
    assert not supervisor.pids_file.exists()
