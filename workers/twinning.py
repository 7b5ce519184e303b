"""Seeking letters that may be scans of the same paper, before a letter is sealed. It never keeps one from being."""

import logging

from archive import twins
from archive.tables import DocumentRow
from archive.twins import Alike, Content
from classify.marks import IDENTITY, marks
from classify.rules import BLANK
from classify.twins import Paper, compare
from core.db import transaction
from core.faults import Fault

log = logging.getLogger(__name__)

_NEVER = IDENTITY | {BLANK}


def seek(row: DocumentRow) -> None:
    """Propose the letters that may be the same as this filed one, to a person. Doing it again changes nothing.

    Raises DatabaseUnavailable; whatever else goes wrong is logged, and the letter goes on without.
    """
    try:
        _seek(row)
    except Fault:
        raise
    except Exception as error:
        log.error("twins_not_sought", exc_info=error, extra={"document": str(row.id)})


def _seek(row: DocumentRow) -> None:
    with transaction() as session:
        own = twins.contents(session, [row.id])[row.id]
        # what stayed with a stack are its separator sheets, which all look alike
        found = frozenset() if row.is_stack or row.kind in _NEVER else marks(own.text, own.pictures)
        twins.enter_marks(session, row, found)
    with transaction() as session:
        others = twins.contents(session, twins.candidates(session, row, found))
    paper = _paper(own)
    likenesses = {document: compare(paper, _paper(other)) for document, other in others.items()}
    alike = [Alike(document, one.score, one.reasons) for document, one in likenesses.items() if one.alike]
    with transaction() as session:
        twins.propose(session, row, alike)


def _paper(content: Content) -> Paper:
    return Paper(content.kind, content.fields, content.text, content.pictures)
