"""Kode klasifikasi proposed by the words of what is to be filed."""

from datetime import date

import pytest

from records.filing import codes


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Surat keterangan terlantar dari kepolisian", "400.9.4.1"),
        ("Pelayanan sosial anak terlantar", "400.9.2"),
        ("Pelayanan kesehatannya", "400.7"),
        ("Standar operasional prosedur rujukan", "000.8.3.3"),
        ("Pelatihan ketahanan keluarga", "400.9.12.1"),
        ("Surat undangan rapat dinas", ""),
        ("", ""),
    ],
)
def test_the_tree_proposes_by_its_words(said: str, code: str) -> None:
    assert codes.nearest(codes.shipped(), said, date(2026, 11, 26)) == code
    assert codes.nearest(codes.shipped(), said, date(2010, 1, 1)) == ""  # none was valid then
