"""Which words many pages have, by a sample of what the asking account may see: known before they are looked for."""

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from psycopg.errors import QueryCanceled
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from core.db import context, cursor

MANY: Final = 300
"""Pages of one word, of which its weight is reckoned; of one with fewer all are ranked."""
_LEAST, _LEAST_OF_MANY = 3, 2  # letters of the sample, below which chance alone may have brought a word there
_KEPT, _RENEWED = 600.0, 30.0  # seconds
_PATIENCE: Final = 1000  # milliseconds; what a slow disk has not read by then is not waited for
_RUNS, _RUN = 1024, 2  # letters in a row: those of one case are about the same
# Runs as irregular as letters may be regular, the same until four thousand letters came; of each letter the first page,
# as others are of the same matter. Of an archive not much larger than the sample, none. No number's hash is told
_PAGES: Final = f"""
    WITH runs AS MATERIALIZED (
      SELECT (n.newest * (run * 0.6180339887 - floor(run * 0.6180339887)))::bigint AS first
      FROM (SELECT search_newest() AS newest OFFSET 0) n, generate_series(1, {_RUNS}) run
      WHERE n.newest > {2 * _RUNS * _RUN})
    SELECT p.words FROM runs, LATERAL (SELECT p.words FROM page p WHERE p.document_seq BETWEEN runs.first
      AND runs.first + {_RUN - 1} AND p.number = 1 OFFSET 0) p"""  # noqa: S608 - constants of the program only
_SAMPLED: Final = f"""
    SELECT s.word, s.ndoc, n.size, n.times FROM ts_stat('{_PAGES}') s,
      (SELECT count(*) AS size, search_newest() / {_RUNS * _RUN}.0 AS times FROM ({_PAGES}) p) n
    WHERE s.word !~ '^nik[0-9]'
"""  # noqa: S608 - constants of the program only


@dataclass(frozen=True, slots=True)
class Common:
    """A sample's words, as the index has them: on how many of the first pages of its `size` letters each stands, and
    for how many letters of the archive one is."""

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
        return _sampled(session) or Common()
    asks = tuple(told.get(key, "") for key in ("app.role", "app.unit", "app.clearance"))
    bound = session.get_bind()
    with _guard:
        known = _known.setdefault(bound.engine if isinstance(bound, Connection) else bound, {})
        until, found = known.get(asks, (0.0, None))
        if found is not None:
            if until > (now := time.monotonic()):
                return found
            known[asks] = (now + _RENEWED, found)  # who asks meanwhile goes on with what was known
    sampled = _sampled(session)
    with _guard:
        now = time.monotonic()
        for expired in [key for key, (until, _) in known.items() if until < now]:
            del known[expired]
        known[asks] = (now + _KEPT, sampled) if sampled else (now + _RENEWED, found or Common())
        return known[asks][1]


def _sampled(session: Session) -> Common | None:
    try:
        with session.begin_nested():
            session.execute(text(f"SET LOCAL statement_timeout = {_PATIENCE}"))
            rows = cursor(session).execute(_SAMPLED, {}).fetchall()
    except QueryCanceled:
        return None
    session.execute(text("SET LOCAL statement_timeout TO DEFAULT"))
    if not rows:
        return Common()
    _, _, size, times = rows[0]
    return Common.of({word: on for word, on, *_ in rows}, size, float(times))
