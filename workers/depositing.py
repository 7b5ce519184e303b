"""What a list leaves behind becomes letters of the archive: its berita acara and the list as it was carried out.

Both are made of what was decided, on the day it was done, so a run after a kill makes the same bytes again: known
ones are not entered twice.
"""

import hashlib
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import text

from archive import blobs, keys, ledger, objects
from core.db import transaction
from ingest.sniff import PDF
from records.disposal import lists, printing
from records.disposal.printing import Form

_FORMS: Final[tuple[Form, ...]] = ("berita_acara", "daftar_akhir")
_DEPOSIT = text("SELECT disposal_deposit(:list, :id, :digest, :bytes, :name, :version, :key, :entry)")
_REPORTED = text("SELECT disposal_reported(:list)")


def report(listed: UUID) -> None:
    """Write the list's forms and enter them as letters in a berkas of their own.

    Raises StoreUnavailable, DatabaseUnavailable: it stays due.
    """
    with transaction() as session:
        row = lists.find(session, listed)
        if row.done_at is None or row.reported_at is not None or row.executed_by is None:
            return
        done_on: date = row.done_at.date()
        printed = [(form, printing.gathered(session, listed, form, done_on)) for form in _FORMS]
    for form, one in printed:
        _deposit(listed, row.executed_by, printing.filename(row, form, "pdf"), printing.as_pdf(one, form))
    with transaction() as session:
        session.execute(_REPORTED, {"list": listed})


def _deposit(listed: UUID, executor: UUID, name: str, data: bytes) -> None:
    document, digest = uuid4(), hashlib.sha256(data).hexdigest()
    key = keys.new(document)
    place = objects.original_at(document, key.key)
    stored = blobs.put(place, memoryview(data), digest, PDF)
    facts: dict[str, Any] = {"digest": digest, "version": stored.version, "size": len(data), "object": place.name}
    with transaction() as session:
        session.execute(
            _DEPOSIT,
            {
                "list": listed,
                "id": document,
                "digest": digest,
                "bytes": len(data),
                "name": name,
                "version": stored.version,
                "key": key.wrapped,
                "entry": ledger.entry("received", actor=executor, document=document, **facts),
            },
        )
