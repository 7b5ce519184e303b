"""Letters of invented cases as text: what each says is known, so who should be found by what is known too.

Every kind of letter of the office stands for a fifth of a dozen of texts; its head and sentences are those of
tests/assets/kinds.toml, its people, places, numbers and matters those of words.toml. A second set's letters say other
things of others in another order (held_back.toml): no rule of the search was made by it.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from tests.assets.case import DAYS, OFFICES, ROMAN, dated, invent
from tests.assets.letter import book, kinds
from tests.relevance.noise import misread

CASES, OFFICIALS = 240, 16
EACH = 5  # letters of a case
SENTENCES = 60  # words of the kind's own sentences at most
WORDS, HELD_BACK = "words", "held_back"  # what the letters of a set are made of, by the name of its file
SETS = (WORDS, HELD_BACK)
WITHOUT_MATTER = ("ktp", "kk", "tiket")  # papers that say nothing of why the person came


@dataclass(frozen=True)
class Case:
    """One person and what the letters about them are for."""

    number: int
    name: str
    relative: str
    nik: str
    place: str
    town: str
    province: str
    topic: int
    begun: date


@dataclass(frozen=True)
class Letter:
    """One letter and its truth. `people` leads from each name that stands in it to `klien`, `keluarga` or `pejabat`;
    `fields` are as printed, by the names of classify/fields.toml; `sentences` are those of the topic it says."""

    id: str
    kind: str
    case: Case
    number: str
    cites: str
    day: date
    dates: frozenset[date]
    people: dict[str, str]
    sentences: tuple[int, ...]
    fields: dict[str, str]
    text: str

    @property
    def has_matter(self) -> bool:
        """Whether it says what the case is about."""
        return bool(self.sentences)

    @property
    def has_place(self) -> bool:
        """Whether the client's village stands in it."""
        return "kelurahan" in self.fields

    def read(self, rate: float) -> tuple[str, dict[str, str]]:
        """Text and fields as a reader gives them who takes that share of characters for others."""
        if not rate:
            return self.text, self.fields
        found = misread(self.text, rate, f"{self.id} {rate}")
        return found.text, {
            name: found.span(self.text.index(value), len(value)).strip() for name, value in self.fields.items()
        }


@cache
def words(of: str = WORDS) -> dict[str, Any]:
    """What the letters of a set are made of."""
    return tomllib.loads((Path(__file__).parent / f"{of}.toml").read_text("utf-8"))


def seeded(what: str, of: str) -> random.Random:
    """Random numbers for one thing of a set, the same always."""
    return random.Random(what if of == WORDS else f"{what} {of}")


@cache
def _names(count: int, of: str) -> tuple[str, ...]:
    """So many different names, the same always."""
    pairs = [f"{first} {last}" for first in words(of)["names"].split() for last in words(of)["families"].split()]
    return tuple(seeded("names", of).sample(pairs, count))


