"""The real engines, once per test run."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.engines import Stack, running_engines


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder with a short path: a Unix socket's may have 107 bytes, and pytest's own folders can be longer."""
    folder = Path(tempfile.mkdtemp(prefix="arsip-", dir="/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def engines() -> Iterator[Stack]:
    """PostgreSQL, Valkey and SeaweedFS on a directory of their own, without schema or buckets."""
    with short_folder() as folder, running_engines(folder / "data") as stack:
        yield stack
