"""Standard times as SOPs print them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.durations import Duration, Unit, parse, total, words

READ = {
    "15 menit": Duration(15, Unit.OFFICE_MINUTES),
    "5 Menit": Duration(5, Unit.OFFICE_MINUTES),
    "1 Jam": Duration(60, Unit.OFFICE_MINUTES),
    "1 jam 30 menit": Duration(90, Unit.OFFICE_MINUTES),
    "75 Jam 40 Menit": Duration(4540, Unit.OFFICE_MINUTES),
    "3 x 24 Jam": Duration(4320, Unit.CLOCK_MINUTES),
    "3x24 jam": Duration(4320, Unit.CLOCK_MINUTES),
    "3 × 24 jam": Duration(4320, Unit.CLOCK_MINUTES),
    "3 hari": Duration(3, Unit.DAYS),
    "3 hari kerja": Duration(3, Unit.WORKING_DAYS),
    "14 hari kalender": Duration(14, Unit.CALENDAR_DAYS),
}


@pytest.mark.parametrize("text", READ)
def test_read_as_printed(text: str) -> None:
    assert parse(text) == READ[text]


@pytest.mark.parametrize(
    "text",
    ["", "sebentar", "15", "menit", "0 menit", "15 menit saja", "3 hari 2 jam", "3 x 24 hari", "-5 menit", "1,5 jam"],
)
def test_what_no_clock_can_run_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match="tulis misalnya “15 menit”"):
        parse(text)


@given(st.integers(1, 100_000), st.sampled_from([unit for unit in Unit if unit is not Unit.CLOCK_MINUTES]))
def test_words_are_read_back(amount: int, unit: Unit) -> None:
    assert parse(words(Duration(amount, unit))) == Duration(amount, unit)


@given(st.integers(1, 100))
def test_whole_days_of_the_clock_are_read_back(days: int) -> None:
    assert parse(words(Duration(days * 1440, Unit.CLOCK_MINUTES))) == Duration(days * 1440, Unit.CLOCK_MINUTES)


def test_totals_are_written_as_sops_write_them() -> None:
    assert total([parse("200 menit"), parse("3 x 24 jam")]) == "75 jam 20 menit"
    assert total([parse("310 menit"), parse("3 hari")]) == "5 jam 10 menit dan 3 hari"
