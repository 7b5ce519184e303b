"""Fixity: which objects the record has, which of them are due to be read again, and what was found.

Every object that the ledger names, and every checkpoint, has a row (archive/prooftables.py). workers/fixity.py reads;
this keeps the books. The ledger is told once a day, and of each object that was found bad or was repaired.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from archive import keys, ledger
from archive.keytables import DocumentKeyRow
from archive.objects import Place
from archive.prooftables import FixityDayRow, StoredObjectRow
from archive.tables import DocumentRow, LedgerRow
from core import clock

Flaw = Literal["object_changed", "object_unreadable"]
Listed = Literal["snapshot", "destruction"]

_BAD_AGAIN: Final = timedelta(hours=1)
_AT_ONCE: Final = 50_000  # entries looked through in one transaction
_ROWS: Final = 1000  # rows entered in one statement
_ENTER: Final = text("""
    WITH entry AS MATERIALIZED (
      SELECT seq, document, action, body::jsonb AS b FROM ledger
      WHERE seq > :after AND seq <= :last AND action IN ('received', 'sealed')),
    lies AS (
      SELECT seq, document, 'original' AS kind, b ->> 'object' AS key, b ->> 'version' AS version,
        b ->> 'digest' AS sha256 FROM entry WHERE action = 'received'
      UNION ALL SELECT seq, document, 'pdf', b ->> 'object', b ->> 'pdf_version', b ->> 'pdf'
        FROM entry WHERE action = 'sealed'
      UNION ALL SELECT seq, document, 'manifest', b ->> 'manifest', b ->> 'version', b ->> 'digest'
        FROM entry WHERE action = 'sealed'
      UNION ALL SELECT e.seq, coalesce(d.part_of, d.id), 'picture',
        'pages/' || coalesce(d.part_of, d.id) || '/' || p.number + coalesce(d.first_page, 1) - 1 || '.jpg', '', ''
        FROM entry e JOIN document d ON d.id = e.document JOIN page p ON p.document_id = d.id
        WHERE e.action = 'sealed' AND p.read_at IS NOT NULL),
    named AS (
      SELECT coalesce(key, 'sha256/' || substr(sha256, 1, 2) || '/' || substr(sha256, 3, 2) || '/' || sha256) AS name, *
        FROM lies)
    INSERT INTO stored_object (key, version, kind, seq, document_id, sha256)
      SELECT n.name, coalesce(r.version, n.version), n.kind, n.seq, n.document, n.sha256
      FROM named n LEFT JOIN restored_version r ON r.key = n.name AND r.was = n.version ORDER BY n.seq
      ON CONFLICT DO NOTHING
""")
# The version that lies here: another than the ledger's where the store was restored
_VERSION_NOW: Final = text("SELECT version FROM restored_version WHERE key = :key AND was = :was")
_ENTER_CHECKPOINTS: Final = text("""
    INSERT INTO stored_object (key, version, kind, seq, sha256)
      SELECT key, version, 'checkpoint', size, sha256 FROM checkpoint
      WHERE size > coalesce((SELECT max(seq) FROM stored_object WHERE kind = 'checkpoint'), 0)
      ON CONFLICT DO NOTHING
""")


@dataclass(frozen=True, slots=True)
class Due:
    """One object version to be read, and the key that opens it; `sha256` is empty where nothing says what it must hold
    but its own seal."""

    place: Place
    version: str
    kind: str
    document: UUID | None
    sha256: str
    bad: str | None
    copied: bool

    @property
    def is_derived(self) -> bool:
        """Whether it lies in the bucket without versions."""
        return self.kind == "picture"


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found of one object: how many plain bytes, what is wrong with them, their digest."""

    due: Due
    size: int
    flaw: Flaw | None
    sha256: str


def entered_to(session: Session) -> int:
    """Up to which entry of the ledger all objects are known."""
    known = select(func.max(StoredObjectRow.seq)).where(StoredObjectRow.kind != "checkpoint")
    return session.scalar(known) or 0


