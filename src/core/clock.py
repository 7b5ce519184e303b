"""The office's clock: its date and time, moved by `ARSIP_CLOCK_OFFSET_DAYS` where ten years are rehearsed in an hour.

Retention, locks and sweeps go by it; `office_today()` in the database says the same (docs/adr/0024). What is proof of
when something happened (ledger, sessions, leases) goes by the database's own clock, which nobody moves.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.settings import settings


def now() -> datetime:
    """The office's time, in its time zone."""
    wanted = settings()
    return datetime.now(ZoneInfo(wanted.timezone)) + timedelta(days=wanted.clock_offset_days)


def today() -> date:
    """The office's date."""
    return now().date()
