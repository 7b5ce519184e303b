"""Whether two scans may be of one paper: other bytes, the same letter. Pure, and says why.

Letters of one template differ in few words, and two readings of one paper differ in some too. What tells them apart is
how: another letter has other numbers and names in their place, another reading has the same ones, here and there a
letter off. So numbers and names are compared for themselves (parting.py), the whole text only to be sure that it is the
same template. What both letters are sure to say (number, date, names) decides where it differs.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from classify import letternumber
from classify.fieldspec import key, label
from classify.marks import FEW_WORDS, IDENTITY, folded, words
from classify.parting import Text, Values, values

# From which score two letters are shown to a person as perhaps the same
ALIKE: Final = 0.76
# What a letter says of itself; where both are sure and say otherwise, they are two letters. Not what an office stamped
# on it when it came: a letter that came twice was stamped twice
_TELLING: Final = ("nomor_surat", "tanggal", "nik", "kk", "nama")
_SPELLED: Final = frozenset({"nama"})  # compared by likeness, for readers misread a letter of them
_LIKE_NAMES: Final = 80.0
_FEWEST_VALUES: Final = 4  # less than this proves nothing: two empty forms are not one letter
_ONE_TEMPLATE: Final = 0.65  # share of common words from which the text speaks for one letter in full
_PICTURE_BITS: Final = 64
_ALIKE_BITS: Final = 10  # of 64: pictures of one page, and of pages that look alike
# What one number, or name, that differs weighs against one that agrees: stamps and handwriting are read as odd words
# more often than as numbers
_OTHER_NUMBER: Final = 8.0
_OTHER_NAME: Final = 5.0
_OTHER_LETTER: Final = 10.0  # letter numbers read unsurely, but too far apart to be readings of one
_LETTERS_APART: Final = 3
_OTHER_DATE: Final = 10.0  # besides its numbers: a date misread is hardly another day of the calendar
# where both are sure of the same letter number, or date, other numbers are rather misread
_NUMBER_AGREES: Final = 0.5
_DATE_AGREES: Final = 0.7
_PICTURE_AGREES: Final = 0.85
_UNREAD: Final = 0.5  # what a value weighs that only one of them has
_MOST_SHOWN: Final = 12


@dataclass(frozen=True)
class Paper:
    """As much of a letter as is compared: its kind, its fields as stored, the text of its pages, and the perceptual
    hashes of those pages that have something on them."""

    kind: str | None
    fields: Mapping[str, Mapping[str, Any]]
    text: str
    pictures: tuple[str, ...]

    @cached_property
    def read(self) -> Text:
        """Its text, taken apart once for all that it is compared with."""
        return Text(self.text)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How far two letters are likely one (0…1), whether a person should see them, and why, in words for clerks.

    `only_first`, `only_second` are numbers and names that only one of the two has, in reading order, some of them.
    """

    score: float
    alike: bool
    reasons: tuple[str, ...]
    only_first: tuple[str, ...] = ()
    only_second: tuple[str, ...] = ()


def compare(first: Paper, second: Paper) -> Likeness:
    """How likely two letters are one paper; the same whichever comes first."""
    if IDENTITY & {first.kind, second.kind}:
        return Likeness(0.0, False, ("kartu identitas tidak dicocokkan",))
    one, other = first.read, second.read
    pictures = _pictures(first.pictures, second.pictures)
    if max(len(one.words), len(other.words)) < FEW_WORDS:
        return _by_picture(pictures)
    if against := _against(first, second):
        return Likeness(0.0, False, tuple(against))
    told, common = values(one, other), _common(one.folds, other.folds)
    same_picture = pictures is not None and pictures <= _ALIKE_BITS
    believed = _believed(first, second), _PICTURE_AGREES if same_picture else 1.0
    apart = _OTHER_LETTER if _numbers_apart(first, second) else 0.0
    score = _score(told, *believed, apart) * min(1.0, common / _ONE_TEMPLATE)
    reasons = [*_agreeing(first, second), _value_words(told), f"{common:.0%} kata sama".replace("%", " %")]
    if pictures is not None and same_picture:
        reasons.append(_picture_words(pictures))
    shown = told.only_first[:_MOST_SHOWN], told.only_second[:_MOST_SHOWN]
    return Likeness(round(score, 3), score >= ALIKE, tuple(reasons), *shown)


