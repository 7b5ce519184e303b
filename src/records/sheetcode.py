"""The code on a sheet of disposition: which line of a book it belongs to, and nothing about it. Pure."""

import re
from typing import Final
from uuid import UUID

_CODE: Final = "ARSIP-AGENDA-1/"
_OURS: Final = re.compile(re.escape(_CODE) + r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def code_of(entry: UUID) -> str:
    """What the code on an entry's sheet says."""
    return f"{_CODE}{entry}"


def entry_in(code: str) -> UUID | None:
    """The entry that a scanned code names; None for any other code. Whether it exists is another question."""
    found = _OURS.fullmatch(code)
    return UUID(found[1]) if found else None
