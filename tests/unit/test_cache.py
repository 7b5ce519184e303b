"""Copies of originals on a worker's disk: made once, and gone when nobody reads them any more."""

import os
import time
from pathlib import Path

import pytest

from core import settings
from workers import cache


@pytest.fixture(autouse=True)
def spool(reaches_nothing: None, tmp_path: Path) -> Path:
    os.environ["ARSIP_SPOOL"] = str(tmp_path)
    settings.settings.cache_clear()
    return tmp_path


def test_a_copy_is_made_once(spool: Path) -> None:
    made: list[Path] = []

    def make(file: Path) -> None:
        made.append(file)
        file.write_bytes(b"surat")

    assert cache.kept("a", make).read_bytes() == cache.kept("a", make).read_bytes() == b"surat"
    assert len(made) == 1


def test_a_copy_that_nobody_touched_for_a_day_goes(spool: Path) -> None:
    cache.forget_old()  # before there is any
    old, new = (cache.kept(name, lambda file: file.write_bytes(b"surat")) for name in ("lama", "baru"))
    yesterday = time.time() - 90_000
    os.utime(old, (yesterday, yesterday))
    cache.forget_old()
    assert (old.exists(), new.exists()) == (False, True)
