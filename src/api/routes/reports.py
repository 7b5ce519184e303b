"""Reports over cases."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from api import csvfile
from api.auth import ReportReader
from api.procedures import calendar
from api.schemas import reports as schemas
from cases import reports
from core.db import transaction

router = APIRouter(tags=["reports"])

_HEADS = (
    "sop",
    "langkah",
    "bulan",
    "kasus",
    "waktu baku",
    "median",
    "terlama",
    "terlambat",
    "median terhadap baku (%)",
)


_LINE = ("pemulangan-kaltara", "1. Terima OT dan berkasnya", "2026-11", 12, "5 menit", "4 menit", "9 menit", 3, 80)


@router.get("/reports/steps", response_model=schemas.StepTimesReport, responses=csvfile.documented(_HEADS, _LINE))
def step_times(
    account: ReportReader,
    months: Annotated[int, Query(ge=1, le=reports.MOST_MONTHS)] = 12,
    sop: Annotated[str | None, Query(max_length=40)] = None,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Any:
    """How long each step takes against the SOP's standard, by the month in which it ended; hours are office hours."""
    with transaction(account.context) as session:
        ended = reports.ended_steps(session, calendar(), months)
    told = schemas.step_times(reports.step_times(ended, calendar(), sop))
    if form == "json":
        return told
    rows = [
        (
            row.sop,
            row.label,
            row.month,
            row.cases,
            row.allowed,
            row.median,
            row.longest,
            row.late,
            round(100 * row.share) if row.share is not None else None,
        )
        for row in told.rows
    ]
    return csvfile.answer(f"waktu-langkah-{told.first}-{told.last}.csv", _HEADS, rows)
