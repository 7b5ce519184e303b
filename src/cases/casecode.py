"""The code of a case, to be printed on its papers: which case a scan belongs to, and nothing about it. Pure."""

import re
from typing import Final
from uuid import UUID

_CODE: Final = "ARSIP-KASUS-1/"
_OURS: Final = re.compile(re.escape(_CODE) + r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def code_of(case: UUID) -> str:
    """What the code of a case says."""
    return f"{_CODE}{case}"


def case_in(code: str) -> UUID | None:
    """The case that a scanned code names; None for any other code. Whether it exists is another question."""
    found = _OURS.fullmatch(code)
    return UUID(found[1]) if found else None
