"""A folder of worn scans with the truth of what is printed on them (shape: tests/assets/truth.py)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scan:
    """One scanned page: its entry of the index, the truth of its page, and the fields printed on it."""

    folder: Path
    entry: dict[str, Any]
    page: dict[str, Any]
    fields: dict[str, str]
    comb: frozenset[str]  # fields printed one letter a cell: no run of text holds them

    @property
    def file(self) -> Path:
        """The picture."""
        return self.folder / str(self.entry["file"])

    @property
    def name(self) -> str:
        """Its name in the index."""
        return str(self.entry["file"])

    def picture(self, rotation: int) -> Image.Image:
        """The grey picture turned clockwise by `rotation`."""
        with Image.open(self.file) as opened:
            gray = opened.convert("L")
        turns = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
        return gray.transpose(turns[rotation]) if rotation else gray

    @cached_property
    def raw(self) -> Matrix:
        """From points of the paper to fractions of the picture as it lies in its file."""
        return np.diag([1 / self.entry["w"], 1 / self.entry["h"], 1.0]) @ np.array(self.entry["H"], np.float64)

    @cached_property
    def upright(self) -> Matrix:
        """From points of the paper to fractions of the picture turned upright."""
        quarter = {
            0: np.eye(3),
            90: np.array([[0, 1, 0], [-1, 0, 1], [0, 0, 1]]),
            180: np.array([[-1, 0, 1], [0, -1, 1], [0, 0, 1]]),
            270: np.array([[0, -1, 1], [1, 0, 0], [0, 0, 1]]),
        }[int(self.entry["rotate_cw"])]
        return np.asarray(quarter @ self.raw, np.float64)


def moved(matrix: Matrix, box: list[float]) -> Matrix:
    """The corners of a box in points, clockwise from the top left, where `matrix` puts them; shape (4, 2)."""
    x0, y0, x1, y1 = box
    points = matrix @ np.array([[x0, x1, x1, x0], [y0, y0, y1, y1], [1.0] * 4])
    return np.asarray((points[:2] / points[2]).T, np.float64)


def load(folder: Path, pages: int | None = None) -> list[Scan]:
    """The scans of a set, or about so many of them: whole letters, evenly chosen."""
    index = json.loads((folder / "index.json").read_text("utf-8"))
    if pages and pages < len(index):
        letters = list(dict.fromkeys(entry["doc"] for entry in index))
        wanted = max(1, round(len(letters) * pages / len(index)))
        chosen = {letters[n * len(letters) // wanted] for n in range(wanted)}
        index = [entry for entry in index if entry["doc"] in chosen]
    scans = []
    for entry in index:
        truth = json.loads((folder / "truth" / f"{entry['doc']}.json").read_text("utf-8"))
        printed = {k.removesuffix("_comb"): v for k, v in truth["fields"].items() if v["page"] == entry["page"]}
        fields = {name: field["value"] for name, field in printed.items()}
        comb = frozenset(name for name, field in printed.items() if field.get("comb"))
        scans.append(Scan(folder, entry, truth["pages"][entry["page"]], fields, comb))
    return scans


def field_names(scans: list[Scan]) -> dict[str, frozenset[str]]:
    """For each kind of letter the names of the fields that this set has truth of."""
    names: dict[str, frozenset[str]] = {}
    for scan in scans:
        kind = str(scan.entry["kind"])
        names[kind] = names.get(kind, frozenset()) | scan.fields.keys()
    return names
