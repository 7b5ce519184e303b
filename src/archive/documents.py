"""Documents as people meet them: receiving, listing, looking at one, trying a held one again."""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast
from uuid import UUID, uuid4

from sqlalchemy import CursorResult, Table, bindparam, case, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, undefer

from access.accounts import Account
from archive import ledger
from archive.blobs import Stored
from archive.pagelock import lock_pages
from archive.tables import ArrivalRow, DocumentRow, PageRow
from core.db import ask, transaction
from core.faults import IdempotencyConflict, NotFound, NotHeld


@dataclass(frozen=True, slots=True)
class New:
    """A document that is to be entered: its id, its key as its row keeps it, and its bytes, stored and found equal."""

    id: UUID
    wrapped: bytes
    stored: Stored


@dataclass(frozen=True, slots=True)
class Arrival:
    """What somebody sent. `new` is None when the unit had these bytes, or the sender had used the key: nothing was
    stored again then."""

    new: New | None
    sha256: str
    size: int
    media_type: str
    filename: str
    clearance: int
    idempotency_key: str | None = None


class Known(NamedTuple):
    """As much of a document as its sender is told."""

    id: UUID
    sha256: str
    stage: str
    version: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender is told. `duplicate_of` is the document that had these bytes before."""

    document: Known
    duplicate_of: UUID | None


_DOCUMENT, _ARRIVAL = cast(Table, DocumentRow.__table__), cast(Table, ArrivalRow.__table__)
_KNOWN = (_DOCUMENT.c.id, _DOCUMENT.c.sha256, _DOCUMENT.c.stage, _DOCUMENT.c.original_version)
_LOCK_KEY = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("key"), 0)))  # as document_enter() does
_EARLIER = (
    select(*_KNOWN, _ARRIVAL.c.first)
    .join(_ARRIVAL, _ARRIVAL.c.document_id == _DOCUMENT.c.id)
    .where(_ARRIVAL.c.account_id == bindparam("account"), _ARRIVAL.c.idempotency_key == bindparam("key"))
)
_SAME_BYTES = (
    select(*_KNOWN)
    .where(_DOCUMENT.c.unit == bindparam("unit"), _DOCUMENT.c.sha256 == bindparam("sha256"))
    .where(_DOCUMENT.c.part_of.is_(None), _DOCUMENT.c.destroyed_at.is_(None))
    .order_by(_DOCUMENT.c.seq)
    .limit(1)
)
# Twenty people may send at once, so a new letter is entered in one round trip (workers/migrations)
_ENTER: Final = """SELECT document_enter(%(role)s, %(sender)s, %(unit)s, %(ceiling)s, %(id)s, %(clearance)s, %(sha256)s,
    %(size)s, %(media_type)s, %(filename)s, %(version)s, %(wrapped)s, %(key)s, %(entry)s)"""
_IS_KNOWN: Final = "SELECT document_known(%(role)s, %(sender)s, %(unit)s, %(ceiling)s, %(sha256)s, %(key)s)"


def is_known(account: Account, sha256: str, idempotency_key: str | None) -> bool:
    """Whether the account's unit has these bytes, or the account has used that key: nothing need be stored then.

    Raises DatabaseUnavailable.
    """
    return bool(ask(_IS_KNOWN, {**_asker(account), "sha256": sha256, "key": idempotency_key})[0])


def _asker(account: Account) -> dict[str, Any]:
    return {
        "role": account.role.value,
        "sender": account.id,
        "unit": account.unit,
        "ceiling": account.clearance,
    }


def receive(account: Account, arrival: Arrival) -> Receipt:
    """Enter an arrival, in a transaction of its own: a new document, or one more arrival of a known one.

    Raises IdempotencyConflict; DatabaseUnavailable, and nothing is entered then.
    """
    new = arrival.new
    if new is not None and _enter(account, arrival, new):
        return Receipt(Known(new.id, arrival.sha256, "received", new.stored.version), None)
    with transaction(account.context) as session:
        return _known(session, account, arrival)


def _known(session: Session, account: Account, arrival: Arrival) -> Receipt:
    """What was answered under this key before; else one more arrival of a document of these bytes."""
    if arrival.idempotency_key is not None:
        # One at a time, so that whoever comes second with the key finds what the first one entered
        session.execute(_LOCK_KEY, {"key": f"{account.id}/{arrival.idempotency_key}"})
        earlier = _earlier_answer(session, account, arrival)
        if earlier is not None:
            return earlier
    known = Known(*session.execute(_SAME_BYTES, {"unit": account.unit, "sha256": arrival.sha256}).one())
    told = {"document_id": known.id, "account_id": account.id, "filename": arrival.filename, "first": False}
    keyed = insert(_ARRIVAL).values(**told, idempotency_key=arrival.idempotency_key)
    entered = session.execute(keyed.on_conflict_do_nothing())
    if not cast(CursorResult[Any], entered).rowcount:  # the key is that of a document raised above the sender's ceiling
        session.execute(insert(_ARRIVAL).values(told))
    ledger.append(session, "arrived_again", **_event(account, arrival, known.id, known.version))
    return Receipt(known, known.id)


def _event(account: Account, arrival: Arrival, document: UUID, version: str) -> dict[str, Any]:
    facts = {"digest": arrival.sha256, "version": version, "size": arrival.size}
    return {"actor": account.id, "document": document, **facts}


def _enter(account: Account, arrival: Arrival, new: New, *, keep: bool = True) -> bool:
    """Enter the arrival as a new document with its event. False when the unit knows these bytes, or the sender used
    the key before."""
    event = _event(account, arrival, new.id, new.stored.version)
    values = {
        **_asker(account),
        "id": new.id,
        "clearance": arrival.clearance,
        "sha256": arrival.sha256,
        "size": arrival.size,
        "media_type": arrival.media_type,
        "filename": arrival.filename,
        "version": new.stored.version,
        "wrapped": new.wrapped,
        "key": arrival.idempotency_key,
        "entry": ledger.entry("received", **event, object=new.stored.key),
    }
    return bool(ask(_ENTER, values, keep=keep)[0])


def rehearse(sender: Account) -> None:
    """Enter a letter that there is not, and take it back: PostgreSQL meets on a connection what a letter asks of it,
    for which the first one would wait. Raises DatabaseUnavailable."""
    arrival = Arrival(None, "0" * 64, 1, "image/jpeg", "", 0)
    _enter(sender, arrival, New(uuid4(), b"", Stored("", "", "")), keep=False)


def _earlier_answer(session: Session, account: Account, arrival: Arrival) -> Receipt | None:
    row = session.execute(_EARLIER, {"account": account.id, "key": arrival.idempotency_key}).one_or_none()
    if row is None:
        return None
    if row.sha256 != arrival.sha256:
        raise IdempotencyConflict
    known = Known(row.id, row.sha256, row.stage, row.original_version)
    return Receipt(known, None if row.first else row.id)


def find(session: Session, document: UUID) -> DocumentRow:
    """The document, if this transaction's account may see it. Raises NotFound."""
    row = session.get(DocumentRow, document)
    if row is None:
        raise NotFound
    return row