@cache
def cases(of: str = WORDS) -> tuple[Case, ...]:
    """Every case; places and topics come round evenly, and no two cases share place and topic."""
    rng, names = seeded("cases", of), _names(2 * CASES + OFFICIALS, of)
    places, topics = words(of)["places"], len(words(of)["topics"])
    made = []
    for n in range(CASES):
        place, town, province = places[n % len(places)].split("|")
        begun = date(2023, 1, 3) + timedelta(days=rng.randint(0, 1060))
        topic = (n // len(places) * 7 + n) % topics
        nik = invent(n if of == WORDS else n + CASES)["nik"][:12] + f"99{rng.randint(10, 99)}"
        made.append(Case(n, names[n], names[CASES + n], nik, place, town, province, topic, begun))
    return tuple(made)


def officials(of: str = WORDS) -> tuple[str, ...]:
    """The names of those who sign."""
    return _names(2 * CASES + OFFICIALS, of)[2 * CASES :]


@cache
def letters(of: str = WORDS) -> tuple[Letter, ...]:
    """The whole archive, oldest case first."""
    order, sign = kinds(), "S" if of == WORDS else "B"
    made: list[Letter] = []
    for case in cases(of):
        before: Letter | None = None
        for which in range(EACH):
            kind = order[(case.number * EACH + which * 13) % len(order)]
            before = _letter(case, kind, which, f"{sign}{len(made) + 1:04d}", before, of)
            made.append(before)
    return tuple(made)


def _letter(case: Case, kind: str, which: int, id_: str, before: Letter | None, of: str) -> Letter:
    rng = random.Random(f"letter {id_}")
    entry = book()["kinds"][kind]
    day = case.begun + timedelta(days=which)
    facts = _facts(case, day, rng, of)
    number = entry.get("nomor", "{n19}/CTT/REHSOS/{rom}/{thn}").format_map(facts)
    facts |= {"nomor": number, "tanggal": dated(day), "perihal": ""}
    topic = words(of)["topics"][case.topic]
    said = () if kind in WITHOUT_MATTER else tuple(sorted(rng.sample(range(len(topic["says"])), rng.choice((2, 2, 3)))))
    cites = before.number if before and rng.random() < 0.4 else ""
    fields = _fields(case, number, day, topic["hal"] if said else "", rng)
    lines = list(_lines(entry, facts, fields, rng, of))
    if cites and before:
        lines.append(f"Menindaklanjuti surat Nomor {cites} tanggal {dated(before.day)}, disampaikan hal berikut.")
    lines += [topic["says"][n] for n in said]
    if rng.random() < 0.25:
        lines.append(words(of)["spellings"][rng.randrange(len(words(of)["spellings"]))]["says"])
    if rng.random() < 0.5:
        lines.append(f"Keluarga yang dapat dihubungi adalah {case.relative}.")
    lines += [
        "Demikian disampaikan untuk dipergunakan sebagaimana mestinya.",
        facts["kadis"],
        f"NIP {facts['kadis_nip']}",
    ]
    text = "\n".join(lines)
    dates = {day, *([before.day] if cites and before else [])}
    people = {case.name: "klien", case.relative: "keluarga"} | dict.fromkeys(officials(of), "pejabat")
    return Letter(
        id=id_, kind=kind, case=case, number=number, cites=cites, day=day, dates=frozenset(dates),
        people={name: role for name, role in people.items() if re.search(name, text, re.IGNORECASE)},
        sentences=said, fields={name: value for name, value in fields.items() if value in text}, text=text,
    )  # fmt: skip


def _facts(case: Case, day: date, rng: random.Random, of: str) -> dict[str, str]:
    """What the kind's own sentences may name: the case's, not the invented case's they were written for."""
    facts = invent(case.number * EACH)
    signing = officials(of)
    facts |= {role: signing[(n + case.number) % len(signing)] for n, role in enumerate([*OFFICES, "polisi", "dokter"])}
    facts |= {
        "nama": case.name,
        "NAMA": case.name.upper(),
        "nik": case.nik,
        "wali": case.relative,
        "ibu": case.relative,
    }
    facts |= {"kota_asal": case.town, "prov_asal": case.province, "pelabuhan": case.town.split()[-1]}
    facts |= {"kel_asal": "", "kec_asal": "", "KOTA_ASAL": case.town.upper(), "kapal": rng.choice(words(of)["ships"])}
    facts |= {f"d{n}": dated(day) for n in range(16)}
    facts |= {f"n{n}": str(rng.randint(101, 4999)) for n in range(1, 21)}
    return facts | {"rom": ROMAN[day.month - 1], "thn": str(day.year), "hari0": DAYS[day.weekday()]}


def _fields(case: Case, number: str, day: date, matter: str, rng: random.Random) -> dict[str, str]:
    found = {"nomor_surat": number, "tanggal": dated(day), "nama": case.name}
    if matter:
        found["perihal"] = f"{matter} a.n. {case.name}"
    if rng.random() < 0.6:
        found["nik"] = case.nik
    if rng.random() < 0.8:
        found["kelurahan"] = case.place
    return found


def _lines(
    entry: dict[str, Any], facts: dict[str, str], fields: dict[str, str], rng: random.Random, of: str
) -> Iterator[str]:
    """Head, title, fields and some of the kind's own sentences; the fields of the second set in any order."""
    body = [line for line in entry["body"].splitlines() if line]
    for line in body:
        command, _, rest = line.partition(" ")
        if command == "kop":
            yield from (told.format_map(facts) for told in book()["heads"][rest][:2])
    yield entry["title"].partition(" (")[0].upper()
    told = list(_told(facts, fields, rng))
    yield from told if of == WORDS else rng.sample(told, len(told))
    room = SENTENCES
    for line in body:
        command, _, rest = line.partition(" ")
        said = rest.format_map(facts) if command in ("p", "n") else ""
        if 8 <= len(said.split()) <= room:
            room -= len(said.split())
            yield said


def _told(facts: dict[str, str], fields: dict[str, str], rng: random.Random) -> Iterator[str]:
    yield f"Tarakan, {fields['tanggal']}"
    yield f"Nomor : {fields['nomor_surat']}"
    if "perihal" in fields:
        yield f"Hal : {fields['perihal']}"
    yield f"Nama : {fields['nama']}"
    if "nik" in fields:
        yield f"NIK : {fields['nik']}"
    if "kelurahan" in fields:
        yield (
            f"Alamat asal : Jalan {rng.choice(('Melati', 'Kenanga', 'Cempaka'))} No. {rng.randint(2, 90)}, Kelurahan "
            f"{fields['kelurahan']}, {facts['kota_asal']}, Provinsi {facts['prov_asal']}"
        )
