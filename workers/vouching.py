"""Signatures looked at again once the office trusts others: a root that is added later clears letters that came before.

The manifest goes on saying what was found when the letter came; its page says what is known now.
"""

from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from archive import blobs, ledger, objects, signed
from archive.signatures import counted
from archive.tables import DocumentRow
from core.db import transaction
from core.faults import Fault
from core.settings import settings
from ocr.roots import identity, roots
from ocr.sandbox import Sandbox
from workers.cache import kept
from workers.copies import signatures_of

_AT_ONCE = 50  # letters of one run: others are due meanwhile


def check_again(sandbox: Sandbox) -> int:
    """Look again at letters whose signers no root knew, where the office has other roots by now; how many."""
    trusted = identity(roots(settings().signature_roots))
    if not trusted:
        return 0
    with transaction() as session:
        due = [(row, _place(session, row)) for row in signed.judged_otherwise(session, trusted, _AT_ONCE)]
    for row, place in due:
        if place is None:
            continue
        pdf = kept(row.sha256, partial(_fetch, place, row.sha256))
        found = signatures_of(sandbox, pdf)
        with transaction() as session:
            signed.record(session, row, found)
            ledger.append(
                session,
                "signatures_checked",
                actor=ledger.WORKER,
                document=row.id,
                digest=row.sha256,
                **counted(found),
            )
    return len(due)


def _fetch(place: objects.Place, sha256: str, into: Path) -> None:
    blobs.fetch(place, sha256, into)


def _place(session: Session, row: DocumentRow) -> objects.Place | None:
    """Where the letter lies; None where it can't be opened (any more)."""
    try:
        return objects.original(session, row)
    except Fault:
        return None
