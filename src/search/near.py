"""What is asked for, and the near words that stand in pages the account may see: a misread word in a letter, or in the
question, is found as well, behind what has the words themselves (docs/adr/0036)."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from search.nearness import distance, reach

_EXACT = text(
    "SELECT q::text AS query, search_count(q, CAST(:asked AS jsonb)) AS total FROM to_tsquery('indonesian', :words) q"
)
_NEAR = text("SELECT word, near FROM search_near(:words, :most)")
_TOKEN = re.compile(r"'(?:[^'\\]|''|\\.)*'(?::\*)?|<->|<\d+>|[!&|()]")
ENOUGH: Final = 20
_CANDIDATES: Final = 400
_MOST: Final = 150  # near words of one: a common word is misread in many ways
_HASH = re.compile(r"'nik\d")  # stands for an identity number, and is near nothing
_OPEN, _CLOSE = "()"


@dataclass(frozen=True, slots=True)
class Added:
    """Words that were searched besides one that was asked for, nearest first; all as the index has them."""

    asked: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Queries as PostgreSQL writes them: what was asked, and with near words besides."""

    exact: str
    wide: str
    added: tuple[Added, ...]
    exactly: int  # pages that have what was asked

    @property
    def near_only(self) -> str:
        """What only the near words find."""
        return f"({self.wide}) & !({self.exact})"


def planned(session: Session, words: str, asked: str | None, switched_off: Collection[str] = ()) -> Plan:
    """The plan for what to_tsquery() reads (search/parsing.py), of letters that suit `asked` (search/suiting.py).

    Near words are searched where what was asked for is on fewer than ENOUGH pages, but for those switched off.
    """
    row = session.execute(_EXACT, {"words": words, "asked": asked}).one()
    exact = str(row.query)
    if row.total >= ENOUGH:
        return Plan(exact, exact, (), row.total)
    tokens = _TOKEN.findall(exact)
    places = dict(_misreadable(tokens))
    added = _added(session, sorted(set(places.values())), switched_off)
    others = {one.asked: one.words for one in added}
    wide = [
        f"({' | '.join([token, *map(_quoted, others[places[n]])])})" if places.get(n) in others else token
        for n, token in enumerate(tokens)
    ]
    return Plan(exact, " ".join(wide), added, row.total)


def _added(session: Session, words: list[str], switched_off: Collection[str]) -> tuple[Added, ...]:
    near: dict[str, list[tuple[float, str]]] = {}
    for word, other in session.execute(_NEAR, {"words": words, "most": _CANDIDATES}) if words else ():
        far = distance(word, other)
        if 0 < far <= reach(word) and other not in switched_off:
            near.setdefault(word, []).append((far, other))
    return tuple(Added(word, tuple(other for _, other in sorted(found)[:_MOST])) for word, found in near.items())


def _misreadable(tokens: list[str]) -> Iterator[tuple[int, str]]:
    """Place and word of what may be misread: not what is left out, and of words in a row only numbers and days."""
    without = 0  # brackets open since one that a "not" stands before
    for n, token in enumerate(tokens):
        before = tokens[n - 1] if n else ""
        if without or (token == _OPEN and before == "!"):
            without += (token == _OPEN) - (token == _CLOSE)
        elif token.endswith("'") and before != "!" and not _HASH.match(token) and reach(_bare(token)):
            row = _row(tokens, n)
            if len(row) == 1 or any(char.isdigit() for word in row for char in word):
                yield n, _bare(token)


def _row(tokens: list[str], place: int) -> list[str]:
    """The words that have to stand in a row around that place, itself among them."""
    first = last = place
    while first > 1 and tokens[first - 1].startswith("<"):
        first -= 2
    while last + 2 < len(tokens) and tokens[last + 1].startswith("<"):
        last += 2
    return tokens[first : last + 1 : 2]


def _bare(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1].replace("''", "'"))


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
