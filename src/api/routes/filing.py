"""Berkas, what lies in them, letters that lie in none, and the classification tree."""

from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Role, level
from api.auth import Filer, Reader, Retainer
from api.schemas import classification
from api.schemas import filing as schemas
from api.tablefile import ProgramsTable, documented
from archive import documents, ledger
from classify import rules
from core.db import transaction
from core.faults import Forbidden
from records.book import UNIT
from records.filing import berkas as shelf
from records.filing import forms, letters, tree
from records.filing.tables import BerkasRow
from records.retention import holds, schedule

router = APIRouter(tags=["filing"])

_MOST_CODES = 100
_TYPES: dict[str, str] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {media: {"schema": {"type": "string", "format": "binary"}} for media in _TYPES.values()}}
}
Limit = Annotated[int, Query(ge=1, le=200)]
_CODES_FORM = documented(name={"type": "string", "maxLength": 200, "example": "Permendagri 83/2022"})


def told(session: Session, rows: list[BerkasRow]) -> list[schemas.Berkas]:
    """Berkas as a list shows them."""
    ids = [row.id for row in rows]
    spans, held = shelf.spans(session, ids), holds.held_berkas(session, ids)
    return [schemas.berkas(row, spans.get(row.id), held=row.id in held) for row in rows]


def _detail(session: Session, row: BerkasRow) -> schemas.BerkasDetail:
    span, held = shelf.spans(session, [row.id]).get(row.id), bool(holds.held_berkas(session, [row.id]))
    goes_by = next(iter(schedule.series_of(session, [row]).values()), None)
    series = None
    if goes_by is not None:
        line, version = goes_by
        series = schemas.Series(
            code=line.code,
            series=line.series,
            trigger=line.trigger,
            condition=line.condition,
            basis=line.basis or version.basis,
            schedule=version.name,
            sample=version.sample,
        )
    return schemas.detail(row, span, held=held, series=series, items=letters.items(session, row.id))


def _before(cursor: str | None) -> tuple[int, int, str] | None:
    if cursor is None:
        return None
    year, number, unit = cursor.split(".", 2)
    return int(year), int(number), unit


@router.get("/berkas")
def list_berkas(
    account: Reader,
    q: Annotated[str, Query(max_length=200, description="Words of the uraian, a code, or a number")] = "",
    unit: Annotated[str | None, Query(pattern=UNIT)] = None,
    limit: Limit = 50,
    cursor: Annotated[str | None, Query(pattern=r"^\d{4}\.\d{1,9}\.[a-z0-9-]{1,40}$")] = None,
) -> schemas.BerkasList:
    """Berkas that the asker may see, those of the latest year and the highest numbers first."""
    with transaction(account.context) as session:
        rows = shelf.newest(session, limit=limit + 1, query=q, unit=unit, before=_before(cursor))
        shown = told(session, rows[:limit])
    last = rows[limit - 1] if len(rows) > limit else None
    return schemas.BerkasList(berkas=shown, next=f"{last.year}.{last.number}.{last.unit}" if last else None)


@router.post("/berkas", status_code=201)
def open_berkas(new: schemas.NewBerkas, account: Filer) -> schemas.BerkasDetail:
    """Open a berkas for letters outside cases; it gets its unit's next number of the year."""
    unit, clearance = new.unit or account.unit, level(new.clearance)
    if clearance > account.clearance or (unit != account.unit and account.role != Role.ARSIPARIS):
        raise Forbidden
    with transaction(account.context) as session:
        row = shelf.open_(session, account, schemas.described(new), unit=unit, clearance=clearance, code=new.code)
        return _detail(session, row)


@router.get("/berkas/loose")
def list_loose(
    account: Reader, limit: Limit = 50, cursor: Annotated[int | None, Query(ge=1, le=2**62)] = None
) -> schemas.LooseLetters:
    """Archived letters that lie in no berkas yet."""
    with transaction(account.context) as session:
        rows = letters.loose(session, limit=limit + 1, before=cursor)
        total = letters.loose_count(session)
    return schemas.LooseLetters(
        total=total,
        letters=[
            schemas.LooseLetter(document=row.id, kind=row.kind, unit=row.unit, received_at=row.received_at)
            for row in rows[:limit]
        ],
        next=str(rows[limit - 1].seq) if len(rows) > limit else None,
    )


@router.get("/berkas/print", response_class=Response, responses=_FILES)
def print_list(
    account: Reader,
    which: Annotated[forms.List, Query(alias="form")] = "berkas",
    ending: Annotated[Literal["pdf", "xlsx"], Query(alias="format")] = "pdf",
    unit: Annotated[str | None, Query(pattern=UNIT)] = None,
) -> Response:
    """Daftar Berkas, Daftar Arsip Inaktif or Daftar Arsip Vital of a unit (left out: the asker's)."""
    of = unit or account.unit
    with transaction(account.context) as session:
        printed = forms.gather(session, of, which)
        ledger.append(session, "berkas_listed", actor=account.id, list=which, format=ending, unit=of)
    return _printed(printed, of, ending)


