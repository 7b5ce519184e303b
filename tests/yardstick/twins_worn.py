"""Scans of one paper through the whole reader: letters worn twice in different ways, read, understood, compared.

Of each kind two letters of one office, so that every letter is compared with another scan of itself and with both
scans of a letter of its template.
"""

from __future__ import annotations

import random
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path

from archive.reading import PageReading
from classify.letter import understand
from classify.marks import IDENTITY
from classify.twins import Paper, compare
from ocr.reader import inspect, read_page
from ocr.sandbox import Sandbox
from tests.assets.letter import Letter, kinds, make_letter
from tests.yardstick.figures import Figures
from tests.yardstick.ours import MEMORY_MB, PROCESSES

WEARS = (("scan", 150), ("scan", 200), ("scan", 300), ("colour", 200), ("copy", 200), ("bilevel", 200), ("phone", 200))
CASES = (300, 350)
_PATIENCE = 600  # seconds a page: how soon it is read is measured elsewhere
Key = tuple[str, int]


def measure(every: int = 2, seed: int = 15) -> Figures:
    """Of pairs of one paper found, and of pairs of one template proposed, in per cent; of every so many-th kind."""
    rng = random.Random(seed)
    of = [kind for kind in kinds() if kind not in IDENTITY][::every]
    jobs = [(kind, case, wear) for kind in of for case in CASES for wear in rng.sample(WEARS, 2)]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        shares = pool.map(_read, [jobs[n::PROCESSES] for n in range(PROCESSES)])
    scans = [scan for share in shares for scan in share]
    pairs = [(one, other) for one, other in combinations(scans, 2) if one[0][0] == other[0][0]]
    same = [compare(one, other).alike for (key, one), (its, other) in pairs if key == its]
    others = [compare(one, other).alike for (key, one), (its, other) in pairs if key != its]
    return {
        "twins_worn_found": 100 * sum(same) / len(same),
        "twins_worn_false": 100 * sum(others) / len(others),
    }


def _read(jobs: list[tuple[str, int, tuple[str, int]]]) -> list[tuple[Key, Paper]]:
    with tempfile.TemporaryDirectory() as folder, Sandbox(MEMORY_MB) as sandbox:
        return [((kind, case), _paper(sandbox, Path(folder), kind, case, wear)) for kind, case, wear in jobs]


def _paper(sandbox: Sandbox, folder: Path, kind: str, case: int, wear: tuple[str, int]) -> Paper:
    letter = replace(make_letter(kind, case, wear=wear[0]), dpi=wear[1])
    # the wear of a letter comes from its seed: another scan is another one
    letter = replace(letter, seed=case + WEARS.index(wear))
    pages = [_page(sandbox, folder, letter, number) for number in range(len(letter.pages))]
    found = understand(pages)
    pictures = tuple(page.picture for page in pages if page.picture is not None)
    return Paper(found.verdict.kind, found.fields_json(), "\n".join(page.text for page in pages), pictures)


def _page(sandbox: Sandbox, folder: Path, letter: Letter, number: int) -> PageReading:
    file, working = folder / "page.png", folder / "working.pdf"
    letter.images[number].save(file, dpi=(letter.dpi, letter.dpi))
    inspect(sandbox, file, "image/png", working, max_pages=2, seconds=_PATIENCE)
    read = read_page(sandbox, working, 1, folder / "preview.jpg", seconds=_PATIENCE)
    return replace(read, number=number + 1)
