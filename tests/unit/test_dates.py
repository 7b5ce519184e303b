"""Indonesian dates in all their forms, whatever surrounds them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classify import dates
from tests.assets.case import spelled

DAYS = st.dates(date(1930, 1, 1), date(2049, 12, 31))
WILD = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Tarakan, 10 Juni 2025", date(2025, 6, 10)),
        ("7 Nopember 1998", date(1998, 11, 7)),
        ("14 Pebruari 2001", date(2001, 2, 14)),
        ("12 Agust. 2020", date(2020, 8, 12)),
        ("12-05-1994", date(1994, 5, 12)),
        ("SURABAYA, 03/09/1972", date(1972, 9, 3)),
        ("12.05.1994", date(1994, 5, 12)),
        ("2025-06-10", date(2025, 6, 10)),
        ("12-IX-2025", date(2025, 9, 12)),
        ("12Mei1994", date(1994, 5, 12)),
        ("10 Juni '25", date(2025, 6, 10)),
        ("tanggal Dua Puluh Delapan bulan Juli tahun Dua Ribu Dua Puluh Lima", date(2025, 7, 28)),
        ("tanggal sebelas bulan Maret tahun seribu sembilan ratus sembilan puluh", date(1990, 3, 11)),
    ],
)
def test_forms(text: str, day: date) -> None:
    assert dates.dates(text)[0].day == day


@pytest.mark.parametrize(
    "text",
    [
        "31 Februari 2025",
        "32-01-2020",
        "Juni 2025",
        "pada bulan September 2025",
        "0812-3456-7890",
        "000.8.3/599/2025",
        "12 Orang 2025",
        "10:30:2025",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert dates.dates(text) == ()


def test_misread_letters_are_guessed_and_said_to_be() -> None:
    (found,) = dates.dates("9 Desernber 2O25")
    assert (found.day, found.exact, found.mended) == (date(2025, 12, 9), False, "9 Desember 2025")
    (found,) = dates.dates("06:11-2023")
    assert (found.day, found.exact, found.mended) == (date(2023, 11, 6), False, "06-11-2023")
    (found,) = dates.dates("14 FEBRIARI 2025")
    assert found.mended == "14 FEBRUARI 2025"


def test_a_name_between_two_months_is_none() -> None:
    assert dates.month("Juxi") is None
    assert dates.month("Oktoher") == (10, False)
    assert dates.month("Sept.") == (9, True)


@given(DAYS)
def test_every_printed_form_leads_back(day: date) -> None:
    for text in (dates.long(day), f"{day:%d-%m-%Y}", f"{day.day}/{day.month}/{day.year}", day.isoformat()):
        (found,) = dates.dates(text)
        assert (found.day, found.exact, found.text) == (day, True, text)


@given(DAYS)
def test_two_digit_years_are_the_last_that_can_be(day: date) -> None:
    (found,) = dates.dates(f"{day:%d-%m-%y}", latest=day.year)
    assert found.day == day


@given(st.integers(1, 99))
def test_numbers_in_words(number: int) -> None:
    assert dates.number_in_words(spelled(number)) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("delapan ratus dua puluh lima ribu", 825_000),
        ("seratus ribu", 100_000),
        ("dua ribu dua puluh lima", 2025),
        ("seribu sembilan ratus", 1900),
        ("lima ratus enam puluh tiga ribu", 563_000),
        ("satu juta dua ratus ribu", 1_200_000),
        ("belas", None),
        ("dua kapal", None),
        ("", None),
    ],
)
def test_larger_numbers_in_words(text: str, number: int | None) -> None:
    assert dates.number_in_words(text) == number


@given(WILD)
def test_any_text_is_survived(text: str) -> None:
    for found in dates.dates(text):
        assert 0 <= found.start < found.end <= len(text)
        assert dates.OLDEST <= found.day.year <= dates.NEWEST


@given(WILD, DAYS, WILD)
def test_a_date_is_found_between_anything(before: str, day: date, after: str) -> None:
    text = f"{before[:40]} ; {dates.long(day)} ; {after[:40]}"
    assert day in {found.day for found in dates.dates(text)}
