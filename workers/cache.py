"""Files on this machine's disk that pages are read from, so that none is fetched or made anew for each page."""

import os
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.settings import settings

# A file touched within this time may be being read
_IN_USE_SECONDS = 600
_LONGEST_SECONDS = 86_400


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


def forget_old() -> None:
    """Remove copies that nobody has touched for a day, on this machine: plain bytes of letters lie no longer about than
    they are of use, and those of a letter destroyed elsewhere go with them."""
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
