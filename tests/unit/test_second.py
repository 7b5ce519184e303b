"""The second opinion weighed: who is asked about what, and that no reading is ever changed by it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.checks import IDENTIFYING
from classify.fields import AGREED, Field, doubts, extract
from classify.second import MOST_LINES, answered, questions, weighed
from tests.unit.typed import page

LETTER = """
                    SURAT KETERANGAN ORANG TERLANTAR
                       Nomor : 460/454/KEL-KAP/V/2025

     Nama              : {nama}
     Perihal           : Kunjungan Wisatawan
                         Mancanegara
                                       Tarakan, 9 Mei 2025
"""


def faint(nama: str = "Lambudi Karimanto") -> dict[str, Field]:
    """A letter of which every word was read badly."""
    found = extract("surat_masuk_lain", [page(LETTER.format(nama=nama), confidence=0.62)])
    return {field.name: field for field in found}


def test_only_what_identifies_and_is_in_doubt_is_asked() -> None:
    pages = [page(LETTER.format(nama="Lambudi Karimanto"), confidence=0.62)]
    fields = extract("surat_masuk_lain", pages)
    asked = {question.field for question in questions(fields, pages, IDENTIFYING, {})}
    assert asked == {field.name for field in fields if field.name in IDENTIFYING and not field.sure}
    assert {"nama", "perihal"} <= asked
    sure = tuple(replace(field, sure=True) for field in fields)
    assert questions(sure, pages, IDENTIFYING, {}) == []


def test_a_value_of_two_lines_is_asked_line_by_line() -> None:
    pages = [page(LETTER.format(nama="Lambudi Karimanto"), confidence=0.62)]
    (matter,) = questions(extract("surat_masuk_lain", pages), pages, {"perihal"}, {})
    first, second = matter.lines
    assert first[3] < second[1]
    assert first[0] == pytest.approx(second[0], abs=0.001)


def test_what_the_pdf_itself_says_is_not_asked() -> None:
    pages = [replace(page(LETTER.format(nama="Lambudi Karimanto"), confidence=0.62), source="pdf_text")]
    assert questions(extract("surat_masuk_lain", pages), pages, IDENTIFYING, {}) == []


def test_a_place_is_not_read_twice() -> None:
    pages = [page(LETTER.format(nama="Lambudi Karimanto"), confidence=0.62)]
    fields = extract("surat_masuk_lain", pages)
    before = {field.name: replace(field, other="Lambudi Karimanta").to_json() for field in fields}
    before = {name: {**field, "box": list(field["box"])} for name, field in before.items()}
    assert questions(fields, pages, IDENTIFYING, before) == []
    assert answered(fields[0], before) == "Lambudi Karimanta"
    moved = {name: {**field, "box": [0.0, 0.0, 0.5, 0.5]} for name, field in before.items()}
    assert questions(fields, pages, {"nama"}, moved)


def test_two_readers_that_agree_make_a_field_sure() -> None:
    name = faint()["nama"]
    assert not name.sure
    both = weighed(name, " : Lambudi  Karimanto.")
    assert (both.sure, both.value, AGREED in both.passed) == (True, name.value, True)
    assert doubts(both) == ()


def test_two_readers_that_differ_leave_the_doubt_and_say_so() -> None:
    name = faint()["nama"]
    both = weighed(name, "Lambudi Karimanta")
    assert (both.sure, both.value, both.other) == (False, name.value, "Lambudi Karimanta")
    assert doubts(both)[0] == "dua pembacaan berbeda"


@pytest.mark.parametrize(
    ("said", "agree"),
    [("460/454/KEL-KAP/V/2025", True), ("460/454/KEL-KAP/Y/2025", False), ("460/45/KEL-KAP/V/2025", False)],
)
def test_numbers_agree_only_sign_by_sign(said: str, agree: bool) -> None:
    number = replace(faint()["nomor_surat"], sure=False)
    assert (AGREED in weighed(number, said).passed) is agree


def test_dates_agree_by_their_day() -> None:
    day = replace(faint()["tanggal"], sure=False)
    assert AGREED in weighed(day, "9 MEI 2025").passed
    assert AGREED not in weighed(day, "8 Mei 2025").passed


@pytest.mark.parametrize("said", ["", " | ", "CeleirleleToTsTaTetaIsIrIoToT:TsI"])
def test_a_reader_that_saw_something_else_says_nothing(said: str) -> None:
    name = faint()["nama"]
    assert weighed(name, said) == name


def test_agreement_settles_nothing_but_the_letters() -> None:
    name = faint()["nama"]
    for doubtful in (replace(name, failed=("menurut NIK laki-laki",), provable=False), replace(name, provable=False)):
        both = weighed(doubtful, name.text)
        assert (both.sure, both.failed) == (False, doubtful.failed)
        assert AGREED in both.passed


def test_provable_is_not_stored() -> None:
    name = weighed(faint()["nama"], "Lambudi Karimanta")
    stored = name.to_json()
    assert "provable" not in stored
    assert stored["other"] == "Lambudi Karimanta"
    assert Field.from_json(stored) == replace(name, provable=False)
    del stored["other"]  # as an earlier version wrote it
    assert Field.from_json(stored).other is None


@given(st.text(max_size=60))
def test_whatever_it_says_no_value_changes(said: str) -> None:
    for field in faint().values():
        both = weighed(field, said)
        assert (both.value, both.text, both.failed, both.box) == (field.value, field.text, field.failed, field.box)
        assert both.sure in (field.sure, field.provable)
        assert both.sure or not field.sure


@given(st.integers(0, 60))
def test_a_field_of_many_lines_costs_no_more(lines: int) -> None:
    pages = [page("\n".join(["Perihal : Kunjungan"] + ["          Wisatawan"] * lines), confidence=0.5)]
    for question in questions(extract("surat_masuk_lain", pages), pages, IDENTIFYING, {}):
        assert 1 <= len(question.lines) <= MOST_LINES
