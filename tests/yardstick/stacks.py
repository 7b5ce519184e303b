"""Where stacks are cut: letters of the project's own generator, read with some noise, laid one after another.

No picture is read here: what cuts a stack are kinds, letterheads and page counts, and those are measured page by page
elsewhere. Letters of a stack are of different cases; half of them count their pages, as offices do.
"""

from __future__ import annotations

import random
from collections import Counter

from archive.reading import PageReading
from classify.cuts import Cut, cuts
from tests.assets.letter import kinds
from tests.unit.kinds_pages import blank, counted, letter, noisy_all, typed
from tests.yardstick.figures import Figures, share

STACKS, LETTERS = 60, (2, 6)
NOISE = 0.02  # of letters misread, lost or added: a bad copy
SEED = 20261126
MEANING = {
    "cuts_sure": "letters that begin where a stack is cut unasked, of all such cuts",
    "cuts_found": "letters found to begin where they do, of stacks without sheets",
    "cuts_right": "right, of the cuts proposed in stacks without sheets",
    "stacks_alone": "stacks with sheets that are split unasked, and rightly",
    "stacks_wrong": "number of stacks split unasked and wrongly",
}


def figures(stacks: int = STACKS, seed: int = SEED) -> Figures:
    """The figures of `MEANING`, per cent unless a number, over so many stacks with sheets and as many without."""
    rng, count = random.Random(seed), Counter[str]()
    for number in range(stacks):
        letters = _letters(rng, number)
        for sheets in (True, False):
            pages, separators, begins = _laid(letters, sheets, rng)
            count.update(judged(cuts(pages, separators), begins, sheets))
    return {
        "cuts_sure": share(count["sure_right"], count["sure"]),
        "cuts_found": share(count["found"], count["letters"]),
        "cuts_right": share(count["found"], count["proposed"]),
        "stacks_alone": share(count["alone"], stacks),
        "stacks_wrong": float(count["wrong"]),
    }


def lines(found: Figures) -> list[str]:
    """The figures for a terminal."""
    return [f"{MEANING[name]:67s} {value:>10.2f}" for name, value in found.items() if name in MEANING]


def _letters(rng: random.Random, number: int) -> list[list[PageReading]]:
    chosen = rng.sample(kinds(), rng.randint(*LETTERS))
    made = [noisy_all(letter(kind, number * 7 + at), NOISE, number + at) for at, kind in enumerate(chosen)]
    return [counted(pages) if rng.random() < 0.5 else pages for pages in made]


def _laid(
    letters: list[list[PageReading]], sheets: bool, rng: random.Random
) -> tuple[list[PageReading], frozenset[int], set[int]]:
    """The stack, the places of its sheets, and where its letters begin; scanned in duplex in one case of three."""
    backs = rng.random() < 0.33
    pages: list[PageReading] = []
    separators, begins = set[int](), set[int]()
    for at, papers in enumerate(letters):
        if sheets and at:
            pages.append(typed("^LEMBAR PEMISAH"))
            separators.add(len(pages))
            pages += [blank()] * backs
        begins.add(len(pages) + 1)
        pages += papers
        pages += [blank()] * (backs and len(papers) % 2)
    return pages, frozenset(separators), begins


def judged(found: tuple[Cut, ...], begins: set[int], sheets: bool) -> Counter[str]:
    """The first letter of a stack begins with it, which is no finding."""
    behind = [cut for cut in found if cut.first > 1]
    sure = [cut for cut in behind if cut.sure]
    alone = len(sure) == len(behind) and len(found) > 1
    right = {cut.first for cut in found} == begins
    count = Counter(
        sure=len(sure),
        sure_right=sum(cut.first in begins for cut in sure),
        alone=alone and right and sheets,
        wrong=alone and not right,
    )
    if not sheets:
        count.update(letters=len(begins) - 1, proposed=len(behind), found=sum(cut.first in begins for cut in behind))
    return count
