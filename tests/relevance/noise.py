"""Characters read wrong as a scanner's reader reads them: confused, run together, taken apart, dropped."""

from __future__ import annotations

import random
from dataclasses import dataclass

# What a character is taken for: like shapes, as readers of scans take them
LIKE = {
    "l": "1Ii", "1": "lI7", "I": "l1", "i": "l1j", "O": "0QC", "0": "OoD", "o": "0ca", "c": "eo", "e": "co", "a": "os",
    "s": "5a", "S": "58", "5": "S6", "8": "B3", "B": "8R", "6": "58", "3": "8", "7": "1", "2": "Z7", "Z": "2",
    "g": "q9", "q": "g", "9": "gq", "n": "ru", "u": "nv", "v": "u", "h": "b", "b": "h6", "t": "fl", "f": "t", "r": "n",
    "k": "h", "d": "a", "p": "P", "y": "v", "j": "i", "D": "O0", "G": "C6", "C": "GO", "E": "F", "F": "EP", "P": "FR",
    "R": "PB", "T": "I", "M": "NW", "N": "HM", "K": "X", "A": "4", "4": "A", "L": "I", "U": "V", "V": "U", "H": "N",
    "m": "nw", "w": "vm", "x": "k", "z": "2s", "J": "I", "Q": "O", "W": "M", "Y": "V", "X": "K", "/": "l1", "-": "~",
    ".": ",", ",": ".",
}  # fmt: skip
TOGETHER = {"rn": "m", "cl": "d", "li": "h", "ri": "n", "nn": "m", "vv": "w", "ii": "u", "tt": "n", "ll": "U"}
APART = {"m": "rn", "d": "cl", "w": "vv", "h": "li", "n": "ri", "u": "ii"}
CONFUSED, JOINED, SPLIT, DROPPED = 0.72, 0.1, 0.06, 0.12  # shares of the errors; together 1


@dataclass(frozen=True, slots=True)
class Misread:
    """A text as it was read; `at` leads from each place of the printed text, and from its end, to the read one."""

    text: str
    at: tuple[int, ...]

    def span(self, begin: int, length: int) -> str:
        """What was read where the printed text has `length` characters from `begin`."""
        return self.text[self.at[begin] : self.at[begin + length]]


def misread(text: str, rate: float, seed: str) -> Misread:
    """The text with about `rate` of its characters read wrong; the same arguments give the same text.

    Blanks are read right, so the other characters bear their share.
    """
    rng = random.Random(seed)
    rate *= len(text) / max(1, sum(char in LIKE for char in text))
    out: list[str] = []
    at, length, skip = [], 0, False
    for place, char in enumerate(text):
        at.append(length)
        if skip:
            skip = False
            continue
        read = char
        if char in LIKE and rng.random() < rate:
            read, skip = _error(rng, char, text[place : place + 2])
        out.append(read)
        length += len(read)
    return Misread("".join(out), (*at, length))


def _error(rng: random.Random, char: str, pair: str) -> tuple[str, bool]:
    """What is read instead of the character, and whether the next one is part of it."""
    kind = rng.random()
    if kind < JOINED and pair in TOGETHER:
        return TOGETHER[pair], True
    if kind < JOINED + SPLIT and char in APART:
        return APART[char], False
    if kind < JOINED + SPLIT + DROPPED:
        return "", False
    return rng.choice(LIKE[char]), False
