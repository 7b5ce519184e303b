"""Standard times on an office's calendar."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.deadlines import deadline, spent, standing
from cases.durations import Duration, Unit, parse
from cases.officehours import Office, office, read_week
from core.settings import Settings

WITA = ZoneInfo("Asia/Makassar")
HOURS = "senin-kamis 07.30-12.00 13.00-16.00; jumat 07.30-11.30 13.00-16.30"
OFFICE = office("Asia/Makassar", HOURS, "kerja", "")
BY_CALENDAR = office("Asia/Makassar", HOURS, "kalender", "")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WITA)


def due(start: str, duration: str, by: Office = OFFICE) -> str:
    return f"{deadline(at(start), parse(duration), by).astimezone(WITA):%Y-%m-%d %H:%M}"


# 2026-11-26 is a Thursday; 24 December is cuti bersama, 25 December Christmas, 17 August Independence Day
EXPECTED = [
    ("2026-11-26 08:00", "15 menit", "2026-11-26 08:15"),
    ("2026-11-26 11:50", "30 menit", "2026-11-26 13:20"),  # over lunch
    ("2026-11-26 15:50", "30 menit", "2026-11-27 07:50"),  # over night
    ("2026-11-27 16:20", "30 menit", "2026-11-30 07:50"),  # over the weekend
    ("2026-11-28 10:00", "1 jam", "2026-11-30 08:30"),  # begun on a Saturday
    ("2026-11-26 15:00", "1 jam", "2026-11-26 16:00"),  # until closing time exactly
    ("2026-12-23 15:30", "1 jam", "2026-12-28 08:00"),  # over cuti bersama, Christmas and the weekend
    ("2026-11-26 08:00", "3 hari", "2026-12-01 16:00"),
    ("2026-12-22 08:00", "3 hari kerja", "2026-12-29 16:00"),
    ("2026-08-14 08:00", "1 hari kerja", "2026-08-18 16:00"),
    ("2026-11-26 08:00", "14 hari kalender", "2026-12-10 23:59"),
    ("2026-11-26 08:00", "3 x 24 jam", "2026-11-29 08:00"),  # also over a weekend
]


@pytest.mark.parametrize(("start", "duration", "end"), EXPECTED)
def test_deadlines_by_the_calendar_on_the_wall(start: str, duration: str, end: str) -> None:
    assert due(start, duration) == end


def test_a_day_is_what_the_office_means_by_it() -> None:
    assert due("2026-11-26 08:00", "3 hari", BY_CALENDAR) == "2026-11-29 23:59"
    assert due("2026-11-26 08:00", "3 hari kerja", BY_CALENDAR) == "2026-12-01 16:00"


def test_an_offices_own_closed_days() -> None:
    closed = office("Asia/Makassar", HOURS, "kerja", "2026-11-27, 2026-11-30")
    assert due("2026-11-26 15:50", "30 menit", closed) == "2026-12-01 07:50"


def test_a_default_office_works_the_hours_of_civil_servants() -> None:
    week = read_week(Settings.model_fields["office_hours"].default)
    minutes = sum((b.hour * 60 + b.minute) - (a.hour * 60 + a.minute) for day in week for a, b in day)
    assert minutes == 37.5 * 60  # Perpres 21/2023: 37 hours 30 minutes a week without breaks


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "tidak pernah buka"),
        ("senen 08.00-16.00", "hari “senen” tidak dikenal"),
        ("jumat-senin 08.00-16.00", "terbalik"),
        ("senin 08.00", "jam “08.00” tidak dapat dibaca"),
        ("senin 08.00-25.00", "tidak dapat dibaca"),
        ("senin 16.00-08.00", "terbalik atau bertumpuk"),
        ("senin 08.00-12.00 11.00-16.00", "bertumpuk"),
        ("senin", "jam buka belum ditulis"),
        ("senin 08.00-16.00; senin-jumat 08.00-16.00", "dua kali"),
    ],
)
def test_hours_that_nobody_can_keep_are_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_week(text)


def test_other_settings_that_can_not_be_understood() -> None:
    with pytest.raises(ValueError, match="zona waktu “Asia/Tarakan” tidak dikenal"):
        office("Asia/Tarakan", HOURS, "kerja", "")
    with pytest.raises(ValueError, match="hari tutup tambahan"):
        office("Asia/Makassar", HOURS, "kerja", "besok")


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
OFFICE_UNITS = st.sampled_from([Unit.OFFICE_MINUTES, Unit.WORKING_DAYS])
UNITS = st.sampled_from(list(Unit))
AMOUNTS = st.integers(1, 600)


def _open_at(moment: datetime) -> bool:
    return any(opens < moment <= closes for opens, closes in OFFICE.spans(OFFICE.day_of(moment)))


@given(MOMENTS, AMOUNTS, OFFICE_UNITS)
def test_it_never_ends_while_the_office_is_closed(start: datetime, amount: int, unit: Unit) -> None:
    assert _open_at(deadline(start, Duration(amount, unit), OFFICE))


@given(MOMENTS, MOMENTS, AMOUNTS, UNITS)
def test_who_begins_later_is_never_due_earlier(one: datetime, other: datetime, amount: int, unit: Unit) -> None:
    first, second = sorted((one, other))
    duration = Duration(amount, unit)
    assert first < deadline(first, duration, OFFICE) <= deadline(second, duration, OFFICE)


@given(MOMENTS, AMOUNTS, AMOUNTS, UNITS, st.sampled_from([OFFICE, BY_CALENDAR]))
def test_durations_add_up(start: datetime, one: int, other: int, unit: Unit, by: Office) -> None:
    halfway = deadline(start, Duration(one, unit), by)
    assert deadline(halfway, Duration(other, unit), by) == deadline(start, Duration(one + other, unit), by)


@given(MOMENTS, AMOUNTS, UNITS)
def test_what_was_spent_at_the_deadline_is_the_duration(start: datetime, amount: int, unit: Unit) -> None:
    duration = Duration(amount, unit)
    assert spent(start, deadline(start, duration, OFFICE), unit, OFFICE) == duration


@given(MOMENTS, MOMENTS, UNITS)
def test_nothing_is_spent_backwards(one: datetime, other: datetime, unit: Unit) -> None:
    first, second = sorted((one, other))
    assert spent(second, first, unit, OFFICE) == Duration(0, unit)


def test_people_are_warned_before_and_told_after() -> None:
    start, end = at("2026-11-26 08:00"), at("2026-11-26 12:00")
    told = [standing(start, end, start + timedelta(minutes=minutes)) for minutes in (0, 179, 180, 240, 241)]
    assert told == ["on_time", "on_time", "soon", "soon", "late"]


def test_holidays_and_cuti_bersama_are_closed() -> None:
    for day in (date(2025, 4, 2), date(2026, 2, 16), date(2026, 3, 20), date(2026, 12, 24), date(2026, 12, 25)):
        assert not OFFICE.is_open_on(day)
    assert OFFICE.is_open_on(date(2026, 12, 23))
