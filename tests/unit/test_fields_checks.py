"""What fields say about each other: repairs that are told, doubts that stay, and nothing changed in silence."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.reading import PageReading, Word, word_at
from classify.fields import Field, doubts, extract, photo_area
from classify.fieldspec import field_spec, kind_spec, kinds_known, label, mask
from tests.assets.letter import book
from tests.unit.typed import page

UNIT = st.floats(0, 1)
# words that look like those of letters, so that labels, numbers and dates really meet
LIKELY = st.sampled_from([
    "Nama", "NIK", "Nomor", ":", "::", "Tanggal", "Tempat/Tgl", "Lahir", "6571022007930013", "12", "Juli", "2025",
    "Tarakan,", "NIP.", "19720207", "199701", "1", "011", "Jl.", "Yth.", "di", "Tembusan", "1.", "SURAT", "KETERANGAN",
    "Rp", "100.000", "III/2025", "460/2/II1/2025", "Alamat", "Sifat", "Segera", "Biasa", "PROVINSI", "Gol.", "Darah:O",
])  # fmt: skip
WILD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=14)


def person(**changed: str) -> dict[str, Field]:
    """A certificate about one person, some of its values changed."""
    values = {
        "nomor": "460/454/KEL-KAP/V/2025", "nama": "Lambudi Karimanto", "nik": "6571010106650029",
        "lahir": "Tarakan, 1 Juni 1965", "sex": "Laki-laki", "kk": "6571031906209927", "tanggal": "9 Mei 2025",
    } | changed  # fmt: skip
    text = """
      SURAT KETERANGAN ORANG TERLANTAR
       Nomor : {nomor}
Nama              : {nama}
NIK               : {nik}
No. KK            : {kk}
Tempat/Tgl. Lahir : {lahir}
Jenis Kelamin     : {sex}
                   Tarakan, {tanggal}
