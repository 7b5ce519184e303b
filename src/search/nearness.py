"""How near two words are where a reader took one sign for another: l for 1, o for 0, m for rn. Pure.

A sign read for one that looks like it, or that stands for it in the old spelling, is half a difference, a lost or
added one, and two that changed places, seven tenths, any other one a whole. What is near enough depends on the
length, since among short words almost all are near each other.

A word's shape is the word with one sign for all that look alike. The vocabulary is looked up by shapes (workers/
migrations, 0035: word_shape() has the same signs): that of the asked word, and those one lost, added, other or moved
sign, one pair, or of long words two lost signs away. So what it costs grows with the word, and hardly with the archive.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations, groupby
from typing import Final

from rapidfuzz.distance import OSA, Postfix, Prefix
from rapidfuzz.process import extract_iter

# Signs of one shape are taken for each other, written as they are in the index; in what mostly is a number, fewer
_SHAPES: Final = {"o": "acdeqs045", "l": "fijt17", "z": "2", "b": "38hkx6", "g": "9", "u": "mnprvwy"}
_ALIKE: Final = str.maketrans({sign: shape for shape, signs in _SHAPES.items() for sign in signs})
_OF_NUMBER: Final = {"0": "ocde", "1": "lijtf7", "2": "z", "3": "568bsh", "4": "a", "9": "gq"}
_ALIKE_NUMBER: Final = str.maketrans({sign: shape for shape, signs in _OF_NUMBER.items() for sign in signs})
_DIGITS: Final = str.maketrans("", "", "0123456789")
# Two signs that run together look like one, or are the old spelling of it
_TOGETHER: Final = (
    ("rn", "m"), ("nn", "m"), ("vv", "w"), ("cl", "d"), ("li", "h"), ("ii", "u"), ("ri", "n"), ("tt", "n"), ("ll", "u"),
    ("oe", "u"), ("dj", "j"), ("tj", "c"), ("sj", "s"), ("sy", "s"), ("ch", "h"), ("kh", "h"), ("th", "t"),
)  # fmt: skip
# The spelling of before 1972, in which names go on being written: as it is now, and as it was
_NOW: Final = (("dj", "j"), ("j", "y"), ("tj", "c"), ("nj", "ny"), ("sj", "sy"), ("ch", "kh"), ("oe", "u"))
_SINCE, _BEFORE = dict(_NOW), {now: was for was, now in _NOW}
_OLD: Final = re.compile("dj|tj|nj|sj|ch|oe|j")
_NEW: Final = re.compile("ny|sy|kh|[jycu]")
_ANY_PAIR: Final = re.compile("|".join(pair for pair, _ in _TOGETHER))
_APART: Final = {one: [pair for pair, sign in _TOGETHER if sign == one] for _, one in _TOGETHER}
_AS_ONE: Final = {pair: "".join(sign for other, sign in _TOGETHER if other == pair) for pair, _ in _TOGETHER}
# Signs of which each may be taken for each
_ALIKE_SIGNS: Final = (
    "0oqcd", "1lijt7", "5s", "38b", "56b", "68b", "2z", "gq9", "nuhrm", "uv", "vy", "ceo", "ao", "as", "ad", "fte",
    "fp", "kxh", "mnw", "wv", "rpb", "4a", "hb", "hli", "jy",
)  # fmt: skip
_LIKE, _LOST, _MOVED, _OTHER = 0.5, 0.7, 0.7, 1.0
SLIP: Final = _LOST
"""The difference of one sign that was misread, lost, added or moved."""
# Names are written in many ways: Mohamad, Muhammad; Samsudin, Syamsuddin; Yusup, Jusuf. In the database word_sound()
# has the same (workers/migrations, 0054)
_SOUNDS: Final = (
    ("oe", "u"), ("oo", "u"), ("au", "u"), ("ie", "i"), ("ae", "ai"), ("ei", "ai"), ("dz", "s"), ("dj", "j"),
    ("tj", "c"), ("nj", "ny"), ("sj", "s"), ("sy", "s"), ("kh", "h"), ("ch", "h"), ("th", "t"), ("ph", "p"),
)  # fmt: skip
_ONE_SOUND: Final = str.maketrans("vfzqyjo", "ppskiiu")
_LETTERS: Final = re.compile("[a-z]{4,}")
_SOUNDING: Final = 5  # letters: too many shorter ones sound alike, as Kuta and kota
_FAR: Final = {
    one: {other: _LIKE for signs in _ALIKE_SIGNS if one in signs for other in signs} for one in "".join(_ALIKE_SIGNS)
}
_NOTHING: Final[dict[str, float]] = {}
_PAIRS: Final = 2  # of a word that are read as one sign
_LONG: Final = 7  # letters of a word from which on two may be lost


def distance(one: str, other: str) -> float:
    """Signs' difference: 0 for the same word."""
    return _measured(one, other, 1000.0)


@lru_cache(65536)
def _measured(one: str, other: str, most: float) -> float:
    begin = Prefix.similarity(one, other)
    end = min(Postfix.similarity(one, other), len(one) - begin, len(other) - begin)
    one, other = one[begin : len(one) - end], other[begin : len(other) - end]
    if not one or not other:
        return _LOST * (len(one) + len(other))
    if len(one) == len(other) == 1:
        return _FAR.get(one, _NOTHING).get(other, _OTHER)
    return _between(one, other, most)


