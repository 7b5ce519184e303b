"""Cases: opening them, going through their steps, linking letters, closing; and finding clients again."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Response
from sqlalchemy.orm import Session

from api import casework
from api.auth import CaseWorker, Checker, Reader, Waiver
from api.casework import Opening, identity_key, open_case
from api.procedures import calendar
from api.schemas import cases as schemas
from api.schemas import clients as client_schemas
from archive import ledger
from cases import book, chronicle, clients, printing, work
from cases.book import Case
from cases.machine import Command
from core.db import transaction

router = APIRouter(tags=["cases"])

Step = Annotated[int, Path(ge=1, le=99)]
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


def _detail(session: Session, case: Case) -> schemas.CaseDetail:
    timers = case.timers(book.now(session), calendar())
    led_to = [row.id for row in book.led_to(session, case.row.id)]
    return schemas.detail(case, timers, chronicle.of_case(session, case), _origin(session, case), led_to)


def _origin(session: Session, case: Case) -> UUID | None:
    """The case whose branch led here, for who may see it."""
    found = book.origin(session, case)
    return found.id if found else None


@router.post("/clients/search")
def find_clients(person: client_schemas.Person, account: CaseWorker) -> client_schemas.SimilarClients:
    """Clients of one's unit who may be this person. In the body, since names and NIKs must not stand in an address."""
    wanted = clients.told(person.name, person.nik, person.birth_date)
    with transaction(account.context) as session:
        return client_schemas.similar_clients(clients.similar(session, identity_key(), wanted, account.unit))


@router.post(
    "/cases",
    status_code=201,
    responses={
        201: {"headers": {"Location": {"schema": {"type": "string"}}}},
        200: {
            "description": "It was opened before",
            "model": schemas.CaseDetail,
            "headers": {"Location": {"schema": {"type": "string"}}},
        },
    },
)
def open_one(
    new: schemas.NewCase,
    response: Response,
    account: CaseWorker,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> schemas.CaseDetail:
    """Open a case under the present version of an SOP; it keeps that version. The same key gives the same case."""
    person = clients.told(new.person.name, new.person.nik, new.person.birth_date) if new.person else None
    with transaction(account.context) as session:
        wanted = Opening(new.sop, new.client, person, new.document, new.step, idempotency_key or None)
        done = open_case(session, account, wanted)
        told = _detail(session, done.case)
    response.status_code = 201 if done.new else 200
    response.headers["Location"] = f"/api/v1/cases/{done.case.row.id}"
    return told


@router.get("/cases")
def list_cases(
    account: Reader,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: datetime | None = None,
) -> schemas.CaseList:
    """Cases that the asker may see, newest first: how far each is, what it waits for, how it stands in time."""
    with transaction(account.context) as session:
        found = book.newest(session, is_open=is_open, before=cursor, limit=limit + 1)
        now = book.now(session)
        shown = [schemas.summary(case, case.timers(now, calendar())) for case in found[:limit]]
    return schemas.CaseList(cases=shown, next=found[limit - 1].row.opened_at if len(found) > limit else None)


@router.get("/cases/{case}")
def get_case(case: UUID, account: Reader) -> schemas.CaseDetail:
    """One case."""
    with transaction(account.context) as session:
        return _detail(session, book.find(session, case))


@router.post("/cases/{case}/steps/{step}")
def act(case: UUID, step: Step, wanted: schemas.StepCommand, account: CaseWorker) -> schemas.CaseDetail:
    """Start, finish, skip, branch off or reopen a step. A branch to another SOP opens the client's case under it."""
    command = Command(wanted.action, step, wanted.reason, wanted.branch)
    with transaction(account.context) as session:
        return _detail(session, casework.act(session, account, case, command))


@router.post("/cases/{case}/letters", status_code=201)
def link(case: UUID, wanted: schemas.NewLink, account: CaseWorker) -> schemas.CaseLetter:
    """Link a letter to a step. A letter may serve several steps, a step may need several letters."""
    with transaction(account.context) as session:
        made = work.link(session, account, case, wanted.document, wanted.step, wanted.why)
        return schemas.letter(book.find(session, case), made.id)


@router.delete("/cases/{case}/letters/{link}", status_code=204)
def unlink(case: UUID, link: UUID, account: CaseWorker) -> None:
    """Take a letter off a step; it stays known that it was there."""
    with transaction(account.context) as session:
        work.unlink(session, account, case, link)


@router.post("/cases/{case}/client/nik")
def learn_nik(case: UUID, wanted: client_schemas.LearnedNik, account: Checker) -> client_schemas.Client:
    """Give the case's client the NIK that a letter of the case carries; refused when it is somebody else's."""
    with transaction(account.context) as session:
        return client_schemas.client(work.learn_nik(session, account, identity_key(), case, wanted.document).client)


@router.post("/cases/{case}/waivers")
def waive(case: UUID, wanted: schemas.Waiver, account: Waiver) -> schemas.CaseDetail:
    """Let the case close without something that is missing."""
    with transaction(account.context) as session:
        return _detail(session, work.waive(session, account, case, wanted.place, wanted.reason))


@router.put("/cases/{case}/classification")
def classify(case: UUID, wanted: schemas.Classification, account: CaseWorker) -> schemas.CaseDetail:
    """Confirm the kode klasifikasi that the SOP proposes, or give another one."""
    with transaction(account.context) as session:
        return _detail(session, work.classify(session, account, case, wanted.code))


@router.get("/cases/{case}/pdf", response_class=Response, responses=_PDF)
def print_case(case: UUID, account: Reader) -> Response:
    """The case on paper (PDF/A): client, steps with their times, letters, what is missing, what was done."""
    with transaction(account.context) as session:
        found = book.find(session, case)
        printed = printing.gather(session, found, calendar())
        ledger.append(session, "case_printed", actor=account.id, case=str(case))
    headers = {"Content-Disposition": f'attachment; filename="{printing.filename(found)}"'}
    return Response(printing.as_pdf(printed), media_type="application/pdf", headers=headers)


@router.post("/cases/{case}/close")
def close(case: UUID, account: CaseWorker) -> schemas.CaseDetail:
    """Close a case that is through and complete; else the answer names what is missing."""
    with transaction(account.context) as session:
        return _detail(session, work.close(session, account, case))
