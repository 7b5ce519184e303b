"""One poison file ends its own job and nothing else."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import ocr.sandbox
from archive.reading import PageReading
from core.faults import ReaderCrashed, ReaderTooSlow, TooManyPages
from ocr.reader import inspect, read_page, second_opinion
from ocr.sandbox import Sandbox
from tests.assets.hostile_jobs import LIES

HOSTILE = Path(__file__).parent.parent / "assets" / "hostile_jobs.py"
SOURCE = Path(ocr.sandbox.__file__).parent.parent
CODE = (SOURCE / "core", SOURCE / "ocr", HOSTILE)


@pytest.fixture
def hostile() -> Iterator[Sandbox]:
    with Sandbox(1024, jobs="hostile_jobs", code=CODE) as sandbox:
        yield sandbox


def running(mark: str) -> list[int]:
    """Processes anywhere on the machine with that word in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark in (entry / "cmdline").read_text().split("\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def until(happens: Callable[[], bool], seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happens():
            return True
        time.sleep(0.05)
    return happens()


def without_bubblewrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *programs: str) -> None:
    """Make a PATH of these programs only, as on a machine that lacks the others."""
    for program in ("sleep", *programs):
        (tmp_path / program).symlink_to(f"/usr/bin/{program}")
    monkeypatch.setenv("PATH", str(tmp_path))


def test_files_are_passed_open(hostile: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "surat").write_text("isi surat")
    with (tmp_path / "surat").open("rb") as file:
        answer = hostile.run("echo", {"n": 1}, [file.fileno()], seconds=20)
    assert answer == {"said": {"n": 1}, "read": ["isi surat"]}


def test_jobs_share_one_warm_child(hostile: Sandbox) -> None:
    hostile.start()
    assert hostile._process is not None
    child = hostile._process.pid
    for _ in range(30):
        hostile.run("echo", {}, seconds=20)
    assert hostile._process.pid == child


@pytest.mark.parametrize("programs", [None, ("unshare",), ()], ids=["bubblewrap", "unshare", "limits"])
def test_a_stuck_job_is_ended_in_time_with_all_it_started(
    hostile: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, programs: tuple[str, ...] | None
) -> None:
    if programs is not None:
        without_bubblewrap(monkeypatch, tmp_path, *programs)
    hostile.start()
    assert hostile.isolation == ("bubblewrap" if programs is None else programs[0] if programs else "limits")
    mark = f"31536000.{os.getpid()}"
    began = time.monotonic()
    with pytest.raises(ReaderTooSlow) as late:
        hostile.run("loop", {"mark": mark}, seconds=1)
    assert time.monotonic() - began < 30  # the loop itself would go on for a year
    assert late.value.facts == {"seconds": 1}
    assert until(lambda: not running(mark))
    assert hostile.run("echo", {"n": 2}, seconds=20)["said"] == {"n": 2}


@pytest.mark.parametrize("job", ["hoard", "die", "swell"])
def test_a_dying_job_leaves_the_child_serving(hostile: Sandbox, job: str) -> None:
    hostile.start()
    with pytest.raises(ReaderCrashed):
        hostile.run(job, {}, seconds=30)
    assert hostile.run("echo", {"n": 3}, seconds=20)["said"] == {"n": 3}


@pytest.mark.parametrize("lie", range(len(LIES)))
def test_what_a_taken_over_child_answers_is_no_reading(hostile: Sandbox, tmp_path: Path, lie: int) -> None:
    (tmp_path / "surat.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(ReaderCrashed):
        inspect(hostile, tmp_path / "surat.pdf", "application/pdf", tmp_path / "working.pdf", max_pages=lie, seconds=20)
    with pytest.raises(ReaderCrashed):
        read_page(hostile, tmp_path / "surat.pdf", lie, tmp_path / "preview.jpg", seconds=20)
    assert not (tmp_path / "preview.jpg").exists()
    page = PageReading(lie + 1, 595.0, 842.0, 1000, 1400, 0, 0.0, "ocr", (), 0.1)
    with pytest.raises(ReaderCrashed):
        second_opinion(hostile, tmp_path / "surat.pdf", [(page, [(0.1, 0.1, 0.2, 0.2)])], seconds=20)


def test_only_numbers_come_with_a_fault(hostile: Sandbox) -> None:
    with pytest.raises(TooManyPages) as told:
        hostile.run("blame", {}, seconds=20)
    assert told.value.facts == {"limit": 3}


def test_a_child_killed_while_idle_is_replaced(hostile: Sandbox) -> None:
    hostile.start()
    for pid in running("hostile_jobs"):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not running("hostile_jobs"))
    assert hostile.run("echo", {"n": 4}, seconds=20)["said"] == {"n": 4}


