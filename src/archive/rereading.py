"""Reading an old archive anew: originals stay, the letter stays sealed and found until its new reading is whole."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from access.accounts import Account
from archive import ledger
from archive.pagelock import lock_pages
from archive.tables import DocumentRow, PageHistoryRow, PageRow

_FREE: dict[str, Any] = {"attempts": 0, "lease": None, "lease_owner": None, "lease_until": None}
_UNSEALED: dict[str, Any] = {"sealed_at": None, "manifest_key": None, "manifest_version": None, **_FREE}
_TO_BE_FILED: dict[str, Any] = {"stage": "read", "doubt": None, **_UNSEALED}
_TO_BE_SEALED: dict[str, Any] = {"stage": "filed", **_UNSEALED}  # a stack is no letter: there is no kind to tell


@dataclass(frozen=True, slots=True)
class Asked:
    """How many letters and pages wait to be read anew."""

    documents: int
    pages: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a page was read to say before, by which reader, and until when that stood."""

    text: str
    reader: str | None
    read_at: datetime
    replaced_at: datetime


def ask(session: Session, account: Account, *, after: int = 0, most: int = 300) -> tuple[Asked, int | None]:
    """Let the next `most` visible sealed letters be read anew, but for pages whose text the PDF itself gave.

    `after` is the sequence number to go on from; the second value is that for the next call, None at the end. In parts,
    as each letter marked is locked until the transaction ends. What the present reader has read already is passed over
    when its turn comes.
    """
    may_be = (DocumentRow.stage == "sealed") & DocumentRow.rereading.is_(None)
    query = select(DocumentRow.id, DocumentRow.seq).where(may_be, DocumentRow.seq > after)
    part = session.execute(query.order_by(DocumentRow.seq).limit(most)).all()
    ids = [row.id for row in part]
    lock_pages(session, ids)
    still = session.scalars(
        select(DocumentRow.id)
        .where(DocumentRow.id.in_(ids), may_be)
        .order_by(DocumentRow.seq)
        .with_for_update(key_share=True)
    ).all()
    marked = session.scalars(
        update(PageRow)
        .where(PageRow.document_id.in_(still), PageRow.reading["source"].astext != "pdf_text")
        .values(reread=True)
        .returning(PageRow.document_id)
    )
    counts = Counter(marked)
    if counts:
        left = select(func.count()).where(PageRow.document_id == DocumentRow.id, PageRow.reread).scalar_subquery()
        session.execute(update(DocumentRow).where(DocumentRow.id.in_(counts)).values(rereading=left))
        ledger.append(session, "rereading_asked", actor=account.id, documents=len(counts), pages=counts.total())
    return Asked(len(counts), counts.total()), part[-1].seq if len(part) == most else None


def left(session: Session) -> Asked:
    """How many visible letters and pages still wait to be read anew."""
    documents, pages = session.execute(
        select(func.count(), func.coalesce(func.sum(DocumentRow.rereading), 0)).where(
            DocumentRow.rereading.is_not(None)
        )
    ).one()
    return Asked(documents, pages or 0)


def earlier(session: Session, document: UUID, number: int) -> list[Earlier]:
    """What the page was read to say before, newest first."""
    rows = session.execute(
        select(PageHistoryRow.text, PageHistoryRow.reader, PageHistoryRow.read_at, PageHistoryRow.replaced_at)
        .join(PageRow, PageRow.id == PageHistoryRow.page_id)
        .where(PageRow.document_id == document, PageRow.number == number)
        .order_by(PageHistoryRow.replaced_at.desc())
    )
    return [Earlier(text or "", reader, read_at, replaced_at) for text, reader, read_at, replaced_at in rows]


def record(session: Session, page: PageRow, said: dict[str, Any], *, digest: str) -> bool:
    """One page read anew, what it said before kept. The last one sends its letter to be filed and sealed again.

    `said` are the columns of the page that reading makes. False when somebody was first.
    """
    if not _done(session, page):
        return False
    before = session.execute(
        select(PageRow.text, PageRow.reading, PageRow.reader, PageRow.read_at).where(PageRow.id == page.id)
    ).one()
    session.execute(
        insert(PageHistoryRow).values(
            page_id=page.id,
            document_id=page.document_id,
            text=before.text,
            reading=before.reading,
            reader=before.reader,
            read_at=before.read_at,
        )
    )
    session.execute(update(PageRow).where(PageRow.id == page.id).values(**said, read_at=func.now()))
    _count_down(session, page, anew=True)
    ledger.append(
        session, "page_reread", actor=ledger.WORKER, document=page.document_id, page=page.number, digest=digest
    )
    return True


def leave(session: Session, page: PageRow) -> None:
    """Keep what the page says: it is read already by this reader, or cannot be read by it."""
    if _done(session, page):
        _count_down(session, page, anew=False)


def _done(session: Session, page: PageRow) -> bool:
    mine = (PageRow.id == page.id) & PageRow.reread & (PageRow.lease == page.lease)
    return session.scalar(update(PageRow).where(mine).values(reread=False, **_FREE).returning(PageRow.id)) is not None


def _count_down(session: Session, page: PageRow, *, anew: bool) -> None:
    """One page less to go; after the last the letter is filed and sealed again if any of its pages is newer than it.

    A letter that is being filed or sealed meanwhile (a person checked it) loses its lease: whoever works on it may have
    read this page's old text, and does it again.
    """
    document = session.get_one(
        DocumentRow, page.document_id, with_for_update={"key_share": True}, populate_existing=True
    )
    document.rereading = (document.rereading or 1) - 1 or None
    session.flush()
    if document.stage in ("read", "filed") and anew:
        session.execute(update(DocumentRow).where(DocumentRow.id == document.id).values(**_FREE))
    elif document.stage == "sealed" and document.rereading is None and (anew or _has_newer_pages(session, document)):
        session.execute(
            update(DocumentRow)
            .where(DocumentRow.id == document.id)
            .values(**_TO_BE_FILED if not document.is_stack else _TO_BE_SEALED)
        )


def _has_newer_pages(session: Session, document: DocumentRow) -> bool:
    newer = select(PageRow.id).where(PageRow.document_id == document.id, PageRow.read_at > document.sealed_at).limit(1)
    return session.scalar(newer) is not None
