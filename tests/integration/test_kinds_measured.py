"""The targets for kinds, measured on every wording, on foreign letters and on worn pages (no engine is needed)."""

from __future__ import annotations

from functools import cache

import pytest

from classify.kinds import Verdict, classify
from tests.assets.letter import kinds
from tests.unit.kinds_pages import letter, noisy, noisy_all, offices, typed, variants

RATES = (0.0, 0.03, 0.08)
Judged = list[tuple[str, Verdict]]


@cache
def ours(rate: float) -> Judged:
    """Letters of all kinds in all wordings, with the share `rate` of their letters misread."""
    found = []
    for kind in kinds():
        for number, (title, subject) in enumerate(variants(kind)):
            found.append((kind, classify(noisy_all(letter(kind, 700 + number, title, subject), rate, number))))
    return found


@cache
def others() -> Judged:
    """Short and foreign letters of other offices, worn."""
    found = []
    for name in ("kinds_other_offices.txt", "kinds_held_back.txt"):
        for number, (kind, text) in enumerate(offices(name)):
            found += [(kind, classify([noisy(typed(text), rate, number)])) for rate in RATES]
    return found


def right(found: Judged) -> float:
    return sum(kind == verdict.kind for kind, verdict in found) / len(found)


def calibration_error(found: Judged) -> float:
    """Mean difference between confidence and share right, in ten bins."""
    error = 0.0
    for low in range(10):
        bin_ = [pair for pair in found if low / 10 < pair[1].confidence <= (low + 1) / 10]
        if bin_:
            error += abs(sum(v.confidence for _, v in bin_) - right(bin_) * len(bin_)) / len(found)
    return error


@pytest.mark.parametrize("rate", RATES)
def test_kind_is_right(rate: float) -> None:
    assert right(ours(rate)) >= 0.98


def test_what_is_filed_unasked_is_right() -> None:
    sure = [pair for found in (*map(ours, RATES), others()) for pair in found if pair[1].sure]
    assert right(sure) >= 0.997


@pytest.mark.parametrize(("rate", "least"), [(0.0, 0.95), (0.03, 0.9), (0.08, 0.75)])
def test_most_are_filed_unasked(rate: float, least: float) -> None:
    assert sum(verdict.sure for _, verdict in ours(rate)) / len(ours(rate)) >= least


def test_confidence_comes_true() -> None:
    assert calibration_error([pair for rate in RATES for pair in ours(rate)]) < 0.02
    assert calibration_error([pair for found in (*map(ours, RATES), others()) for pair in found]) < 0.03


def test_foreign_letters_are_mostly_known_as_such() -> None:
    foreign = [pair for pair in others() if pair[0] == "surat_masuk_lain"]
    assert right(foreign) >= 0.9
    assert not any(verdict.sure for _, verdict in foreign)
