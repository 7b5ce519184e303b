"""Every parser of what was read: what it says leads back to what was written, and nothing written breaks it."""

import re
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.reading import PageReading, Word
from classify import dates, numbers, regions
from classify.fieldspec import field_spec
from classify.rows import rows
from classify.typed import typed
from core.months import ROMAN
from tests.fuzz import words
from tests.fuzz.mutate import misread

TEXTS = 25
DAYS = st.dates(date(1950, 1, 1), date(2030, 12, 31))
UNITS = ("", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas")
PARTS = ("belas", "puluh", "ratus", "ribu", "juta", "seratus", "seribu")
WILD = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
quick = settings(max_examples=60)


def spelled(number: int) -> str:
    """A number from 1 to 999,999,999 in words, as receipts write it."""
    for scale, name in ((1_000_000, "juta"), (1000, "ribu"), (100, "ratus")):
        if number >= scale:
            count, rest = divmod(number, scale)
            head = f"se{name}" if count == 1 and name != "juta" else f"{spelled(count)} {name}"
            return f"{head} {spelled(rest)}".strip()
    if number < 12:
        return UNITS[number]
    return f"{UNITS[number - 10]} belas" if number < 20 else f"{UNITS[number // 10]} puluh {UNITS[number % 10]}".strip()


@pytest.mark.parametrize("number", range(TEXTS))
def test_any_letter_is_survived(number: int) -> None:
    words.survive(misread(words.vocabulary(), number))


@given(st.integers(1, 999_999_999))
@example(999_999_999)
@example(1_000_001)
@quick
def test_every_number_in_words_leads_back(number: int) -> None:
    assert dates.number_in_words(spelled(number)) == number
    assert typed("jumlah_uang", spelled(number) + " rupiah")[0] == str(number)


@given(
    st.lists(
        st.sampled_from([*UNITS[1:], *["belas", "puluh", "ratus", "ribu", "juta", "seratus", "seribu"]]), max_size=8
    )
)
@example(["dua", "ratus", "ratus", "ratus"])
@example(["lima", "ribu", "ribu"])
@example(["dua", "tiga"])
@example(["seratus", "satu", "ribu"])
@example(["lima", "juta", "satu", "ribu"])
@quick
def test_words_in_no_order_are_no_number(said: list[str]) -> None:
    number = dates.number_in_words(" ".join(said))
    shortened = re.sub(r"\bsatu (puluh|belas|ratus)\b", r"se\1", " ".join(said))
    assert number is None or spelled(number) == re.sub(r"(^|juta )satu ribu\b", r"\1seribu", shortened)


@given(st.integers(0, 10**12))
@quick
def test_every_amount_leads_back(amount: int) -> None:
    printed = f"{amount:,}".replace(",", ".")
    for text in (f"Rp {printed}", f"Rp. {printed},-", f"sebesar Rp{printed},00 tunai"):
        if amount > 9:  # a lone digit is no amount
            assert numbers.rupiah(text) == amount


@given(DAYS)
@quick
def test_a_typed_day_leads_back(day: date) -> None:
    roman = f"{day.day}-{ROMAN[day.month - 1]}-{day.year}"
    for text in (dates.long(day), f"{day:%d-%m-%Y}", day.isoformat(), roman):
        assert typed("tanggal", text) == (day.isoformat(), ())
    assert typed("tempat_tgl_lahir", f"Tarakan, {dates.long(day)}")[0] == f"Tarakan, {day.isoformat()}"


@given(st.integers(0, 999), st.integers(0, 999))
@quick
def test_neighbourhoods_have_three_digits(rt: int, rw: int) -> None:
    assert typed("rt_rw", f"{rt}/{rw}")[0] == f"{rt:03d}/{rw:03d}"


@given(st.sampled_from(sorted(regions._table()[1].values())))
@quick
def test_every_regency_is_found_with_its_own_province_only(regency: tuple[str, str]) -> None:
    name, province = regency
    provinces = regions._table()[0]
    assert regions.in_address(f"Jl. Melati No. 3, {name}") == name
    right = f"Jl. Melati No. 3, {name}, Provinsi {provinces[province]}"
    assert regions.in_address(right) == f"{name}, Provinsi {provinces[province]}"
    other = next(p for p in provinces if p != province)
    assert regions.in_address(f"{name}, Provinsi {provinces[other]}") is None


@pytest.mark.parametrize("text", ["\u0301", "¨", "´"])
def test_a_lone_accent_is_no_piece(text: str) -> None:
    read = tuple(Word(said, (0.1, 0.1, 0.2, 0.12), 0.9, line) for line, said in enumerate((text, "Nama")))
    page = PageReading(1, 595.0, 842.0, 1240, 1754, 0, 0.0, "ocr", read, 0.1)
    assert [row.text for row in rows(page, 0)] == ["Nama"]


@given(WILD, st.sampled_from(sorted(words.fields_by_type().values())))
@quick
def test_what_is_typed_is_taken_or_doubted(text: str, name: str) -> None:
    spec = field_spec(name)
    assert spec is not None
    value, failed = typed(name, text)
    assert value or failed or not any(c.isalnum() for c in text) or spec.type == "darah"
