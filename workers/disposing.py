"""Carrying out a destruction: letter by letter its key and all that was read in it, then file by file its objects.

Each part is done whole, in a transaction of its own or by what can be done again: a kill at any moment leaves the rest
due (disposal_erasure), and the next run goes on to the same end.
"""

import logging
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from archive import objects
from archive.erase import Erased, erase_objects
from core.db import transaction
from records.disposal import executing
from workers import cache

log = logging.getLogger(__name__)
_AT_ONCE = 200


def erase_list(listed: UUID) -> None:
    """Go as far with the list as guards and locks let.

    Raises StoreUnavailable, DatabaseUnavailable: the rest stays due.
    """
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
