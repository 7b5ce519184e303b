"""What every test shares."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import api  # noqa: F401 - says that it starts, once: not again in the middle of the tests
import workers  # noqa: F401
from core import memory
from tests.fixtures_engines import engines, short_folder

__all__ = ["engines"]

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "src" / "cli" / "samples"
BAD = Path(__file__).parent / "assets" / "bad"

# How long an example takes is the machine's affair, and those of CI are shared
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")

# A test decides its settings itself: what stands in the environment of whoever runs the tests must not
for _name in [name for name in os.environ if name.startswith("ARSIP_")]:
    del os.environ[_name]


def pytest_collection_finish() -> None:
    """What collecting left standing is searched for garbage no more: a third of a million objects, all the time."""
    memory.started()


@pytest.fixture(scope="session")
def short_tmp() -> Iterator[Path]:
    """A folder with a short path, for data directories."""
    with short_folder() as folder:
        yield folder
