"""What a list of found letters is worth against its judgements."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

NDCG_AT, RECALL_AT = 10, 20


def ndcg(found: Sequence[str], grades: Mapping[str, int], at: int = NDCG_AT) -> float:
    """Normalised discounted gain of the first `at`: 1 when the best letters stand first, gain 2^grade - 1."""
    ideal = sorted(grades.values(), reverse=True)
    return _gain([grades.get(id_, 0) for id_ in found[:at]]) / _gain(ideal[:at])


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))


def recall(found: Sequence[str], grades: Mapping[str, int], at: int = RECALL_AT) -> float:
    """Share of the right letters among the first `at`; of more than `at` right ones, `at` are all there can be."""
    return sum(id_ in grades for id_ in found[:at]) / min(at, len(grades))