def test_the_child_sees_neither_network_nor_data(
    hostile: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARSIP_DATABASE_URL", "postgresql://rahasia")
    (tmp_path / "surat.pdf").write_text("rahasia")
    hidden = [str(tmp_path / "surat.pdf"), str(Path(__file__)), "/etc/passwd", "/root/.bashrc", "/home"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        seen = hostile.run("look", {"addresses": [server.getsockname()], "paths": hidden}, seconds=20)
    assert hostile.isolation == "bubblewrap"
    assert seen["reached"] == [False]
    assert seen["seen"] == []
    assert not any(name.startswith("ARSIP_") for name in seen["environment"])
    assert seen["processes"] <= 4


def test_without_bubblewrap_there_is_still_no_network(
    hostile: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_bubblewrap(monkeypatch, tmp_path, "unshare")
    with socket.create_server(("127.0.0.1", 0)) as server:
        seen = hostile.run("look", {"addresses": [server.getsockname()], "paths": []}, seconds=20)
    assert hostile.isolation == "unshare"
    assert seen["reached"] == [False]


def test_a_job_leaves_nothing_to_the_next(hostile: Sandbox) -> None:
    for _ in range(2):
        assert hostile.run("leave", {}, seconds=20)["left"] == []


def test_pages_of_one_file_are_read_by_one_process_and_those_of_the_next_by_another(
    hostile: Sandbox, tmp_path: Path
) -> None:
    def leave(file: str) -> dict[str, Any]:
        (tmp_path / file).touch()
        with (tmp_path / file).open("rb") as opened:
            return hostile.run("leave", {}, [opened.fileno()], seconds=20)

    first, second, other = leave("satu"), leave("satu"), leave("dua")
    assert first["by"] == second["by"] != other["by"]
    assert other["left"] == [], "what one letter left met the next"


def test_a_file_that_is_handed_over_does_not_meet_the_next_letter(hostile: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "rahasia").touch()
    (tmp_path / "surat").touch()
    with (tmp_path / "rahasia").open("rb") as file, pytest.raises(ReaderCrashed):
        hostile.run("hand_over", {}, [file.fileno()], seconds=20)
    with (tmp_path / "surat").open("rb") as file:
        seen = hostile.run("open_files", {}, [file.fileno()], seconds=20)["open"]
    assert any("surat" in name for name in seen)
    assert not any("rahasia" in name for name in seen)


def test_a_process_that_waits_for_the_next_page_does_not_wait_long(hostile: Sandbox, tmp_path: Path) -> None:
    mark = f"31536002.{os.getpid()}"
    (tmp_path / "surat").touch()
    with (tmp_path / "surat").open("rb") as file:
        hostile.run("start", {"mark": mark}, [file.fileno()], seconds=20)
    assert until(lambda: not running(mark)), "it and what it started go on"


@pytest.mark.parametrize("job", ["die", "swell", "hoard"])
def test_a_dying_page_leaves_the_file_readable(hostile: Sandbox, tmp_path: Path, job: str) -> None:
    (tmp_path / "surat").write_text("isi")
    with (tmp_path / "surat").open("rb") as file:
        for _ in range(2):
            with pytest.raises(ReaderCrashed):
                hostile.run(job, {}, [file.fileno()], seconds=20)
            assert hostile.run("echo", {}, [file.fileno()], seconds=20)["read"] == ["isi"]


def test_the_child_dies_with_its_worker(tmp_path: Path) -> None:
    mark = f"31536001.{os.getpid()}"
    program = (
        "import sys; from pathlib import Path; from ocr.sandbox import Sandbox\n"
        f"box = Sandbox(1024, jobs='hostile_jobs', code=tuple(map(Path, {[str(p) for p in CODE]!r})))\n"
        f"box.run('loop', {{'mark': {mark!r}}}, seconds=600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": str(SOURCE)}) as worker:
        assert until(lambda: bool(running(mark)), 30)
        worker.kill()
    assert until(lambda: not running(mark) and not running("hostile_jobs"))
