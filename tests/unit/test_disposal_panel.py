"""Who sits on a panel: a decree, a ketua and an anggota at least, nobody twice."""

import pytest

from records.disposal import panel
from records.disposal.deed import Person
from records.disposal.panel import Panel
from records.disposal.workflow import workflows

KETUA, ANGGOTA = Person("Gita  Contoh ", "Kepala Subbagian Umum", "198001012005012001"), Person("Hadi", "Arsiparis")


def test_a_panel_is_kept_as_it_was_told() -> None:
    made = panel.told(" 7/2036  tanggal 4 Februari 2036", [KETUA, Person("", ""), ANGGOTA])
    assert made.decree == "7/2036 tanggal 4 Februari 2036"
    assert [(seat, one.name) for seat, one in made.seats()] == [("Ketua", "Gita Contoh"), ("Anggota", "Hadi")]
    assert Panel.from_json(made.to_json()) == made
    assert Panel.from_json({}).seats() == []


@pytest.mark.parametrize(
    ("decree", "members", "why"),
    [
        (" ", [KETUA, ANGGOTA], "SK panitia"),
        ("7", [KETUA], "anggota"),
        ("7", [KETUA, Person("Hadi", "")], "jabatan"),
        ("7", [ANGGOTA, Person("HADI", "Kepala Bidang")], "dua kali"),
        ("7" * 201, [KETUA, ANGGOTA], "SK panitia"),
        ("7", [Person(f"Orang {n}", "Arsiparis") for n in range(8)], "paling banyak 7"),
    ],
)
def test_what_is_missing_is_said(decree: str, members: list[Person], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        panel.told(decree, members)


def test_only_what_is_destroyed_or_handed_over_has_a_panel() -> None:
    assert {kind for kind, flow in workflows().items() if panel.is_needed(flow)} == {"pemusnahan", "penyerahan"}
