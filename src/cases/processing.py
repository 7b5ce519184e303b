"""The register of processing (UU 27/2022 pasal 31): why the office handles personal data here, and by which law."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

_FILE: Final = "processing.toml"
_LONGEST: Final = 2000
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Processing:
    """One activity in the register; every text is for people."""

    name: str
    purpose: str
    basis: str
    people: str
    data: str
    recipients: str
    kept: str
    protection: str


def parse(text: str) -> tuple[Processing, ...]:
    """The activities in `text` (TOML). ValueError says what is wrong."""
    told = tomllib.loads(text).get("processing")
    if not isinstance(told, list) or not 0 < len(told) <= _MOST:
        raise ValueError(f"processing must be a list of 1 to {_MOST} activities")
    return tuple(_activity(one, place) for place, one in enumerate(told, 1))


def _activity(table: Any, place: int) -> Processing:
    named = {field.name for field in fields(Processing)}
    if not isinstance(table, dict) or set(table) != named:
        raise ValueError(f"processing {place} must have {sorted(named)}, and nothing else")
    if wrong := [name for name, said in table.items() if not isinstance(said, str) or not 0 < len(said) <= _LONGEST]:
        raise ValueError(f"processing {place}: {sorted(wrong)} must be texts of 1 to {_LONGEST} letters")
    return Processing(**table)


@cache
def register(own: Path | None = None) -> tuple[Processing, ...]:
    """The activities, as the office's own file or the one that comes with the product names them.

    Raises ValueError or OSError when that file can't be used.
    """
    return parse((files("cases") / _FILE if own is None else own).read_text("utf-8"))