def newest(
    session: Session, *, stage: str | None = None, before: int | None = None, limit: int = 50
) -> list[DocumentRow]:
    """At most `limit` visible documents, newest first, with `seq` under `before`; none that was joined back."""
    query = select(DocumentRow).where(~DocumentRow.is_joined_back).order_by(DocumentRow.seq.desc()).limit(limit)
    if stage is not None:
        query = query.where(DocumentRow.stage == stage)
    if before is not None:
        query = query.where(DocumentRow.seq < before)
    return list(session.scalars(query))


def several(session: Session, documents: list[UUID]) -> dict[UUID, DocumentRow]:
    """Those of the documents that this transaction's account may see."""
    rows = session.scalars(select(DocumentRow).where(DocumentRow.id.in_(documents)))
    return {row.id: row for row in rows}


def page_of(session: Session, document: UUID, number: int) -> PageRow:
    """One page with its reading. Raises NotFound, also while the page is not read yet."""
    row = session.scalar(
        select(PageRow)
        .where(PageRow.document_id == document, PageRow.number == number, PageRow.read_at.is_not(None))
        .options(undefer(PageRow.reading))
    )
    if row is None:
        raise NotFound
    return row


def texts(session: Session, document: UUID) -> list[tuple[int, str]]:
    """Number and text of each page read so far, in order."""
    rows = session.execute(
        select(PageRow.number, PageRow.text)
        .where(PageRow.document_id == document, PageRow.read_at.is_not(None))
        .order_by(PageRow.number)
    )
    return [(number, text or "") for number, text in rows]