def enter(session: Session, after: int) -> int | None:
    """Enter objects that the ledger names after that entry, as many entries as are looked through at once; after which
    one to go on, None at its end."""
    end = ledger.head(session)[0]
    last = min(after + _AT_ONCE, end)
    session.execute(_ENTER_CHECKPOINTS)
    session.execute(_ENTER, {"after": after, "last": last})
    _enter_repaired(session, after, last)
    return last if last < end else None


def _enter_repaired(session: Session, after: int, last: int) -> None:
    """What the ledger says was repaired, where the rows do not say it: after the database was lost."""
    told = select(LedgerRow.body).where(LedgerRow.action == "fixity_repaired", LedgerRow.seq.between(after + 1, last))
    for body in session.scalars(told.order_by(LedgerRow.seq)).all():
        said = json.loads(body)
        was, by = (_version_now(session, said["object"], said[name]) for name in ("version", "by"))
        old = session.get(StoredObjectRow, (said["object"], was))
        if old is not None and old.version != by and old.repaired_at is None:
            _replace(session, _due(session, old), by, checked_at=None, copied_at=None)


def _version_now(session: Session, key: str, version: str) -> str:
    return session.scalar(_VERSION_NOW, {"key": key, "was": version}) or version


def enter_listed(session: Session, kind: Listed, newest: Mapping[str, str]) -> None:
    """Enter the objects of a kind that no entry of the ledger names: all that the store has, by key and newest
    version."""
    row = StoredObjectRow
    entered = [{"key": key, "version": newest[key], "kind": kind, "seq": 0, "sha256": ""} for key in newest]
    for start in range(0, len(entered), _ROWS):
        session.execute(insert(row).values(entered[start : start + _ROWS]).on_conflict_do_nothing())


def forget(session: Session, names: Sequence[str]) -> None:
    """Read these no more, since they are removed: snapshots and journals that nothing needs (archive/oldcopies.py)."""
    session.execute(text("SELECT copies_forget(:names)"), {"names": list(names)})


def _replace(session: Session, bad: Due, version: str, **whole: Any) -> None:
    """Let another version stand for one that went bad, here and in the letter's row."""
    row, now = StoredObjectRow, func.now()
    since = {"bad": func.coalesce(row.bad, "object_changed"), "bad_since": func.coalesce(row.bad_since, now)}
    same = {"key": bad.place.name, "kind": bad.kind, "document_id": bad.document, "sha256": bad.sha256}
    seq = select(row.seq).where(*_is(bad)).scalar_subquery()
    entered = insert(row).values({**same, **whole, "version": version, "seq": seq})
    session.execute(entered.on_conflict_do_nothing())
    _set(session, bad, repaired_at=now, **since)
    _name_version(session, bad, version)


def due(session: Session, days: float, limit: int) -> list[Due]:
    """Objects that were not read for so many days, those never read first, then the oldest; one that is bad after an
    hour already. What was destroyed with its key, or repaired under another version, is not read again."""
    row = StoredObjectRow
    old = row.checked_at < func.now() - timedelta(days=days)
    bad = row.bad.is_not(None) & (row.checked_at < func.now() - _BAD_AGAIN)
    waits = row.checked_at.is_(None) | old | bad
    return _with_keys(session, waits, row.checked_at.asc().nulls_first(), limit)


def uncopied(session: Session, limit: int) -> list[Due]:
    """Objects whole here that the second copy lacks, oldest first."""
    row = StoredObjectRow
    waits = row.copied_at.is_(None) & row.bad.is_(None) & row.checked_at.is_not(None)
    return _with_keys(session, waits, row.seq.asc(), limit)


def _with_keys(session: Session, waits: Any, order: Any, limit: int) -> list[Due]:
    row = StoredObjectRow
    query = (
        select(row)
        .outerjoin(DocumentKeyRow, DocumentKeyRow.document_id == row.document_id)
        .where(waits, row.repaired_at.is_(None), DocumentKeyRow.destroyed_at.is_(None))
        .order_by(order, row.seq)
        .limit(limit)
    )
    return [_due(session, one) for one in session.scalars(query)]


def _due(session: Session, row: StoredObjectRow) -> Due:
    place, copied = Place(row.key, _key(session, row)), row.copied_at is not None
    return Due(place, row.version, row.kind, row.document_id, row.sha256, row.bad, copied)


