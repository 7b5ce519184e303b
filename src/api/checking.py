"""What a person types at the desk Periksa, in the form that fields are stored in."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from access.accounts import Account
from archive import checks, documents
from archive.checks import ANY_TIME, Told
from archive.reading import PageReading, clean
from archive.tables import DocumentRow
from classify.fieldspec import kind_spec
from classify.rules import labels
from core.faults import InvalidRequest

_LONGEST = 500
_BY_PERSON = "dipastikan petugas"


def confirm(
    session: Session,
    account: Account,
    document: UUID,
    kind: str,
    said: Mapping[str, str],
    *,
    looked_at: Iterable[str] | None = None,
    seen: datetime | None = ANY_TIME,
) -> DocumentRow:
    """Take a person's word for a letter. `said` are the fields' texts as printed; what is empty is not there.

    `looked_at` names the fields the person had before their eyes (None: all); `seen` is when the letter had last been
    checked as they saw it. Raises InvalidRequest for a kind or field that does not exist, NotFound, NotReady,
    CheckedMeanwhile.
    """
    row = documents.find(session, document)
    if kind not in labels():
        raise InvalidRequest(what="jenis surat")
    read = fields_by(session, row, kind)
    known = {spec.name for spec in kind_spec(kind).fields} | read.keys()
    if not said.keys() <= known:
        raise InvalidRequest(what="isian yang bukan milik jenis surat ini")
    given = {name: " ".join(clean(text).split()) for name, text in said.items()}
    if any(len(text) > _LONGEST for text in given.values()):
        raise InvalidRequest(what=f"isian (paling panjang {_LONGEST} huruf)")
    changed = {name for name in given.keys() | read.keys() if not _as_read(given.get(name, ""), read.get(name))}
    looked = frozenset(given if looked_at is None else looked_at) | changed
    fields = {name: _told(name, text, read.get(name), name in looked) for name, text in given.items() if text}
    return checks.confirm(session, account, document, Told(kind, fields, read, looked, seen))


def fields_by(session: Session, row: DocumentRow, kind: str) -> dict[str, Any]:
    """The letter's fields; read anew from its pages when a person says that it is of another kind."""
    if kind == row.kind:
        return row.fields
    # Only who is at the desk needs these: they are a fifth of this process's memory otherwise
    from classify.letter import MOST_PAGES, understand

    pages = documents.first_readings(session, row.id, MOST_PAGES)
    return understand([PageReading.from_json(page) for page in pages], kind).fields_json()


def _as_read(text: str, before: Mapping[str, Any] | None) -> bool:
    return text in (before["text"], before["value"]) if before is not None else not text


def _told(name: str, text: str, before: Mapping[str, Any] | None, looked_at: bool) -> dict[str, Any]:
    """The field as a person left it: as it was read, or as they typed it."""
    if before is not None and _as_read(text, before):
        if not looked_at:
            return dict(before)
        passed = [check for check in before["passed"] if check != _BY_PERSON]
        return {**before, "sure": True, "passed": [*passed, _BY_PERSON]}
    from classify.typed import typed

    value, failed = typed(name, text)
    place = {"page": before["page"], "box": before["box"]} if before is not None else {"page": None, "box": None}
    return {
        "value": value,
        "text": text,
        **place,
        "confidence": 1.0,
        "sure": True,
        "passed": [_BY_PERSON],
        "failed": list(failed),
        "repaired": None,
    }
