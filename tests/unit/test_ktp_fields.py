"""The identity card by its layout: labels may be gone, the order of the rows is not."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.reading import PageReading, word_at
from classify.fields import Field, extract, photo_area
from tests.unit.typed import page, words

CARD = """
                PROVINSI SULAWESI SELATAN
                     KOTA PAREPARE
NIK              : 7372015208940019
Nama             : MEGAWANI RANTEBUA
Tempat/Tgl Lahir : PAREPARE, 12-08-1994
Jenis kelamin    : PEREMPUAN         Gol. Darah : O
Alamat           : JL. MELATI NO. 12
   RT/RW         : 003/001
   Kel/Desa      : LABUKKANG
   Kecamatan     : UJUNG
Agama            : KRISTEN
Status Perkawinan: BELUM KAWIN                 PAREPARE
Pekerjaan        : PELAJAR/MAHASISWA           17-03-2016
Kewarganegaraan  : WNI
Berlaku Hingga   : SEUMUR HIDUP
"""
VALUES = {
    "provinsi": "PROVINSI SULAWESI SELATAN", "kota": "KOTA PAREPARE", "nik": "7372015208940019",
    "nama": "MEGAWANI RANTEBUA", "tempat_tgl_lahir": "PAREPARE, 12-08-1994", "jenis_kelamin": "PEREMPUAN",
    "gol_darah": "O", "alamat": "JL. MELATI NO. 12", "rt_rw": "003/001", "kelurahan": "LABUKKANG",
    "kecamatan": "UJUNG", "agama": "KRISTEN", "status_perkawinan": "BELUM KAWIN", "pekerjaan": "PELAJAR/MAHASISWA",
    "kewarganegaraan": "WNI", "berlaku_hingga": "SEUMUR HIDUP", "tanggal": "17-03-2016",
}  # fmt: skip
ROWS = CARD.strip("\n").split("\n")


def read(text: str) -> dict[str, Field]:
    return {field.name: field for field in extract("ktp", [page(text)])}


def test_every_row_of_a_card() -> None:
    assert {name: field.text for name, field in read(CARD).items()} == VALUES


def test_values_as_they_are_filed() -> None:
    found = read(CARD)
    assert found["tempat_tgl_lahir"].value == "PAREPARE, 1994-08-12"
    assert found["jenis_kelamin"].value == "Perempuan"
    assert found["tanggal"].value == "2016-03-17"
    assert {"tanggal lahir cocok dengan NIK", "jenis kelamin cocok dengan NIK"} <= set(found["nik"].passed)
    assert found["nik"].sure


@pytest.mark.parametrize("lost", ["Nama", "Alamat", "Tempat/Tgl Lahir", "Kecamatan", "Agama", "RT/RW", "Pekerjaan"])
def test_a_row_without_its_label_is_told_by_its_neighbours(lost: str) -> None:
    row = next(i for i, text in enumerate(ROWS) if text.strip().startswith(lost))
    blotted = ROWS[row].replace(lost, "~" * 4 + " " * (len(lost) - 4), 1)
    found = read("\n".join([*ROWS[:row], blotted, *ROWS[row + 1 :]]))
    assert {name: field.text for name, field in found.items()} == VALUES


@given(st.sets(st.sampled_from(ROWS[4:]), max_size=6))
@settings(max_examples=40)
def test_rows_that_are_missing_leave_the_others_right(gone: set[str]) -> None:
    kept = [row for row in ROWS if row not in gone]
    for name, field in read("\n".join(kept)).items():
        assert field.text == VALUES[name]


def test_without_any_colon() -> None:
    found = read(CARD.replace(":", " "))
    right = [name for name, field in found.items() if field.text == VALUES[name]]
    assert set(right) >= set(VALUES) - {"gol_darah"}


def test_a_card_that_leans() -> None:
    straight = page(CARD)
    leaning = tuple(
        word
        for w in straight.words
        for word in word_at(
            w.text, (w.box[0], w.box[1] + w.box[0] * 0.03, w.box[2], w.box[3] + w.box[0] * 0.03), 0.99, w.line
        )
    )
    found = {field.name: field.text for field in extract("ktp", [replace(straight, words=leaning)])}
    assert found == VALUES


def test_words_from_closed_lists_are_mended_and_told() -> None:
    found = read(CARD.replace("KRISTEN", "KRlSTEN").replace("PEREMPUAN", "PEREMPUAM"))
    assert (found["agama"].text, found["agama"].value) == ("KRISTEN", "Kristen")
    assert found["agama"].repaired == "“KRlSTEN” dibaca “KRISTEN”"
    assert found["jenis_kelamin"].value == "Perempuan"


def test_an_address_of_two_rows() -> None:
    at = ROWS.index("Alamat           : JL. MELATI NO. 12")
    found = read("\n".join([*ROWS[: at + 1], " " * 19 + "KOMPLEK PERMAI BLOK C", *ROWS[at + 1 :]]))
    texts = {name: field.text for name, field in found.items()}
    assert texts == VALUES | {"alamat": "JL. MELATI NO. 12 KOMPLEK PERMAI BLOK C"}


def test_the_photo_is_right_of_the_rows() -> None:
    area = photo_area([page(CARD)])
    assert area is not None
    x0, y0, x1, y1 = area
    name, below = (f.box for f in extract("ktp", [page(CARD)]) if f.name in ("nama", "kewarganegaraan"))
    assert x0 > name[0]
    assert y0 < name[3]
    assert name[3] < y1 < below[3]
    assert x0 < x1 <= 1


def test_a_letter_has_no_photo() -> None:
    letter = "Nomor : 460/1/X/2025\nHal : Undangan\nDengan hormat, bersama ini kami sampaikan"
    assert photo_area([page(letter)]) is None


def test_lines_that_an_engine_put_together_are_parted_again() -> None:
    straight = page(CARD)
    glued = tuple(replace(w, line=10) if w.line in (10, 11) else replace(w, line=min(w.line, 20)) for w in words(ROWS))
    found = {field.name: field.text for field in extract("ktp", [replace(straight, words=glued)])}
    assert found == VALUES


def test_nothing_of_a_card() -> None:
    empty = PageReading(1, 243.0, 153.0, 1240, 780, 0, 0.0, "ocr", tuple(word_at("x", (0, 0, 1, 1), 0.5, 0)), 0.1)
    assert extract("ktp", [empty]) == ()