def within(one: str, others: Sequence[str], most: float) -> dict[str, float]:
    """Signs' difference to each of the others to which it is no more than that; most are told apart without measuring
    them.

    No sign that differs, is lost or has moved counts less than half; a pair read as one sign, of which no word has more
    than two, is one sign in both when all pairs are."""
    signs = int(2 * most)
    maybe = {other for other, *_ in extract_iter(one, others, scorer=OSA.distance, score_cutoff=signs)}
    if one.isdigit():
        return {other: far for other in maybe if (far := _measured(one, other, most)) <= most}
    own = _joined(one)  # where no pair is in either, this compares what was compared
    joined = {other: as_one for other in others if (as_one := _joined(other)) != other or own != one}
    for _, _, other in extract_iter(own, joined, scorer=OSA.distance, score_cutoff=signs):
        if OSA.distance(one, other) <= signs + 2 * _PAIRS:
            maybe.add(other)
    return {other: far for other in maybe if (far := _measured(one, other, most)) <= most}


def _between(one: str, other: str, most: float) -> float:
    """The least sum of differences that leads from one to the other; where that is more than `most`, any such sum."""
    pairs = [_AS_ONE.get(other[n - 1 : n + 1], "") if n else "" for n in range(len(other))]
    before: list[float] = []  # the rows of the last two signs
    last = [_LOST * n for n in range(len(other) + 1)]
    for i, sign in enumerate(one):
        far, as_one = _FAR.get(sign, _NOTHING), _AS_ONE.get(one[i - 1 : i + 1], "") if i else ""
        least = _LOST * (i + 1)
        row = [least]
        for j, against in enumerate(other):
            lost = (least if least < last[j + 1] else last[j + 1]) + _LOST
            least = last[j] if sign == against else last[j] + far.get(against, _OTHER)
            if lost < least:
                least = lost
            if against in as_one:
                least = min(least, before[j] + _LIKE)
            if sign in pairs[j]:
                least = min(least, last[j - 1] + _LIKE)
            if i and j and sign == other[j - 1] and against == one[i - 1]:
                least = min(least, before[j - 1] + _MOVED)
            row.append(least)
        if min(row) > most and min(last) > most:  # all that comes leads from one of these
            return min(*row, *last)
        before, last = last, row
    return last[-1]


@lru_cache(65536)
def sound(word: str) -> str:
    """How a word of four letters or more sounds, the same for most ways to write a name; "" of any other."""
    if not _LETTERS.fullmatch(word):
        return ""
    for written, said in _SOUNDS:
        word = word.replace(written, said)
    said = "".join(sign for sign, _ in groupby(word.translate(_ONE_SOUND)))
    return said[:-1] if said.endswith("h") and len(said) > 1 else said


def sounds(word: str) -> set[str]:
    """How what sounds like a word sounds as the index has it, whose stemmer takes an i off the end of some names."""
    said = sound(word) if len(word) >= _SOUNDING else ""
    return {said, said.removesuffix("i"), f"{said}i"} if said else set()


def reach(word: str) -> float:
    """From what distance on a word is no longer near this one; 0: none is near."""
    if len(word) < 3:
        return 0
    if word.isdigit():
        return 0.5 if len(word) < 6 else 1.0
    return next(far for length, far in ((3, 0.5), (4, 0.8), (6, 1.2), (8, 1.7), (1000, 2.2)) if len(word) <= length)


@lru_cache(65536)
def shape(word: str) -> str:
    """The word's shape; that of a number, or of what mostly is one, is never that of a word."""
    return "#" + word.translate(_ALIKE_NUMBER) if _is_number(word) else word.translate(_ALIKE)


@lru_cache(4096)
def shapes_near(word: str) -> frozenset[str]:
    """The shapes in which what is near this word is looked for, also where it is written by the old spelling wholly
    (Tjahjono of Cahyono) or in one sign, or a sign is read as a pair. Of a number no sign is another or moved:
    numbers of one length are so many that most would be."""
    epochs = (_OLD.sub(lambda one: _SINCE[one[0]], word), _NEW.sub(lambda one: _BEFORE[one[0]], word))
    spelt = {shape(one) for one in (*_paired(word), *epochs)}
    return frozenset(spelt.union(*map(_neighbours, {word, _joined(word)}), _two_lost(word)))


def _paired(word: str) -> Iterator[str]:
    """The word with one sign read as a pair, or one pair as a sign."""
    for n, sign in enumerate(word):
        for pair in _APART.get(sign, ()):
            yield word[:n] + pair + word[n + 1 :]
        for one in _AS_ONE.get(word[n : n + 2], ""):
            yield word[:n] + one + word[n + 2 :]


def _two_lost(word: str) -> set[str]:
    if len(word) < _LONG or _is_number(word):
        return set()
    own = shape(word)
    return {"".join(kept) for kept in combinations(own, len(own) - 2)}


def _neighbours(word: str) -> set[str]:
    """The shapes one sign away from the word's, and its own."""
    own = shape(word)
    if _is_number(word):
        halves = [(own[:n], own[n:]) for n in range(1, len(own) + 1)]
        return {own}.union(
            {left + sign + right for left, right in halves for sign in _OF_NUMBER},
            {left + right[1:] for left, right in halves},
        )
    halves = [(own[:n], own[n:]) for n in range(len(own) + 1)]
    return {own}.union(
        {left + sign + right for left, right in halves for sign in _SHAPES},
        {left + sign + right[1:] for left, right in halves[:-1] for sign in _SHAPES},
        {left + right[1:] for left, right in halves},
        {left + right[1:2] + right[:1] + right[2:] for left, right in halves},
    )


def _is_number(word: str) -> bool:
    return not word.isalpha() and 2 * len(word.translate(_DIGITS)) <= len(word)


@lru_cache(65536)
def _joined(word: str) -> str:
    if _ANY_PAIR.search(word):
        for pair, sign in _TOGETHER:
            word = word.replace(pair, sign)
    return word
