"""Identity numbers in running text, hidden where they stand: `6571********0001` (UU 27/2022; domain.md §7).

A NIK and the number of a family card have sixteen digits, printed with or without spaces, points and hyphens, and read
by a machine with letters that look like digits. Numbers of officials (NIP, eighteen digits) are printed for everybody
on each letter of an office and stay.
"""

import re
from collections.abc import Sequence
from typing import Final

_DIGITS: Final = 16
_SHOWN: Final = 4
_LEAST_SURE: Final = 12
"""Signs of the sixteen that must be digits: the others may be letters that look like one."""
_SIGN: Final = r"[0-9OoQDIl|SsBZ]"
_NUMBER: Final = re.compile(rf"(?<![0-9A-Za-z]){_SIGN}(?:[ \t\n.,:\-–]{{0,2}}{_SIGN}){{{_DIGITS - 1}}}(?![0-9A-Za-z])")
_MARK: Final = "*"


def masked_text(text: str) -> str:
    """The text, as long as it was, with the middle of each identity number hidden; what parts its signs stays."""
    return _NUMBER.sub(_hidden, text)


def masked_words(words: Sequence[str]) -> list[str]:
    """Words that follow each other, each as long as it was: a number may be spread over several of them."""
    said = " ".join(words)
    hidden, at, out = masked_text(said), 0, list[str]()
    if hidden == said:
        return list(words)
    for word in words:
        out.append(hidden[at : at + len(word)])
        at += len(word) + 1
    return out


def _hidden(found: re.Match[str]) -> str:
    number = found[0]
    if sum(sign.isdecimal() for sign in number) < _LEAST_SURE:
        return number
    out, seen = [], 0
    for sign in number:
        is_sign = re.fullmatch(_SIGN, sign) is not None
        seen += is_sign
        out.append(_MARK if is_sign and _SHOWN < seen <= _DIGITS - _SHOWN else sign)
    return "".join(out)