"""
    return {field.name: field for field in extract("skt_kelurahan", [page(text.format(**values))])}


def test_all_agree() -> None:
    found = person()
    assert all(field.sure and not field.failed and field.repaired is None for field in found.values())


def test_a_birth_date_that_is_not_the_niks_makes_both_doubtful() -> None:
    found = person(lahir="Tarakan, 7 Juni 1965")
    assert found["nik"].value == "6571010106650029"
    assert found["nik"].failed == ("tanggal lahir menurut NIK 1 Juni 1965, tercetak 7 Juni 1965",)
    assert found["tempat_tgl_lahir"].failed == ("tanggal lahir menurut NIK 1 Juni 1965",)
    assert not found["nik"].sure
    assert not found["tempat_tgl_lahir"].sure


def test_a_sex_that_is_not_the_niks() -> None:
    found = person(sex="Perempuan")
    assert found["nik"].failed == ("menurut NIK laki-laki, tercetak Perempuan",)
    assert not found["nik"].sure
    assert not found["jenis_kelamin"].sure


def test_a_day_that_does_not_exist_is_mended_by_the_printed_one_and_told() -> None:
    found = person(nik="6571017106650029", lahir="Tarakan, 11 Juni 1965")
    assert found["nik"].value == "6571011106650029"
    assert found["nik"].repaired == "“710665” dibaca “110665” menurut tanggal lahir 11 Juni 1965"
    assert not found["nik"].sure


def test_letters_for_digits_are_told() -> None:
    found = person(nik="65710lO1O6650029")
    assert found["nik"].value == "6571010106650029"
    assert found["nik"].repaired == "angka mirip huruf dibaca angka: l→1, O→0"


def test_a_number_that_fails_is_shown_as_it_is() -> None:
    found = person(nik="657101010665002")
    assert (found["nik"].value, found["nik"].failed) == ("657101010665002", ("15 angka, seharusnya 16",))
    assert not found["nik"].sure


def test_the_family_cards_number_in_the_niks_place() -> None:
    found = person(kk="6571010106650029")
    assert found["nik"].failed == ("sama dengan nomor KK, salah satu keliru",)
    assert found["kk"].failed == ("sama dengan NIK, seharusnya nomor kartu keluarga",)


@pytest.mark.parametrize(
    ("nomor", "text", "repaired", "sure"),
    [
        ("460/454/KEL-KAP/V/2025", "460/454/KEL-KAP/V/2025", None, True),
        ("460/454/KEL-KAP/Y/2025", "460/454/KEL-KAP/V/2025", "“Y” dibaca “V”", True),
        ("460/454/KEL-KAP/X/2025", "460/454/KEL-KAP/X/2025", None, False),
        ("460/454/KEL-KAP/2025", "460/454/KEL-KAP/2025", None, False),
    ],
)
def test_the_month_of_a_number(nomor: str, text: str, repaired: str | None, sure: bool) -> None:
    found = person(nomor=nomor)["nomor_surat"]
    assert (found.text, found.repaired, found.sure) == (text, repaired, sure)


def test_a_month_with_strokes_lost_is_mended_but_asked() -> None:
    found = person(nomor="460/454/KEL-KAP/VI/2025", tanggal="9 Juli 2025")["nomor_surat"]
    assert found.text == "460/454/KEL-KAP/VII/2025"
    assert found.repaired == "“VI” dibaca “VII” menurut tanggal 9 Juli 2025"
    assert not found.sure


def test_a_number_that_waits_for_its_serial() -> None:
    found = person(nomor="000.8.3.3/        /DINSOSPM/V/2025")["nomor_surat"]
    assert found.text == "000.8.3.3//DINSOSPM/V/2025"
    assert found.failed == ("nomor urut belum diisi",)


def test_other_words_for_a_choice_are_filed_as_one() -> None:
    found = person(sex="Pria")
    assert (found["jenis_kelamin"].text, found["jenis_kelamin"].value) == ("Pria", "Laki-laki")
    assert "jenis kelamin cocok dengan NIK" in found["nik"].passed


def test_nobody_is_born_after_the_letter() -> None:
    found = person(lahir="Tarakan, 1 Juni 2031", nik="6571010106310029")
    assert "lahir pada atau sesudah tanggal surat" in found["tempat_tgl_lahir"].failed


def test_names_and_streets_where_readers_confuse_l_and_i() -> None:
    found = person(nama="Syamsul lbau")["nama"]
    assert found.text == "Syamsul Ibau"
    assert found.repaired is not None
    address = extract("skt_polisi", [page("Nama : Maria Ibau\nAlamat : JI. Melati No. 3, Kota Tarakan")])[-1]
    assert (address.text, address.repaired) == ("Jl. Melati No. 3, Kota Tarakan", "“JI.” dibaca “Jl.”")


def test_common_words_are_mended_only_where_letters_look_alike() -> None:
    found = extract(
        "skt_polisi", [page("Nama : Maria Ibau\nAlamat : Jl. Melati No. 3, Keturahan Juata Laut, Kota Tarakan")]
    )
    assert found[-1].text == "Jl. Melati No. 3, Kelurahan Juata Laut, Kota Tarakan"
    assert found[-1].repaired == "“Keturahan” dibaca “Kelurahan”"
    found = extract("skt_polisi", [page("Nama : Maria Ibau\nPekerjaan : Belum / Tidak Bekerja")])
    assert (found[-1].text, found[-1].repaired) == ("Belum / Tidak Bekerja", None)


def test_an_official_printed_twice_in_two_ways_is_asked() -> None:
    text = """
Nama    : Mabonga, S.IP
NIP     : 19680318 199403 1 007
Jabatan : Lurah

          MABONGA, S.IP
          NIP. 19800318 199403 1 007
