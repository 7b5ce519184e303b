"""Unit tests touch nothing: no socket opens here."""

import os
from collections.abc import Iterator
from typing import Final

import pytest
import pytest_socket

from core.settings import settings

_NEEDED: Final = (
    "DATABASE_URL",
    "BROKER_URL",
    "S3_ENDPOINT",
    "S3_ACCESS_KEY",
    "S3_SECRET_KEY",
    "IDENTITY_KEY",
    "SPOOL",
)


@pytest.fixture(autouse=True)
def _no_sockets() -> Iterator[None]:
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()


@pytest.fixture
def reaches_nothing() -> Iterator[None]:
    """Settings of a process that reaches no engine; then again those of the tests that ran before in this process."""
    before = dict(os.environ)
    os.environ.update({f"ARSIP_{name}": "x" for name in _NEEDED}, ARSIP_OFFICE_KEY="5e" * 32)
    settings.cache_clear()
    yield
    os.environ.clear()
    os.environ.update(before)
    settings.cache_clear()
