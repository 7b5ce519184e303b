"""The whole product, started once for all end-to-end tests that do it no harm."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.product import Product


@pytest.fixture(scope="session")
def product(short_tmp: Path) -> Iterator[Product]:
    """A running `arsip up` with its own data."""
    running = Product(short_tmp / "product")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def fresh_product(tmp_path_factory: pytest.TempPathFactory, short_tmp: Path) -> Iterator[Product]:
    """A product of the test's own, not started yet, for tests that kill and restart things."""
    number = len(list(short_tmp.iterdir()))
    own = Product(short_tmp / f"own{number}")
    yield own
    if own.process is not None:
        own.stop()
