"""Engines for a command that works on the archive itself, not through the server: those of a data directory, or the
office's own that the environment names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli import engines
from cli.client import Misused, Stop
from cli.datadir import DataDirError, load_secrets
from cli.supervisor import StartError
from core.settings import ClientSettings, UnknownSettingError, refuse_unknown

_OWNER = "ARSIP_OWNER_DATABASE_URL"


@contextmanager
def engines_of(data: Path | None) -> Iterator[Path | None]:
    """Run the engines of a stopped data directory until the block ends, and let this process's settings be theirs.

    Where ARSIP_OWNER_DATABASE_URL is set and no directory named, the environment's own engines are meant, and None is
    given. Raises Stop.
    """
    try:
        refuse_unknown()
        if data is None and os.environ.get(_OWNER):
            yield None
            return
        wanted = data or ClientSettings().data
        with engines.running_engines(wanted) as stack:
            os.environ.update(engines.settings_env(stack.data, load_secrets(stack.data), stack.ports, role="worker"))
            yield stack.data
    except (DataDirError, StartError) as error:
        raise Stop(str(error)) from error
    except UnknownSettingError as error:
        raise Misused(f"Setelan tidak dikenal ({error}). Periksa ejaannya atau hapus.") from error
