"""Linking letters to steps of cases: the letters that wait, each with its proposals; one key links."""

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from api.casework import identity_key, letter_of, prefill
from api.procedures import procedures
from api.web.batch_views import together
from api.web.case_views import STATES
from api.web.pages import CaseVisitor, ChangingVisitor, render
from archive import checks, documents, ledger
from archive.reading import PageReading
from archive.tables import DocumentRow
from cases import book, clients, proposals
from cases.book import Case, Letter
from cases.machine import suggested_step
from classify.fieldspec import kind_spec, label, mask
from core.db import transaction
from core.faults import NotFound

router = APIRouter(include_in_schema=False)

_CASES: Final = 40
_NEAREST: Final = 30  # letters looked through for one that nobody else has before them


@router.get("/kasus/antrean")
def next_letter(
    request: Request,
    visitor: CaseVisitor,
    sesudah: UUID | None = None,
    kasus: UUID | None = None,
    tadi: UUID | None = None,
) -> Response:
    """To the oldest letter that waits to be linked; `tadi` is the link of the last key press, in the case `kasus`."""
    account = visitor.account
    with transaction(account.context) as session:
        found = _next(session, account, sesudah)
        done = _done(session, kasus, tadi)
    if found is None:
        return render(request, "hubungkan_kosong.html", done=done)
    just_now = f"&kasus={done[0].row.id}&tadi={done[1].link.id}" if done else ""
    return RedirectResponse(f"/kasus/hubungkan?surat={found}&antrean=true{just_now}", 303)


def _next(session: Session, account: Account, after: UUID | None) -> UUID | None:
    rows = [one.row.id for one in proposals.waiting(session, account, limit=_NEAREST)]
    if after in rows:  # passed over: the others first, this one at the end of them
        at = rows.index(after) + 1
        rows = rows[at:] + rows[:at]
    taken = checks.opened_by_others(session, account, rows)
    return next((document for document in rows if document not in taken), rows[0] if rows else None)


def _done(session: Session, case: UUID | None, link: UUID | None) -> tuple[Case, Letter] | None:
    """What the last key press linked, to be named and undone; None when it is not there."""
    if case is None or link is None:
        return None
    try:
        found = book.find(session, case)
    except NotFound:
        return None
    return next(((found, one) for one in found.letters if one.link.id == link), None)


@router.get("/kasus/hubungkan")
def link_page(
    request: Request,
    visitor: CaseVisitor,
    surat: Annotated[UUID, Query()],
    antrean: bool = False,
    kasus: UUID | None = None,
    tadi: UUID | None = None,
) -> Response:
    """One letter: what is proposed for it, then every open case. What it says is shown, so that is entered."""
    account = visitor.account
    with transaction(account.context) as session:
        letter = letter_of(session, surat)
        found = proposals.of_letter(session, surat)
        _, nik, _ = prefill(letter)
        same = set(clients.of_nik(session, identity_key(), nik, letter.unit)) if nik else set()
        named = {one.case.client.id for one in found if one.case is not None} | same
        likely = book.newest(session, is_open=True, limit=_CASES, of=named)
        others = book.newest(session, is_open=True, limit=_CASES)
        waiting = proposals.waiting_count(session, account)
        done = _done(session, kasus, tadi)
        first = found[0].case if found else None
        stack = together(session, letter, first) if first else []
        size = _first_page(session, letter)
        ledger.append(session, "text_viewed", actor=account.id, document=letter.id, digest=letter.sha256)
    listed = [*likely, *(case for case in others if case.client.id not in named and case.row.unit == letter.unit)]
    return render(
        request,
        "hubungkan.html",
        letter=letter,
        facts=_facts(letter),
        size=size,
        proposals=known(found),
        sops=procedures(),
        queue=antrean,
        stack=stack,
        waiting=waiting,
        most_counted=proposals.MOST_COUNTED,
        done=done,
        choices=[(case, suggested_step(case.state, letter.kind), case.client.id in same) for case in listed],
        states=STATES,
    )


@router.post("/kasus/hubungkan/{document:uuid}/tidak")
def decline(
    document: UUID, visitor: ChangingVisitor, kembali: Annotated[Literal["surat", "antrean"], Form()] = "antrean"
) -> Response:
    """None of what is proposed fits; then on to the next letter that waits, or back to this one."""
    account = visitor.account
    account.require(Right.WORK_CASES)
    with transaction(account.context) as session:
        proposals.decline(session, account, document)
    return RedirectResponse("/kasus/antrean" if kembali == "antrean" else f"/arsip/{document}#kasus", 303)


def known(found: tuple[proposals.Proposal, ...]) -> list[proposals.Proposal]:
    """The proposals, without those of an SOP that the office gave up meanwhile."""
    return [one for one in found if one.case is not None or one.sop in procedures()]


def _facts(letter: DocumentRow) -> list[tuple[str, str]]:
    """What a letter is recognised by, as people read it."""
    names = [spec.name for spec in kind_spec(letter.kind or "").fields if spec.name in letter.fields]
    return [(label(name), mask(name, str(letter.fields[name]["text"]))) for name in names]


def _first_page(session: Session, letter: DocumentRow) -> tuple[int, int] | None:
    """The size of the first page's picture; None before it is read."""
    found = documents.readings(session, [(letter.id, 1)]).get((letter.id, 1))
    return PageReading.from_json(found).preview if found is not None else None
