"""How long the store keeps objects from being deleted (docs/adr/0025)."""

from datetime import UTC, datetime, timedelta

from core.settings import settings


def first_until() -> datetime:
    """Until when an object is locked that is put now."""
    return datetime.now(UTC) + timedelta(days=settings().lock_days)
