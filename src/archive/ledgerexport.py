"""The ledger as lines that anybody can check without us: entries, and the signed checkpoints among them.

    {"ledger": 1, "entries": 1204}
    {"seq": 1, "at": "2026-11-21T22:16:35.425124Z", "body": "{…}", "hash": "2c75…"}
    {"checkpoint": "arsiparis/5f0e9c1a\n1204\n…"}

A checkpoint stands behind the last entry that it covers. archive/offline.py reads this.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive import blobs, ledger
from archive.checkpoints import head_key
from archive.objects import Place
from archive.prooftables import CheckpointRow
from archive.tables import LedgerRow

FORMAT: Final = 1
_AT_ONCE: Final = 2000
_LOCKED: Final = "ledger/"

Opened = Callable[[], AbstractContextManager[Session]]


def lines(opened: Opened) -> Iterator[str]:
    """The whole ledger as it stands when this begins, a part at a time in transactions of their own; then what lies
    under lock beyond its end: where entries were taken away, that shows it.

    Raises StoreUnavailable.
    """
    with opened() as session:
        start = ledger.head(session)[0]
    locked = list(blobs.keys_after(_LOCKED, head_key(start)))
    with opened() as session:  # after the store was asked: what was signed meanwhile is within this
        end = ledger.head(session)[0]
    yield _line({"ledger": FORMAT, "entries": end})
    for first in range(1, end + 1, _AT_ONCE):
        last = min(first + _AT_ONCE - 1, end)
        with opened() as session:
            entries, notes = _entries(session, first, last), _notes(session, first, last)
        yield "".join(line for seq, entry in entries for line in (entry, *notes.get(seq, ())))
    for key in (key for key in locked if key > head_key(end)):
        note = json.loads(blobs.get(Place(key))).get("note")
        if note is not None:
            yield _line({"checkpoint": note})


def _entries(session: Session, first: int, last: int) -> list[tuple[int, str]]:
    columns = (LedgerRow.seq, LedgerRow.at, LedgerRow.body, LedgerRow.hash)
    rows = session.execute(select(*columns).where(LedgerRow.seq.between(first, last)).order_by(LedgerRow.seq))
    return [
        (seq, _line({"seq": seq, "at": _stamp(at), "body": body, "hash": digest.hex()}))
        for seq, at, body, digest in rows
    ]


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _notes(session: Session, first: int, last: int) -> dict[int, list[str]]:
    rows = session.execute(
        select(CheckpointRow.size, CheckpointRow.note).where(CheckpointRow.size.between(first, last))
    )
    return {size: [_line({"checkpoint": note})] for size, note in rows}


def _line(what: dict[str, Any]) -> str:
    return json.dumps(what, ensure_ascii=False, separators=(",", ":")) + "\n"
