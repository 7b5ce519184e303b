"""What a letter says of its client and of itself, out of its stored fields. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_NIK: Final = re.compile(r"\d{16}")
# kinds whose number is that of the letter they are about
_NUMBER_IS_ANOTHERS: Final = frozenset({"lembar_disposisi"})


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """Name, NIK, birth of the client; the letter's own number and day; the number of the letter it is about. "" and
    None for what it does not say, or says so that it can't be."""

    name: str
    nik: str
    nik_sure: bool
    birth: date | None
    number: str
    number_sure: bool
    about: str
    day: date | None


def facts(kind: str | None, fields: Mapping[str, Mapping[str, Any]]) -> LetterFacts:
    """What the stored fields of a letter of that kind say."""
    said = {name: str(field.get("value", "")) for name, field in fields.items()}
    nik = said.get("nik", "")
    number = said.get("nomor_surat", "")
    about = kind in _NUMBER_IS_ANOTHERS
    return LetterFacts(
        name=said.get("nama", ""),
        nik=nik if _NIK.fullmatch(nik) else "",
        nik_sure=bool(fields.get("nik", {}).get("sure")),
        birth=day_in(said.get("tempat_tgl_lahir", "")),
        number="" if about else number,
        number_sure=not about and bool(fields.get("nomor_surat", {}).get("sure")),
        about=number if about else "",
        day=day_in(said.get("tanggal", "")),
    )


def day_in(text: str) -> date | None:
    """The ISO date in a text; None without one that is in the calendar."""
    found = _DAY.search(text)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None
