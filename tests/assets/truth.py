"""Worn letters with the truth of all that is printed on them, as a folder that ``tests.evaluate`` reads.

``python -m tests.assets.truth OUT_DIR [--letters N] [--seed S]`` writes scans/*, index.json (file, document, page,
kind, profile, dpi, size, rotation, skew, homography from points of the page to pixels) and truth/*.json (fields; per
page the rows of text, lines and words with boxes in points, check boxes, codes, corner marks). Needs fonts-liberation.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.assets.case import invent
from tests.assets.letter import Letter, book, kinds, make_letter
from tests.assets.truth_forms import boxes_of, codes_of, fiducials_of, furnish
from tests.assets.typeset import Page, Word

DOTTED = re.compile(r"[._…]{4,}")  # a line to write on is no text
NAMES = {"nomor": "nomor_surat", "ttl": "tempat_tgl_lahir"}
WEARS = (  # wear, resolution, clockwise turn, how often
    ("scan", 300, 0, 3), ("scan", 200, 0, 3), ("scan", 150, 0, 2), ("colour", 200, 0, 3), ("copy", 200, 0, 3),
    ("bilevel", 200, 0, 2), ("phone", 200, 0, 3), ("scan", 200, 90, 1), ("scan", 200, 180, 1), ("scan", 200, 270, 1),
)  # fmt: skip


def write(out: Path, letters: int, seed: int, of: Sequence[str] = kinds()) -> None:
    """Write a set of so many letters of these kinds; the same arguments give the same set."""
    (out / "scans").mkdir(parents=True, exist_ok=True)
    (out / "truth").mkdir(exist_ok=True)
    rng = random.Random(seed)
    index: list[dict[str, Any]] = []
    # a letter of every kind before any second one, whatever the number
    order = [kind for _ in range(letters // len(of) + 1) for kind in rng.sample(of, len(of))]
    for number, kind in enumerate(order[:letters]):
        name = f"{kind}_{number:03d}"
        letter = _letter(kind, rng)
        index += [_scan(out, letter, name, page) for page in range(len(letter.pages))]
        told = json.dumps(_truth(letter, name), ensure_ascii=False)
        (out / "truth" / f"{name}.json").write_text(told + "\n", "utf-8")
    (out / "index.json").write_text(json.dumps(index, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _letter(kind: str, rng: random.Random) -> Letter:
    wear, dpi, turn, _ = rng.choices(WEARS, [w[3] for w in WEARS])[0]
    card = book()["kinds"][kind].get("paper") == "card"
    letter = make_letter(kind, rng.randrange(1 << 20), wear="card" if card else wear, turn=turn)
    for number, page in enumerate(letter.pages):
        furnish(page, kind, rng, 4 * number)
    return replace(letter, dpi=300 if card else dpi)


def _scan(out: Path, letter: Letter, name: str, number: int) -> dict[str, Any]:
    """Write one worn page; its entry of the index."""
    picture, page = letter.images[number], letter.pages[number]
    profile = f"rot{letter.turn}" if letter.turn else f"{letter.wear}{letter.dpi}"
    file = f"scans/{name}__{profile}_p{number + 1}.{'png' if picture.mode == '1' else 'jpg'}"
    picture.save(out / file, dpi=(letter.dpi, letter.dpi), quality=72)
    matrix = _matrix(letter, number)
    right = matrix @ np.array([[0.0, page.width], [page.height / 2] * 2, [1.0, 1.0]])
    (x0, x1), (y0, y1) = right[:2] / right[2]
    lean = -math.degrees(math.atan2(y1 - y0, x1 - x0)) + letter.turn
    return {
        "file": file, "doc": name, "page": number, "kind": letter.kind, "profile": profile, "dpi": letter.dpi,
        "w": picture.width, "h": picture.height, "rotate_cw": letter.turn,
        "skew_ccw": (lean + 180) % 360 - 180, "H": matrix.tolist(), "font": page.words[0].style.family,
    }  # fmt: skip


def _matrix(letter: Letter, number: int) -> npt.NDArray[np.float64]:
    """From points of the page to pixels of its picture."""
    picture, page = letter.images[number], letter.pages[number]
    whole = np.diag([picture.width, picture.height, 1.0])
    moved = whole @ letter._matrix(number) @ np.diag([1 / page.width, 1 / page.height, 1.0])
    return np.asarray(moved / moved[2, 2], np.float64)


def _truth(letter: Letter, name: str) -> dict[str, Any]:
    first = letter.pages[0]
    return {
        "id": name, "kind": letter.kind, "page_size": [first.width, first.height],
        "font": first.words[-1].style.family, "size": first.words[-1].style.size,
        "fields": fields_of(letter), "pages": [_page(page) for page in letter.pages],
    }  # fmt: skip


def fields_of(letter: Letter) -> dict[str, dict[str, Any]]:
    """The fields that are printed, each with the page it stands on first."""
    values = {NAMES.get(name, name): value for name, value in letter.fields.items()}
    if letter.kind == "ktp":
        facts = invent(letter.seed)
        values |= {"nama": facts["NAMA"], "tempat_tgl_lahir": facts["ttl_ktp"]}
    texts = [" ".join(page.text.split()) for page in letter.pages]
    return {
        name: {"value": value, "page": next(n for n, text in enumerate(texts) if value in text)}
        for name, value in values.items()
        if any(value in text for text in texts)
    }


def _page(page: Page) -> dict[str, Any]:
    lines: dict[int, list[Word]] = {}
    for word in page.words:
        if not DOTTED.fullmatch(word.text):
            lines.setdefault(word.line, []).append(word)
    return {
        "lines": [_line(words) for words in lines.values()],
        "checkboxes": boxes_of(page),
        "codes": codes_of(page),
        "fiducials": fiducials_of(page),
        "rows": _rows([words for words in lines.values() if words[0].style.family != "hand"]),
    }


def _line(words: list[Word]) -> dict[str, Any]:
    boxes = np.array([word.box for word in words])
    return {
        "text": " ".join(word.text for word in words),
        "y": words[0].origin[1],
        "role": "hand" if words[0].style.family == "hand" else "text",
        "b": [*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()],
        "words": [{"t": word.text, "b": list(word.box)} for word in words],
        "size": words[0].style.size,
    }


def _rows(lines: list[list[Word]]) -> list[str]:
    """The lines in raster order: those on one height are one row, left to right."""
    rows: list[list[list[Word]]] = []
    for line in sorted(lines, key=lambda words: words[0].origin[1]):
        if rows and line[0].origin[1] - rows[-1][0][0].origin[1] < line[0].style.size * 0.4:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [" ".join(w.text for line in sorted(row, key=lambda ws: ws[0].box[0]) for w in line) for row in rows]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--letters", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    write(given.out, given.letters, given.seed)
