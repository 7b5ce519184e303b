"""Where two readings go apart in numbers and names: another value in its place, or the same one misread?

The texts are laid beside each other word by word. Only where one has numbers, or names, in the place of others of the
other text do they say something else. A value that just one of them has was not read in the other, or is a stain.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import groupby

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from classify import dates
from classify.marks import MOST_LETTERS, folded, is_name, is_number, words

# Letters of a hundred that two readings of a few misread names have in common
_LIKE = 75.0


class Text:
    """A letter's words: as printed, as folded, and which of them are numbers or names."""

    def __init__(self, text: str) -> None:
        self.text = text[:MOST_LETTERS]
        self.words = words(text)
        self.folds = [folded(word) for word in self.words]

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The folds of its numbers."""
        return frozenset(fold for fold, word in zip(self.folds, self.words, strict=True) if is_number(word))

    @cached_property
    def names(self) -> frozenset[str]:
        """The folds of its names."""
        told = frozenset(fold for fold, word in zip(self.folds, self.words, strict=True) if is_name(word))
        return told - self.numbers

    @cached_property
    def dates(self) -> frozenset[date]:
        """Its dates, however they are printed."""
        return frozenset(found.day for found in dates.dates(self.text))

    @cached_property
    def printed(self) -> dict[str, str]:
        """Its numbers and names as printed, by their fold, in reading order."""
        told = self.numbers | self.names
        return {fold: word for fold, word in zip(self.folds, self.words, strict=True) if fold in told}


@dataclass(frozen=True, slots=True)
class Values:
    """Numbers and names of two letters.

    `shared` is how many they have in common, `other_…` how many stand in the place of others (a half: perhaps), and
    `only_…` what one of them has alone, as printed.
    """

    shared: int
    other_numbers: float
    other_names: float
    other_dates: int
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]


def values(first: Text, second: Text) -> Values:
    """Numbers and names compared; the same whichever comes first, turned round."""
    # always laid the same way round: of several shortest ways from one text to the other any may be taken
    if first.folds > second.folds:
        turned = values(second, first)
        return replace(turned, only_first=turned.only_second, only_second=turned.only_first)
    here, there = _strange(first, second), _strange(second, first)
    numbers = names = 0.0
    for part, counterpart in _partings(first.folds, second.folds):
        numbers += _others(part & first.numbers, counterpart & second.numbers, here, there)
        names += _other_names(part & first.names, counterpart & second.names, here, there)
    return Values(
        shared=min(len(first.printed) - len(here), len(second.printed) - len(there)),
        other_numbers=numbers,
        other_names=names,
        other_dates=min(len(first.dates - second.dates), len(second.dates - first.dates)),
        only_first=tuple(first.printed[fold] for fold in here),
        only_second=tuple(second.printed[fold] for fold in there),
    )


def _strange(text: Text, other: Text) -> list[str]:
    """Numbers and names of which the other text has no misreading, part or compound anywhere: readers find tables and
    columns in other orders, and lose spaces."""
    every, together = list(dict.fromkeys(other.folds)), "".join(other.folds)
    known = set(every)
    return [
        fold
        for fold in text.printed
        if fold not in known and not (len(fold) >= 4 and fold in together) and not _is_misread(fold, every)
    ]


def _is_misread(fold: str, known: Collection[str]) -> bool:
    """Whether it is a letter off another word, or two in a long one; a number of two digits must be the same."""
    most = 0 if len(fold) < 3 else 1 if len(fold) < 8 else 2
    return most > 0 and process.extractOne(fold, known, scorer=Levenshtein.distance, score_cutoff=most) is not None


def _partings(mine: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[set[str], set[str]]]:
    """The places where the texts go apart, and which words each has there that the other has not."""
    for together, run in groupby(Levenshtein.opcodes(mine, theirs), key=lambda step: step.tag == "equal"):
        if not together:
            apart = list(run)
            start, end = apart[0], apart[-1]
            part = set(mine[start.src_start : end.src_end])
            counterpart = set(theirs[start.dest_start : end.dest_end])
            yield part - counterpart, counterpart - part


def _others(
    part: Collection[str], counterpart: Collection[str], here: Collection[str], there: Collection[str]
) -> float:
    """How many stand in the place of others: one for two that are strange to each other's text, half a one where only
    one of them is. What neither is was only found in another order."""
    strange = sum(fold in here for fold in part) + sum(fold in there for fold in counterpart)
    return min(len(part), len(counterpart), strange / 2)


def _other_names(
    part: Collection[str], counterpart: Collection[str], here: Collection[str], there: Collection[str]
) -> float:
    """The same of names, where they are not merely misread."""
    others = _others(part, counterpart, here, there)
    return others if others and fuzz.ratio(" ".join(sorted(part)), " ".join(sorted(counterpart))) < _LIKE else 0.0
