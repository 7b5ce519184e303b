"""HTTP: the API and the pages."""

from typing import Final

API: Final = "/api/v1"
