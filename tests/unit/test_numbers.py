"""Digits, telephones, BPJS, passports, rupiah and letter numbers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classify import letternumber, numbers
from core.months import ROMAN

WILD = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)
DIGITS = st.text("0123456789", min_size=1, max_size=30)
MONTHS = st.integers(1, 12)


@given(DIGITS)
def test_plain_digits_stay(text: str) -> None:
    found = numbers.digits(text)
    assert found is not None
    assert (found.text, found.swapped) == (text, ())


@given(st.text("0123456789", min_size=8, max_size=20), st.data())
def test_letters_that_look_like_digits_are_told(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))
    letter, digit = data.draw(st.sampled_from([("O", "0"), ("I", "1"), ("l", "1"), ("S", "5"), ("B", "8"), ("Z", "2")]))
    found = numbers.digits(text[:at] + letter + text[at + 1 :])
    assert found is not None
    assert found.text == text[:at] + digit + text[at + 1 :]
    assert found.swapped == (f"{letter}→{digit}",)


@pytest.mark.parametrize("text", ["Maria", "Siti", "", "::", "SOBIZ1", "12 orang"])
def test_words_are_no_digits(text: str) -> None:
    assert numbers.digits(text) is None


@pytest.mark.parametrize(
    ("text", "value", "valid"),
    [
        ("0821-7378-7998", "082173787998", True),
        ("085287293040", "085287293040", True),
        ("(0551) 21234", "055121234", True),
        ("+62 812 3456 7890", "6281234567890", True),
        ("1085294320960", "1085294320960", False),
    ],
)
def test_telephones(text: str, value: str, valid: bool) -> None:
    found = numbers.phone(text)
    assert found is not None
    assert (found.value, found.valid) == (value, valid)


def test_bpjs_and_passports() -> None:
    bpjs = numbers.bpjs("000 2948045003")
    assert bpjs is not None
    assert (bpjs.value, bpjs.valid) == ("0002948045003", True)
    short = numbers.bpjs("0002948")
    assert short is not None
    assert not short.valid
    passport = numbers.passport("A 1234567")
    assert passport is not None
    assert (passport.value, passport.valid) == ("A1234567", True)
    assert numbers.passport("tidak ada") is None


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("Rp 1.050.000,00", 1_050_000),
        ("Rp563.000", 563_000),
        ("sebesar Rp. 350.000,- tunai", 350_000),
        ("Rp", None),
        ("563.000", None),
    ],
)
def test_rupiah(text: str, amount: int | None) -> None:
    assert numbers.rupiah(text) == amount


def test_bare_amounts_only_where_they_are_asked_for() -> None:
    assert numbers.rupiah("863.000", bare=True) == 863_000
    assert numbers.rupiah("0821", bare=True) is None


@given(WILD)
def test_any_text_is_survived(text: str) -> None:
    for read in (numbers.digits, numbers.phone, numbers.bpjs, numbers.passport):
        read(text)
    amount = numbers.rupiah(text, bare=True)
    assert amount is None or amount >= 0
    for day in (date(2025, 3, 9), date(2024, 12, 1)):
        repair = letternumber.by_date(text, day)
        assert repair is None or repair.was != repair.now
        letternumber.year_repair(text, day)
    letternumber.by_shape(text)
    letternumber.parse(text)


@given(st.integers(1, 999), MONTHS, st.integers(2015, 2035))
def test_a_letter_number_says_month_and_year(serial: int, month: int, year: int) -> None:
    found = letternumber.parse(f"400.9/{serial:03d} / BAST/DINSOS/{ROMAN[month - 1]}/{year}")
    assert (found.value, found.month, found.year, found.valid) == (
        f"400.9/{serial:03d}/BAST/DINSOS/{ROMAN[month - 1]}/{year}", month, year, True,
    )  # fmt: skip


@given(MONTHS)
def test_a_right_month_is_left_alone(month: int) -> None:
    assert letternumber.by_date(f"061/ASM/REHSOS/{ROMAN[month - 1]}/2025", date(2025, month, 1)) is None


@pytest.mark.parametrize(
    ("read", "month", "right", "certain"),
    [
        ("659/PKM-KR/II1/2025", 3, "659/PKM-KR/III/2025", True),
        ("0900/V1/2024", 6, "0900/VI/2024", True),
        ("400.9.14/318/DINSOS-1I1/2025", 3, "400.9.14/318/DINSOS-III/2025", True),
        ("SKT/090/lX/YAN.2.4./2025/SPKT", 9, "SKT/090/IX/YAN.2.4./2025/SPKT", True),
        ("1957/11/2025", 3, "1957/III/2025", False),
        ("470/446/KEL-SP/VI/2025", 7, "470/446/KEL-SP/VII/2025", False),
        ("SKT/386/V/YAN.2.4./2024/SPKT", 4, "SKT/386/IV/YAN.2.4./2024/SPKT", False),
        ("400.7.2/193/REHSOSIX/2025", 10, "400.7.2/193/REHSOS/X/2025", False),
        ("1957//2025", 3, "1957/III/2025", False),
    ],
)
def test_a_misread_month_is_read_again_by_the_date(read: str, month: int, right: str, certain: bool) -> None:
    year = 2024 if "2024" in read else 2025
    repair = letternumber.by_date(read, date(year, month, 5))
    assert repair is not None
    assert (repair.value, repair.certain) == (right, certain)


@pytest.mark.parametrize(
    ("number", "day"),
    [
        ("061/ASM/X/2025", date(2025, 5, 1)),  # plainly another month
        ("061/ASM/IX/2025", date(2025, 10, 1)),
        ("061/ASM/IV/2025", date(2025, 8, 1)),
        ("061/ASM/IV/2025", date(1993, 8, 16)),  # a date of another year
        ("463/298/DINSOSPM/2025", date(2025, 9, 24)),  # no month at all
    ],
)
def test_a_month_that_is_plainly_another_stays(number: str, day: date) -> None:
    assert letternumber.by_date(number, day) is None


def test_a_year_with_letters_in_it() -> None:
    repair = letternumber.year_repair("061/ASM/VI/2O25", date(2025, 6, 1))
    assert repair is not None
    assert repair.value == "061/ASM/VI/2025"
    assert letternumber.year_repair("061/ASM/VI/2O25", date(2024, 6, 1)) is None
