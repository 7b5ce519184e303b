"""Dates as the office writes them. Pure."""

from datetime import date

from core.months import MONTHS


def written(day: date | None) -> str:
    """`26 November 2026`; empty for none."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}" if day else ""
