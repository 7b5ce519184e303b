"""File names as people may see them: hostile ones become harmless, and none ever becomes a path or a key."""

import unicodedata
from typing import Final

LONGEST: Final = 120
NAMELESS: Final = "tanpa-nama"


def display_name(raw: str | None) -> str:
    """The last part of a path, without control, override and surrogate characters, at most 120 characters long.

    A long name keeps its extension. What is left of nothing is `tanpa-nama`.
    """
    last = (raw or "").replace("\\", "/").rsplit("/", 1)[-1]
    readable = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    name = " ".join(readable.split()).strip(". ")
    if len(name) > LONGEST:
        stem, dot, extension = name.rpartition(".")
        short = dot and len(extension) <= 5
        name = f"{stem[: LONGEST - len(extension) - 1]}.{extension}" if short else name[:LONGEST]
    return name or NAMELESS
