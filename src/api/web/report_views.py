"""The page Laporan under Kasus: how long steps take against the SOP, by month."""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from access.roles import Right
from api.procedures import calendar, procedures
from api.web import report
from api.web.pages import ReportVisitor, render
from cases import reports
from core.db import transaction

router = APIRouter(include_in_schema=False)

_SPANS: Final = (3, 12, 24, 36)


@router.get("/kasus/laporan")
def report_page(
    request: Request,
    visitor: ReportVisitor,
    sop: Annotated[str, Query(max_length=40)] = "",
    bulan: Annotated[int, Query(ge=1, le=reports.MOST_MONTHS)] = 12,
) -> Response:
    """Each step's time as a line over the months, and as numbers."""
    with transaction(visitor.account.context) as session:
        ended = reports.ended_steps(session, calendar(), bulan)
    found = reports.step_times(ended, calendar(), sop or None)
    asked: dict[str, str | int] = {"months": bulan, **({"sop": sop} if sop else {})}
    return render(
        request,
        "laporan.html",
        groups=report.groups(found),
        size=(report.WIDTH, report.HEIGHT),
        sops=sorted(procedures().values(), key=lambda one: one.name.text),
        chosen=sop,
        spans=_SPANS,
        span=bulan,
        csv=f"/api/v1/reports/steps?{urlencode({**asked, 'format': 'csv'})}",
        may_read=visitor.account.may(Right.READ),
    )