def _by_picture(bits: int | None) -> Likeness:
    """Of two pages with hardly a word: how like they look."""
    if bits is None:
        return Likeness(0.0, False, ("tidak ada yang dapat dicocokkan",))
    score = max(0.0, 1 - 2 * bits / _PICTURE_BITS)
    return Likeness(round(score, 3), score >= ALIKE, (_picture_words(bits),))


def _believed(first: Paper, second: Paper) -> float:
    """How far numbers that differ are believed to be others."""
    number = _NUMBER_AGREES if _agree(first, second, "nomor_surat") else 1.0
    return number * (_DATE_AGREES if _agree(first, second, "tanggal") else 1.0)


def _score(told: Values, of_numbers: float, of_all: float, apart: float) -> float:
    """The share of what agrees among all that was compared, what differs weighing more."""
    if told.shared < _FEWEST_VALUES:
        return 0.0
    differing = _OTHER_NUMBER * told.other_numbers * of_numbers + _OTHER_NAME * told.other_names
    differing += _OTHER_DATE * told.other_dates + apart
    unread = abs(len(told.only_first) - len(told.only_second))
    return told.shared / (told.shared + differing * of_all + _UNREAD * unread)


def _value_words(told: Values) -> str:
    others = math.ceil(told.other_numbers + told.other_names)
    agree = f"{told.shared} angka dan nama sama"
    return f"{agree}, {others} berbeda" if others else agree


def _picture_words(bits: int) -> str:
    if bits > _ALIKE_BITS:
        return "gambar halamannya berbeda"
    return "gambar halamannya sama" if bits <= _ALIKE_BITS // 2 else "gambar halamannya mirip"


def _common(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of the texts' letters that stands in words both have."""
    mine, theirs = Counter(one), Counter(other)
    shared = sum(len(word) * count for word, count in (mine & theirs).items())
    most = max(sum(len(word) * count for word, count in text.items()) for text in (mine, theirs))
    return shared / most if most else 0.0


def _pictures(one: Sequence[str], other: Sequence[str]) -> int | None:
    """In how many bits of 64 the first pages' pictures differ; None where one has none."""
    return (int(one[0], 16) ^ int(other[0], 16)).bit_count() if one and other else None


def _plain(name: str, value: str) -> str:
    return key(letternumber.tidy(value)) if name == "nomor_surat" else key(value)


def _sure(first: Paper, second: Paper, name: str) -> tuple[str, str] | None:
    """What both are sure to say in that field."""
    one, other = first.fields.get(name), second.fields.get(name)
    if one is None or other is None or not (one["sure"] and other["sure"]):
        return None
    return _plain(name, one["value"]), _plain(name, other["value"])


def _agree(first: Paper, second: Paper, name: str) -> bool:
    said = _sure(first, second, name)
    return said is not None and said[0] == said[1]


def _agreeing(first: Paper, second: Paper) -> list[str]:
    return [f"{label(name)} sama" for name in _TELLING if _agree(first, second, name)]


def _against(first: Paper, second: Paper) -> list[str]:
    """What both are sure of and say otherwise."""
    return [f"{label(name)} berbeda" for name in _TELLING if _differ(first, second, name)]


def _differ(first: Paper, second: Paper, name: str) -> bool:
    said = _sure(first, second, name)
    if said is None or said[0] == said[1]:
        return False
    if name in _SPELLED and fuzz.ratio(*said) >= _LIKE_NAMES:
        return False
    # a letter may have several dates, of which the two readings took different ones
    return not (_stands_in(first.fields[name]["text"], second) and _stands_in(second.fields[name]["text"], first))


def _numbers_apart(first: Paper, second: Paper) -> bool:
    """Whether both letters were read to have a number, and these are no readings of one."""
    one, other = (paper.fields.get("nomor_surat") for paper in (first, second))
    if one is None or other is None or _stands_in(one["text"], second) or _stands_in(other["text"], first):
        return False
    here, there = (folded(_plain("nomor_surat", said["value"])) for said in (one, other))
    return Levenshtein.distance(here, there) >= _LETTERS_APART


def _stands_in(text: str, paper: Paper) -> bool:
    return "".join(map(folded, words(text))) in "".join(paper.read.folds)
