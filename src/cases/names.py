"""Names as letters spell and readers misread them: keys to look them up by, and how alike two are. Pure."""

import re
import unicodedata
from typing import Final

from rapidfuzz import fuzz

from classify.marks import folded

_RUN: Final = re.compile(r"[^\W_]+")
_MOST_WORDS: Final = 8
_PART: Final = 3
# what stands around a name and is none, and what is written for short
_AROUND: Final = frozenset((
    "h", "hj", "dr", "drs", "dra", "ir", "alm", "almh", "sdr", "sdri", "tn", "ny", "nn", "an", "bin", "binti", "bt",
))  # fmt: skip
_MUHAMMAD: Final = (
    "m", "md", "moh", "mohd", "mohamad", "mohammad", "moch", "mochamad", "mochammad", "muh", "muhd", "muhamad", "much",
)  # fmt: skip
_IN_FULL: Final = {"abd": "abdul", "st": "siti"} | dict.fromkeys(_MUHAMMAD, "muhammad")
# old spellings and sounds that are written either way
_SPELLINGS: Final = (("oe", "u"), ("dj", "j"), ("tj", "c"), ("ph", "f"), ("v", "f"), ("y", "i"), ("j", "i"))
_DOUBLED: Final = re.compile(r"(.)\1+")


def words(name: str) -> tuple[str, ...]:
    """The words of a name in one spelling, without titles: `Moh. Joesoef` and `MUHAMMAD YUSUF` are one."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    found = [match[0] for match in _RUN.finditer(plain)][:_MOST_WORDS]
    own = [word for word in found if word not in _AROUND] or found
    return tuple(_spelled(_IN_FULL.get(word, word)) for word in own)


def keys(name: str) -> frozenset[str]:
    """What a name is looked up by: the beginning and the end of each of its words.

    A letter that is misread, lost or doubled leaves one of the two as it is, wherever in a word of six it stands.
    """
    told = [word for word in words(name) if len(word) >= _PART] or words(name)
    return frozenset(key for word in told for key in (f"<{word[:_PART]}", f">{word[-_PART:]}"))


def alike(one: str, other: str) -> float:
    """How alike two names are, 0 … 100, whatever the order of their words."""
    first, second = words(one), words(other)
    return fuzz.token_sort_ratio(" ".join(first), " ".join(second)) if first and second else 0.0


def _spelled(word: str) -> str:
    for old, new in _SPELLINGS:
        word = word.replace(old, new)
    return _DOUBLED.sub(r"\1", folded(word))
