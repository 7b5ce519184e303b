"""Letter numbers as keys, and those that a letter quotes ("menindaklanjuti surat nomor …"). Pure."""

import re
from collections.abc import Mapping
from typing import Final

from classify.marks import MOST_LETTERS, folded

MOST_QUOTED: Final = 20
_SHORTEST: Final = 5
# parts of bounded length, so that no hostile text takes long
_NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]{0,30}(?: ?[/\\] ?[A-Za-z0-9][A-Za-z0-9.\-]{0,30}){1,9}")
_DAY: Final = re.compile(r"\d{1,2}/\d{1,2}/(?:\d{2}|\d{4})")
_APART: Final = re.compile(r"[^0-9A-Za-z]+")


def key(number: str) -> str | None:
    """A letter number as readers confuse its signs and offices set its points; None for what is too short to tell one
    letter from others."""
    plain = _APART.sub("/", number).strip("/")
    telling = "/" in plain and len(plain) >= _SHORTEST and any(sign.isdigit() for sign in plain)
    return folded(plain) if telling else None


def quoted(text: str, own: str = "") -> Mapping[str, str]:
    """The numbers that stand in a letter's text but for its own, by their keys; as printed, at most MOST_QUOTED."""
    found: dict[str, str] = {}
    mine = key(own)
    for match in _NUMBER.finditer(text[:MOST_LETTERS]):
        printed = match[0].strip(".-")
        told = None if _DAY.fullmatch(printed.replace(" ", "")) else key(printed)
        if told is not None and told != mine:
            found.setdefault(told, printed)
        if len(found) == MOST_QUOTED:
            break
    return found
