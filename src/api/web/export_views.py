"""The page Ekspor: what may be taken out of the archive, and how."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.web.pages import ExportingVisitor, render
from core import clock
from core.months import MONTHS
from records.export.srikandi import COLUMNS
from records.office import office

router = APIRouter(include_in_schema=False)


@router.get("/ekspor")
def export_page(request: Request, visitor: ExportingVisitor) -> Response:
    """Tables in SRIKANDI's columns to be chosen by unit and year; where a berkas is exported."""
    units = sorted({visitor.account.unit, *office().units})
    named = [(unit, office().unit(unit).name) for unit in units]
    return render(
        request,
        "ekspor.html",
        tables=COLUMNS,
        units=named,
        own=visitor.account.unit,
        year=clock.today().year,
        months=MONTHS,
    )
