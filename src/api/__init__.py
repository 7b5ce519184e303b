"""HTTP: the API and the pages."""

from typing import Final

from core import memory

API: Final = "/api/v1"

memory.starting()  # before the modules of this package are imported