def _key(session: Session, row: StoredObjectRow) -> bytes | None:
    """The key that opens it; None for what lies plain, as its name says (docs/adr/0025)."""
    encrypted = row.key.startswith(("documents/", "pages/")) and not row.key.endswith(".json")
    return keys.of(session, row.document_id) if encrypted and row.document_id is not None else None


def note(session: Session, looked: Sequence[Looked]) -> None:
    """Keep what was found whole or bad, and count it for today. What is bad from now on is told in the ledger."""
    now = func.now()
    for one in looked:
        bad_since = func.coalesce(StoredObjectRow.bad_since, now) if one.flaw else None
        known = one.due.sha256 or one.flaw or one.due.is_derived
        learned = {} if known else {"sha256": one.sha256}
        _set(session, one.due, checked_at=now, size=one.size, bad=one.flaw, bad_since=bad_since, **learned)
    new = [one for one in looked if one.flaw is not None and one.due.bad is None]
    count(session, objects=len(looked), bytes=sum(one.size for one in looked), bad=len(new))
    for one in new:
        ledger.append(session, "fixity_failed", **_told(one.due), version=one.due.version, what=one.flaw)
    for one in (one for one in looked if one.flaw is None and one.due.bad is not None):
        ledger.append(session, "fixity_recovered", **_told(one.due), version=one.due.version)


def _told(due: Due) -> dict[str, Any]:
    """What the ledger says of an object: whose it is, its digest and its name."""
    return {"actor": ledger.WORKER, "document": due.document, "digest": due.sha256, "object": due.place.name}


def note_copied(session: Session, copied: Due) -> None:
    """The second copy has it now."""
    _set(session, copied, copied_at=func.now())
    count(session, copied=1)


def note_lost_copy(session: Session, lost: Due) -> None:
    """The second copy no longer has it whole: it is copied again."""
    _set(session, lost, copied_at=None)


def note_repaired(session: Session, bad: Due, version: str, size: int) -> None:
    """A bad object lies whole again under a new version: rows name that from now on, the ledger says both. A picture
    lies whole in its own place."""
    if bad.is_derived:
        _set(session, bad, bad=None, bad_since=None, size=size, checked_at=func.now())
    else:
        _replace(session, bad, version, size=size, checked_at=func.now(), copied_at=func.now())
    count(session, repaired=1)
    ledger.append(session, "fixity_repaired", **_told(bad), version=bad.version, by=version)


def _name_version(session: Session, bad: Due, version: str) -> None:
    """Let the letter's row, and those of a stack's letters, name the version that is whole."""
    column = {"original": "original_version", "pdf": "pdf_version", "manifest": "manifest_version"}.get(bad.kind)
    if column is None:
        return
    named = getattr(DocumentRow, column)
    same = (DocumentRow.id == bad.document) | (DocumentRow.part_of == bad.document)
    session.execute(update(DocumentRow).where(same, named == bad.version).values({column: version}))


def _is(wanted: Due) -> tuple[Any, Any]:
    return StoredObjectRow.key == wanted.place.name, StoredObjectRow.version == wanted.version


def _set(session: Session, wanted: Due, **values: Any) -> None:
    session.execute(update(StoredObjectRow).where(*_is(wanted)).values(**values))


def count(session: Session, **more: int) -> None:
    """Add to what was done today."""
    row = FixityDayRow
    added = {name: getattr(row, name) + number for name, number in more.items()}
    entered = insert(row).values(day=clock.today(), **more)
    session.execute(entered.on_conflict_do_update(index_elements=[row.day], set_={**added, "at": func.now()}))


def tell_days(session: Session) -> int:
    """Tell the ledger of the days that are over; a day on which nothing was read needs no entry. How many they were."""
    row = FixityDayRow
    query = select(row).where(~row.told, row.day < clock.today()).order_by(row.day).with_for_update()
    over = session.scalars(query).all()
    for one in over:
        one.told = True
        session.flush()
        ledger.append(
            session,
            "fixity_checked",
            actor=ledger.WORKER,
            day=one.day.isoformat(),
            objects=one.objects,
            bytes=one.bytes,
            bad=one.bad,
            repaired=one.repaired,
            copied=one.copied,
        )
    return len(over)
