"""The pages Penyusutan: lists of records, one list with what leads on and what stands in the way, and its papers."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from access.accounts import names_of
from access.roles import Right
from api.web.pages import AppraisingVisitor, ChangingVisitor, RetiringVisitor, render
from api.web.words import who
from archive.tables import DocumentRow
from core.db import transaction
from core.faults import InvalidRequest
from records.book import UNIT
from records.disposal import book, deed, drafts, lists, panel, papers, words
from records.disposal.deed import Person
from records.disposal.lists import Listed
from records.disposal.machine import approver, next_steps, way
from records.disposal.panel import Panel
from records.disposal.papers import Paper
from records.disposal.tables import DisposalActionRow, DisposalRow
from records.disposal.workflow import KINDS, Kind, Step, workflows
from records.office import office
from search.query import search

router = APIRouter(include_in_schema=False)

_LISTS: Final = 40
_LINES: Final = 40
_OFFERED: Final = 40
_CHOICES: Final = 100  # of a longer list those that were refused are named
_NUMBERS: Final = 8000  # letters of the numbers of berkas that were refused
_PEOPLE: Final = 3
_CHAIRS: Final = 5
_OF_A_PERSON: Final = 3  # fields: name, jabatan, NIP
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Short = Annotated[str, Form(max_length=200)]
Text = Annotated[str, Form(max_length=500)]
Seats = Annotated[list[Short] | None, Form(max_length=panel.MOST_MEMBERS)]
Many = Annotated[list[UUID] | None, Form(max_length=lists.MOST_AT_ONCE)]


def _back(listed: UUID, place: str = "") -> Response:
    return RedirectResponse(f"/penyusutan/{listed}{place}", 303)


def _common() -> dict[str, Any]:
    return {
        "kinds": {kind: flow.title for kind, flow in workflows().items()},
        "statuses": words.STATUSES,
        "number_of": book.berkas_number,
    }


@router.get("/penyusutan")
def board(
    request: Request, visitor: AppraisingVisitor, jenis: Kind | None = None, sebelum: UUID | None = None
) -> Response:
    """Every list that the visitor may see, the newest first."""
    with transaction(visitor.account.context) as session:
        rows = book.lists_of(session, jenis, sebelum, _LISTS + 1)
    return render(
        request,
        "susut_daftar.html",
        rows=rows[:_LISTS],
        kind=jenis,
        first=sebelum is None,
        onward=_onward(rows, jenis),
        may_propose=visitor.account.may(Right.RETIRE),
        **_common(),
    )


def _onward(rows: list[DisposalRow], kind: str | None) -> str | None:
    if len(rows) <= _LISTS:
        return None
    return "/penyusutan?" + (f"jenis={kind}&" if kind else "") + f"sebelum={rows[_LISTS - 1].id}"


@router.get("/penyusutan/baru")
def new_page(
    request: Request,
    visitor: RetiringVisitor,
    jenis: Kind = "pemusnahan",
    unit: Annotated[str | None, Query(pattern=UNIT)] = None,
) -> Response:
    """Berkas that are due for such a list, to be ticked."""
    with transaction(visitor.account.context) as session:
        found = book.candidates(session, jenis, unit or visitor.account.unit, _OFFERED + 1)
    return render(
        request,
        "susut_baru.html",
        kind=jenis,
        unit=unit or visitor.account.unit,
        found=found[:_OFFERED],
        more=len(found) > _OFFERED,
        most=lists.MOST_AT_ONCE,
        **_common(),
    )


@router.post("/penyusutan/baru")
def propose(
    visitor: ChangingVisitor,
    jenis: Annotated[str, Form(max_length=20)] = "",
    unit: Annotated[str, Form(max_length=40)] = "",
    berkas: Many = None,
    semua: Short = "",
    keterangan: Text = "",
) -> Response:
    """A new list of the ticked berkas, or of all that are due, as many as one request may bring."""
    visitor.account.require(Right.RETIRE)
    kind = next((one for one in KINDS if one == jenis), None)
    if kind is None:
        raise InvalidRequest(what=f"jenis daftar ({', '.join(KINDS)})")
    with transaction(visitor.account.context) as session:
        wanted = _all_due(session, kind, unit) if semua else berkas or []
        row = lists.propose(session, visitor.account, kind, unit, wanted, keterangan)
    return _back(row.id)


def _all_due(session: Session, kind: Kind, unit: str) -> list[UUID]:
    return [row.id for row in book.candidates(session, kind, unit, lists.MOST_AT_ONCE)]


@router.get("/penyusutan/{disposal:uuid}")
def list_page(
    request: Request, disposal: UUID, visitor: AppraisingVisitor, dari: Annotated[int, Query(ge=0, le=10**6)] = 0
) -> Response:
    """One list: what leads on and what stands in the way, its berkas, papers, forms, and what was done."""
    account = visitor.account
    with transaction(account.context) as session:
        row = lists.find(session, disposal)
        seen = lists.look(session, row)
        lines = book.items(session, disposal, after=dari, limit=_LINES + 1)
        attached = papers.of_list(session, disposal)
        done = book.history(session, disposal)
        names = names_of(session, {str(one.account_id) for one in done})
        progress = book.progress(session, disposal) if row.kind == "pemusnahan" and row.began_at else None
        is_open = row.status == "usul" and account.may(Right.RETIRE)
        offered = book.candidates(session, seen.workflow.kind, row.unit, _OFFERED) if is_open else []
        asked = row.approver or approver(seen.workflow, book.years(session, disposal))
        naming = _naming(session, row, {one.row.document_id for one in attached})
        steps = [(step, seen.problems(account, step)) for step in next_steps(seen.workflow, seen.stand)]
        chooses = any(step.chooses and not problems for step, problems in steps)
        # every line, as one that is not shown would not be approved
        choices = book.items(session, disposal, limit=_CHOICES + 1) if chooses else []
    return render(
        request,
        "susut.html",
        row=row,
        seen=seen,
        steps=steps,
        choices=choices,
        most=_CHOICES,
        numbers=_NUMBERS,
        way=way(seen.workflow, seen.stand.status, _since_opened(done)),
        lines=lines[:_LINES],
        begin=dari,
        more=len(lines) > _LINES,
        papers=attached,
        naming=naming,
        offered=offered,
        progress=progress,
        history=[(one, _said(seen, one.action), who(str(one.account_id), account, names)) for one in reversed(done)],
        may_retire=account.may(Right.RETIRE),
        methods=words.METHODS,
        blockers=words.BLOCKERS,
        approver=words.APPROVERS[asked],
        people=words.PEOPLE,
        verdicts=words.VERDICTS,
        seats=range(1, _PEOPLE + 1),
        panel=Panel.from_json(row.panel) if panel.is_needed(seen.workflow) else None,
        chairs=range(_CHAIRS),
        decree=_decree(attached),
        decided=drafts.is_decided(seen.workflow, row.status),
        **_common(),
    )


def _since_opened(done: Sequence[DisposalActionRow]) -> set[str]:
    """What was done with the list since it was made, or last opened again."""
    names = [one.action for one in done]
    opened = len(names) - names[::-1].index("buka") if "buka" in names else 0
    return set(names[opened:])


def _decree(attached: list[Paper]) -> str:
    """Number and date of the SK that names the panel, as they were read in it; "" while it is not attached."""
    decree = next((one for one in attached if one.row.paper == "sk_panitia"), None)
    return papers.numbered(decree) if decree is not None else ""


def _said(seen: Listed, action: str) -> str:
    step: Step | None = seen.workflow.step(action)
    return step.title if step is not None else words.ACTIONS.get(action, action)


def _naming(session: Session, row: DisposalRow, attached: set[UUID]) -> list[DocumentRow]:
    """Letters that name the list and are no papers of it yet: whoever scanned them finds them here."""
    hits = search(session, f'"{row.code}"', limit=20).hits
    found = {hit.document: None for hit in hits if hit.document not in attached}
    rows = [session.get(DocumentRow, one) for one in found]
    return [one for one in rows if one is not None and one.stage == "sealed"]


@router.post("/penyusutan/{disposal:uuid}/berkas")
def change(
    visitor: ChangingVisitor, disposal: UUID, tambah: Many = None, keluarkan: Many = None, semua: Short = ""
) -> Response:
    """Put berkas on the open list, or all that are due; or take one off."""
    visitor.account.require(Right.RETIRE)
    with transaction(visitor.account.context) as session:
        row = lists.find(session, disposal)
        more = _all_due(session, row.kind, row.unit) if semua else tambah or []  # type: ignore[arg-type]  # as checked
        lists.change(session, visitor.account, disposal, more, keluarkan or [])
    return _back(disposal, "#berkas")


@router.post("/penyusutan/{disposal:uuid}/putusan")
def judge(
    visitor: ChangingVisitor, disposal: UUID, berkas: Annotated[UUID, Form()], putusan: Short = "", alasan: Text = ""
) -> Response:
    """The panel's word on one berkas."""
    visitor.account.require(Right.APPRAISE)
    with transaction(visitor.account.context) as session:
        lists.judge(session, visitor.account, disposal, berkas, putusan, alasan)
    return _back(disposal, "#berkas")


