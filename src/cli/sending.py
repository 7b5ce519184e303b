"""Sending many files to a server and following each letter until it is sealed or held, in constant memory.

Nothing is remembered on this machine: each file goes with an Idempotency-Key made of its digest and path, so sending
it again (after Ctrl-C, a kill, a restart of the server) gives the same letter and enters no second arrival.
"""

import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import httpx

from cli.client import API, Api, Broken, Problem, Stop

# So many of the oldest unfinished letters are asked about in one round; the pipeline takes letters in turn, so those
# are the next to be done
_WINDOW = 32
_SHORTEST_ROUND, _LONGEST_ROUND = 0.25, 1.0
_ENDS_ALL = frozenset({401, 403, 404, 405})  # no other file would fare better
CHANGED = "Berkas berubah selama dikirim. Jalankan lagi setelah berkas selesai ditulis."


class Mishap(NamedTuple):
    """A letter that is not archived: its file, and why in words for a clerk."""

    name: str
    why: str


@dataclass
class Tally:
    """How far a run has come. `waiting` letters are accepted and still being worked on."""

    found: int = 0
    sent: int = 0
    waiting: int = 0
    archived: int = 0
    present: int = 0
    held: int = 0
    refused: int = 0


class Mishaps:
    """Mishaps kept in a file, since a folder may hold a hundred thousand files that are no letters."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - lives as long as this object
        self._lock = threading.Lock()

    def add(self, mishap: Mishap) -> None:
        with self._lock:
            self._file.write(json.dumps(mishap) + "\n")

    def __iter__(self) -> Iterator[Mishap]:
        self._file.seek(0)
        return (Mishap(*json.loads(line)) for line in self._file)

    def close(self) -> None:
        self._file.close()


class Sent(NamedTuple):
    """A letter to follow: its file, as it is named here, and whether the server knew it before."""

    letter: UUID
    known: bool
    name: str


class Backlog:
    """Letters to follow, first in first out, kept in a file."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this object
        self._lock = threading.Lock()
        self._read = self._written = 0

    def put(self, sent: Sent) -> None:
        with self._lock:
            self._file.seek(self._written)
            self._file.write(json.dumps([str(sent.letter), sent.known, sent.name]).encode() + b"\n")
            self._written = self._file.tell()

    def take(self, most: int) -> list[Sent]:
        """At most so many, the oldest first."""
        with self._lock:
            self._file.seek(self._read)
            lines = [line for _ in range(most) if (line := self._file.readline())]
            self._read = self._file.tell()
        return [Sent(UUID(letter), known, name) for letter, known, name in map(json.loads, lines)]

    def close(self) -> None:
        self._file.close()


def letters_in(paths: Sequence[Path]) -> Iterator[Path]:
    """Files named, and those in folders named, in order of their names.

    Hidden files and folders are left out; so is every link inside a folder: it may lead anywhere.
    """
    for path in paths:
        if path.is_dir():
            yield from _letters_below(path)
        else:
            yield path


