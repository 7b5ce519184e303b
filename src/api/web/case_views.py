"""The pages Kasus: the board, one case with its steps, and opening one. Linking letters: linking_views.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from access.accounts import Account, names_of
from access.roles import Right
from api import casework
from api.casework import Opening, alike, identity_key, letter_of, open_case, opened_before, prefill
from api.procedures import calendar, procedures
from api.schemas.cases import worst
from api.web import chains as chain_pages
from api.web import words
from api.web.nik_views import offers
from api.web.pages import CaseVisitor, ChangingVisitor, ReadingVisitor, render
from archive import ledger, stacks
from archive.tables import DocumentRow
from cases import book, chronicle, clients, proposals, work
from cases import words as case_words
from cases.book import Case, Done
from cases.closing import Gap
from cases.deadlines import Standing
from cases.machine import Action, Command
from cases.timers import Timer
from core.db import transaction
from core.faults import InvalidRequest
from records.filing import tree

router = APIRouter(include_in_schema=False)

_CASES: Final = 40
STATES: Final = {name: word.capitalize() for name, word in case_words.STATES.items()}
STANDINGS: Final = {name: word.capitalize() for name, word in case_words.STANDINGS.items()}
WHY_SIMILAR: Final = {"nik": "NIK sama", "name_birth": "nama mirip, lahir sama", "name": "nama mirip"}
Reason = Annotated[str, Form(max_length=1000)]
Back = Annotated[Literal["kasus", "surat", "antrean"], Form()]


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
        waiting = proposals.waiting_count(session, visitor.account) if visitor.account.may(Right.WORK_CASES) else 0
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
        waiting=waiting,
        most_counted=proposals.MOST_COUNTED,
        may_work=visitor.account.may(Right.WORK_CASES),
        may_report=visitor.account.may(Right.READ_REPORTS),
        **_words(),
    )


def _who(one: Done, account: Account, names: Mapping[str, str]) -> str:
    if one.by and one.by != account.name:
        return one.by
    return words.who(str(one.account or ledger.WORKER), account, names)


@router.get("/kasus/{case:uuid}")
def case_page(request: Request, case: UUID, visitor: ReadingVisitor) -> Response:
    """One case: its steps with their letters, what is missing, how it stands in time, what was done."""
    account = visitor.account
    with transaction(account.context) as session:
        found = book.find(session, case)
        done = chronicle.of_case(session, found)
        names = names_of(session, {str(one.account) for one in done if one.account})
        timers = found.timers(book.now(session), calendar())
        origin, led_to = book.origin(session, found), book.led_to(session, case)
        chains = chain_pages.shown(session, account, [one.document.id for one in found.letters])
        sop = found.state.sop
        by_words = "" if sop.classification or found.row.classification else tree.proposed(session, sop.name.text)
    history = [(one, _who(one, account, names)) for one in reversed(done)]
    return render(
        request,
        "kasus.html",
        case=found,
        timers=timers,
        standing=worst(timers),
        history=history,
        origin=origin,
        led_to=led_to,
        chains=chains,
        by_words=by_words,
        may_learn=account.may(Right.CHECK) and found.row.closed_at is None,
        niks=offers(found),
        lacks=case_words.LACKS,
        finishable=found.finishable,
        next_done=found.finishable[0] if found.finishable else None,
        gap_words=case_words.GAPS,
        unfiled=_unfiled(found),
        may_place=account.may(Right.PLACE) and any(stacks.is_letter(one.document) for one in found.letters),
        may_register=account.may(Right.REGISTER),
        may_export=account.may(Right.EXPORT),
        may_work=account.may(Right.WORK_CASES) and found.row.closed_at is None,
        may_waive=account.may(Right.WAIVE) and found.row.closed_at is None,
        **_words(),
    )


def _unfiled(case: Case) -> list[tuple[DocumentRow, list[Gap]]]:
    """The letters that the archive still lacks something of, with what."""
    letters = {one.document.id: one.document for one in case.letters}
    found: dict[UUID, list[Gap]] = {}
    for gap in case.gaps:
        if gap.letter is not None:
            found.setdefault(gap.letter, []).append(gap)
    return [(letters[letter], gaps) for letter, gaps in found.items()]


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
        casework.act(session, visitor.account, case, Command(aksi, step, alasan, cabang))
    return _to(case, f"langkah-{step}")


@router.post("/kasus/{case:uuid}/surat")
def link(
    case: UUID,
    visitor: ChangingVisitor,
    surat: Annotated[UUID, Form()],
    langkah: Annotated[int, Form(ge=1, le=99)],
    kembali: Back = "kasus",
) -> Response:
    """Link a letter to a step; then back to where it was asked."""
    visitor.account.require(Right.WORK_CASES)
    with transaction(visitor.account.context) as session:
        made = work.link(session, visitor.account, case, surat, langkah)
    if kembali == "antrean":
        return RedirectResponse(f"/kasus/antrean?{urlencode({'kasus': case, 'tadi': made.id})}", 303)
    return _back(kembali, surat) or _to(case, f"langkah-{langkah}")


@router.post("/kasus/{case:uuid}/surat/{link:uuid}/lepas")
def unlink(
    case: UUID, link: UUID, visitor: ChangingVisitor, surat: UUID | None = Form(None), kembali: Back = "kasus"
) -> Response:
    """Take a letter off a step; then back to where it was asked."""
    visitor.account.require(Right.WORK_CASES)
    with transaction(visitor.account.context) as session:
        work.unlink(session, visitor.account, case, link)
    return _back(kembali, surat) or _to(case, "langkah")


@router.post("/kasus/{case:uuid}/pengecualian")
def waive(
    case: UUID, visitor: ChangingVisitor, tempat: Annotated[str, Form(max_length=60)], alasan: Reason = ""
) -> Response:
    """Let the case close without something that is missing."""
    visitor.account.require(Right.WAIVE)
    with transaction(visitor.account.context) as session:
        left = work.waive(session, visitor.account, case, tempat, alasan)
    return _to(case, "kurang" if left.lacks else "tutup")


@router.post("/kasus/{case:uuid}/klasifikasi")
def classify(case: UUID, visitor: ChangingVisitor, kode: Annotated[str, Form(max_length=20)] = "") -> Response:
    """Confirm the kode klasifikasi that is proposed, or give another one."""
    visitor.account.require(Right.WORK_CASES)
    with transaction(visitor.account.context) as session:
        work.classify(session, visitor.account, case, kode)
    return _to(case, "tutup")


@router.post("/kasus/{case:uuid}/tutup")
def close(case: UUID, visitor: ChangingVisitor) -> Response:
    """Close the case."""
    visitor.account.require(Right.WORK_CASES)
    with transaction(visitor.account.context) as session:
        work.close(session, visitor.account, case)
    return _to(case, "isi")


@router.get("/kasus/baru")
def new_case_page(
    request: Request,
    visitor: CaseVisitor,
    surat: UUID | None = None,
    sop: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """The form that opens a case, filled in from a letter if there is one."""
    with transaction(visitor.account.context) as session:
        letter = letter_of(session, surat) if surat else None
        name, nik, born = prefill(letter) if letter else ("", "", None)
        if letter is not None:  # what it says is shown
            ledger.append(session, "text_viewed", actor=visitor.account.id, document=letter.id, digest=letter.sha256)
        similar = alike(session, name, nik, born, letter.unit if letter else visitor.account.unit)
    given = {"nama": name, "nik": nik, "lahir": born, "sop": sop, "kunci": str(uuid4())}
    return _new_case(request, letter, given, similar)


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
    key = _uuid(kunci)
    wanted = Opening(sop, known, person, document, key=str(key) if key else None)
    with transaction(account.context) as session:
        before = opened_before(session, account, wanted)
        if before is not None:  # the client is known by now: nobody is asked who it is
            return _to(before.row.id, "isi")
        letter = letter_of(session, document) if document else None
        unit = letter.unit if letter else account.unit
        similar = [] if klien or person is None else clients.similar(session, identity_key(), person, unit)
        if similar:
            given = {"nama": nama, "nik": nik, "lahir": born, "sop": sop, "kunci": kunci}
            return _new_case(request, letter, given, similar)
        case = open_case(session, account, wanted).case
    return _to(case.row.id, "isi")


def _new_case(
    request: Request, letter: DocumentRow | None, given: dict[str, Any], similar: list[clients.Similar]
) -> Response:
    listed = sorted(procedures().values(), key=lambda sop: sop.name.text)
    return render(request, "kasus_baru.html", letter=letter, given=given, alike=similar, sops=listed, why=WHY_SIMILAR)


def _words() -> dict[str, Any]:
    return {"states": STATES, "standings": STANDINGS, "actions": case_words.ACTIONS}


def _back(where: str, letter: UUID | None) -> Response | None:
    """To the letter that a link was asked at, or to its turn in the queue; None: to the case."""
    if where == "kasus" or letter is None:
        return None
    return RedirectResponse(f"/arsip/{letter}#kasus" if where == "surat" else f"/kasus/hubungkan?surat={letter}", 303)


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
