"""What the API says of reports, with examples for its documentation."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from cases.durations import words
from cases.reports import StepTimes

_ROW: dict[str, Any] = {
    "sop": "pemulangan-tarakan",
    "steps": [2],
    "label": "2. Isi Formulir Layanan Sosial",
    "month": "2026-11",
    "cases": 14,
    "allowed": "30 menit",
    "median": "24 menit",
    "longest": "2 jam 5 menit",
    "late": 3,
    "share": 0.8,
}


class StepTime(BaseModel):
    """One standard time of an SOP in one month: how many cases came to its end, the median and the longest of what it
    took, and how many were too late."""

    sop: str
    steps: list[int]
    label: str
    month: str = Field(description="YYYY-MM, when it came to its end")
    cases: int
    allowed: str | None = Field(description="The SOP's standard; null where none is printed")
    median: str
    longest: str
    late: int
    share: float | None = Field(description="The median as a share of the standard")


class StepTimesReport(BaseModel):
    """How long steps took, by SOP, step and month."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"first": "2025-12", "last": "2026-11", "rows": [_ROW]}]})

    first: str
    last: str
    rows: list[StepTime]


def step_times(report: StepTimes) -> StepTimesReport:
    """The report as the API shows it."""
    return StepTimesReport(
        first=f"{report.first:%Y-%m}",
        last=f"{report.last:%Y-%m}",
        rows=[
            StepTime(
                sop=row.of.sop,
                steps=list(row.of.steps),
                label=report.label(row.of),
                month=f"{row.month:%Y-%m}",
                cases=row.count,
                allowed=row.of.allowed or None,
                median=words(row.median),
                longest=words(row.longest),
                late=row.late,
                share=round(row.share, 3) if row.share is not None else None,
            )
            for row in report.rows
        ],
    )