"""
    nip = next(field for field in extract("skt_kelurahan", [page(text)]) if field.name == "nip")
    assert (nip.value, nip.failed) == ("196803181994031007", ("terbaca juga 198003181994031007",))
    assert not nip.sure


def test_a_month_misread_is_mended_and_asked() -> None:
    found = person(tanggal="9 Febriari 2025")
    assert (found["tanggal"].text, found["tanggal"].value) == ("9 Februari 2025", "2025-02-09")
    assert found["tanggal"].repaired == "“9 Febriari 2025” dibaca “9 Februari 2025”"
    assert not found["tanggal"].sure


def test_a_name_with_odd_capitals_is_asked() -> None:
    assert person()["nama"].sure
    assert not person(nama="LambUdi Karimanto")["nama"].sure


def test_faint_words_are_asked() -> None:
    text = "Nama : Maria Ibau\nNIK : 6571010106650029\nTempat Lahir : Tarakan, 1 Juni 1965"
    faint = extract("skt_polisi", [page(text, confidence=0.4)])
    assert faint
    assert not any(field.sure for field in faint)


@given(st.lists(st.tuples(LIKELY | WILD, UNIT, UNIT, UNIT, st.none() | UNIT, st.integers(0, 9)), max_size=40))
@settings(max_examples=60)
def test_any_page_is_survived(found: list[tuple[str, float, float, float, float | None, int]]) -> None:
    words: list[Word] = []
    for text, x, y, high, confidence, line in sorted(found, key=lambda w: w[5]):
        words += word_at(text, (x, y, min(1, x + 0.1), min(1, y + high / 30)), confidence, line)
    reading = PageReading(3, 595.0, 842.0, 1240, 1754, 0, 0.0, "ocr", tuple(words), 0.1)
    for kind in ("umum", "ktp", "lembar_disposisi", "bukti_uang_tiket_saku", "berita_acara_serah_terima"):
        fields = extract(kind, [reading, reading], [(3, "Segera")])
        assert len({field.name for field in fields}) == len(fields)
        assert {field.name for field in fields} <= {spec.name for spec in kind_spec(kind).fields}
        for field in fields:
            assert not (field.sure and field.failed)
            assert field.text
            assert Field.from_json(json.loads(json.dumps(field.to_json()))) == field
    photo_area([reading])


def test_an_empty_list_of_copies_is_no_field() -> None:
    assert "tembusan" not in {field.name for field in extract("surat_masuk_lain", [page("Tembusan\n1.")])}


def test_nothing_to_read() -> None:
    blank = PageReading(1, 595.0, 842.0, 1240, 1754, 0, 0.0, "blank", (), 0.1)
    assert extract("foto", [page("Nomor : 460/1/X/2025")]) == ()
    assert extract("skt_polisi", []) == extract("ktp", [blank]) == ()
    assert photo_area([]) is None
    assert photo_area([blank]) is None


def test_every_doubt_has_its_reason() -> None:
    assert doubts(person()["nik"]) == ()
    assert doubts(person(lahir="Tarakan, 7 Juni 1965")["tempat_tgl_lahir"]) == (
        "tanggal lahir menurut NIK 1 Juni 1965",
    )
    mended = person(nomor="460/454/KEL-KAP/VI/2025", tanggal="9 Juli 2025")["nomor_surat"]
    assert doubts(mended) == ("“VI” dibaca “VII” menurut tanggal 9 Juli 2025",)
    assert doubts(person(nomor="460/454/KEL-KAP/2025")["nomor_surat"]) == ("tidak ada yang membuktikan nilai ini",)
    (faint,) = extract("skt_polisi", [page("Nama : Maria Ibau", confidence=0.4)])
    assert doubts(faint) == ("terbaca kurang jelas (40%)",)


def test_identity_numbers_are_masked_in_previews() -> None:
    assert mask("nik", "6571010106650029") == "6571********0029"
    assert mask("nik", "6571 0101 0665 0029") == "6571********0029"
    assert mask("nik", "123") == "***"
    assert mask("nama", "Maria") == "Maria"
    assert mask("entah", "apa saja") == "apa saja"


def test_every_kind_and_field_is_described() -> None:
    assert set(book()["kinds"]) <= set(kinds_known())
    for kind in kinds_known():
        for spec in kind_spec(kind).fields:
            assert field_spec(spec.name) is spec
            assert label(spec.name) == spec.label
    assert label("entah") == "entah"
