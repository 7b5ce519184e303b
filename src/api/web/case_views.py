"""The pages Kasus: the board, one case with its steps, opening one, and linking a letter."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from access.accounts import names_of
from access.roles import Right
from api.casework import Opening, identity_key, open_case, opened_before, prefill
from api.procedures import calendar, procedures
from api.schemas.cases import worst
from api.web import chains as chain_pages
from api.web import words
from api.web.nik_views import offers
from api.web.pages import CaseVisitor, ChangingVisitor, ReadingVisitor, render
from archive import documents, ledger, stacks
from archive.tables import DocumentRow
from cases import book, clients, work
from cases import words as case_words
from cases.book import Case
from cases.clients import Told
from cases.deadlines import Standing
from cases.machine import Action, Command, suggested_step
from cases.timers import Timer
from core.db import transaction
from core.faults import InvalidRequest

router = APIRouter(include_in_schema=False)

_CASES: Final = 40
STATES: Final = {name: word.capitalize() for name, word in case_words.STATES.items()}
STANDINGS: Final = {name: word.capitalize() for name, word in case_words.STANDINGS.items()}
ACTIONS: Final = {
    "start": "Dimulai",
    "finish": "Selesai",
    "skip": "Dilewati",
    "branch": "Masuk cabang",
    "reopen": "Dibuka lagi",
    "waive": "Kekurangan dikecualikan",
    "close": "Kasus ditutup",
    "link": "Surat dihubungkan",
    "unlink": "Surat dilepas",
    "dispose": "Disposisi",
    "disposed": "Disposisi selesai",
}
WHY_SIMILAR: Final = {"nik": "NIK sama", "name_birth": "nama mirip, lahir sama", "name": "nama mirip"}
Reason = Annotated[str, Form(max_length=1000)]


@dataclass(frozen=True, slots=True)
class Row:
    """A case on the board, with its times."""

    case: Case
    timers: tuple[Timer, ...]

    @property
    def standing(self) -> Standing | None:
        return worst(self.timers)


@router.get("/kasus")
def board(
    request: Request, visitor: ReadingVisitor, selesai: bool = False, sebelum: datetime | None = None
) -> Response:
    """Each case a line: its steps, how it stands in time, what it waits for."""
    with transaction(visitor.account.context) as session:
        found = book.newest(session, is_open=not selesai, before=sebelum, limit=_CASES + 1)
        now = book.now(session)
    rows = [Row(case, case.timers(now, calendar())) for case in found[:_CASES]]
    onward = None
    if len(found) > _CASES:
        closed = {"selesai": "true"} if selesai else {}
        onward = f"/kasus?{urlencode({**closed, 'sebelum': rows[-1].case.row.opened_at.isoformat()})}"
    return render(
        request,
        "papan.html",
        rows=rows,
        closed=selesai,
        first=sebelum is None,
        onward=onward,
        may_work=visitor.account.may(Right.WORK_CASES),
        **_words(),
    )


@router.get("/kasus/{case:uuid}")
def case_page(request: Request, case: UUID, visitor: ReadingVisitor) -> Response:
    """One case: its steps with their letters, what is missing, how it stands in time, what was done."""
    account = visitor.account
    with transaction(account.context) as session:
        found = book.find(session, case)
        done = book.history(session, case)
        names = names_of(session, {str(one.account) for one in done})
        timers = found.timers(book.now(session), calendar())
        chains = chain_pages.shown(session, account, [one.document.id for one in found.letters])
    history = [(one, words.who(str(one.account), account, names)) for one in done]
    history = sorted([*history, *chain_pages.told_of(chains, account)], key=lambda pair: pair[0].at, reverse=True)
    return render(
        request,
        "kasus.html",
        case=found,
        timers=timers,
        standing=worst(timers),
        history=history,
        chains=chains,
        may_learn=account.may(Right.CHECK) and found.row.closed_at is None,
        niks=offers(found),
        lacks=case_words.LACKS,
        may_work=account.may(Right.WORK_CASES) and found.row.closed_at is None,
        may_waive=account.may(Right.WAIVE) and found.row.closed_at is None,
        **_words(),
    )


@router.post("/kasus/{case:uuid}/langkah/{step:int}")
def act(
    case: UUID,
    step: int,
    visitor: ChangingVisitor,
    aksi: Annotated[Action, Form()],
    alasan: Reason = "",
    cabang: Annotated[str | None, Form(max_length=40)] = None,
) -> Response:
    """Start, finish, skip, branch off or reopen a step."""
    visitor.account.require(Right.WORK_CASES)
    with transaction(visitor.account.context) as session:
        work.act(session, visitor.account, case, Command(aksi, step, alasan, cabang))
    return _to(case, f"langkah-{step}")


@router.post("/kasus/{case:uuid}/surat")
def link(
    case: UUID,
    visitor: ChangingVisitor,
    surat: Annotated[UUID, Form()],
    langkah: Annotated[int, Form(ge=1, le=99)],
) -> Response:
    """Link a letter to a step."""
    visitor.account.require(Right.WORK_CASES)
    with transaction(visitor.account.context) as session:
        work.link(session, visitor.account, case, surat, langkah)
    return _to(case, f"langkah-{langkah}")


@router.post("/kasus/{case:uuid}/surat/{link:uuid}/lepas")
def unlink(case: UUID, link: UUID, visitor: ChangingVisitor) -> Response:
    """Take a letter off a step."""
    visitor.account.require(Right.WORK_CASES)
    with transaction(visitor.account.context) as session:
        work.unlink(session, visitor.account, case, link)
    return _to(case, "langkah")


@router.post("/kasus/{case:uuid}/pengecualian")
def waive(
    case: UUID, visitor: ChangingVisitor, tempat: Annotated[str, Form(max_length=60)], alasan: Reason = ""
) -> Response:
    """Let the case close without something that is missing."""
    visitor.account.require(Right.WAIVE)
    with transaction(visitor.account.context) as session:
        work.waive(session, visitor.account, case, tempat, alasan)
    return _to(case, "kurang")


@router.post("/kasus/{case:uuid}/tutup")
def close(case: UUID, visitor: ChangingVisitor) -> Response:
    """Close the case."""
    visitor.account.require(Right.WORK_CASES)
    with transaction(visitor.account.context) as session:
        work.close(session, visitor.account, case)
    return _to(case, "isi")


@router.get("/kasus/baru")
def new_case_page(request: Request, visitor: CaseVisitor, surat: UUID | None = None) -> Response:
    """The form that opens a case, filled in from a letter if there is one."""
    with transaction(visitor.account.context) as session:
        letter = _letter(session, surat) if surat else None
        name, nik, born = prefill(letter) if letter else ("", "", None)
        if letter is not None:  # what it says is shown
            ledger.append(session, "text_viewed", actor=visitor.account.id, document=letter.id, digest=letter.sha256)
        alike = _alike(session, name, nik, born, letter.unit if letter else visitor.account.unit)
    given = {"nama": name, "nik": nik, "lahir": born, "sop": "", "kunci": str(uuid4())}
    return _new_case(request, letter, given, alike)


@router.post("/kasus/baru")
def open_new(
    request: Request,
    visitor: ChangingVisitor,
    sop: Annotated[str, Form(max_length=40)] = "",
    nama: Annotated[str, Form(max_length=200)] = "",
    nik: Annotated[str, Form(max_length=40)] = "",
    lahir: Annotated[str, Form(max_length=10)] = "",
    klien: Annotated[str, Form(max_length=40)] = "",
    surat: Annotated[str, Form(max_length=40)] = "",
    kunci: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Open the case, once for each form; first ask who it is when somebody like them is known and nobody decided."""
    account = visitor.account
    account.require(Right.WORK_CASES)
    document, known, born = _uuid(surat), _uuid(klien if klien != "baru" else ""), _day(lahir)
    person = None if known else clients.told(nama, nik, born)
    wanted = Opening(sop, known, person, document, key=kunci or None)
    with transaction(account.context) as session:
        before = opened_before(session, account, wanted)
        if before is not None:  # the client is known by now: nobody is asked who it is
            return _to(before.row.id, "isi")
        letter = _letter(session, document) if document else None
        unit = letter.unit if letter else account.unit
        alike = [] if klien or person is None else clients.similar(session, identity_key(), person, unit)
        if alike:
            given = {"nama": nama, "nik": nik, "lahir": born, "sop": sop, "kunci": kunci}
            return _new_case(request, letter, given, alike)
        case = open_case(session, account, wanted).case
    return _to(case.row.id, "isi")


