"""Scans of one paper found among ten thousand letters of few templates: how many, and what else is proposed.

Letters are the generator's (every kind, case after case, so that hundreds share a template and an office, and the
letters of a case share its people), besides second letters to the same people: other number, other date, nothing else
new. A share is read twice. Readings misread, lose and invent letters, at twice the rates that docs/ACCURACY.md has for
its profiles, and find words in stamps. Letters are looked up as archive/twins.py does it, in memory.
"""

from __future__ import annotations

import random
import re
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from archive import twins as stored
from classify.marks import IDENTITY, marks
from classify.twins import Paper, compare
from tests.assets.case import invent
from tests.assets.letter import TRUTHS, book, kinds
from tests.assets.truth import NAMES
from tests.yardstick.figures import Figures

LETTERS, RESCANS, SECOND_LETTERS = 10_000, 1_000, 700
# misread letters of a hundred, profile by profile, doubled
RATES = tuple(2 * rate / 100 for rate in (0.31, 0.17, 1.02, 0.08, 0.83, 0.16, 0.25, 0.14, 0.27, 0.17, 0.04))
SURE, SURE_OF_WRONG = 0.89, 0.005  # of fields read right, and of those read wrong
MISTAKEN = dict(zip("0O1l58eanm6", ("O", "0", "l", "1", "S", "B", "c", "o", "u", "rn", "8"), strict=True))
MARKUP = re.compile(r"\[x?\]|;;|\|\||\||~+|>>|=")


@dataclass(frozen=True)
class Sheet:
    """One reading of a letter; `letter` is the paper it is of."""

    letter: int
    paper: Paper


def plain(kind: str, facts: dict[str, str]) -> str:
    """What a letter of that kind says, line by line, without setting it."""
    entry, heads = book()["kinds"][kind], book()["heads"]
    lines = []
    for line in entry["body"].format_map(facts).strip().splitlines():
        name, _, rest = line.strip().partition(" ")
        if name == "kop":
            lines += [text.format_map(facts) for text in heads[rest]]
        elif name not in ("t", "jarak", "hal", "cap", "tulis"):
            lines.append(MARKUP.sub(" ", rest))
    return "\n".join(lines)


def facts_of(kind: str, seed: int, dated: int) -> dict[str, str]:
    """The case `seed`, its letters numbered and dated as those of the case `dated`."""
    facts, other = invent(seed), invent(dated)
    told = re.compile(r"n\d+|d\d+|rom|thn|hari0|serah")
    facts |= {name: value for name, value in other.items() if told.fullmatch(name)}
    entry = book()["kinds"][kind]
    facts["nomor"] = entry.get("nomor", "").format_map(facts)
    facts["perihal"] = entry.get("perihal", entry["title"]).format_map(facts)
    facts["tanggal"] = facts[entry.get("tanggal", "d0")]
    return facts


def misread(text: str, rate: float, rng: random.Random) -> list[str]:
    """What a reader that errs so often makes of each sign of the text."""
    signs = list(text)
    for place, sign in enumerate(text):
        if sign != "\n" and rng.random() < rate:
            other, more = rng.choice("aeinrtsklu"), sign + rng.choice("il.")
            signs[place] = rng.choice((MISTAKEN.get(sign, ""), other, "", more))
    return signs


def read(kind: str, facts: dict[str, str], rng: random.Random) -> Paper:
    """One reading of the letter."""
    rate, printed = rng.choice(RATES), plain(kind, facts)
    signs = misread(printed, rate, rng)
    fields: dict[str, dict[str, Any]] = {}
    for name in TRUTHS:
        at = printed.find(facts[name]) if name.islower() and facts.get(name) else -1
        if at >= 0:
            said = "".join(signs[at : at + len(facts[name])])
            sure = rng.random() < (SURE if said == facts[name] else SURE_OF_WRONG)
            fields[NAMES.get(name, name)] = {"value": said, "text": said, "sure": sure}
    lines = [line for line in "".join(signs).split("\n") if rng.random() > rate / 4]
    for _ in range(rng.choice((0, 0, 1, 2, 3))):  # the ring of a stamp, a signature
        lines.insert(rng.randrange(len(lines) + 1), "".join(rng.choices("ABDEIKLNORSTabeinu048", k=rng.randint(2, 7))))
    return Paper(kind, fields, "\n".join(lines), ())


def second_letter(kind: str, case: int) -> tuple[str, int, int]:
    """Another letter of the kind to the same people, which says at least something else."""
    first = plain(kind, facts_of(kind, case, case))
    others = ((kind, case, dated) for dated in range(100_000 + case, 200_000, 1000))
    return next((other for other in others if plain(kind, facts_of(*other)) != first), (kind, case, case))


def sheets(letters: int, rescans: int, second: int, seed: int) -> list[Sheet]:
    """So many letters, among them so many second ones to the same people; and so many read again, in random order."""
    rng = random.Random(seed)
    every = [(kind, case, case) for case in range(1 + (letters - second) // len(kinds())) for kind in kinds()]
    every = every[: letters - second]
    every += [second_letter(kind, case) for kind, case, _ in rng.sample(every, second)]
    facts = [facts_of(*one) for one in every]
    papers = [Sheet(n, read(kind, facts[n], rng)) for n, (kind, _, _) in enumerate(every)]
    papers += [Sheet(n, read(every[n][0], facts[n], rng)) for n in rng.sample(range(len(every)), rescans)]
    rng.shuffle(papers)
    return papers


def measure(letters: int = LETTERS, rescans: int = RESCANS, second: int = SECOND_LETTERS, seed: int = 15) -> Figures:
    """Of re-scans found, and of false proposals a letter, in per cent; cards read again must not be proposed."""
    began = time.monotonic()
    archive = Archive()
    met: dict[int, int] = {}
    found = again = false = 0
    for number, sheet in enumerate(sheets(letters, rescans, second, seed)):
        proposed = archive.file(number, sheet)
        twin = met.setdefault(sheet.letter, number)
        if twin != number and sheet.paper.kind not in IDENTITY:
            again += 1
            found += twin in proposed
            false += len(proposed - {twin})
        else:
            false += len(proposed)
    return {
        "twins_found": 100 * found / again,
        "twins_false": 100 * false / letters,
        "twins_seconds": time.monotonic() - began,
    }


class Archive:
    """The marks of letters, and who has them."""

    def __init__(self) -> None:
        self.having: dict[str, list[int]] = defaultdict(list)
        self.papers: list[Paper] = []

    def file(self, number: int, sheet: Sheet) -> set[int]:
        """Enter one letter; those proposed as the same."""
        own = frozenset() if sheet.paper.kind in IDENTITY else marks(sheet.paper.text, ())
        self.papers.append(sheet.paper)
        shared: dict[int, list[float]] = defaultdict(list)
        for mark in own:
            others = self.having[mark]
            if len(others) <= stored.MOST_WITH_A_MARK:
                for other in others:
                    shared[other].append(1 / len(others))
            self.having[mark].append(number)
        telling = [other for other, weights in shared.items() if len(weights) >= stored.LEAST_SHARED]
        telling.sort(key=lambda other: -sum(shared[other]) * self._of_kind(other, sheet))
        return {other for other in telling[: stored.MOST_CANDIDATES] if compare(sheet.paper, self.papers[other]).alike}

    def _of_kind(self, other: int, sheet: Sheet) -> int:
        return stored.SAME_KIND if self.papers[other].kind == sheet.paper.kind else 1
