"""The text of a tsquery: its words, which of them may be misread, and how it is put together. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from search.nearness import reach

TOKEN: Final = re.compile(r"'(?:[^'\\]|''|\\.)*'(?::\*)?|<->|<\d+>|[!&|()]")
"""One word, mark or sign of a tsquery."""
_HASH: Final = re.compile(r"'nik\d")  # stands for an identity number, and is near nothing


def misreadable(tokens: list[str]) -> Iterator[tuple[int, str]]:
    """Place and word of what may be misread: of words in a row only numbers and days."""
    for n, token in enumerate(tokens):
        if token.endswith("'") and not _HASH.match(token) and reach(bare(token)):
            row = _row(tokens, n)
            if len(row) == 1 or any(char.isdigit() for word in row for char in word):
                yield n, bare(token)


def _row(tokens: list[str], place: int) -> list[str]:
    """The words that have to stand in a row around that place, itself among them."""
    first = last = place
    while first > 1 and tokens[first - 1].startswith("<"):
        first -= 2
    while last + 2 < len(tokens) and tokens[last + 1].startswith("<"):
        last += 2
    return tokens[first : last + 1 : 2]


def bare(token: str) -> str:
    """The word of a token that is one."""
    if "\\" not in token and "''" not in token:
        return token[1:-1]
    return re.sub(r"\\(.)", r"\1", token[1:-1].replace("''", "'"))


def tokens(query: str) -> Iterator[tuple[str, bool]]:
    """The words of a tsquery, and of each whether it is whole or how one begins."""
    for token in TOKEN.findall(query):
        if token.startswith("'"):
            yield bare(token.removesuffix(":*")), not token.endswith(":*")


def any_of(queries: Sequence[str]) -> str:
    """The tsquery of what any of them finds, its branches as short as can be: PostgreSQL goes down every one, for every
    page it looks at, before it comes to the first word."""
    if len(queries) < 2:
        return "".join(queries)
    half = len(queries) // 2
    return f"({any_of(queries[:half])}) | ({any_of(queries[half:])})"


def quoted(word: str) -> str:
    """The word as a tsquery has it."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
