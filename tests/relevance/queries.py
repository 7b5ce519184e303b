"""What officers ask, and which letters are right: both follow from the letters' truth, never from a search.

`python -m tests.relevance.queries` writes judged.jsonl and held_back.jsonl, which are committed: one query a line, with
the grade of every letter that is right (3 what was looked for, 2 names it too, 1 touches it). Letters not named are
wrong.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.assets.case import MONTHS
from tests.relevance.letters import HELD_BACK, WORDS, Case, Letter, cases, letters, seeded, words
from tests.relevance.noise import LIKE

JUDGED = {WORDS: "judged.jsonl", HELD_BACK: "held_back.jsonl"}
ROLES = {"klien": 3, "keluarga": 2, "pejabat": 1}
# Old and other spellings of Indonesian names, in the order they are tried
NAME_SPELLINGS = (
    ("sy", "s"), ("ch", "h"), ("sj", "sy"), ("dj", "j"), ("tj", "c"), ("th", "t"), ("ll", "l"), ("mm", "m"),
    ("nn", "n"), ("zul", "dzul"), ("kh", "h"), ("y", "i"), ("z", "s"), ("f", "p"), ("u", "oe"), ("j", "dj"),
    ("i", "ie"), ("d", "dd"), ("t", "th"), ("ng", "n"), ("r", "rr"), ("k", "kk"), ("b", "bb"),
)  # fmt: skip

Grades = dict[str, int]
Judge = Callable[[Letter], int]


@dataclass(frozen=True, slots=True)
class Query:
    """One query in the product's language, its class, and the grade of each letter that is right."""

    id: str
    sort: str
    text: str
    grades: Grades


@dataclass(frozen=True, slots=True)
class Source:
    """A set of letters, and the random numbers by which queries of one class are drawn."""

    of: str
    rng: random.Random

    def some(self, count: int) -> list[Case]:
        return self.rng.sample(cases(self.of), count)

    @property
    def letters(self) -> tuple[Letter, ...]:
        return letters(self.of)

    @property
    def words(self) -> dict[str, Any]:
        return words(self.of)

    def ordered(self, asked: str) -> str:
        """The words of a query; those of the second set in any order."""
        parts = asked.split()
        return asked if self.of == WORDS else " ".join(self.rng.sample(parts, len(parts)))


def judged(of: str = WORDS) -> tuple[Query, ...]:
    """The committed queries of a set."""
    lines = Path(__file__).with_name(JUDGED[of]).read_text("utf-8").splitlines()
    return tuple(Query(**json.loads(line)) for line in lines)


def make(of: str = WORDS) -> Iterator[Query]:
    """Every query with its judgements, anew."""
    makers = (
        _names, _half_remembered, _numbers, _identity, _places, _subjects, _matters_of_places, _spellings, _phrases,
        _fields, _periods, _dates, _misread_names, _misread_places, _either, _without,
    )  # fmt: skip
    for maker in makers:
        sort = maker.__name__.strip("_")
        asked = dict(maker(Source(of, seeded(sort, of))))  # what two draws ask alike is asked once
        for n, (text, judge) in enumerate(asked.items(), 1):
            grades = {letter.id: grade for letter in letters(of) if (grade := judge(letter))}
            yield Query(f"{sort}-{n:02d}", sort, text, grades)


def _named(*parts: str) -> Judge:
    """Letters in which somebody has all these words in their name, the better the more the letter is about them."""

    def judge(letter: Letter) -> int:
        found = (ROLES[role] for name, role in letter.people.items() if all(part in name.split() for part in parts))
        return max(found, default=0)

    return judge


def _about(topic: int) -> Judge:
    return lambda letter: 3 * (letter.case.topic == topic and letter.has_matter)


def _from(place: str) -> Judge:
    return lambda letter: 3 * (letter.case.place == place and letter.has_place)


def _both(*judges: Judge) -> Judge:
    return lambda letter: min(judge(letter) for judge in judges)


Asked = Iterator[tuple[str, Judge]]


def _names(source: Source) -> Asked:
    for n, case in enumerate(source.some(24)):
        asked = case.relative if n % 4 == 3 else case.name
        yield source.ordered(asked.lower() if n % 2 else asked), _named(*asked.split())


def _half_remembered(source: Source) -> Asked:
    for n, case in enumerate(source.some(18)):
        first, last = case.name.split()
        if n % 3 == 2:
            yield f"{first} {last[:5]}*", _named(first, last)
        else:
            yield source.ordered(_respelled(case.name)), _named(first, last)


def _respelled(name: str) -> str:
    asked = name.lower()
    old, new = next(pair for pair in NAME_SPELLINGS if pair[0] in asked)
    return asked.replace(old, new, 1)


def _numbers(source: Source) -> Asked:
    forms: tuple[Callable[[str], str], ...] = (
        lambda n: n, lambda n: n.replace("/", " "), lambda n: n.replace("/", " / ").lower(),
        lambda n: n.replace("/", "-"),
        lambda n: n.replace("/", ".").replace("-", "."), lambda n: f"nomor {n.lower()}",
    )  # fmt: skip
    for n, letter in enumerate(source.rng.sample(source.letters, 20)):
        yield forms[n % len(forms)](letter.number), _numbered(letter.number)


def _numbered(number: str) -> Judge:
    return lambda letter: 3 if letter.number == number else 2 * (letter.cites == number)


def _identity(source: Source) -> Asked:
    with_nik = [letter for letter in source.letters if "nik" in letter.fields]
    for n, letter in enumerate(source.rng.sample(with_nik, 8)):
        nik = letter.case.nik
        asked = (nik, f"{nik[:4]} {nik[4:8]} {nik[8:12]} {nik[12:]}", f"nik:{nik}", f"{nik[:6]}.{nik[6:12]}.{nik[12:]}")
        yield asked[n % 4], _with_nik(nik)


