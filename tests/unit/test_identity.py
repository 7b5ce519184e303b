"""NIK, KK, NIP, NRP: what they say about a person, and what cannot be."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classify import identity

BIRTHS = st.dates(date(1940, 1, 1), date(2020, 12, 31))
REGIONS = st.sampled_from(["657101", "647301", "737103", "357806", "650304"])
SERIALS = st.integers(1, 9999)
WILD = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


@given(REGIONS, BIRTHS, st.booleans(), SERIALS)
def test_a_nik_tells_birth_sex_and_region(region: str, birth: date, woman: bool, serial: int) -> None:
    part = identity.date_part(birth, "P" if woman else "L")[0]
    found = identity.nik(f"{region}{part}{serial:04d}")
    assert found is not None
    assert found.valid
    assert found.sex == ("P" if woman else "L")
    assert identity.same_birth(found, birth)
    assert found.region is not None


@given(REGIONS, BIRTHS, SERIALS)
def test_combs_spaces_and_letters_are_read_through(region: str, birth: date, serial: int) -> None:
    number = f"{region}{birth:%d%m%y}{serial:04d}"
    for printed in ("|".join(number), " ".join(number), f"[{number[:6]}] {number[6:12]}.{number[12:]}"):
        found = identity.nik(printed)
        assert found is not None
        assert (found.digits, found.swapped) == (number, ())
    misread = identity.nik(number.replace("0", "O"))
    assert misread is None or (misread.digits == number and set(misread.swapped) <= {"O→0"})


def test_old_codes_stay_valid() -> None:
    found = identity.nik("6473010506700003")
    assert found is not None
    assert found.valid
    assert found.region == "Kota Tarakan (lama)"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("657101321370000", "15 angka, seharusnya 16"),
        ("6571013213700001", "Tanggal lahir di NIK tidak valid"),
        ("9971010506700003", 'Kode provinsi "99" tidak dikenal'),
        ("6571010506700000", "Nomor urut NIK tidak boleh 0000"),
    ],
)
def test_what_cannot_be_says_why_and_keeps_its_digits(text: str, why: str) -> None:
    found = identity.nik(text)
    assert found is not None
    assert (found.digits, found.valid, found.why) == (text, False, why)


def test_a_family_card_has_a_date_of_issue_and_no_sex() -> None:
    found = identity.kk("6571031906209927")
    assert found is not None
    assert (found.valid, found.sex, found.birth) == (True, None, None)
    wrong = identity.kk("6571035906209927")
    assert wrong is not None
    assert not wrong.valid


def test_an_officials_number() -> None:
    found = identity.nip("19720822 199703 1 008", date(2025, 10, 22))
    assert found is not None
    assert (found.valid, found.birth, found.sex) == (True, date(1972, 8, 22), "L")
    assert found.printed == "19720822 199703 1 008"
    contract = identity.nip("198303152023211009")
    assert contract is not None
    assert contract.valid


# one person printed four times in three ways (domain.md §5.5): only 1968 can be
@pytest.mark.parametrize(("text", "valid"), [("196803181994031007", True), ("198003181994031007", False)])
def test_the_birth_year_that_cannot_be(text: str, valid: bool) -> None:
    found = identity.nip(text, date(2025, 10, 22))
    assert found is not None
    assert found.valid is valid


@pytest.mark.parametrize(
    "text", ["19720822 199703 3 008", "19720822 199713 1 008", "19721322 199703 1 008", "1972 1997"]
)
def test_numbers_no_official_has(text: str) -> None:
    found = identity.nip(text)
    assert found is not None
    assert not found.valid
    assert found.why


def test_a_retired_official_signs_nothing() -> None:
    found = identity.nip("19420822 197003 1 008", date(2025, 1, 1))
    assert found is not None
    assert found.why == "NIP tidak cocok dengan tanggal surat"


def test_a_number_printed_in_three_ways_is_voted_on() -> None:
    printed = ["198003181994031007", "196803181994031007", "196803181994031007"]
    readings = [found for text in printed if (found := identity.nip(text, date(2025, 10, 22)))]
    best, others = identity.vote(readings)
    assert best.digits == "196803181994031007"
    assert others == "terbaca juga 198003181994031007"
    assert identity.vote(readings[1:]) == (readings[1], None)
    other = identity.nip("19720822 199703 1 008")
    assert other is not None
    assert identity.vote([readings[1], other]) == (readings[1], None)
    with pytest.raises(ValueError, match="needs readings"):
        identity.vote([])


def test_police_numbers() -> None:
    assert identity.nrp("87071484") == identity.Nip("87071484", True, None, None, (), None)
    wrong = identity.nrp("87131484")
    assert wrong is not None
    assert not wrong.valid


@given(WILD)
def test_any_text_is_survived(text: str) -> None:
    for read in (identity.nik, identity.kk, identity.nip, identity.nrp):
        found = read(text)
        assert found is None or found.digits.isdigit()
        assert found is None or found.valid or found.why
