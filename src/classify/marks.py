"""What tells a letter from others of its template: its numbers and names, folded so that two scans yield the same.

A mark is a pair of neighbouring words of which one has a digit, or both look like names; or a long number by itself.
Template words make no marks; what a letterhead prints on every letter does, and is passed over where marks are looked
up because too many letters have it (archive/twins.py).
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from classify.fieldspec import known_words
from core.months import MONTHS, ROMAN

# An identity card copied for several cases is not one letter scanned several times
IDENTITY = frozenset({"ktp", "kk"})
# Reading further tells no more, and bounds on letters and words bound the time
MOST_LETTERS = 20_000
MOST_WORDS = 1500
MOST_MARKS = 50
# With fewer words than this a page is looked at as a picture
FEW_WORDS = 12
_LONG_NUMBER = 6
_MONTHS = frozenset(MONTHS) | frozenset(roman for roman in ROMAN if len(roman) > 1)
_RUN = re.compile(r"[^\W_]+")
# letters that readers take for each other stand for one, so that either reading yields the same mark
_CONFUSED = str.maketrans("01l58", "oiisb")


def words(text: str) -> list[str]:
    """The runs of letters and digits in a text, as printed but without accents; at most MOST_WORDS."""
    plain = unicodedata.normalize("NFKD", text[:MOST_LETTERS])
    return [match[0] for match, _ in zip(_RUN.finditer(plain), range(MOST_WORDS), strict=False)]


def folded(word: str) -> str:
    """The word as readers confuse its letters: `O815` and `0B1S` are one."""
    return word.casefold().translate(_CONFUSED)


def is_number(word: str) -> bool:
    """Whether it is a number of more than one digit, perhaps with a letter misread among them, or names a month."""
    return len(word) > 1 and (2 * sum(c.isdigit() for c in word) >= len(word) or word in _MONTHS)


def is_name(word: str) -> bool:
    """Whether it may be a name: capital first, and no word that letters have in common."""
    return len(word) > 3 and word[0].isupper() and word.isalpha() and word.casefold() not in known_words("teks")


def marks(text: str, pictures: Sequence[str]) -> frozenset[str]:
    """The marks of a letter: at most MOST_MARKS, the same ones of the same set.

    A page with hardly a word is marked by its picture: `pictures` are the hashes of its pages with something on them
    (archive/reading.py). Pairs of the hash's bytes: two hashes that differ in up to six bits share one.
    """
    found = words(text)
    if len(found) < FEW_WORDS:
        if not pictures:
            return frozenset()
        parts = [f"{place}:{pictures[0][2 * place : 2 * place + 2]}" for place in range(8)]
        return frozenset(f"{one}|{other}" for one, other in combinations(parts, 2))
    return frozenset(sorted(set(_telling(found)), key=_order)[:MOST_MARKS])


def _order(mark: str) -> bytes:
    """An order that has nothing to do with what the mark says: the first ones are a fair sample of any set."""
    return hashlib.blake2b(mark.encode(), digest_size=8).digest()


def _telling(found: Sequence[str]) -> Iterator[str]:
    for word in found:
        if sum(c.isdigit() for c in word) >= _LONG_NUMBER:
            yield folded(word)
    for one, other in pairwise(found):
        if is_number(one) or is_number(other) or (is_name(one) and is_name(other)):
            yield f"{folded(one)} {folded(other)}"
