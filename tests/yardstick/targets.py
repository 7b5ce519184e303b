"""The targets of reading, kinds and fields, each with the figure that decides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tests.yardstick.figures import Figures

Verdict = Literal["met", "missed", "not measured"]


@dataclass(frozen=True)
class Target:
    """A bound on one figure; `least` says whether it is a lower bound."""

    what: str
    figure: str
    least: bool
    bound: float
    unit: str = "%"

    def judged(self, figures: Figures) -> tuple[float | None, Verdict]:
        """The figure and the verdict."""
        value = figures.get(self.figure)
        if value is None:
            return None, "not measured"
        return value, "met" if (value >= self.bound if self.least else value <= self.bound) else "missed"


TARGETS = (
    Target("Order-free character errors (oCER)", "ocer", False, 0.40),
    Target("Character errors in reading order (CER)", "cer", False, 2.0),
    Target("Key fields standing in the text", "key", True, 99.0),
    Target("Words of the searchable PDF at their place", "places", True, 97.0),
    Target("Kind right, of pages", "kind", True, 98.0),
    Target("Kind right, of those filed unasked", "kind_sure", True, 99.7),
    Target("Pages whose kind is filed unasked", "kind_cover", True, 90.0),
    Target("Calibration error of kinds", "kind_ece", False, 2.0),
    Target("Fields right", "field", True, 95.0),
    Target("Fields right, of those marked sure", "field_sure", True, 99.5),
    Target("Fields marked sure", "field_cover", True, 85.0),
    Target("NIK right", "nik", True, 99.0),
    Target("Wrong NIK among the sure", "nik_wrong_sure", False, 0, ""),
    Target("QR codes of 18 mm or more read", "qr", True, 99.0),
    Target("Check boxes right, with stray marks and half-filled", "boxes_pen", True, 99.8),
    Target("Cuts of stacks made unasked, right", "cuts_sure", True, 99.7),
    Target("Scans of one paper found, among 10,000 letters", "twins_found", True, 98.0),
    Target("Other letters proposed as the same, of 10,000", "twins_false", False, 0.1),
    Target("Scans of one paper found, worn and read by the reader", "twins_worn_found", True, 98.0),
    Target("Letters of one template proposed, worn and read", "twins_worn_false", False, 0.1),
    Target("Links that the system made by itself, right", "links_right", True, 99.9),
    Target("Right case and step proposed first, of other letters", "links_first", True, 95.0),
    Target("Peak memory of a reading child", "peak_mb", False, 600, "MB"),
    Target("Speed against ocrmypdf, accurate", "ratio_accurate", True, 3.3, "×"),
    Target("Speed against ocrmypdf --rotate-pages, accurate", "ratio_rotate_accurate", True, 4.8, "×"),
    Target("Speed against ocrmypdf, fast", "ratio_fast", True, 4.5, "×"),
    Target("Speed against ocrmypdf --rotate-pages, fast", "ratio_rotate_fast", True, 6.5, "×"),
    Target("Speed against ocrmypdf, tesseract mode", "ratio_tesseract", True, 2.0, "×"),
    Target("Character errors in tesseract mode", "cer_tesseract", False, 5.0),
)  # fmt: skip


def table(figures: Figures) -> list[dict[str, Any]]:
    """Every target with its figure and verdict, as plain data."""
    rows = []
    for target in TARGETS:
        value, verdict = target.judged(figures)
        rows.append(
            {
                "what": target.what,
                "bound": f"{'≥' if target.least else '≤'} {target.bound:g} {target.unit}".strip(),
                "value": None if value is None else round(value, 3),
                "unit": target.unit,
                "verdict": verdict,
            }
        )
    return rows
