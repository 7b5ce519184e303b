"""The office's own words: learned from what was confirmed more than once, used openly and never for numbers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classify.fields import Field
from classify.fieldspec import field_spec, learned_fields
from classify.vocabulary import KNOWN, learned_from, mended, nearest, words

OFFICIALS = ("Puangrea Sarungallu, S.Sos.", "Wirasena Lamadika, S.E.")


def read(name: str, text: str, *, sure: bool = False, provable: bool = True) -> Field:
    box = (0.1, 0.1, 0.3, 0.12)
    return Field(name, text, text, 1, box, 0.7, sure, (), (), None, provable=provable)


def test_no_number_and_no_client_is_learned() -> None:
    for name in learned_fields():
        spec = field_spec(name)
        assert spec is not None
        assert spec.type in ("teks", "nama")
        assert name == "penandatangan" or spec.type != "nama"
    assert {"penandatangan", "pengirim", "tujuan", "kelurahan", "kecamatan", "alamat"} == learned_from()


def test_a_word_is_known_once_two_letters_say_it() -> None:
    told = [("pengirim", "Dinas Sosial", 1), ("pengirim", "DINAS SOSIAL", 2), ("pengirim", "Polres Tarakan", 1)]
    assert words(told) == {"pengirim": ("DINAS SOSIAL",)}


def test_places_are_learned_from_addresses() -> None:
    told = [
        ("alamat", "Jl. Cempaka No. 7 RT. 3, Kelurahan Selumit Pantai, Kec. Tarakan Tengah, Kota Tarakan", 1),
        ("alamat", "Jl. Melati RT 05 Kel. Selumit Pantai Kecamatan Tarakan Tengah", 1),
        ("alamat", "Jl. Kelapa 3, Desa Sukamaju", 1),
    ]
    assert words(told) == {"kelurahan": ("Selumit Pantai",), "kecamatan": ("Tarakan Tengah",)}


@pytest.mark.parametrize(
    ("read_as", "meant"),
    [
        ("Puangrea Sarunga11u, S.Sos.", "Puangrea Sarungallu, S.Sos."),
        ("Wirasena Larnadika, S.E.", "Wirasena Lamadika, S.E."),
        ("Wirasenu Lamadika S.E.", "Wirasena Lamadika, S.E."),
        ("Wirasena Lamadika, S.E.", None),  # it is one
        ("Wirya Lamadi", None),
        ("Puang", None),
    ],
)
def test_a_misread_word_is_taken_for_the_one_it_is_near(read_as: str, meant: str | None) -> None:
    assert nearest(read_as, OFFICIALS) == meant


def test_near_two_words_it_is_neither() -> None:
    assert nearest("Sri Wahyun1 Lestari", ("Sri Wahyuni Lestari", "Sri Wahyuna Lestari")) is None


def test_other_digits_are_another_word() -> None:
    assert nearest("Puskesmas Karang Rejo 2", ("Puskesmas Karang Rejo 1",)) is None


def test_a_reading_that_the_office_knows_is_sure() -> None:
    known = {"penandatangan": OFFICIALS}
    field = mended(read("penandatangan", OFFICIALS[0]), known)
    assert (field.sure, field.passed) == (True, (KNOWN,))
    assert not mended(read("penandatangan", OFFICIALS[0], provable=False), known).sure


def test_a_repair_says_what_was_read_and_is_asked_about() -> None:
    field = mended(read("penandatangan", "Wirasena Larnadika, S.E."), {"penandatangan": OFFICIALS})
    assert (field.value, field.text, field.sure) == (OFFICIALS[1], OFFICIALS[1], False)
    assert field.repaired == f"“Wirasena Larnadika, S.E.” dibaca “{OFFICIALS[1]}”, kata yang dikenal kantor ini"


def test_a_place_in_an_address_is_mended_where_it_stands() -> None:
    known = {"kelurahan": ("Selumit Pantai",), "kecamatan": ("Tarakan Tengah",)}
    field = mended(read("alamat", "JL. MELATI RT 5 KEL. SE1UMIT PANTAI, KEC. TARAKAN TENGAH"), known)
    assert field.text == "JL. MELATI RT 5 KEL. SELUMIT PANTAI, KEC. TARAKAN TENGAH"
    assert field.repaired == "“SE1UMIT PANTAI” dibaca “Selumit Pantai”, kata yang dikenal kantor ini"


@given(
    st.sampled_from(["nama", "nik", "nomor_surat", "telepon", "nip", "perihal", "kepala_keluarga"]),
    st.text(max_size=30),
)
def test_what_is_no_word_of_the_office_stays_as_it_was_read(name: str, text: str) -> None:
    known = {name: (text + "l", "Wirasena Lamadika"), "penandatangan": OFFICIALS}
    field = read(name, text)
    assert mended(field, known) == field


@given(st.text(max_size=40), st.lists(st.text(max_size=40), max_size=4))
def test_what_was_read_surely_is_left_alone_and_every_repair_is_told(text: str, known: list[str]) -> None:
    sure = read("pengirim", text, sure=True)
    assert mended(sure, {"pengirim": tuple(known)}) == sure
    for name in ("pengirim", "alamat"):
        field = read(name, text)
        after = mended(field, {"pengirim": tuple(known), "kelurahan": tuple(known)})
        assert after == field or after.repaired or KNOWN in after.passed
        if after.text == text:
            assert replace(after, sure=False, passed=()) == field


@given(st.lists(st.tuples(st.sampled_from(sorted(learned_from())), st.text(max_size=60), st.integers(1, 3))))
def test_any_confirmations_can_be_learned_from(told: list[tuple[str, str, int]]) -> None:
    for known in words(told).values():
        assert len(known) == len(set(known))
