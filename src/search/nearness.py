"""How near two words are where a reader took one sign for another: l for 1, o for 0, m for rn. Pure.

A sign read for one that looks like it is half a difference, a lost or added one seven tenths, any other one whole.
What is near enough depends on the length, since among short words almost all are near each other.
"""

from rapidfuzz.distance import Levenshtein

# Signs of one group are taken for each other; two that run together look like one, or
# are the old spelling of it. Written as they are in the index.
_GROUPS = ("o0q", "l1ij|", "s5", "z2", "b836", "g9", "uvy", "ce", "f7t", "nr", "hk")
_TOGETHER = (
    ("rn", "m"), ("nn", "m"), ("vv", "w"), ("cl", "d"), ("li", "h"), ("ii", "u"),
    ("oe", "u"), ("dj", "j"), ("tj", "c"), ("sj", "s"), ("sy", "s"), ("ch", "h"), ("kh", "h"), ("th", "t"),
)  # fmt: skip
_ALIKE = str.maketrans({sign: group[0] for group in _GROUPS for sign in group[1:]})
_WHOLE, _LOST = 10, 7  # tenths: rapidfuzz counts in whole numbers
_WEIGHTS = (_LOST, _LOST, _WHOLE)


def distance(one: str, other: str) -> float:
    """Signs' difference: 0 for the same word."""
    plain = Levenshtein.distance(one, other, weights=_WEIGHTS)
    alike = Levenshtein.distance(_alike(one), _alike(other), weights=_WEIGHTS)
    return (plain + min(plain, alike)) / (2 * _WHOLE)


def reach(word: str) -> float:
    """From what distance on a word is no longer near this one; 0: none is near."""
    if len(word) < 3:
        return 0
    if word.isdigit():
        return 0.5 if len(word) < 6 else 1.0
    return next(far for length, far in ((3, 0.5), (4, 0.8), (6, 1.2), (8, 1.7), (1000, 2.2)) if len(word) <= length)


def _alike(word: str) -> str:
    for pair, sign in _TOGETHER:
        word = word.replace(pair, sign)
    return word.translate(_ALIKE)
