"""Jobs as a hostile file would make them, run in the real sandbox by tests/integration/test_sandbox.py."""

import os
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

from core.faults import TooManyPages
from ocr import frames


def _echo(facts: dict[str, Any], files: list[int], scratch: Path) -> dict[str, Any]:
    return {"said": facts, "read": [os.pread(fd, 100, 0).decode() for fd in files]}


def _loop(facts: dict[str, Any], files: list[int], scratch: Path) -> dict[str, Any]:
    with subprocess.Popen(["sleep", facts["mark"]]):
        while True:
            pass


def _start(facts: dict[str, Any], files: list[int], scratch: Path) -> dict[str, Any]:
    subprocess.Popen(["sleep", facts["mark"]])
    return {}


def _hoard(facts: dict[str, Any], files: list[int], scratch: Path) -> dict[str, Any]:
    held = []
    while True:
        held.append(bytearray(64 << 20))


def _die(facts: dict[str, Any], files: list[int], scratch: Path) -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGSEGV)
    return {}


def _swell(facts: dict[str, Any], files: list[int], scratch: Path) -> dict[str, Any]:
    return {"text": "x" * (64 << 20)}


def _look(facts: dict[str, Any], files: list[int], scratch: Path) -> dict[str, Any]:
    """What of the outside is in reach."""
    reached = []
    for address in facts["addresses"]:
        with socket.socket() as attempt:
            attempt.settimeout(2)
            reached.append(attempt.connect_ex(tuple(address)) == 0)
    return {
        "reached": reached,
        "seen": [path for path in facts["paths"] if os.path.exists(path)],
        "environment": sorted(os.environ),
        "processes": sum(name.isdigit() for name in os.listdir("/proc")),
    }


def _hand_over(facts: dict[str, Any], files: list[int], scratch: Path) -> dict[str, Any]:
    """Send files along where only an answer is waited for, as a taken-over job could."""
    links = [fd for fd in range(3, 64) if _is_socket(fd)]
    for fd in links:
        with socket.socket(fileno=os.dup(fd)) as link:
            frames.send(link, {"answer": {"said": "x"}}, files)
    return {}


def _is_socket(fd: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError:
        return False


def _open_files(facts: dict[str, Any], files: list[int], scratch: Path) -> dict[str, Any]:
    """What its process has open, by name."""
    return {"open": [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if _is_open(fd)]}


def _is_open(fd: str) -> bool:
    return os.path.lexists(f"/proc/self/fd/{fd}")


def _leave(facts: dict[str, Any], files: list[int], scratch: Path) -> dict[str, Any]:
    """What an earlier job of this kind has left behind. (The checkout itself may lie beside, when it is in /tmp.)"""
    left = [p.name for p in scratch.parent.glob("*/rest")]
    (scratch / "rest").write_text("rest")
    return {"left": left, "at": time.monotonic(), "by": os.getpid()}


# what a child may answer that a file has taken over, by the number that is asked for
LIES: tuple[Any, ...] = (
    None, 7, [], {}, {"pages": []}, {"pages": [["1", 2]], "has_working": True}, {"number": "1", "size": [1, 1]},
    {"pages": [[float("nan"), 1]], "has_working": 1}, {"number": 1}, {"pages": [["x" * 1001]]}, {"pages": [[None]]},
    {"pages": [["a"], ["b"]]}, {"pages": [["a", "b"]]}, {"pages": ["a"]}, {"pages": {"a": "b"}},
)  # fmt: skip


def _lie(facts: dict[str, Any], files: list[int], scratch: Path) -> dict[str, Any]:
    told: dict[str, Any] = LIES[facts.get("number", facts.get("max_pages", 0))]
    return told


def _lie_of_lines(facts: dict[str, Any], files: list[int], scratch: Path) -> dict[str, Any]:
    told: dict[str, Any] = LIES[facts["pages"][0]["number"] - 1]
    return told


def _blame(facts: dict[str, Any], files: list[int], scratch: Path) -> dict[str, Any]:
    raise TooManyPages(pages="\x00", limit=3)


JOBS = {
    "inspect_pdf": _lie,
    "read_page": _lie,
    "second_opinion": _lie_of_lines,
    "blame": _blame,
    "echo": _echo,
    "loop": _loop,
    "start": _start,
    "hoard": _hoard,
    "die": _die,
    "swell": _swell,
    "look": _look,
    "leave": _leave,
    "hand_over": _hand_over,
    "open_files": _open_files,
}
