"""Numbers that are no identity: digits as readers see them, telephones, BPJS, passports, amounts of money.

Formats: domain.md §4.4; telephones and amounts by lokal-id.
"""

import re
from dataclasses import dataclass

from lokal import parse_phone, parse_rupiah

# domain.md §4.1: the letters readers put for digits; nothing else is ever turned into a digit
CONFUSED = str.maketrans("OoQDIl|i!SsBZzGbqg", "000011111558226699")
_SEPARATORS = re.compile(r"[\s.\-–—_/,:;'\"“”‘’()\[\]{}]+")
_PASSPORT = re.compile(r"(?<![A-Z0-9])([A-Z]{1,2})\s?([0-9OIlSB]{6,8})(?![A-Z0-9])")
_MONEY = re.compile(r"\bRp\.?\s?([0-9][0-9.,\s]{0,18}[0-9])(?:,[-–=]+|\s?,-)?", re.IGNORECASE)
_BARE_MONEY = re.compile(r"^([0-9]{1,3}(?:[. ][0-9]{3})+)(?:,[0-9]{2}|,-)?$")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Digits:
    """A run of digits and which letters had to be taken for digits (``"O→0"``), in order of appearance."""

    text: str
    swapped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A number by its form: `value` normalised, `valid` when form and length are right."""

    value: str
    valid: bool
    swapped: tuple[str, ...] = ()


def digits(text: str, bars: bool = False) -> Digits | None:
    """The digits of `text` without separators; letters that look like digits count, when half or more are digits.

    None when anything else stands in it. `bars` takes ``|`` for the frame of a comb, not for a 1.
    """
    bare = _SEPARATORS.sub("", text[:LONGEST])
    if bars:
        bare = bare.replace("|", "")
    plain = sum(c.isascii() and c.isdigit() for c in bare)
    if not bare or plain * 2 < len(bare):
        return None
    told = bare.translate(CONFUSED)
    if not (told.isascii() and told.isdigit()):
        return None
    return Digits(told, tuple(f"{a}→{b}" for a, b in zip(bare, told, strict=True) if a != b))


def phone(text: str) -> Number | None:
    """A telephone as printed digits (``0821…``); valid when lokal-id knows the form. None when it is no number."""
    plus = text.strip().startswith("+")
    found = digits(text.replace("+", ""))
    if found is None or not 5 <= len(found.text) <= 15:
        return None
    said = parse_phone(("+" if plus else "") + found.text)
    # an area code lokal-id does not know is still a telephone, only not a checked one
    return Number(found.text, bool(said.valid), found.swapped)


def bpjs(text: str) -> Number | None:
    """JKN has 13 digits, Ketenagakerjaan 11 (domain.md §4.4); None when there are no digits."""
    found = digits(text)
    if found is None:
        return None
    return Number(found.text, len(found.text) in (11, 13), found.swapped)


def passport(text: str) -> Number | None:
    """One or two letters and six to eight digits; None when nothing of that form stands there."""
    match = _PASSPORT.search(text[:LONGEST].upper())
    if match is None:
        return None
    found = digits(match[2])
    if found is None:
        return None
    return Number(match[1] + found.text, len(found.text) in (6, 7), found.swapped)


def rupiah(text: str, bare: bool = False) -> int | None:
    """The amount in rupiah that `text` says first, or None; `bare` takes ``863.000`` without ``Rp`` too."""
    text = text[:LONGEST].strip()
    match = _MONEY.search(text)
    if match is None and bare:
        match = _BARE_MONEY.match(text.strip(" ,-="))
    if match is None:
        return None
    try:
        said = parse_rupiah("Rp" + re.sub(r"\s+", "", match[1]))
    except (ValueError, ArithmeticError):
        return None
    return int(said.amount) if said is not None and said.amount >= 0 else None
