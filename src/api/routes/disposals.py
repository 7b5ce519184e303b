"""Lists of records to be moved, handed over or destroyed: proposed, led through their steps with papers, printed."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from access.accounts import Account
from api.auth import Appraiser, Reader, Retirer
from api.schemas import disposal_requests as asked
from api.schemas import disposals as schemas
from archive import documents, ledger
from core.clock import today
from core.db import transaction
from core.faults import InvalidRequest
from records.book import UNIT
from records.disposal import book, lists, papers, printing
from records.disposal.printing import Form
from records.disposal.workflow import Kind

router = APIRouter(tags=["disposals"])

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            _XLSX: {"schema": {"type": "string", "format": "binary"}},
        }
    }
}


def _detail(account: Account, disposal: UUID, after: int = 0) -> schemas.DisposalDetail:
    with transaction(account.context) as session:
        row = lists.find(session, disposal)
        seen = lists.look(session, row)
        lines = book.items(session, disposal, after=after, limit=book.MOST + 1)
        attached, history = papers.of_list(session, disposal), book.history(session, disposal)
        progress = book.progress(session, disposal) if row.kind == "pemusnahan" and row.began_at else None
    more = len(lines) > book.MOST
    return schemas.detail(account, seen, lines[: book.MOST], attached, history, progress, more=more)


@router.get("/disposals")
def list_disposals(
    account: Appraiser,
    kind: Kind | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: UUID | None = None,
) -> schemas.Disposals:
    """Lists that the asker may see, the newest first."""
    with transaction(account.context) as session:
        rows = book.lists_of(session, kind, cursor, limit + 1)
    onward = str(rows[limit - 1].id) if len(rows) > limit else None
    return schemas.Disposals(disposals=[schemas.disposal(row) for row in rows[:limit]], next=onward)


@router.post("/disposals", status_code=201)
def propose(new: asked.NewDisposal, account: Retirer) -> schemas.Disposal:
    """Propose a new list of berkas of one unit; it gets the next code of its kind."""
    with transaction(account.context) as session:
        return schemas.disposal(
            lists.propose(session, account, new.kind, new.unit or account.unit, new.berkas, new.note)
        )


@router.get("/disposals/candidates")
def list_candidates(
    account: Appraiser,
    kind: Kind = "pemusnahan",
    unit: Annotated[str | None, Query(pattern=UNIT)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> schemas.DisposalCandidates:
    """Berkas that may be proposed for a list of that kind, the longest due first."""
    with transaction(account.context) as session:
        rows = book.candidates(session, kind, unit, limit)
    return schemas.DisposalCandidates(berkas=[schemas.DisposalCandidate(**schemas.candidate(row)) for row in rows])


@router.get("/disposals/{disposal}")
def get_disposal(
    disposal: UUID, account: Appraiser, after: Annotated[int, Query(ge=0, le=1_000_000)] = 0
) -> schemas.DisposalDetail:
    """One list: its lines behind the first `after`, its papers, what leads on and what stands in the way."""
    return _detail(account, disposal, after)


@router.patch("/disposals/{disposal}/berkas")
def change(disposal: UUID, wanted: asked.ListChanges, account: Retirer) -> schemas.DisposalDetail:
    """Put berkas on an open list, or take them off."""
    with transaction(account.context) as session:
        lists.change(session, account, disposal, wanted.add, wanted.remove)
    return _detail(account, disposal)


@router.put("/disposals/{disposal}/berkas/{berkas}/verdict")
def judge(disposal: UUID, berkas: UUID, wanted: asked.PanelVerdict, account: Appraiser) -> schemas.DisposalDetail:
    """The panel's word on one berkas that is to be appraised again."""
    with transaction(account.context) as session:
        lists.judge(session, account, disposal, berkas, wanted.verdict, wanted.reason)
    return _detail(account, disposal)


