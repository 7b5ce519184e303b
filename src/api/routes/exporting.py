"""What leaves the archive: a berkas as a BagIt bag, tables in SRIKANDI's columns."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from access.accounts import Account
from api.auth import Exporter
from api.csvfile import MEDIA_TYPE as CSV
from api.pictures import PRIVATE
from api.routes.agenda import MEDIA
from classify.rules import labels
from core import clock
from core.db import transaction
from ingest.sniff import EXTENSIONS
from records.book import UNIT
from records.export import berkasbag, naskah, srikandi
from records.export.gather import berkas_of_case, gather
from records.export.srikandi import Asked, Ending, Table

router = APIRouter(tags=["export"])

ZIP = "application/zip"
Year = Annotated[int | None, Query(ge=1945, le=2999, description="This year where none is named")]
Month = Annotated[int, Query(ge=0, le=12, description="Of letters; 0: all of the year")]
UnitName = Annotated[str | None, Query(pattern=UNIT, description="One's own where none is named")]
XLSX = MEDIA["xlsx"]
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BAG: dict[int | str, dict[str, Any]] = {200: {"content": {ZIP: _BINARY}}}
_TABLE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            CSV: {"schema": {"type": "string"}, "example": ",".join(srikandi.COLUMNS["klasifikasi"].heads)},
            XLSX: _BINARY,
        }
    }
}


def _bag(account: Account, berkas: UUID | None, case: UUID | None = None) -> StreamingResponse:
    """The export stands in the ledger before the first byte goes; the transaction has ended by then."""
    with transaction(account.context) as session:
        wanted = berkas if berkas is not None else berkas_of_case(session, case or UUID(int=0))
        parcel = gather(session, account, wanted, EXTENSIONS)
    named = {"Content-Disposition": f'attachment; filename="{parcel.folder}.zip"'}
    body = berkasbag.stream(parcel, labels(), clock.now())
    return StreamingResponse(body, media_type=ZIP, headers={**PRIVATE, **named})


@router.get("/berkas/{berkas}/export", response_class=StreamingResponse, responses=_BAG)
def export_berkas(berkas: UUID, account: Exporter) -> StreamingResponse:
    """A berkas as a BagIt bag in a ZIP: originals, searchable PDFs, manifests, the list of contents, PREMIS events.

    Only letters that the asker may see. After unpacking `bagit.py --validate` checks it.
    """
    return _bag(account, berkas)


@router.get("/cases/{case}/export", response_class=StreamingResponse, responses=_BAG)
def export_case(case: UUID, account: Exporter) -> StreamingResponse:
    """The berkas of a case, as above."""
    return _bag(account, None, case)


@router.get("/srikandi/naskah/files", response_class=StreamingResponse, responses=_BAG)
def srikandi_files(account: Exporter, year: Year = None, month: Month = 0, unit: UnitName = None) -> StreamingResponse:
    """The table of letters with each letter's searchable PDF, named as the table says, as a BagIt bag in a ZIP."""
    asked = Asked("naskah", unit or account.unit, year or clock.today().year, month or None)
    with transaction(account.context) as session:
        found = naskah.gather(session, account, asked, labels())
    named = {"Content-Disposition": f'attachment; filename="{asked.name}.zip"'}
    return StreamingResponse(naskah.stream(found, clock.now()), media_type=ZIP, headers={**PRIVATE, **named})


@router.get("/srikandi/{table}", response_class=Response, responses=_TABLE)
def srikandi_table(
    table: Table,
    account: Exporter,
    year: Year = None,
    month: Month = 0,
    unit: UnitName = None,
    ending: Annotated[Ending, Query(alias="format")] = "csv",
) -> Response:
    """Letters, berkas, their contents, or klasifikasi with JRA, in the columns that SRIKANDI asks for."""
    asked = Asked(table, unit or account.unit, year or clock.today().year, month or None)
    with transaction(account.context) as session:
        made = srikandi.make(session, account, asked, ending, labels())
    named = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    kind = f"{CSV}; charset=utf-8" if ending == "csv" else XLSX
    return Response(made.data, media_type=kind, headers={**PRIVATE, **named})
