"""Copies of originals on this machine's disk, so that a thick file is not fetched anew for each of its pages."""

import os
import time
import uuid
from pathlib import Path

from archive import blobs
from core.settings import settings

# A copy touched within this time may be being read
_IN_USE_SECONDS = 600


def copy_of(sha256: str, *, working: bool) -> Path:
    """A local copy of a stored file, compared with its digest. Raises BytesDiffer, NotFound, StoreUnavailable."""
    folder = settings().spool / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / sha256
    if kept.exists():
        os.utime(kept)
        return kept
    arriving = folder / f"{sha256}.{uuid.uuid4().hex}"
    try:
        key = blobs.working_key(sha256) if working else blobs.content_key(sha256)
        blobs.fetch(key, sha256, arriving, derived=working)
        arriving.replace(kept)
    finally:
        arriving.unlink(missing_ok=True)
    _make_room(folder)
    return kept


def _make_room(folder: Path) -> None:
    """Drop the copies not touched for the longest time until the rest fits."""
    files = sorted((file.stat().st_mtime, file.stat().st_size, file) for file in folder.iterdir())
    total = sum(size for _, size, _ in files)
    for touched, size, file in files:
        if total <= settings().cache_mb * 1024 * 1024 or time.time() - touched < _IN_USE_SECONDS:
            return
        file.unlink(missing_ok=True)
        total -= size
