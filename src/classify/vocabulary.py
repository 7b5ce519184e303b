"""The office's own words: officials, offices and places that people confirmed more than once, and what they mend.

A reading that is one of them needs no further proof; one that is such a word but for letters readers confuse is taken
for it, and says so. Numbers and clients' names are never mended, and nothing that was read surely.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from rapidfuzz.distance import Levenshtein

from classify.fields import Field
from classify.fieldspec import key, learned_fields, shape

Words = Mapping[str, tuple[str, ...]]

ADDRESS = "alamat"
KNOWN = "sudah dikenal kantor ini"
_LEAST_LETTERS = 2
_SHORTEST = 6  # letters; shorter words are too near to each other
_LETTERS_A_SLIP = 12  # one letter in so many may be misread otherwise than by a known confusion
# where a village and a district stand in an address
_PART = re.compile(
    r"(?i)\b(?:(?P<kelurahan>kel(?:urahan|\b\.?)|desa)|(?P<kecamatan>kec(?:amatan|\b\.?)))\s*(?P<word>[^\W\d_][^,;/]*?)"
    r"(?=\s*[,;/]|\s+\d|\s*$|\s+(?:kel|kec|kota|kab|prov|rt|rw|desa|kelurahan|kecamatan|kabupaten|provinsi)\b)"
)


def learned_from() -> frozenset[str]:
    """The fields that words are learned from: `learn` in fields.toml, and addresses, which have places in them."""
    return learned_fields() | {ADDRESS}


def words(said: Iterable[tuple[str, str, int]]) -> dict[str, tuple[str, ...]]:
    """From (field, value, number of letters) the words of each field that at least two letters say, commonest first.

    Of spellings that differ in case, dots or spaces only, the commonest stands.
    """
    letters: dict[str, Counter[str]] = defaultdict(Counter)
    spellings: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for name, value, count in said:
        for field, word in _words_of(name, value):
            letters[field][key(word)] += count
            spellings[field, key(word)][word] += count
    return {
        field: tuple(
            spellings[field, word].most_common(1)[0][0]
            for word, count in counted.most_common()
            if count >= _LEAST_LETTERS
        )
        for field, counted in letters.items()
    }


def mended(field: Field, known: Words) -> Field:
    """The field as the office's words make it."""
    if field.sure:
        return field
    if field.name == ADDRESS:
        return _mended_places(field, known)
    if field.name not in learned_fields():
        return field
    said = key(field.text)
    if said in map(key, known.get(field.name, ())):
        sure = field.provable
        return replace(field, sure=sure, passed=tuple(dict.fromkeys((*field.passed, KNOWN))))
    meant = nearest(field.text, known.get(field.name, ()))
    return field if meant is None else _repaired(field, field.text, meant, meant)


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The one known word that `text` is but for letters readers confuse; None when it is one, near none or several."""
    said = key(text)
    if len(said) < _SHORTEST:
        return None
    near = [word for word in known if _is_near(said, key(word))]
    return near[0] if len(near) == 1 and key(near[0]) != said else None


def _is_near(said: str, word: str) -> bool:
    if len(word) < _SHORTEST or (_digits(word) and _digits(word) != _digits(said)):
        return False
    slips = len(word) // _LETTERS_A_SLIP
    return Levenshtein.distance(shape(said), shape(word), score_cutoff=slips) <= slips


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _words_of(name: str, value: str) -> Iterator[tuple[str, str]]:
    """The words that a field's value teaches, and which field's they are."""
    if name != ADDRESS:
        if key(value):
            yield name, value
        return
    yield from places(value)


def places(address: str) -> Iterator[tuple[str, str]]:
    """The villages (`kelurahan`) and districts (`kecamatan`) that an address names, each with which it is."""
    for part in _PART.finditer(address):
        yield _place(part), part["word"].strip(" .")


def _place(part: re.Match[str]) -> str:
    return "kelurahan" if part["kelurahan"] else "kecamatan"


def _mended_places(field: Field, known: Words) -> Field:
    """An address whose village or district is meant to be one the office knows."""
    for part in _PART.finditer(field.text):
        meant = nearest(part["word"], known.get(_place(part), ()))
        if meant is not None:
            start, end = part.span("word")
            text = field.text[:start] + _in_case(meant, part["word"]) + field.text[end:]
            return _mended_places(_repaired(field, part["word"], meant, text), known)
    return field


def _in_case(word: str, printed: str) -> str:
    return word.upper() if printed.isupper() else word


def _repaired(field: Field, was: str, now: str, text: str) -> Field:
    why = f"“{was}” dibaca “{now}”, kata yang dikenal kantor ini"
    said = f"{field.repaired}; {why}" if field.repaired else why
    return replace(field, value=text, text=text, repaired=said, provable=False)
