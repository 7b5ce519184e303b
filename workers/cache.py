"""Files on this machine's disk that pages are read from, so that none is fetched or made anew for each page."""

import os
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import text

from core.db import transaction
from core.settings import settings

# A file touched within this time may be being read
_IN_USE_SECONDS = 600
_LONGEST_SECONDS = 86_400
_DIGEST = 64
_GONE = text(
    "SELECT sha256 FROM document WHERE sha256 = ANY (:digests) GROUP BY sha256"
    " HAVING bool_and(destroyed_at IS NOT NULL)"
)


def kept(name: str, make: Callable[[Path], object]) -> Path:
    """The file of that name; `make` writes it when it is not there, and may raise: then nothing is kept."""
    folder = settings().spool / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    if file.exists():
        os.utime(file)
        return file
    arriving = folder / f"{name}.{uuid.uuid4().hex}"  # of this attempt alone: another may be making the same
    try:
        make(arriving)
        arriving.replace(file)
    finally:
        arriving.unlink(missing_ok=True)
    _make_room(folder)
    return file


def forget_destroyed() -> None:
    """Remove this machine's copies of what was destroyed: a name begins with the original's digest, and goes when no
    letter with it lives any more. Raises DatabaseUnavailable."""
    files = {file: file.name[:_DIGEST] for file in (settings().spool / "cache").glob("*")}
    if not files:
        return
    with transaction() as session:
        gone = set(session.scalars(_GONE, {"digests": list(files.values())}))
    for file, digest in files.items():
        if digest in gone:
            file.unlink(missing_ok=True)


def forget_old() -> None:
    """Remove copies that nobody has touched for a day, on this machine: plain bytes of letters lie no longer about than
    they are of use."""
    for file in (settings().spool / "cache").glob("*"):
        with suppress(FileNotFoundError):
            if time.time() - file.stat().st_mtime > _LONGEST_SECONDS:
                file.unlink()


def _make_room(folder: Path) -> None:
    """Drop the files not touched for the longest time until the rest fits."""
    files = sorted((file.stat().st_mtime, file.stat().st_size, file) for file in folder.iterdir())
    total = sum(size for _, size, _ in files)
    for touched, size, file in files:
        if total <= settings().cache_mb * 1024 * 1024 or time.time() - touched < _IN_USE_SECONDS:
            return
        file.unlink(missing_ok=True)
        total -= size