def _letters_below(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(here, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def _shown(path: Path) -> str:
    """The path in words; names of old disks may be no UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def key_of(path: Path, sha256: str) -> str:
    """The same for the same bytes in the same place, and nothing of the file's name can be read from it."""
    return hashlib.sha256(f"{sha256}:".encode() + os.fsencode(path.resolve())).hexdigest()


@dataclass
class Run:
    """One ingest. `start` begins to send in the background; call `follow` until `done`. Close it at the end."""

    api: Api
    files: Iterable[Path]
    jobs: int
    clearance: str | None
    wait: bool
    tally: Tally = field(default_factory=Tally)
    held: Mishaps = field(default_factory=Mishaps)
    refused: Mishaps = field(default_factory=Mishaps)

    def __post_init__(self) -> None:
        self._round = _SHORTEST_ROUND
        self._backlog = Backlog()
        self._window: list[Sent] = []
        self._files = iter(self.files)
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._failure: BaseException | None = None
        # daemons: at Ctrl-C nobody should wait for a large file; it is sent again next time
        self._senders = [threading.Thread(target=self._send_files, daemon=True) for _ in range(self.jobs)]

    def start(self) -> None:
        for sender in self._senders:
            sender.start()

    def follow(self) -> None:
        """Ask about the oldest unfinished letters, then rest a moment. Raises Stop when the run can't go on."""
        moved = self._ask_round()
        if self._failure is not None:
            raise self._failure
        if not moved:
            self._round = min(self._round * 1.5, _LONGEST_ROUND)
            self._stopped.wait(self._round)
        else:
            self._round = _SHORTEST_ROUND

    def done(self) -> bool:
        """Whether every file is sent and, unless nobody wants to wait, every letter sealed or held."""
        sending = any(sender.is_alive() for sender in self._senders)
        return not sending and self._failure is None and not (self.wait and self.tally.waiting)

    def _send_files(self) -> None:
        try:
            while not self._stopped.is_set():
                with self._lock:
                    path = next(self._files, None)
                if path is None:
                    return
                self._send(path)
        except BaseException as error:  # noqa: BLE001 - the thread that follows raises it
            self._failure = error
            self._stopped.set()

    def _send(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            receipt, tries = self._post(path, key_of(path, sha256))
        except OSError as error:
            return self._refuse(path, f"Berkas tidak bisa dibaca: {error.strerror}.")
        except httpx.LocalProtocolError:  # longer or shorter than it was a moment before
            return self._refuse(path, CHANGED)
        except Problem as problem:
            if problem.status in _ENDS_ALL or problem.status >= 500:
                raise
            return self._refuse(path, problem.message)
        except Broken as broken:
            return self._refuse(path, broken.message)
        if receipt["sha256"] != sha256:
            return self._refuse(path, CHANGED)
        # Beyond its first stage in the very first answer: an earlier run sent it
        known = receipt["duplicate_of"] is not None or (receipt["stage"] != "received" and tries == 1)
        with self._lock:
            self.tally.sent += 1
            if known and receipt["stage"] == "sealed":
                self.tally.present += 1
                return None
            self.tally.waiting += 1
        return self._backlog.put(Sent(UUID(receipt["id"]), known, _shown(path)))

    def _post(self, path: Path, key: str) -> tuple[dict[str, Any], int]:
        """The receipt, and how many tries it took."""
        name = path.name.encode("utf-8", "replace").decode()  # names of old disks may be no UTF-8
        fields = {"clearance": self.clearance} if self.clearance else {}

        tries = 0

        def ask(http: httpx.Client) -> httpx.Response:
            nonlocal tries
            tries += 1
            with path.open("rb") as file:
                upload = {"file": (name, file, "application/octet-stream")}
                return http.post(f"{API}/documents", files=upload, data=fields, headers={"Idempotency-Key": key})

        return self.api.patiently(ask), tries

    def _refuse(self, path: Path, why: str) -> None:
        self.refused.add(Mishap(_shown(path), why))
        with self._lock:
            self.tally.sent += 1
            self.tally.refused += 1

    def _ask_round(self) -> bool:
        """Whether any letter of the window got done."""
        if not self.wait:
            return False
        self._window += self._backlog.take(_WINDOW - len(self._window))
        begun = len(self._window)
        self._window = [entry for entry in self._window if not self._is_done(entry)]
        return len(self._window) < begun

    def _is_done(self, sent: Sent) -> bool:
        document = self.api.patiently(lambda http: http.get(f"{API}/documents/{sent.letter}"))
        if document["stage"] not in ("sealed", "held"):
            return False
        if document["stage"] == "held":
            self.held.add(Mishap(sent.name, (document["fault"] or {}).get("detail", "")))
        with self._lock:
            self.tally.waiting -= 1
            self.tally.held += document["stage"] == "held"
            self.tally.archived += document["stage"] == "sealed" and not sent.known
            self.tally.present += document["stage"] == "sealed" and sent.known
        return True

    def stop(self) -> None:
        """Begin no further file."""
        self._stopped.set()

    def close(self) -> None:
        """Forget the letters followed and the mishaps."""
        for kept in (self._backlog, self.held, self.refused):
            kept.close()


def send_all(run: Run) -> Iterator[Tally]:
    """Run to the end; yields the tally after each round. Raises Stop."""
    run.start()
    try:
        while not run.done():
            run.follow()
            yield run.tally
    except Stop as stop:
        taken = run.tally.sent - run.tally.refused
        if taken:
            stop.more = f"{taken} surat sudah diterima server. Jalankan perintah yang sama untuk melanjutkan."
        raise
    finally:
        run.stop()
    yield run.tally


def count(files: Iterable[Path]) -> int:
    """How many there are."""
    return sum(1 for _ in files)
