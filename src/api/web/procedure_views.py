"""The pages Prosedur: every SOP, and one with its flow, its steps, and where its paper contradicts itself."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from api.procedures import procedure, procedures
from api.web.pages import ReadingVisitor, render
from cases import durations
from cases.flow import draw
from cases.sop import Sop

router = APIRouter(include_in_schema=False)

CONFIDENCES: Final = {
    "high": "yakin",
    "medium_high": "cukup yakin",
    "medium": "agak yakin",
    "low_medium": "kurang yakin",
    "low": "tidak yakin",
}


@router.get("/prosedur")
def procedures_page(request: Request, visitor: ReadingVisitor) -> Response:  # noqa: ARG001 - only who reads letters
    """Every SOP that the office works by."""
    listed = sorted(procedures().values(), key=lambda sop: (sop.agency.text, sop.name.text))
    return render(request, "prosedur.html", sops=listed)


@router.get("/prosedur/{sop}")
def procedure_page(
    request: Request,
    sop: Annotated[str, Path(max_length=40)],
    visitor: ReadingVisitor,  # noqa: ARG001
) -> Response:
    """One SOP."""
    shown = procedure(sop)
    return render(
        request,
        "sop.html",
        sop=shown,
        flows=(("narrow", draw(shown, wide=False)), ("wide", draw(shown, wide=True))),
        known=procedures(),
        confidences=CONFIDENCES,
        total_differs=_total_differs(shown),
    )


def _total_differs(sop: Sop) -> bool:
    """Whether the printed total is another than what the rows add up to."""
    return sop.total is not None and durations.total([durations.parse(sop.total)]) != sop.computed_total