def page_states(session: Session, document: UUID) -> list[tuple[int, bool]]:
    """Number of each page and whether it is read, in order."""
    rows = session.execute(
        select(PageRow.number, PageRow.read_at.is_not(None))
        .where(PageRow.document_id == document)
        .order_by(PageRow.number)
    )
    return [(number, read) for number, read in rows]


def readings(session: Session, wanted: list[tuple[UUID, int]]) -> dict[tuple[UUID, int], dict[str, object]]:
    """Readings of several pages, by document and number."""
    if not wanted:
        return {}
    rows = session.execute(
        select(PageRow.document_id, PageRow.number, PageRow.reading).where(
            tuple_(PageRow.document_id, PageRow.number).in_(wanted)
        )
    )
    return {(document, number): reading for document, number, reading in rows}


def first_readings(session: Session, document: UUID, most: int) -> list[dict[str, Any]]:
    """Readings of a document's first pages, in order, of those that are read, numbered as its pages are."""
    rows = session.execute(
        select(PageRow.number, PageRow.reading)
        .where(PageRow.document_id == document, PageRow.read_at.is_not(None))
        .order_by(PageRow.number)
        .limit(most)
    )
    return [{**reading, "number": number} for number, reading in rows if reading is not None]


def codes_after(session: Session, document: UUID, page: int) -> list[tuple[int, bool, list[str]]]:
    """Of each page behind that one: its number, whether it is blank, and what its codes say."""
    rows = session.execute(
        select(PageRow.number, PageRow.reading["source"].astext == "blank", PageRow.reading["codes"])
        .where(PageRow.document_id == document, PageRow.number > page, PageRow.reading.is_not(None))
        .order_by(PageRow.number)
    )
    return [(number, blank, [code["text"] for code in codes or ()]) for number, blank, codes in rows]


def try_again(session: Session, account: Account, document: UUID) -> DocumentRow:
    """Put a held document back to where its work stopped. Raises NotFound, NotHeld."""
    lock_pages(session, [document])
    row: DocumentRow | None = session.scalar(
        update(DocumentRow)
        .where(DocumentRow.id == document, DocumentRow.stage == "held")
        .values(
            stage=case(
                (DocumentRow.pages.is_(None), "received"),
                (DocumentRow.pages_read < DocumentRow.pages, "paged"),
                (DocumentRow.doubt.is_(None) & DocumentRow.checked_at.is_(None), "read"),
                else_="filed",
            ),
            fault_slug=None,
            fault_facts=None,
            attempts=0,
            lease=None,
            lease_owner=None,
            lease_until=None,
        )
        .returning(DocumentRow)
    )
    if row is None:
        raise NotHeld(stage=find(session, document).stage)
    session.execute(
        update(PageRow)
        .where(PageRow.document_id == document, or_(PageRow.attempts > 0, PageRow.lease.is_not(None)))
        .values(attempts=0, lease=None, lease_owner=None, lease_until=None)
    )
    ledger.append(session, "tried_again", actor=account.id, document=document)
    return row
