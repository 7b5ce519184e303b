"""Each search that somebody makes, entered in the ledger without its words (docs/adr/0032).

The search's own transaction only adds a row, with no lock and no wait for the disk; a worker enters the rows of a
minute as one event for each account, and removes them.
"""

import json
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from access.accounts import Account
from archive import ledger
from core.db import cursor
from search import sealed
from search.parsing import parse

_MOST_AT_ONCE: Final = 200
# What a crash of the machine can lose is the last half second of these rows; no letter and no event of the ledger
_NOTE: Final = """
WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO search_made (account_id, digest, asked, found)
SELECT %(account)s, %(digest)s, %(asked)s::jsonb, %(found)s FROM quick
"""
# Two workers at once wait for each other, and the second finds these rows gone
_TAKE: Final = text("""
DELETE FROM search_made WHERE id IN
  (SELECT id FROM search_made ORDER BY at LIMIT :most)
RETURNING account_id, at, digest, asked, found
""")


def used(words: str) -> dict[str, Any]:
    """How many words were asked for and which fields were used, by any way of writing them: no word itself."""
    asked = parse(words)
    named = {one.name for one in asked.fields}
    named |= {term.field for terms in asked.alternatives for term in terms if term.field}
    return {"words": len(words.split()), "fields": sorted(named | ({"nik"} if asked.numbers else set()))}


def note(session: Session, account: Account, key: str, words: str, asked: dict[str, Any], found: int) -> None:
    """This search is to stand in the ledger. `asked` says which fields it used, and none of its words."""
    values = {"account": account.id, "digest": sealed.digest(key, words), "asked": json.dumps(asked), "found": found}
    cursor(session).execute(_NOTE, values)


def enter(session: Session) -> int:
    """Enter the oldest searches that were noted in the ledger, as one event for each account. How many it were."""
    rows = sorted(session.execute(_TAKE, {"most": _MOST_AT_ONCE}).all(), key=lambda row: (row.account_id.hex, row.at))
    for account, made in groupby(rows, key=lambda row: row.account_id):
        ledger.append(session, "searched", actor=account, searches=[_told(row) for row in made])
    return len(rows)


def _told(row: Any) -> dict[str, Any]:
    at: datetime = row.at
    return {"at": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "digest": row.digest, **row.asked, "found": row.found}
