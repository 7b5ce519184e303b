"""What a berita acara of destruction needs to be told: two witnesses of the units that watch (domain.md 1.4, 8)."""

import pytest

from records import office
from records.disposal import deed
from records.disposal.deed import Person

UNITS = office.parse("").witnesses
HUKUM, AUDITOR = Person("Dewi", "Analis Hukum Ahli Muda"), Person("Eko", "Auditor, Inspektorat Daerah")
CLERK = Person("Fajar", "Arsiparis")


@pytest.mark.parametrize(
    "titles",
    [
        ("Kepala Bagian Hukum", "Inspektur Pembantu"),
        ("Pengawas Kearsipan", "Kepala Subbagian Pengawasan"),
        ("AUDITOR AHLI MUDA", "Staf bagian hukum/umum"),
    ],
)
def test_two_of_the_units_that_watch_are_enough(titles: tuple[str, str]) -> None:
    people = [Person("Dewi", titles[0]), CLERK, Person("Eko", titles[1])]
    assert len(deed.told("pemusnahan", "7", "kantor", "dicacah", people, units=UNITS).witnesses) == 3


@pytest.mark.parametrize("people", [[], [HUKUM], [HUKUM, CLERK], [CLERK, Person("Gita", "Kepala Bidang Umum")]])
def test_anybody_else_is_no_witness(people: list[Person]) -> None:
    with pytest.raises(ValueError, match="paling sedikit dua dari bagian hukum atau pengawasan"):
        deed.told("pemusnahan", "7", "kantor", "dicacah", people, units=UNITS)


def test_a_word_that_only_contains_one_of_theirs_does_not_count() -> None:
    people = [Person("Dewi", "Kepala Bagian Penghukuman"), HUKUM]
    with pytest.raises(ValueError, match="saksi"):
        deed.told("pemusnahan", "7", "kantor", "dicacah", people, units=UNITS)


def test_an_office_names_its_own_units() -> None:
    people = [Person("Dewi", "Kepala Bagian Tata Pemerintahan"), Person("Eko", "Staf Tata Pemerintahan")]
    assert deed.told("pemusnahan", "7", "kantor", "dicacah", people, units=["tata pemerintahan"]).witnesses == (
        *people,
    )


def test_who_takes_records_over_is_of_another_office() -> None:
    taker = Person("Gita", "Kepala Dinas Perpustakaan dan Kearsipan")
    assert deed.told("penyerahan", "7", "kantor", "", [taker], units=UNITS).witnesses == (taker,)
