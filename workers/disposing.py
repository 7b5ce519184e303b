"""Carrying out a destruction: letter by letter its key and all that was read in it, then file by file its objects.
And removing old copies of the database, once nothing needs them.

Each part is done whole, in a transaction of its own or by what can be done again: a kill at any moment leaves the rest
due (disposal_erasure), and the next run goes on to the same end.
"""

import logging
from itertools import islice
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from archive import fixity, objects, oldcopies
from archive.erase import Erased, erase_objects
from core.db import alone, transaction
from core.queue import FIXITY_LOCK
from records.disposal import executing
from workers import cache

log = logging.getLogger(__name__)
_AT_ONCE = 200


def erase_list(listed: UUID) -> None:
    """Go as far with the list as guards and locks let.

    Raises StoreUnavailable, DatabaseUnavailable: the rest stays due.
    """
    cache.forget_destroyed()  # a run that was killed may have left copies of what it had destroyed
    while letters := _letters(listed):
        for document in letters:
            _erase(document)
        cache.forget_destroyed()
    while files := _files(listed):
        for file in files:
            _remove(listed, file)
    with transaction() as session:
        if executing.is_all_gone(session, listed):
            executing.finish(session, listed)


def remove_old_copies() -> None:
    """Remove snapshots and journals that no rebuilding needs and no lock keeps; beside nobody who reads them again, who
    would miss them. Raises StoreUnavailable, DatabaseUnavailable: the rest goes in the next run."""
    with transaction() as session:
        kept = oldcopies.kept_at(session)
    if kept is None:
        return
    free = oldcopies.free(kept)
    while batch := list(islice(free, _AT_ONCE)):
        with alone(FIXITY_LOCK) as mine:
            if not mine:
                return
            with transaction() as session:
                fixity.forget(session, [one.name for one in batch])
            for one in batch:
                oldcopies.remove(one)
        log.info("old_copies_removed", extra={"count": len(batch)})


def _letters(listed: UUID) -> list[UUID]:
    with transaction() as session:
        return executing.letters_due(session, listed, _AT_ONCE)


def _files(listed: UUID) -> list[UUID]:
    with transaction() as session:
        return executing.files_due(session, listed, _AT_ONCE)


def _erase(document: UUID) -> None:
    try:
        with transaction() as session:
            executing.erase(session, document)
    except IntegrityError as error:
        # a guard: it was held since, or it is not what was decided. A person sees it at the list, and it is tried again
        log.warning("disposal_stopped", extra={"document": str(document), "error": type(error).__name__})
        with transaction() as session:
            executing.later(session, [document])


def _remove(listed: UUID, file: UUID) -> None:
    with transaction() as session:
        extent = objects.extent(session, file)
        documents = executing.of_file(session, listed, file)
    erased: Erased = erase_objects(extent)
    with transaction() as session:
        if erased.left:
            executing.later(session, documents, max((one.until for one in erased.left if one.until), default=None))
        else:
            executing.gone(session, documents)