def _with_nik(nik: str) -> Judge:
    return lambda letter: 3 * (letter.fields.get("nik") == nik)


def _places(source: Source) -> Asked:
    for n, told in enumerate(source.rng.sample(source.words["places"], 24)):
        place, town, _ = told.split("|")
        forms = (place.lower(), place, f"kelurahan {place}", f"{place} {town.split()[-1]}")
        yield source.ordered(forms[n % 4]), _from(place)


def _subjects(source: Source) -> Asked:
    for topic, told in enumerate(source.words["topics"]):
        yield told["asks"][0], _about(topic)


def _matters_of_places(source: Source) -> Asked:
    for case in source.some(24):
        asked = source.rng.choice(source.words["topics"][case.topic]["asks"])
        yield source.ordered(f"{asked} {case.place}"), _both(_about(case.topic), _from(case.place))


def _spellings(source: Source) -> Asked:
    for told in source.words["spellings"]:
        said = [letter for letter in source.letters if told["says"] in letter.text and letter.has_place]
        place = source.rng.choice(said).case.place
        forms = (told["word"].lower(), told["asks"].lower())
        yield source.ordered(f"{told['asks']} {place}"), _both(_from(place), _saying(forms))


def _saying(forms: tuple[str, ...]) -> Judge:
    return lambda letter: 3 * any(form in letter.text.lower() for form in forms)


def _phrases(source: Source) -> Asked:
    for told in source.rng.sample(source.words["topics"], 14):
        yield f'"{told["phrase"]}"', _saying((told["phrase"],))


def _fields(source: Source) -> Asked:
    for n, case in enumerate(source.some(10)):
        first, last = case.name.split()
        yield f'nama:"{case.name}"' if n % 2 else f"nama:{last} nama:{first}", _client(case)
    for letter in source.rng.sample(source.letters, 6):
        yield f"nomor:{letter.number}", lambda other, number=letter.number: 3 * (other.number == number)  # type: ignore[misc]
    for case in source.some(6):
        told = source.words["topics"][case.topic]
        yield f"hal:{told['only'][0]} {case.place}", _both(_about(case.topic), _from(case.place))
    for letter in source.rng.sample([letter for letter in source.letters if letter.has_place], 8):
        yield f"jenis:{letter.kind} {letter.case.place}", _both(_from(letter.case.place), _of_kind(letter.kind))


def _client(case: Case) -> Judge:
    return lambda letter: 3 * (letter.people.get(case.name) == "klien")


def _of_kind(kind: str) -> Judge:
    return lambda letter: 3 * (letter.kind == kind)


def _periods(source: Source) -> Asked:
    for topic in source.rng.sample(range(len(source.words["topics"])), 10):
        since = date(source.rng.choice((2023, 2024, 2025)), source.rng.choice((1, 4, 7)), 1)
        until = since.month + 5
        asked = f"{source.words['topics'][topic]['asks'][0]} dari:{since:%Y-%m} sampai:{since.year}-{until:02d}"
        yield asked, _both(_about(topic), _between(since, until))


def _between(since: date, month: int) -> Judge:
    return lambda letter: 3 * (letter.day.year == since.year and since.month <= letter.day.month <= month)


def _dates(source: Source) -> Asked:
    for n, letter in enumerate(source.rng.sample(source.letters, 14)):
        day = letter.day
        short = {"Agustus": "Agust", "Februari": "Pebruari", "November": "Nopember"}.get(MONTHS[day.month - 1])
        forms = (
            f"{day:%d-%m-%Y}", f"{day:%Y-%m-%d}", f"{day.day}/{day.month}/{day.year}", f"{day:%d.%m.%Y}",
            f"{day.day} {short or MONTHS[day.month - 1][:3]} {day.year}",
        )  # fmt: skip
        yield f"{forms[n % len(forms)]}", _dated(day)


def _dated(day: date) -> Judge:
    return lambda letter: 3 if letter.day == day else 2 * (day in letter.dates)


def _misread(rng: random.Random, word: str) -> str:
    """The word with one character taken for another, not the first."""
    place = rng.choice([n for n, char in enumerate(word) if n and char in LIKE])
    return word[:place] + rng.choice(LIKE[word[place]]) + word[place + 1 :]


def _misread_names(source: Source) -> Asked:
    for case in source.some(16):
        first, last = case.name.split()
        yield source.ordered(f"{first} {_misread(source.rng, last)}"), _named(first, last)


def _misread_places(source: Source) -> Asked:
    for told in source.rng.sample([p.split("|")[0] for p in source.words["places"] if len(p.split("|")[0]) > 5], 12):
        yield _misread(source.rng, told), _from(told)


def _either(source: Source) -> Asked:
    for _ in range(8):
        one, other = source.rng.sample(range(len(source.words["places"])), 2)
        here, there = (source.words["places"][n].split("|")[0] for n in (one, other))
        yield f"{here} OR {there}", lambda letter, h=here, t=there: max(_from(h)(letter), _from(t)(letter))  # type: ignore[misc]


def _without(source: Source) -> Asked:
    for case in source.some(10):
        last = case.name.split()[1]
        yield f"{case.place} -{last}", _both(_from(case.place), _not(last))


def _not(word: str) -> Judge:
    return lambda letter: 3 * (word.lower() not in letter.text.lower())


def write() -> None:
    """Write the queries of both sets."""
    for of, name in JUDGED.items():
        lines = (
            json.dumps({"id": q.id, "sort": q.sort, "text": q.text, "grades": q.grades}, ensure_ascii=False)
            for q in make(of)
        )
        Path(__file__).with_name(name).write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    write()
