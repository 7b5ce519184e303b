"""The register of processing: ours, and an office's own in its place."""

from pathlib import Path

import pytest

from cases.processing import parse, register

OWN = """[[processing]]
name = "Bantuan sosial"
purpose = "Menyalurkan bantuan."
basis = "UU 13/2011"
people = "Penerima bantuan"
data = "Nama, NIK, rekening"
recipients = "Bank penyalur"
kept = "10 tahun"
protection = "Disandikan"
"""


def test_an_offices_own_register_takes_the_place_of_ours(tmp_path: Path) -> None:
    own = tmp_path / "pemrosesan.toml"
    own.write_text(OWN, "utf-8")
    assert [one.name for one in register(own)] == ["Bantuan sosial"]
    assert "Pengarsipan surat" in {one.name for one in register()}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "1 to"),
        ("processing = []", "1 to"),
        (OWN.replace('kept = "10 tahun"\n', ""), "processing 1 must have"),
        (OWN + 'email = "x"\n', "processing 1 must have"),
        (OWN.replace('"10 tahun"', "10"), "kept"),
        (OWN.replace('"10 tahun"', '""'), "kept"),
    ],
)
def test_what_is_wrong_with_it_is_said(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse(text)
