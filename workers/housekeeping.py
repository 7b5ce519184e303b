"""Work by the clock: forget what is over, and sign the ledger where nobody can change it."""

import logging
from datetime import UTC, datetime

from access.sessions import forget_ended
from archive import checkpoints, comparing, ledger
from archive.comparing import Finding
from archive.notes import Signer
from core.db import transaction
from core.settings import settings
from search import identities, noted
from workers import cache

log = logging.getLogger(__name__)
_REFUSED = Finding("checkpoint_refused", "ledger/", "", None)


def tidy() -> None:
    """Forget sessions that are over, old wrong passwords, and copies of files that were destroyed, or that nobody reads
    any more."""
    with transaction() as session:
        forget_ended(session)
    cache.forget_destroyed()
    cache.forget_old()


def enter_searches() -> None:
    """Enter the searches of the last minute in the ledger, a bounded number in each transaction."""
    entered = 1
    while entered:
        with transaction() as session:
            entered = noted.enter(session)


def hash_numbers() -> None:
    """Index anew what was stored without its identity numbers' hashes, a bounded number at a time."""
    key = settings().identity_key.get_secret_value()
    entered = 1
    while entered:
        with transaction() as session:
            entered = identities.enter_missing(session, key)


def checkpoint() -> None:
    """Sign the ledger as it stands and put that under lock, so that a ledger rebuilt by its owner does not fit it
    (archive/checkpoints.py). Without a key the head alone is put there."""
    seed = settings().checkpoint_key
    if seed is None:
        _keep_head()
        return
    try:
        with transaction() as session:
            wanted = checkpoints.draft(session)
    except checkpoints.HistoryChangedError:
        log.error("checkpoint_refused")
        with transaction() as session:
            comparing.found(session, _REFUSED)
        return
    if wanted is None:
        return
    kept = checkpoints.put(wanted, Signer(bytes.fromhex(seed.get_secret_value())), datetime.now(UTC))
    if kept is not None:
        with transaction() as session:
            checkpoints.enter(session, kept)
            comparing.over(session, _REFUSED.what)


def _keep_head() -> None:
    with transaction() as session:
        seq, head = ledger.head(session)
    if seq:
        checkpoints.put_unsigned(seq, head)