@router.get("/berkas/{berkas}/print", response_class=Response, responses=_FILES)
def print_contents(
    berkas: UUID, account: Reader, ending: Annotated[Literal["pdf", "xlsx"], Query(alias="format")] = "pdf"
) -> Response:
    """Daftar Isi Berkas: the letters in it that the asker may see."""
    with transaction(account.context) as session:
        row = shelf.find(session, berkas)
        called = rules.labels()
        printed = forms.contents(row, letters.items(session, berkas), lambda kind: called.get(kind or "", "Surat"))
        ledger.append(session, "berkas_listed", actor=account.id, list="isi", format=ending, berkas=str(berkas))
    return _printed(printed, row.unit, ending)


def _printed(printed: forms.Printed, unit: str, ending: Literal["pdf", "xlsx"]) -> Response:
    made = forms.as_pdf(printed, unit) if ending == "pdf" else forms.as_xlsx(printed, unit)
    name = forms.filename(printed.title, unit, ending)
    return Response(made, media_type=_TYPES[ending], headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.get("/berkas/{berkas}")
def get_berkas(berkas: UUID, account: Reader) -> schemas.BerkasDetail:
    """One berkas: its clock, its series, and what lies in it of what the asker may see."""
    with transaction(account.context) as session:
        return _detail(session, shelf.find(session, berkas))


@router.put("/berkas/{berkas}/description")
def describe(berkas: UUID, wanted: schemas.BerkasDescription, account: Filer) -> schemas.BerkasDetail:
    """Say anew what a berkas is called and how it is."""
    return _changed(account, lambda session: shelf.describe(session, account, berkas, schemas.described(wanted)))


@router.put("/berkas/{berkas}/classification")
def classify(berkas: UUID, wanted: schemas.BerkasCode, account: Filer) -> schemas.BerkasDetail:
    """Say under which kode klasifikasi a berkas outside cases is filed."""
    return _changed(account, lambda session: shelf.classify(session, account, berkas, wanted.code))


@router.put("/berkas/{berkas}/closing")
def close(berkas: UUID, wanted: schemas.Closing, account: Filer) -> schemas.BerkasDetail:
    """Close a berkas outside cases, whose retention begins then or waits for its trigger; or open it again."""
    if wanted.closed_on is None:
        return _changed(account, lambda session: shelf.reopen(session, account, berkas))
    day = wanted.closed_on
    return _changed(account, lambda session: shelf.close(session, account, berkas, day))


@router.put("/berkas/{berkas}/trigger")
def say_trigger(berkas: UUID, wanted: schemas.TriggerDay, account: Retainer) -> schemas.BerkasDetail:
    """Say on which day what the series counts from has happened, and what shows it."""
    return _changed(account, lambda session: shelf.say_trigger(session, account, berkas, wanted.day, wanted.reason))


@router.post("/berkas/{berkas}/letters")
def file(berkas: UUID, wanted: schemas.Filing, account: Filer) -> schemas.Filed:
    """File letters in a berkas outside cases; from another such berkas they move."""
    with transaction(account.context) as session:
        return schemas.Filed(filed=letters.file(session, account, berkas, wanted.documents))


@router.delete("/berkas/{berkas}/letters/{document}", status_code=204)
def take_out(berkas: UUID, document: UUID, account: Filer) -> None:
    """Take a letter out of a berkas outside cases."""
    with transaction(account.context) as session:
        letters.take_out(session, account, berkas, document)


@router.get("/documents/{document}/berkas")
def berkas_of_letter(document: UUID, account: Reader) -> schemas.BerkasList:
    """The berkas that a letter lies in; none while it lies in none that the asker may see."""
    with transaction(account.context) as session:
        documents.find(session, document)
        row = shelf.of_letter(session, document)
        return schemas.BerkasList(berkas=told(session, [row] if row else []), next=None)


@router.get("/classification")
def find_codes(
    account: Reader, q: Annotated[str, Query(max_length=100, description="The beginning of a code, or words")] = ""
) -> classification.Codes:
    """Kode klasifikasi by the beginning of a code or by words of its title; older ones name what replaced them."""
    with transaction(account.context) as session:
        own = tree.is_in_force(session)
        found = tree.search(session, q, _MOST_CODES)
    return classification.Codes(own=own, codes=[classification.code(one) for one in found])


@router.post("/classification", status_code=201, openapi_extra=_CODES_FORM)
def bring_codes(account: Retainer, table: ProgramsTable) -> classification.CodesImported:
    """Take over a table of codes (CSV or XLSX); every line that is wrong is named, and then nothing is taken."""
    with transaction(account.context) as session:
        return classification.imported(tree.bring(session, account, table.text("name"), table.data))


def _changed(account: Account, change: Callable[[Session], BerkasRow]) -> schemas.BerkasDetail:
    with transaction(account.context) as session:
        return _detail(session, change(session))
