"""Letters of about sixty words for an archive of any size, each from its number alone.

One character in a hundred is misread. A person has five letters. Family names are put together from syllables, so that
a million letters have two hundred thousand people and a full name stands on few letters, as in an archive of a country.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from tests.assets.case import ROMAN, dated
from tests.assets.letter import book, kinds
from tests.relevance.letters import words
from tests.relevance.noise import LIKE

EACH = 5  # letters of a person
MISREAD = 0.01
BEGIN = datetime(2012, 1, 2, 2, tzinfo=UTC)
MINUTES = 7  # between two letters: a million are thirteen years
UNIT, OTHERS = "umum", ("sekretariat", "linjamsos")
SYLLABLES = (
    "pal", "lang", "ga", "tan", "dir", "reng", "wira", "sena", "lam", "dika", "batu", "bulan", "sang", "linu", "ran",
    "te", "bua", "kari", "man", "to", "mab", "ong", "sem", "birang", "budi", "pua", "ngrea", "sar", "ungal", "won",
    "kerta", "pas", "amb", "aka", "tol", "kas", "sum", "rum", "bian", "mang", "kual", "lap", "kura",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Large:
    """One letter; two in ten are another unit's or above the asking officer's clearance."""

    number: int
    unit: str
    clearance: int
    kind: str
    name: str
    letter_number: str
    place: str
    at: datetime
    matter: str
    text: str
    misread: str


def person(number: int) -> str:
    """The name of the person whose letter that is."""
    rng = random.Random(f"person {number // EACH}")
    family = "".join(rng.choice(SYLLABLES) for _ in range(rng.choice((2, 3, 3))))
    return f"{rng.choice(_first())} {family.capitalize()}"


@cache
def _first() -> list[str]:
    return [str(name) for name in words()["names"].split()]


@cache
def _titles() -> list[tuple[str, str]]:
    return [(kind, book()["kinds"][kind]["title"].partition(" (")[0]) for kind in kinds()]


def large(number: int) -> Large:
    """The letter of that number, always the same."""
    rng = random.Random(number)
    at = BEGIN + timedelta(minutes=MINUTES * number)
    kind, title = rng.choice(_titles())
    topic = rng.choice(words()["topics"])
    place, town, province = rng.choice(words()["places"]).split("|")
    name = person(number)
    own = f"460/{number}/DINSOSPM/{ROMAN[at.month - 1]}/{at.year}"
    text = "\n".join((
        title, f"Tarakan, {dated(at.date())}", f"Nomor : {own}", f"Hal : {topic['hal']} a.n. {name}", f"Nama : {name}",
        f"Alamat asal : Kelurahan {place}, {town}, Provinsi {province}", rng.choice(topic["says"]),
        f"Berkas diperiksa petugas Dinas Sosial, keluarga di {town} bersedia menerima klien.",
        "Demikian surat ini disampaikan untuk dipergunakan sebagaimana mestinya.",
    ))  # fmt: skip
    lot = rng.random()
    unit, clearance = (rng.choice(OTHERS), 1) if lot < 0.1 else (UNIT, 2 if lot < 0.2 else 1)
    return Large(number, unit, clearance, kind, name, own, place, at, topic["hal"], text, _misread(rng, text))


def _misread(rng: random.Random, text: str) -> str:
    chars = list(text)
    for _ in range(round(len(text) * MISREAD)):
        place = rng.randrange(len(chars))
        if chars[place] in LIKE:
            chars[place] = rng.choice(LIKE[chars[place]])
    return "".join(chars)
