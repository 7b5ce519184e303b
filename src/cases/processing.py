"""The register of processing (UU 27/2022 pasal 31): why the office handles personal data here, and by which law."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

_FILE: Final = "processing.toml"


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


@cache
def register() -> tuple[Processing, ...]:
    """The activities, as the file that comes with the product names them. Raises TypeError where a text is missing."""
    told = tomllib.loads((files("cases") / _FILE).read_text())
    return tuple(Processing(**one) for one in told["processing"])
