"""The page Data orang: what is held on one person, a copy for them, and the register of processing."""

from datetime import date, datetime
from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from access.roles import Right
from api import persons
from api.pictures import PRIVATE
from api.web import words
from api.web.pages import ChangingVisitor, ExportingVisitor, render
from archive.tables import ConfirmationRow
from cases import clients
from cases.clients import Told
from cases.processing import register
from cases.tables import ClientCorrectionRow
from classify.fieldspec import label, mask
from core.faults import InvalidRequest
from core.settings import settings
from records.dates import written

router = APIRouter(include_in_schema=False)

_NEWEST = 30


class Correction(NamedTuple):
    """One thing that somebody put right in a letter, in words."""

    at: datetime
    what: str
    before: str
    after: str = ""
    why: str = ""


Text = Annotated[str, Form(max_length=200)]


def _born(lahir: str) -> date | None:
    try:
        return date.fromisoformat(lahir) if lahir else None
    except ValueError as error:
        raise InvalidRequest(what="tanggal lahir") from error


def _asked(nama: str, nik: str, lahir: str) -> Told:
    return persons.person(nama, nik or None, _born(lahir))


@router.get("/orang")
def person_page(request: Request, visitor: ExportingVisitor) -> Response:  # noqa: ARG001 - who may
    """The form by which a person is found."""
    return render(request, "orang.html", given={"nama": "", "nik": "", "lahir": ""}, found=None)


@router.post("/orang")
def look_up(request: Request, visitor: ChangingVisitor, nama: Text = "", nik: Text = "", lahir: Text = "") -> Response:
    """What is held on them: sent as a form, so that no name stands in an address."""
    visitor.account.require(Right.EXPORT)
    found, told = persons.look(visitor.account, _asked(nama, nik, lahir))
    given = {"nama": nama, "nik": nik, "lahir": lahir}
    seen = list(zip(found.events, told["events"], strict=True))[-_NEWEST:][::-1]
    shown = [_correction(one) for one in found.confirmed if one.read != one.said]
    shown += [_renamed(one) for one in found.renamed]
    shown = sorted(shown, key=lambda one: one.at)[-_NEWEST:][::-1]
    may_check = visitor.account.may(Right.CHECK)
    return render(request, "orang.html", given=given, found=found, seen=seen, corrections=shown, may_check=may_check)


def _correction(one: ConfirmationRow) -> Correction:
    """What was put right, as a list shows it: numbers of identity masked."""
    if one.name == "kind":
        return Correction(one.at, "jenis surat", words.kind(one.read), words.kind(one.said))
    before, after = (mask(one.name, said) if said else "–" for said in (one.read, one.said))
    return Correction(one.at, label(one.name), before, after)


def _renamed(one: ClientCorrectionRow) -> Correction:
    born = f", lahir {written(one.birth_date)}" if one.birth_date else ""
    nik = f", NIK {one.nik_masked}" if one.nik_masked else ""
    return Correction(one.at, "data klien", f"{one.name}{born}{nik}", why=one.reason)


@router.post("/orang/betulkan")
def correct(
    visitor: ChangingVisitor,
    klien: Annotated[UUID, Form()],
    nama: Text = "",
    lahir: Text = "",
    nik: Text = "",
    tanpa_nik: Text = "",
    alasan: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Put right a client's name, day of birth and NIK; a NIK left empty stays as it is."""
    visitor.account.require(Right.EXPORT)
    if nik and tanpa_nik:
        raise InvalidRequest(what="NIK (isi yang benar, atau centang tanpa NIK, tidak keduanya)")
    said = clients.Correction(nama, _born(lahir), "" if tanpa_nik else nik or None)
    persons.correct(visitor.account, klien, said, alasan)
    return RedirectResponse("/orang", 303)  # no name in an address: whoever wants to see it asks again


@router.post("/orang/ekspor")
def export(visitor: ChangingVisitor, nama: Text = "", nik: Text = "", lahir: Text = "") -> StreamingResponse:
    """All of it as a ZIP."""
    visitor.account.require(Right.EXPORT)
    parcel = persons.take(visitor.account, _asked(nama, nik, lahir))
    named = {"Content-Disposition": f'attachment; filename="{parcel.name}"'}
    return StreamingResponse(parcel.body, media_type="application/zip", headers={**PRIVATE, **named})


@router.get("/orang/pemrosesan")
def processing(request: Request, visitor: ExportingVisitor) -> Response:  # noqa: ARG001 - who may
    """The register of processing, to be read or printed."""
    return render(request, "pemrosesan.html", activities=register(settings().processing))
