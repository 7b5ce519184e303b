"""Bytes and words made wrong in the ways that parsers fall over: by seed, so that each can be made again."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

_MOST_BYTES = 4 << 20
_MARK = 12  # bytes by which a format is told
_NUMBER = re.compile(rb"(?<![\w.])-?\d+(?:\.\d+)?(?![\w])")
_NUMBERS = (b"0", b"-1", b"1", b"65535", b"65536", b"2147483647", b"-2147483648", b"4294967296", b"1e309", b"0.00001",
            b"99999999999999999999", b"NaN")  # fmt: skip
_BYTES = (b"\x00", b"\xff", b"\x7f", b"\x80", bytes(4), b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\x00")
# what gives a PDF another meaning, and the marks of JPEG, TIFF and HEIF
_TOKENS = (
    b"/Rotate 90", b"/Rotate 45", b"/Rotate -90", b"/MediaBox [0 0 0 0]", b"/MediaBox [0 0 1e9 1e9]", b"/UserUnit 100",
    b"/MediaBox [600 800 0 0]", b"/CropBox [900 900 1000 1000]", b"/Filter /FlateDecode", b"/Filter /JBIG2Decode",
    b"/Filter [/FlateDecode /FlateDecode]", b"/Kids [1 0 R]", b"/Parent 3 0 R", b"/Type /ObjStm", b"/Resources 1 0 R",
    b"/Contents [1 0 R 2 0 R 3 0 R]", b"/Length -1", b"/Encrypt 1 0 R", b"/Count 100000", b"null", b"stream\n",
    b"endstream", b"endobj", b"obj", b"xref", b"trailer", b"%%EOF", b"startxref\n0", b"<<", b">>", b"[", b"]",
    b"\xff\xd8\xff\xe1", b"\xff\xc0", b"\xff\xc2", b"\xff\xda", b"\xff\xd9", b"\xff\xdb", b"II*\x00", b"MM\x00*",
    b"ftyp", b"IHDR", b"IDAT", b"tRNS", b"acTL", b"iloc", b"ispe",
)  # fmt: skip


def mutated(seeds: Sequence[bytes], number: int) -> bytes:
    """Mutation `number` of the seeds: one of them, with one to six things done to it."""
    dice = random.Random(number)
    data = bytearray(dice.choice(seeds))
    head = data[:_MARK]
    for _ in range(dice.choice((1, 1, 2, 3, 6))):
        dice.choice(_WAYS)(data, dice, seeds)
    if dice.randrange(16):
        data[:_MARK] = head  # or the door would refuse most of them
    return bytes(data[:_MOST_BYTES])


def _at(data: bytearray, dice: random.Random) -> int:
    """Anywhere, but the beginning, where formats say what they are, more often than the rest."""
    return dice.randrange(min(len(data), dice.choice((64, 600, len(data)))) or 1) if data else 0


def _flip(data: bytearray, dice: random.Random, _: Sequence[bytes]) -> None:
    for _ in range(dice.choice((1, 4, 30))):
        at = _at(data, dice)
        data[at : at + 1] = bytes([dice.randrange(256)])


def _put(data: bytearray, dice: random.Random, _: Sequence[bytes]) -> None:
    at, told = _at(data, dice), dice.choice(_BYTES)
    data[at : at + len(told)] = told


def _token(data: bytearray, dice: random.Random, _: Sequence[bytes]) -> None:
    at, told = _at(data, dice), dice.choice(_TOKENS)
    data[at : at + dice.choice((0, len(told)))] = told


def _behind_a_name(data: bytearray, dice: random.Random, _: Sequence[bytes]) -> None:
    """A dictionary of a PDF gets one more entry."""
    places = [m.end() for m in re.finditer(rb"<<", data)]
    if places:
        at = dice.choice(places)
        data[at:at] = b" " + dice.choice(_TOKENS) + b" "


def _count(data: bytearray, dice: random.Random, _: Sequence[bytes]) -> None:
    """A written number says something else."""
    found = [m.span() for m in _NUMBER.finditer(data[:200_000])]
    if found:
        start, end = dice.choice(found)
        data[start:end] = dice.choice(_NUMBERS)


def _cut(data: bytearray, dice: random.Random, _: Sequence[bytes]) -> None:
    at = dice.randrange(len(data) + 1)
    del data[at : at + dice.choice((1, 16, 1000, len(data)))]


def _twice(data: bytearray, dice: random.Random, _: Sequence[bytes]) -> None:
    at = _at(data, dice)
    part = data[at : at + dice.choice((4, 64, 4096))]
    data[at:at] = part * dice.choice((1, 3, 50))


def _graft(data: bytearray, dice: random.Random, seeds: Sequence[bytes]) -> None:
    other = dice.choice(seeds)
    start, at = dice.randrange(len(other) + 1), _at(data, dice)
    data[at : at + dice.choice((0, 200, 100_000))] = other[start : start + dice.choice((20, 2000, 200_000))]


_WAYS = (_flip, _flip, _put, _token, _behind_a_name, _count, _count, _cut, _twice, _graft)


def misread(words: Sequence[str], number: int) -> str:
    """Text `number`: lines of these words as a bad reader might give them, and of what no letter holds."""
    dice = random.Random(number)
    lines = []
    for _ in range(dice.choice((1, 3, 12, 40))):
        lines.append(" ".join(_worn(dice.choice(words), dice) for _ in range(dice.choice((0, 1, 2, 5, 12)))))
    return "\n".join(lines)


_ODD = ("", "²", "٣", "①", "Ⅸ", "𝟙", "ﬁ", "ß", "İ", "ı", "\u202e", "\u00ad", "\u0301", "٫", "—", "“", "|", "::", "//",
        "%s", "{}", "\\", "\x7f", "'", "0" * 40, "IX" * 30, "9" * 400, "ratus " * 12)  # fmt: skip


def _worn(word: str, dice: random.Random) -> str:
    kind = dice.randrange(8)
    if kind < 4 or not word:
        return word
    at = dice.randrange(len(word))
    if kind == 4:
        return word[:at] + word[at + 1 :]
    if kind == 5:
        return word[:at] + dice.choice("0O1lI|!5S8B2Zg9:;.,-/ ") + word[at + 1 :]
    if kind == 6:
        return word[:at] + dice.choice(_ODD) + word[at:]
    return dice.choice(_ODD)
