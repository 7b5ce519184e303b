"""The office's clock, and the clocks of berkas: days, years, triggers."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock as office_clock
from core.settings import settings
from records.retention.clocks import TRIGGERS, Clock, Series, Told, clock, first_day, trigger_day

TWO_AND_THREE = Series(2, 3, "musnah", "kasus_selesai")
DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


@pytest.mark.usefixtures("reaches_nothing")
@pytest.mark.parametrize("days", [0, 30, -3650])
def test_the_offices_clock_is_moved_by_its_offset(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setenv("ARSIP_TIMEZONE", "Asia/Makassar")
    monkeypatch.setenv("ARSIP_CLOCK_OFFSET_DAYS", str(days))
    settings.cache_clear()
    told, real = office_clock.now(), datetime.now(ZoneInfo("Asia/Makassar"))
    assert abs(told - timedelta(days=days) - real) < timedelta(seconds=5)
    assert office_clock.today() in {told.date(), (told + timedelta(seconds=5)).date()}


@pytest.mark.parametrize(
    ("happened", "years", "start", "expected"),
    [
        (date(2024, 3, 15), 2, "tanggal_pemicu", date(2026, 3, 15)),
        (date(2024, 3, 15), 2, "1_januari_berikutnya", date(2027, 1, 1)),
        (date(2024, 1, 1), 0, "1_januari_berikutnya", date(2025, 1, 1)),
        (date(2024, 1, 1), 0, "tanggal_pemicu", date(2024, 1, 1)),
        (date(2024, 2, 29), 1, "tanggal_pemicu", date(2025, 3, 1)),
        (date(2024, 2, 29), 4, "tanggal_pemicu", date(2028, 2, 29)),
    ],
)
def test_years_end_no_day_early(happened: date, years: int, start: str, expected: date) -> None:
    assert first_day(happened, years, start) == expected  # type: ignore[arg-type]


def test_phases_change_on_their_first_day() -> None:
    told = Told(closed_on=date(2020, 5, 5))

    def on(today: date, *, held: bool = False) -> Clock:
        return clock(TWO_AND_THREE, told, start="tanggal_pemicu", today=today, held=held)

    assert [on(date(2022, 5, d)).phase for d in (4, 5)] == ["aktif", "inaktif"]
    assert [on(date(2025, 5, d)).phase for d in (4, 5)] == ["inaktif", "habis"]
    assert on(date(2030, 1, 1), held=True).stopped


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_an_open_berkas_has_no_clock(trigger: str) -> None:
    series = Series(0, 0, "musnah", trigger)  # type: ignore[arg-type]
    told = Told(None, date(2000, 1, 1), date(2000, 1, 1))
    standing = clock(series, told, start="tanggal_pemicu", today=date(2090, 1, 1))
    assert standing == Clock(None, None, None, "aktif", False)


def test_what_each_trigger_counts_from() -> None:
    told = Told(date(2020, 5, 5), None, date(2019, 12, 31))
    said = Told(date(2020, 5, 5), date(2021, 6, 6), date(2019, 12, 31))
    for trigger in TRIGGERS:
        series = Series(2, 3, "musnah", trigger)
        expected = {
            "kasus_selesai": (date(2020, 5, 5), date(2021, 6, 6)),
            "tanggal_dokumen": (date(2019, 12, 31), date(2019, 12, 31)),
        }.get(trigger, (None, date(2021, 6, 6)))
        assert (trigger_day(series, told), trigger_day(series, said)) == expected
    assert trigger_day(None, told) == date(2020, 5, 5)


@given(
    DAYS, st.integers(0, 100), st.integers(0, 100), DAYS, st.sampled_from(["tanggal_pemicu", "1_januari_berikutnya"])
)
def test_time_only_moves_a_berkas_on(closed: date, active: int, inactive: int, today: date, start: str) -> None:
    order = ["aktif", "inaktif", "habis"]
    series, told = Series(active, inactive, "musnah", "kasus_selesai"), Told(closed)
    now = clock(series, told, start=start, today=today)  # type: ignore[arg-type]
    later = clock(series, told, start=start, today=today + timedelta(days=40))  # type: ignore[arg-type]
    assert order.index(now.phase) <= order.index(later.phase)
    assert now.inactive_on is not None
    assert now.expires_on is not None
    assert closed <= now.inactive_on <= now.expires_on
    assert (now.expires_on - closed).days >= 365 * (active + inactive)
