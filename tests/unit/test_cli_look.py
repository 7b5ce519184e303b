"""How days are put on a terminal."""

import time
from collections.abc import Iterator

import pytest

from cli.look import day, moment


@pytest.fixture
def in_makassar() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Asia/Makassar")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_makassar")
def test_dates_are_the_machines_own() -> None:
    assert day("2026-08-31T20:02:03Z") == "1 Sep 2026"
    assert moment("2026-05-01T01:02:03.123456+00:00") == "1 Mei 2026 09.02"
