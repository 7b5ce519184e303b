"""The data directory of `arsip up`: layout, ownership, the two locks, secrets, and the state other commands read.

DATA/            0700, one OS user's
  lock           held by the one supervisor
  engines.lock   held by every engine process, so that none outlives its supervisor unseen
  secrets.json   0600, made on the first start
  postgres/ valkey/ seaweedfs/   what the engines keep
  spool/         ARSIP_SPOOL
  logs/          one file per process
  run/           files of the present run: state.json, pids.json, configuration of the engines
"""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

LEFTOVER_SECONDS = 30.0
# Left by `arsip key export` while nothing runs: the fingerprint of the office key that has a copy now
KEY_COPY = "key-copy"
# Exit code of `arsip migrate` where the database is gone and the store is not
LOST = 3
# Secrets that came with later versions: a directory of an earlier one gets them at its next start
_LATER = frozenset(
    {
        *("identity_key", "office_key", "checkpoint_key", "snapshot_password"),
        *("s3_disposer_access_key", "s3_disposer_secret_key"),
    }
)
_FOLDERS = ("valkey", "seaweedfs", "spool", "logs", "run")


class DataDirError(Exception):
    """The data directory can't be used; the message tells a clerk why and what to do."""


@dataclass(frozen=True)
class Secrets:
    """Every secret of one machine's stack; made once, never changed by the program. Later versions add to them."""

    postgres_password: str
    owner_password: str
    api_password: str
    worker_password: str
    valkey_password: str
    s3_admin_access_key: str
    s3_admin_secret_key: str
    s3_access_key: str
    s3_secret_key: str
    jwt_signing_key: str
    jwt_signing_read_key: str
    jwt_filer_signing_key: str
    jwt_filer_signing_read_key: str
    operator_token: str
    operator_admin_token: str
    identity_key: str
    checkpoint_key: str
    office_key: str
    snapshot_password: str
    s3_disposer_access_key: str
    s3_disposer_secret_key: str


@dataclass(frozen=True)
class State:
    """What a running `arsip up` tells other commands: its address and its process id."""

    url: str
    pid: int


def prepare(data: Path) -> Path:
    """Make the directory and its folders, 0700.

    Returns its absolute path. Raises DataDirError when it's another user's or can't be made.
    """
    data = data.expanduser().resolve()
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if data.stat().st_uid != os.geteuid():
            raise DataDirError(
                f"Folder data {data} milik pengguna lain (uid {data.stat().st_uid}, Anda uid {os.geteuid()}). "
                "Jalankan sebagai pengguna itu, atau pilih folder lain dengan --data."
            )
        data.chmod(0o700)
        for name in _FOLDERS:
            (data / name).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise DataDirError(f"Folder data {data} tidak bisa dipakai ({error.strerror}). Pilih lain: --data.") from error
    return data


@contextmanager
def hold(data: Path) -> Iterator[int]:
    """Hold the directory for one supervisor; yields a file descriptor for the engines to inherit.

    The inherited lock matters after a `kill -9` of the supervisor: its engines need a moment to end, and Valkey has
    no lock of its own: two servers on one append-only file would ruin it. So a new start waits for them.
    Raises DataDirError when another supervisor runs here, or when its engines don't end within LEFTOVER_SECONDS.
    """
    with (data / "lock").open("a") as mine, (data / "engines.lock").open("a") as engines:
        if not _try_lock(mine.fileno()):
            state = read_state(data)
            where = f" di {state.url}" if state else ""
            raise DataDirError(f"Arsiparis sudah berjalan dengan folder data {data}{where}. Tidak ada yang diubah.")
        deadline = time.monotonic() + LEFTOVER_SECONDS
        while not _try_lock(engines.fileno()):
            if time.monotonic() > deadline:
                raise DataDirError(
                    f"Sisa proses dari Arsiparis sebelumnya masih memakai {data}. Tunggu sebentar, lalu coba lagi."
                )
            time.sleep(0.05)
        yield engines.fileno()


def running(data: Path) -> State | None:
    """The state of the `arsip up` that runs on this directory now, or None. A file left by a killed one counts not."""
    data = data.expanduser().resolve()
    try:
        with (data / "lock").open() as lock:
            if _try_lock(lock.fileno()):
                return None
    except OSError:
        return None
    return read_state(data)


def read_state(data: Path) -> State | None:
    """The contents of run/state.json, whoever wrote it; None when there is none."""
    try:
        return State(**json.loads((data / "run" / "state.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def load_secrets(data: Path) -> Secrets:
    """This directory's secrets, made on the first call. Raises DataDirError when the file is damaged."""
    path = data / "secrets.json"
    there = path.exists()
    try:
        kept = json.loads(path.read_text()) if there else {}
        wanted = _LATER if there else {field.name for field in fields(Secrets)}
        # 32 random bytes in hex: nothing that a URL, a TOML file or a shell would have to quote
        made = {name: secrets.token_hex(32) for name in wanted if name not in kept}
        found = Secrets(**kept, **made)
    except (ValueError, TypeError) as error:
        raise DataDirError(
            f"Berkas rahasia {path} rusak. Kembalikan dari cadangan; tanpa itu data terkunci."
        ) from error
    if made:
        write_private(path, asdict(found))
    return found


def office_key_of(data: Path) -> str | None:
    """The office key that the directory has, in hexadecimal; None where it has none. Raises DataDirError."""
    return load_secrets(data).office_key if (data / "secrets.json").exists() else None


def replace_office_key(data: Path, office_key: str) -> None:
    """Let the directory have that office key; its other secrets stay, or are made. Raises DataDirError."""
    write_private(data / "secrets.json", {**asdict(load_secrets(data)), "office_key": office_key})


def write_private(path: Path, content: dict[str, Any] | str) -> None:
    """Write text, or a dict as JSON, whole or not at all; only the owner may read it."""
    text = content if isinstance(content, str) else json.dumps(content, indent=1)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    # the new name must survive a power cut too: lost secrets would lock the office out of its own archive
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
