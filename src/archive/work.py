"""The stage column as the queue of record: what is due, who holds it, and how it moves on (docs/adr/0003).

claim → work with no transaction open → record, guarded by the lease. Nothing recorded means somebody was first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Update, case, func, insert, or_, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from archive import ledger, rereading
from archive.signatures import Signature, counted
from archive.tables import DocumentRow, PageRow
from core.faults import Fault, ReaderCrashed
from core.settings import settings

MOST_ATTEMPTS = 3
_LOCK_IS_DUE = text("SELECT lock_is_due(:letters)")
# So many letters within half a second come from several people or from a program, not from one hand. Few, so that it is
# seen before the first of them are opened: what is begun is finished, beside all who send
_MANY, _MOMENT = 4, timedelta(seconds=0.5)
_FREE: dict[str, None] = {"lease": None, "lease_owner": None, "lease_until": None}


def _lease_is_out(row: type[DocumentRow] | type[PageRow]) -> Any:
    return or_(row.lease_until.is_(None), row.lease_until < func.now())


def _taken(row: type[DocumentRow] | type[PageRow], owner: str) -> dict[str, Any]:
    return {
        "attempts": row.attempts + 1,
        "lease": func.gen_random_uuid(),
        "lease_owner": owner,
        "lease_until": func.now() + timedelta(seconds=settings().lease_seconds),
    }


def is_busy_receiving(session: Session) -> bool:
    """Whether letters come in so fast just now that their senders would feel the reading beside it."""
    newest = select(DocumentRow.received_at).order_by(DocumentRow.seq.desc()).limit(_MANY).subquery()
    count, oldest = session.execute(select(func.count(), func.min(newest.c.received_at) > func.now() - _MOMENT)).one()
    return bool(count == _MANY and oldest)


def due_documents(session: Session, limit: int) -> list[tuple[UUID, str]]:
    """Id and stage of documents whose next step is due, oldest first."""
    rows = session.execute(
        select(DocumentRow.id, DocumentRow.stage)
        .where(DocumentRow.stage.in_(("received", "read", "filed")), _lease_is_out(DocumentRow))
        .order_by(DocumentRow.seq)
        .limit(limit)
    )
    return [(document, stage) for document, stage in rows]


def due_pages(session: Session, limit: int) -> list[UUID]:
    """Pages to read: every letter's first page before any letter's second, so a thick file delays nobody."""
    rows = session.scalars(
        select(PageRow.id)
        .join(DocumentRow, DocumentRow.id == PageRow.document_id)
        .where(PageRow.read_at.is_(None), DocumentRow.stage == "paged", _lease_is_out(PageRow))
        .order_by(PageRow.number, PageRow.document_seq)
        .limit(limit)
    )
    return list(rows)


def due_rereads(session: Session, limit: int) -> list[UUID]:
    """Pages of sealed letters that wait to be read anew, oldest letters first."""
    rows = session.scalars(
        select(PageRow.id)
        .join(DocumentRow, DocumentRow.id == PageRow.document_id)
        .where(PageRow.reread, DocumentRow.stage == "sealed", _lease_is_out(PageRow))
        .order_by(PageRow.document_seq, PageRow.number)
        .limit(limit)
    )
    return list(rows)


def claim_document(session: Session, document: UUID, stage: str, owner: str) -> DocumentRow | None:
    """Take a document at that stage, or None when it is not due. Three claims that never came back hold it."""
    row = session.scalar(
        update(DocumentRow)
        .where(DocumentRow.id == document, DocumentRow.stage == stage, _lease_is_out(DocumentRow))
        .values(_taken(DocumentRow, owner))
        .returning(DocumentRow)
    )
    if row is not None and row.attempts > MOST_ATTEMPTS:
        hold(session, row.id, ReaderCrashed())
        return None
    return row


def claim_page(session: Session, page: UUID, owner: str) -> tuple[PageRow, DocumentRow] | None:
    """Take an unread page of a document that is being read, or None when it is not due."""
    row = session.scalar(
        update(PageRow)
        .where(PageRow.id == page, or_(PageRow.read_at.is_(None), PageRow.reread), _lease_is_out(PageRow))
        .values(_taken(PageRow, owner))
        .returning(PageRow)
    )
    if row is None:
        return None
    document = session.get_one(DocumentRow, row.document_id)
    if document.stage != ("sealed" if row.reread else "paged"):
        give_back(session, row, seconds=0, counts=False)
        return None
    if row.attempts > MOST_ATTEMPTS and row.reread:
        rereading.leave(session, row)
        return None
    if row.attempts > MOST_ATTEMPTS:
        hold(session, document.id, ReaderCrashed(page=row.number))
        return None
    return row, document


def give_back(session: Session, row: DocumentRow | PageRow, *, seconds: int, counts: bool) -> None:
    """Make a piece of work due again after so many seconds; an engine that was away does not count as an attempt."""
    kind = type(row)
    session.execute(
        update(kind)
        .where(kind.id == row.id, kind.lease == row.lease)
        .values(
            attempts=kind.attempts if counts else kind.attempts - 1,
            lease=None,
            lease_owner=None,
            lease_until=func.now() + timedelta(seconds=seconds),
        )
    )


def still_holds(session: Session, row: DocumentRow | PageRow) -> bool:
    """Whether the lease that `row` was claimed with still stands; if so, it does until this transaction ends."""
    kind = type(row)
    lease = select(kind.id).where(kind.id == row.id, kind.lease == row.lease).with_for_update()
    return session.scalar(lease) is not None


def free_leases_of(session: Session, owner: str) -> int:
    """Make due whatever a dead worker of this name still held. The number of pieces."""
    freed = 0
    for kind in (DocumentRow, PageRow):
        result = session.execute(update(kind).where(kind.lease_owner == owner).values(_FREE))
        freed += result.rowcount  # type: ignore[attr-defined] # an UPDATE's result has it
    return freed


def hold(session: Session, document: UUID, fault: Fault) -> None:
    """Set a document aside for a person, with the reason. The original lies locked; nothing is lost."""
    held = session.scalar(
        update(DocumentRow)
        .where(DocumentRow.id == document, DocumentRow.stage.not_in(("sealed", "held")))
        .values(stage="held", fault_slug=fault.slug, fault_facts=fault.facts, **_FREE)
        .returning(DocumentRow.id)
    )
    if held is not None:
        ledger.append(session, "held", actor=ledger.WORKER, document=document, fault=fault.slug)


def _moved(session: Session, row: DocumentRow, stage: str, **values: Any) -> bool:
    statement: Update = (
        update(DocumentRow)
        .where(DocumentRow.id == row.id, DocumentRow.stage == row.stage, DocumentRow.lease == row.lease)
        .values(stage=stage, attempts=0, **_FREE, **values)
    )
    return session.scalar(statement.returning(DocumentRow.id)) is not None


def record_opened(session: Session, row: DocumentRow, *, pages: int, signatures: list[Signature] | None = None) -> bool:
    """received → paged, with one row per page. False when somebody was first.

    `signatures` are those of a PDF, none if it has none; null for a picture, which can have none.
    """
    found = None if signatures is None else [one.to_json() for one in signatures]
    if not _moved(session, row, "paged", pages=pages, signatures=found):
        return False
    session.execute(
        insert(PageRow),
        [
            {
                "document_id": row.id,
                "document_seq": row.seq,
                "unit": row.unit,
                "clearance": row.clearance,
                "number": number,
            }
            for number in range(1, pages + 1)
        ],
    )
    ledger.append(session, "paged", actor=ledger.WORKER, document=row.id, pages=pages)
    if signatures:
        told = counted(signatures)
        ledger.append(session, "signatures_checked", actor=ledger.WORKER, document=row.id, digest=row.sha256, **told)
    return True


def record_page(
    session: Session,
    page: PageRow,
    *,
    text: str,
    identities: Sequence[str],
    reading: dict[str, Any],
    reader: str,
    digest: str,
) -> bool:
    """One page read; the last one moves its document paged → read. False when somebody was first.

    `identities` stand for the text's identity numbers in the index of words.
    """
    said: dict[str, Any] = {"text": text, "identities": list(identities), "reading": reading, "reader": reader}
    if page.reread:
        return rereading.record(session, page, said, digest=digest)
    recorded = session.scalar(
        update(PageRow)
        .where(PageRow.id == page.id, PageRow.read_at.is_(None), PageRow.lease == page.lease)
        .values(**said, read_at=func.now(), **_FREE)
        .returning(PageRow.id)
    )
    if recorded is None:
        return False
    count: InstrumentedAttribute[int] = DocumentRow.pages_read
    session.execute(
        update(DocumentRow)
        .where(DocumentRow.id == page.document_id)
        .values(
            pages_read=count + 1,
            stage=case(
                ((DocumentRow.stage == "paged") & (count + 1 == DocumentRow.pages), "read"), else_=DocumentRow.stage
            ),
        )
    )
    ledger.append(session, "page_read", actor=ledger.WORKER, document=page.document_id, page=page.number, digest=digest)
    return True


@dataclass(frozen=True, slots=True)
class Filed:
    """What a letter was read to be and to say, as stored (archive/tables.py), and how much a person is needed.

    `sampled`: it is checked all the same (archive/sampling.py).
    """

    kind: str
    confidence: float
    verdict: dict[str, Any]
    fields: dict[str, Any]
    doubt: int
    sampled: bool = False


def record_filed(session: Session, row: DocumentRow, filed: Filed) -> bool:
    """read → filed. False when somebody was first."""
    if not _moved(
        session,
        row,
        "filed",
        kind=filed.kind,
        kind_confidence=filed.confidence,
        verdict=filed.verdict,
        fields=filed.fields,
        doubt=filed.doubt,
        sampled=filed.sampled,
    ):
        return False
    ledger.append(session, "filed", actor=ledger.WORKER, document=row.id, kind=filed.kind, doubt=filed.doubt)
    return True


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the record consists of besides the original."""

    pdf_sha256: str
    pdf_version: str
    pdf_object: str
    manifest_key: str
    manifest_version: str
    manifest_sha256: str


def record_sealed(session: Session, row: DocumentRow, sealed: Sealed) -> bool:
    """filed → sealed. False when somebody was first."""
    if not _moved(
        session,
        row,
        "sealed",
        pdf_sha256=sealed.pdf_sha256,
        pdf_version=sealed.pdf_version,
        manifest_key=sealed.manifest_key,
        manifest_version=sealed.manifest_version,
        sealed_at=func.now(),
    ):
        return False
    ledger.append(
        session,
        "sealed",
        actor=ledger.WORKER,
        document=row.id,
        digest=sealed.manifest_sha256,
        manifest=sealed.manifest_key,
        version=sealed.manifest_version,
        pdf=sealed.pdf_sha256,
        pdf_version=sealed.pdf_version,
        object=sealed.pdf_object,
    )
    # what was put just now has a first lock only, whatever the letter's other objects have
    session.execute(_LOCK_IS_DUE, {"letters": [row.id]})
    return True
