"""Seeking the case of a letter, and the letters of a case. It never keeps a letter from being sealed."""

import logging
from uuid import UUID

from archive import documents, stacks
from cases import keys, seeking, work
from cases.matching import Match
from cases.sopfiles import sops
from core.db import transaction
from core.faults import CutFirst, DatabaseUnavailable, NotReady, PagesElsewhere
from core.settings import settings

log = logging.getLogger(__name__)


def seek(document: UUID) -> None:
    """Propose a person the cases of this filed letter, or link it to the one it is certainly for. Doing it again
    changes nothing.

    Raises DatabaseUnavailable; whatever else goes wrong is logged, and the letter goes on without.
    """
    try:
        _seek(document)
    except DatabaseUnavailable:
        raise
    except Exception as error:
        log.error("links_not_sought", exc_info=error, extra={"document": str(document)})


def seek_for(case: UUID) -> None:
    """Seek the letters of a case of which something changed, and the cases of each.

    Raises DatabaseUnavailable; whatever else goes wrong is logged, and the case is sought again at its next change.
    """
    try:
        _seek_for(case)
    except DatabaseUnavailable:
        raise
    except Exception as error:
        log.error("links_not_sought", exc_info=error, extra={"case": str(case)})
        with transaction() as session:
            seeking.sought(session, case)


def _seek_for(case: UUID) -> None:
    key = settings().identity_key.get_secret_value()
    with transaction() as session:
        told = keys.case_keys(session, case)
        if told is None or told.since is None:
            return
        new = keys.enter_case(session, told, key)
        letters = [] if new else seeking.letters_of(session, told, key)
    if new:  # of a letter and a case that come at once, one finds the other
        with transaction() as session:
            letters = seeking.letters_of(session, told, key)
    for document in letters:
        seek(document)
    with transaction() as session:
        seeking.sought(session, case, told.since)


def _seek(document: UUID) -> None:
    key = settings().identity_key.get_secret_value()
    with transaction() as session:
        row = documents.find(session, document)
        if not stacks.is_letter(row):  # it was split, or a person has to say whether it is one
            seeking.keep(session, row, ())
            return
        said = keys.read(session, row, key)
        keys.enter_letter(session, row, said, key)
    with transaction() as session:
        stand = seeking.standing(session, document)
        found = seeking.matches(session, row, said, stand, key, sops(settings().sop_folder).values())
        certain = next((one for one in found[:1] if one.certain and not stand.linked), None)
        if certain is None:
            seeking.keep(session, row, found)
            return
    # one link a transaction: whoever holds a case waits for the ledger, and nobody who holds the ledger for a case
    if _link(document, certain):
        found = tuple(one for one in found[1:] if one.case == certain.case)  # it may serve further steps
    with transaction() as session:
        seeking.keep(session, row, found)


def _link(document: UUID, match: Match) -> bool:
    """Whether the letter was linked; it is proposed to a person where it became no letter meanwhile."""
    if match.case is None:
        return False
    try:
        with transaction() as session:
            return work.link_by_itself(session, match.case, document, match.step, "; ".join(match.reasons))
    except (PagesElsewhere, CutFirst, NotReady):
        return False
