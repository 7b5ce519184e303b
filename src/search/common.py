"""Which words many pages have, by a sample of what the asking account may see: known before they are looked for."""

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from core.db import context, cursor

MANY: Final = 300
"""Pages of one word, of which its weight is reckoned; of one with fewer all are ranked."""
_LEAST, _LEAST_OF_MANY = 3, 2  # pages of the sample, below which chance alone may have brought a word there
_KEPT: Final = 600.0  # seconds
_MOST_KEPT: Final = 100  # accounts with other roles, units or clearances
_RUNS, _RUN = 512, 8  # letters in a row: those of one case are about the same
# Runs as irregular as letters may be regular; of an archive that is not much larger than they are, none
_PAGES: Final = f"""
    SELECT p.words FROM (SELECT max(q.document_seq) AS newest FROM page q) n, generate_series(1, {_RUNS}) run,
      LATERAL (SELECT (n.newest * (run * 0.6180339887 - floor(run * 0.6180339887)))::bigint AS first) f,
      LATERAL (SELECT p.words FROM page p WHERE p.document_seq BETWEEN f.first AND f.first + {_RUN - 1}
               LIMIT {4 * _RUN}) p
    WHERE n.newest > {2 * _RUNS * _RUN}"""  # noqa: S608 - constants of the program only
_SAMPLED: Final = f"""
    SELECT s.word, s.ndoc, (SELECT count(*) FROM ({_PAGES}) p),
      (SELECT max(document_seq) FROM page) / {_RUNS * _RUN}.0 FROM ts_stat('{_PAGES}') s
"""  # noqa: S608 - constants of the program only


@dataclass(frozen=True, slots=True)
class Common:
    """A sample's words, as the index has them: on how many of its `size` pages each stands, and for how many pages of
    the archive one is."""

    pages: dict[str, int] = field(default_factory=dict)
    size: int = 0
    times: float = 0.0
    often: frozenset[str] = frozenset()
    """Those on more than `MANY` pages of the archive, by twice as much, as it is a sample."""

    def many(self, words: Collection[str]) -> bool:
        """Whether more than `MANY` pages have any of these words."""
        on = sum(self.pages.get(word, 0) for word in words)
        return on >= _LEAST_OF_MANY and on * self.times >= 1.5 * MANY

    def at_least(self, words: Collection[str]) -> float:
        """So many pages have all of these words, if the sample is like the archive; mostly there are more."""
        lacking = sum(self.size - self.pages.get(word, 0) for word in words)
        return self.times * max(0, self.size - lacking)

    @classmethod
    def of(cls, pages: dict[str, int], size: int, times: float) -> "Common":
        """Of a sample's words."""
        least = max(_LEAST, 2 * MANY / times)
        return cls(pages, size, times, frozenset(word for word, on in pages.items() if on >= least))


_Known = dict[tuple[str, ...], tuple[float, Common]]
_known: Final[WeakKeyDictionary[Engine, _Known]] = WeakKeyDictionary()
_guard: Final = Lock()


def common(session: Session) -> Common:
    """What is common among the pages that the account of this transaction may see; nothing in a small archive, where it
    costs little to look. Kept for ten minutes for each role, unit and clearance: the policies go by these alone."""
    if not (told := context(session)):
        return _sampled(session)
    asks = tuple(told.get(key, "") for key in ("app.role", "app.unit", "app.clearance"))
    bound = session.get_bind()
    with _guard:
        known = _known.setdefault(bound.engine if isinstance(bound, Connection) else bound, {})
        until, found = known.get(asks, (0.0, Common()))
        if until > (now := time.monotonic()):
            return found
        if len(known) >= _MOST_KEPT:
            known.clear()
        known[asks] = (now + _KEPT, found)  # who asks meanwhile goes on with what was known
    known[asks] = (now + _KEPT, _sampled(session))
    return known[asks][1]


def _sampled(session: Session) -> Common:
    rows = cursor(session).execute(_SAMPLED, {}).fetchall()
    if not rows:
        return Common()
    _, _, size, times = rows[0]
    return Common.of({word: on for word, on, *_ in rows}, size, float(times))
