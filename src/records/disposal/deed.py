"""What was done with the records, as whoever carries it out tells it for the berita acara (domain.md §1.6). Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from records.disposal.words import METHODS
from records.disposal.workflow import Kind

_LONGEST: Final = 200
_TOO_LONG: Final = f"isian paling panjang {_LONGEST} huruf"
MOST_WITNESSES: Final = 6
# of the legal unit or internal supervision, at least two (domain.md 1.4)
LEAST_WITNESSES: Final = 2


@dataclass(frozen=True, slots=True)
class Person:
    """Who signs: name, jabatan, NIP (which may be empty: written by hand)."""

    name: str
    title: str
    nip: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """Number and place of the berita acara; how records were destroyed, or what their scans were made with (`method`);
    who watched, or who took them over; who did it (`executor`, else written in by hand)."""

    number: str
    place: str
    method: str = ""
    witnesses: tuple[Person, ...] = ()
    executor: Person | None = None

    def to_json(self) -> dict[str, Any]:
        """As it is kept with the list."""
        return {**asdict(self), "witnesses": [asdict(one) for one in self.witnesses]}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Deed":
        """As it was kept."""
        people = tuple(Person(**one) for one in kept.get("witnesses", ()))
        by = kept.get("executor")
        executor = Person(**by) if by else None
        return cls(kept.get("number", ""), kept.get("place", ""), kept.get("method", ""), people, executor)


def _plain(value: str) -> str:
    return " ".join(value.split())


def _may_witness(person: Person, units: Sequence[str]) -> bool:
    title = " " + " ".join(re.findall(r"\w+", person.title.casefold()))
    return any(f" {unit.casefold()}" in title for unit in units)


def _missing(kind: Kind, deed: Deed, units: Sequence[str]) -> str | None:
    if not deed.number or not deed.place:
        return "nomor dan tempat berita acara"
    if kind == "pemusnahan" and deed.method not in METHODS:
        return f"cara pemusnahan ({', '.join(METHODS)})"
    if kind == "alih_media" and not deed.method:
        return "alat dan cara alih media"
    if kind == "pemusnahan" and sum(_may_witness(one, units) for one in deed.witnesses) < LEAST_WITNESSES:
        return f"saksi (paling sedikit dua dari bagian hukum atau pengawasan; jabatannya menyebut {', '.join(units)})"
    if kind == "penyerahan" and not deed.witnesses:
        return "siapa yang menerima, dengan jabatannya"
    return None


def people_of(typed: Sequence[Person], most: int) -> tuple[Person, ...]:
    """Who was typed into seats, those left empty passed over. ValueError says in words for people what is wrong."""
    people = tuple(
        person
        for person in (Person(_plain(one.name), _plain(one.title), _plain(one.nip)) for one in typed)
        if person.name or person.title
    )
    texts = [part for one in people for part in (one.name, one.title, one.nip)]
    if any(len(one) > _LONGEST or not one.isprintable() for one in texts) or len(people) > most:
        raise ValueError(f"{_TOO_LONG}, paling banyak {most} orang")
    if any(not one.name or not one.title for one in people):
        raise ValueError("nama dan jabatan tiap orang")
    return people


def told(
    kind: Kind,
    number: str,
    place: str,
    method: str,
    witnesses: Sequence[Person],
    executor: Person | None = None,
    *,
    units: Sequence[str],
) -> Deed:
    """The deed as somebody typed it; `units`: words of the jabatan by which witnesses of a destruction are known.
    ValueError says in words for people what is missing or too long."""
    people = people_of(witnesses, MOST_WITNESSES)
    by = people_of([executor], 1) if executor is not None else ()
    deed = Deed(_plain(number), _plain(place), _plain(method), people, by[0] if by else None)
    if any(len(one) > _LONGEST or not one.isprintable() for one in (deed.number, deed.place, deed.method)):
        raise ValueError(_TOO_LONG)
    if missing := _missing(kind, deed, units):
        raise ValueError(missing)
    return deed