@router.post("/penyusutan/{disposal:uuid}/lampiran")
def attach(
    visitor: ChangingVisitor, disposal: UUID, lampiran: Short = "", surat: Short = "", alasan: Text = ""
) -> Response:
    """Attach a letter by its id or the address of its page."""
    visitor.account.require(Right.APPRAISE)
    found = _ID.search(surat)
    if found is None:
        raise InvalidRequest(what="surat (pilih satu, atau salin alamat halaman suratnya)")
    with transaction(visitor.account.context) as session:
        papers.attach(session, visitor.account, disposal, lampiran, UUID(found[0]), alasan)
    return _back(disposal, "#lampiran")


@router.post("/penyusutan/{disposal:uuid}/lampiran/{paper:uuid}/lepas")
def detach(visitor: ChangingVisitor, disposal: UUID, paper: UUID) -> Response:
    """Take a paper off again."""
    visitor.account.require(Right.RETIRE)
    with transaction(visitor.account.context) as session:
        papers.detach(session, visitor.account, disposal, paper)
    return _back(disposal, "#lampiran")


@router.post("/penyusutan/{disposal:uuid}/panitia")
def seat(
    visitor: ChangingVisitor,
    disposal: UUID,
    sk: Short = "",
    nama: Seats = None,
    jabatan: Seats = None,
    nip: Seats = None,
) -> Response:
    """Name the panel, its ketua first."""
    visitor.account.require(Right.RETIRE)
    seats = zip(nama or [], jabatan or [], nip or [], strict=False)
    try:
        told = panel.told(sk, [Person(*one) for one in seats])
    except ValueError as error:
        raise InvalidRequest(what=str(error)) from error
    with transaction(visitor.account.context) as session:
        lists.seat(session, visitor.account, disposal, told)
    return _back(disposal, "#panitia")


