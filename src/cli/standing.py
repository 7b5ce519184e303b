"""Engines for a command that works on the archive itself, not through the server: those of a data directory, or the
office's own that the environment names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from cli import engines
from cli.client import Misused, Stop
from cli.datadir import DataDirError, load_secrets, running
from cli.supervisor import StartError
from core.settings import ClientSettings, MigrationSettings, UnknownSettingError, refuse_unknown

_SERVER = "ARSIP_DATABASE_URL"


@contextmanager
def engines_of(data: Path | None, *, beside: bool = False) -> Iterator[Path | None]:
    """Run the engines of a stopped data directory until the block ends, and let this process's settings be theirs.
    `beside`: when `arsip up` runs there, its engines are used as they run.

    Where ARSIP_DATABASE_URL is set and no directory named, the environment's own engines are meant, and None is
    given. Raises Stop.
    """
    try:
        refuse_unknown()
        if data is None and os.environ.get(_SERVER):
            yield None
            return
        wanted = data or ClientSettings().data
        if beside and running(wanted):
            at = wanted.expanduser().resolve()
            os.environ.update(engines.settings_env(at, load_secrets(at), engines.ports_of(at), role="worker"))
            yield at
            return
        with engines.running_engines(wanted) as stack:
            os.environ.update(engines.settings_env(stack.data, load_secrets(stack.data), stack.ports, role="worker"))
            yield stack.data
    except (DataDirError, StartError) as error:
        raise Stop(str(error)) from error
    except UnknownSettingError as error:
        raise Misused(f"Setelan tidak dikenal ({error}). Periksa ejaannya atau hapus.") from error


def owners_settings() -> MigrationSettings:
    """The rights to make schema and roles. Raises Misused when the environment does not give them."""
    try:
        return MigrationSettings()
    except ValidationError as error:
        missing = ", ".join(f"ARSIP_{str(each['loc'][0]).upper()}" for each in error.errors())
        raise Misused(f"Untuk ini perlu juga setelan `arsip migrate`: {missing}") from error