@router.get("/kasus/hubungkan")
def link_page(request: Request, visitor: CaseVisitor, surat: Annotated[UUID, Query()]) -> Response:
    """Open cases that a letter may belong to, those of a like client first."""
    account = visitor.account
    with transaction(account.context) as session:
        letter = _letter(session, surat)
        alike = {one.client.id: one.why for one in _alike(session, *prefill(letter), letter.unit)}
        likely = book.newest(session, is_open=True, limit=_CASES, of=list(alike))
        others = book.newest(session, is_open=True, limit=_CASES)
    found = [*likely, *(case for case in others if case.client.id not in alike and case.row.unit == letter.unit)]
    choices = [(case, suggested_step(case.state, letter.kind), alike.get(case.client.id)) for case in found]
    return render(request, "hubungkan.html", letter=letter, choices=choices, why=WHY_SIMILAR, **_words())


def _letter(session: Session, document: UUID) -> DocumentRow:
    """The letter, if it is one that a case can hold. Raises NotFound, PagesElsewhere, CutFirst, NotReady."""
    row = documents.find(session, document)
    stacks.require_letter(row)
    return row


def _alike(session: Session, name: str, nik: str, born: date | None, unit: str) -> list[clients.Similar]:
    """Clients like the one a letter names; none when what was read can't be a client's."""
    try:
        person: Told = clients.told(name, nik, born)
    except InvalidRequest:
        return []
    return clients.similar(session, identity_key(), person, unit)


def _new_case(
    request: Request, letter: DocumentRow | None, given: dict[str, Any], alike: list[clients.Similar]
) -> Response:
    listed = sorted(procedures().values(), key=lambda sop: sop.name.text)
    return render(request, "kasus_baru.html", letter=letter, given=given, alike=alike, sops=listed, why=WHY_SIMILAR)


def _words() -> dict[str, Any]:
    return {"states": STATES, "standings": STANDINGS, "actions": ACTIONS}


def _to(case: UUID, place: str) -> Response:
    return RedirectResponse(f"/kasus/{case}#{place}", 303)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise InvalidRequest(what="formulir; buka lagi halamannya") from error


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidRequest(what="tanggal lahir") from error