@router.post("/penyusutan/{disposal:uuid}/langkah")
def take(
    visitor: ChangingVisitor,
    disposal: UUID,
    langkah: Short = "",
    nyatakan: Short = "",
    disetujui: Many = None,
    ditolak: Annotated[str, Form(max_length=_NUMBERS)] = "",
    nomor: Short = "",
    tempat: Short = "",
    cara: Short = "",
    nama: Seats = None,
    jabatan: Seats = None,
    nip: Seats = None,
    pelaksana: Seats = None,
) -> Response:
    """Take the next step; what the berita acara says comes with the execution."""
    account = visitor.account
    account.require(Right.APPRAISE)
    seats = zip(nama or [], jabatan or [], nip or [], strict=False)
    with transaction(account.context) as session:
        row = lists.find(session, disposal)
        flow = workflows()[row.kind]  # type: ignore[index]  # as its column is checked
        said = None
        if flow.executing.id == langkah:
            by = Person(*pelaksana) if pelaksana and len(pelaksana) == _OF_A_PERSON else None
            said = _told(flow.kind, nomor, tempat, cara, [Person(*one) for one in seats], by)
        chosen = book.all_but(session, disposal, ditolak) if ditolak.strip() else disetujui or []
        lists.take(session, account, disposal, langkah, declared=bool(nyatakan), chosen=chosen, deed=said)
    return _back(disposal)


def _told(kind: Kind, number: str, place: str, method: str, people: list[Person], by: Person | None) -> dict[str, Any]:
    try:
        return deed.told(kind, number, place, method, people, by, units=office().witnesses).to_json()
    except ValueError as error:
        raise InvalidRequest(what=str(error)) from error


@router.post("/penyusutan/{disposal:uuid}/buka")
def reopen(visitor: ChangingVisitor, disposal: UUID, alasan: Text = "") -> Response:
    """Open the closed list; its papers and what was decided are void."""
    visitor.account.require(Right.RETIRE)
    with transaction(visitor.account.context) as session:
        lists.reopen(session, visitor.account, disposal, alasan)
    return _back(disposal)


@router.post("/penyusutan/{disposal:uuid}/batal")
def withdraw(visitor: ChangingVisitor, disposal: UUID, alasan: Text = "") -> Response:
    """Give the list up."""
    visitor.account.require(Right.RETIRE)
    with transaction(visitor.account.context) as session:
        lists.withdraw(session, visitor.account, disposal, alasan)
    return _back(disposal)
