"""Letters of the archive as papers of a list: each has to name the list it decides on, in its text or by its code."""

from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from archive import documents
from archive.tables import DocumentRow
from core.faults import DisposalRefused, InvalidRequest, ListNotNamed, NotFound, NotReady
from records.disposal import lists
from records.disposal.tables import DisposalItemRow, DisposalPaperRow, DisposalRow
from records.disposal.workflow import Kind, workflows
from records.filing.tables import BerkasLetterRow

_CODE: Final = "ARSIP-DAFTAR-1/"
_OVER: Final = ("batal", "ditolak", "dilaporkan")


def qr_of(listed: UUID) -> str:
    """What the code on a list's forms says."""
    return f"{_CODE}{listed}"


@dataclass(frozen=True, slots=True)
class Paper:
    """A letter that is attached, with its document."""

    row: DisposalPaperRow
    document: DocumentRow


def of_list(session: Session, listed: UUID) -> list[Paper]:
    """All that was attached and is not void, of what the account may see, oldest first."""
    rows = session.execute(
        select(DisposalPaperRow, DocumentRow)
        .join(DocumentRow, DocumentRow.id == DisposalPaperRow.document_id)
        .where(DisposalPaperRow.disposal_id == listed, ~DisposalPaperRow.void)
        .order_by(DisposalPaperRow.at)
    )
    return [Paper(row, document) for row, document in rows]


def numbered(paper: Paper) -> str:
    """`nomor 7/2036 tanggal 4 Februari 2036`, as they were read in it; "" where neither was."""
    fields = paper.document.fields
    number, day = (str(fields[name]["text"]) if name in fields else "" for name in ("nomor_surat", "tanggal"))
    return " ".join(part for part in (f"nomor {number}" if number else "", f"tanggal {day}" if day else "") if part)


def attach(session: Session, account: Account, listed: UUID, paper: str, document: UUID, why: str) -> DisposalRow:
    """Attach a letter as one of the list's papers. Where it does not name the list, an arsiparis who did not
    propose the list says why it is one.

    Raises NotFound, NotReady while the letter is not archived, ListNotNamed, DisposalRefused, InvalidRequest.
    """
    if not (account.may(Right.RETIRE) or account.may(Right.APPRAISE)):
        account.require(Right.RETIRE)
    row = lists.find(session, listed, lock=True)
    reason = lists.words(why, "alasan")
    if paper not in workflows()[cast(Kind, row.kind)].papers:
        raise InvalidRequest(what=f"jenis lampiran ({', '.join(workflows()[cast(Kind, row.kind)].papers)})")
    letter = documents.find(session, document)
    if letter.stage != "sealed":
        raise NotReady(stage=letter.stage)
    _require_fit(session, row, document)
    _require_fresh(session, row, paper, letter)
    if not session.scalar(select(func.disposal_named(row.id, document))):
        if not reason:
            raise ListNotNamed(code=row.code)
        account.require(Right.RETIRE)
        if account.id == row.proposed_by:
            raise DisposalRefused(
                what="surat yang tidak menyebut daftarnya dilampirkan orang lain, bukan yang mengusulkan"
            )
    new = {"disposal_id": row.id, "paper": paper, "document_id": document, "account_id": account.id, "why": reason}
    with lists.guarded():
        session.execute(insert(DisposalPaperRow).values(new).on_conflict_do_nothing())
    lists.note(session, account, row, "lampir", reason)
    lists.tell(session, account, row, "disposal_paper_attached", document=document, paper=paper)
    return row


def _require_fit(session: Session, row: DisposalRow, document: UUID) -> None:
    """Raise DisposalRefused for a list that is over, or a letter that the list itself is about."""
    if row.status in _OVER:
        raise DisposalRefused(what="daftar ini sudah selesai")
    own = (
        select(BerkasLetterRow.document_id)
        .join(DisposalItemRow, DisposalItemRow.berkas_id == BerkasLetterRow.berkas_id)
        .where(DisposalItemRow.disposal_id == row.id, BerkasLetterRow.document_id == document)
    )
    if session.scalar(own) is not None:
        raise DisposalRefused(what="surat itu sendiri ada di daftar ini")


def _require_fresh(session: Session, row: DisposalRow, paper: str, letter: DocumentRow) -> None:
    """Raise DisposalRefused for a letter that came before the list was closed and so decides on something else, and for
    one that is another of its papers already."""
    flow = workflows()[cast(Kind, row.kind)]
    if paper not in next(step for step in flow.steps if step.freezes).papers:
        if row.digest is None:
            raise DisposalRefused(what=f"{flow.papers[paper]} menyangkut daftar yang sudah ditutup; nilai dulu")
        if row.assessed_at is not None and letter.received_at < row.assessed_at:
            raise DisposalRefused(what="surat ini datang sebelum daftarnya ditutup, jadi tidak menyangkut isinya kini")
    other = select(DisposalPaperRow.paper).where(
        DisposalPaperRow.disposal_id == row.id, DisposalPaperRow.document_id == letter.id, ~DisposalPaperRow.void,
        DisposalPaperRow.paper != paper,
    )  # fmt: skip
    if (already := session.scalar(other)) is not None:
        raise DisposalRefused(what=f"surat ini sudah dilampirkan sebagai {flow.papers[already]}")


def detach(session: Session, account: Account, listed: UUID, attached: UUID) -> DisposalRow:
    """Take a paper off again; that it was attached stays known. Raises NotFound, DisposalRefused."""
    account.require(Right.RETIRE)
    row = lists.find(session, listed, lock=True)
    if row.began_at is not None and row.done_at is None:
        raise DisposalRefused(what="pelaksanaannya sudah dimulai")
    if row.status in _OVER:
        raise DisposalRefused(what="daftarnya sudah berakhir; lampirannya tetap")
    with lists.guarded():
        gone = session.execute(
            update(DisposalPaperRow)
            .where(DisposalPaperRow.id == attached, DisposalPaperRow.disposal_id == listed, ~DisposalPaperRow.void)
            .values(void=True)
            .returning(DisposalPaperRow.document_id),
            execution_options={"synchronize_session": False},
        ).scalar_one_or_none()
    if gone is None:
        raise NotFound
    lists.note(session, account, row, "lepas", "")
    lists.tell(session, account, row, "disposal_paper_detached", document=gone)
    return row
