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
    """Settings of a process that reaches no engine."""
    needed = {f"ARSIP_{name}": "x" for name in _NEEDED} | {"ARSIP_OFFICE_KEY": "0" * 64}
    os.environ.update(needed)
    settings.cache_clear()
    yield
    for name in needed:
        del os.environ[name]
    settings.cache_clear()