@router.put("/disposals/{disposal}/panel")
def seat(disposal: UUID, wanted: asked.DisposalPanel, account: Retirer) -> schemas.DisposalDetail:
    """Name the panel that appraises an open list (panitia penilai), and the SK it was made by."""
    with transaction(account.context) as session:
        lists.seat(session, account, disposal, asked.seated(wanted))
    return _detail(account, disposal)


@router.post("/disposals/{disposal}/steps")
def take_step(disposal: UUID, wanted: asked.TakeStep, account: Appraiser) -> schemas.DisposalDetail:
    """Take the next step: refused with every reason while a paper, a person or a condition of the law is missing."""
    with transaction(account.context) as session:
        row = lists.find(session, disposal)
        deed = asked.told(wanted.deed, row.kind)  # type: ignore[arg-type]  # as its column is checked
        lists.take(session, account, disposal, wanted.step, declared=wanted.declared, chosen=wanted.chosen, deed=deed)
    return _detail(account, disposal)


@router.post("/disposals/{disposal}/reopen")
def reopen(disposal: UUID, wanted: asked.StopReason, account: Retirer) -> schemas.DisposalDetail:
    """Open a closed list for changes; its papers and what was decided since are void."""
    with transaction(account.context) as session:
        lists.reopen(session, account, disposal, wanted.reason)
    return _detail(account, disposal)


@router.post("/disposals/{disposal}/withdraw")
def withdraw(disposal: UUID, wanted: asked.StopReason, account: Retirer) -> schemas.DisposalDetail:
    """Give a list up; its berkas may be proposed again."""
    with transaction(account.context) as session:
        lists.withdraw(session, account, disposal, wanted.reason)
    return _detail(account, disposal)


@router.post("/disposals/{disposal}/papers", status_code=201)
def attach(disposal: UUID, new: asked.NewPaper, account: Appraiser) -> schemas.DisposalDetail:
    """Attach a letter of the archive as one of the list's papers; it has to name the list, or somebody says why not."""
    with transaction(account.context) as session:
        papers.attach(session, account, disposal, new.paper, new.document, new.why)
    return _detail(account, disposal)


@router.delete("/disposals/{disposal}/papers/{paper}")
def detach(disposal: UUID, paper: UUID, account: Retirer) -> schemas.DisposalDetail:
    """Take a paper off again; that it was attached stays known."""
    with transaction(account.context) as session:
        papers.detach(session, account, disposal, paper)
    return _detail(account, disposal)


@router.get("/documents/{document}/disposal")
def get_letter_disposal(document: UUID, account: Reader) -> schemas.LetterDisposal:
    """Whether a letter was destroyed, by which list; and whether its scan is an authenticated copy of its paper."""
    with transaction(account.context) as session:
        row = documents.find(session, document)
        gone, copied = book.destroyed_by(session, document), book.authentic(session, document)
    return schemas.letter_disposal(row, gone, copied)


@router.get("/disposals/{disposal}/forms/{form}", response_class=Response, responses=_FILES)
def print_form(
    disposal: UUID,
    form: Form,
    account: Appraiser,
    layout: Annotated[Literal["pdf", "xlsx"], Query(alias="format")] = "pdf",
) -> Response:
    """A form of the list: `daftar` as proposed, `daftar_akhir` as carried out, `berita_acara`; its letters to sign:
    `pertimbangan` of the panel, `permohonan` for approval, `pernyataan` that goes with a handing-over; the office's own
    papers as drafts: `sk_panitia`, `notulen`, `sk_penetapan`."""
    if layout == "xlsx" and form not in ("daftar", "daftar_akhir"):
        raise InvalidRequest(what="bentuk (xlsx hanya untuk daftar)")
    with transaction(account.context) as session:
        made = printing.gathered(session, disposal, form, today())
        ledger.append(session, "disposal_printed", actor=account.id, disposal=str(disposal), form=form, format=layout)
    data = printing.as_xlsx(made, form) if layout == "xlsx" else printing.as_pdf(made, form)
    disposition = f'attachment; filename="{printing.filename(made.row, form, layout)}"'
    return Response(
        data,
        media_type=_XLSX if layout == "xlsx" else "application/pdf",
        headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
    )
