"""What is asked for, and which words of a page are marked for it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.identities import blind, numbers_in
from search.marks import by_index, marked_words
from search.parsing import Condition, parse, spellings, stop_words
from search.query import is_cursor
from search.suiting import _edge

KEY = "kunci"


def _asked(typed: str) -> str:
    """The question, without brackets around what needs none."""
    return re.sub(r"[()']", "", parse(typed).tsquery(KEY, spellings))


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("arsip", "arsip"),
        ("surat dan arsip", "surat & arsip"),
        ("Surat YANG Hilang", "surat & hilang"),
        ("dan yang", "dan & yang"),  # nothing else is asked for
        ('"surat dan arsip"', "surat <-> dan <-> arsip"),
        ('yang "dengan hormat" dan di', "dengan <-> hormat"),
        ('"dan', "dan"),
        ("444/PKM-KR/XII/2025", "444 <-> pkm <-> kr <-> xii <-> 2025"),
        ("000.8.3.3/261.DINSOSPM", "000 <-> 8 <-> 3 <-> 3 <-> 261 <-> dinsospm"),
        ("K.T.P.", "ktp | kartu <-> tanda <-> penduduk | k <-> t <-> p"),
        ("a.n. Budi", "an | a <-> n & budi"),
        ("arsip -rahasia", "arsip & !rahasia"),
        ("arsip - rahasia", "arsip & rahasia"),
        ("arsip BUKAN rahasia", "arsip & !rahasia"),
        ("arsip DAN rahasia", "arsip & rahasia"),
        ("tarakan ATAU samarinda kota", "tarakan | samarinda & kota"),
        ("tarakan or samarinda", "tarakan | samarinda"),
        ("tarak*", "tarak:* | tara"),  # the stemmer makes tara of Tarakan
        ("arsip*", "arsip:*"),
        ("pendamp*", "pendamp:* | damp:*"),  # and damping of pendampingan
        ("pemulih*", "pemulih:* | pulih:*"),
        ("menyalur*", "menyalur:* | salur:*"),
        ("pemu*", "pemu:*"),
        ("terlan*", "terlan:* | terla | telantar | terlantar"),
        ("nomor:444/PKM", "444 <-> pkm | 444pkm"),
        ("nomor:567A/2024", "567a <-> 2024 | 567a2024 | 567 <-> a <-> 2024"),
        ("nomor:460123", "460123 | 46 <-> 0123 | 460 <-> 123 | 4601 <-> 23"),
        ("telantar", "telantar | terlantar"),
        ("-telantar", ""),
        ("nama:budi", "budi"),
        ("-nama:budi arsip", "arsip"),
        ("kata//ganda", "kata <-> ganda"),
        ("nol\x00byte", "nol & byte"),
        ("", ""),
        ("   ", ""),
        ("& | ! ( ) : * <-> '", ""),
    ],
)
def test_asked(typed: str, asked: str) -> None:
    assert _asked(typed) == asked


@pytest.mark.parametrize(
    "typed", ["15-02-2024", "15/2/2024", "15 Pebruari 2024", "15 Feb 2024", "2024-02-15", "15.02.2024"]
)
def test_a_day_is_asked_for_however_it_is_written(typed: str) -> None:
    assert {"15 <-> februari <-> 2024", "15 <-> 02 <-> 24", "2024 <-> 02 <-> 15"} <= set(_asked(typed).split(" | "))


def test_a_day_in_words_is_asked_for_in_digits_and_in_its_words() -> None:
    asked = _asked("tiga bulan Mei tahun dua ribu dua puluh lima").split(" | ")
    assert {
        "03 <-> mei <-> 2025",
        "tiga <-> bulan <-> mei <-> tahun <-> dua <-> ribu <-> dua <-> puluh <-> lima",
    } <= set(asked)


@pytest.mark.parametrize(
    "typed",
    ["6571011311749978", "6571 0113 1174 9978", "657101.131174.9978", "nik: 6571011311749978", "6571O11311749978"],
)
def test_an_identity_number_is_asked_for_by_its_hash(typed: str) -> None:
    assert [_asked(typed)] == blind(["6571011311749978"], KEY)
    assert parse(typed).numbers == {"6571011311749978"}
    assert "6571" not in parse(typed).tsquery(None, spellings)


def test_dates_side_by_side_are_no_identity_number() -> None:
    assert numbers_in("01 02 2025 31 12 2025, 460/3675/DINSOS/2025") == set()


def test_fields_keep_what_was_typed() -> None:
    query = parse('jenis:ktp kasus:"12/2025" Dari:2025-01 sampai: 2025-06')
    told = [(one.name, one.value) for one in query.fields]
    assert told == [("jenis", "ktp"), ("kasus", "12/2025"), ("dari", "2025-01"), ("sampai", "2025-06")]
    assert not query.has_words


def test_a_condition_knows_its_alternative_and_whether_it_is_left_out() -> None:
    asked = [(one.value, one.alternative, one.without) for one in parse("jenis:ktp ATAU -jenis:kk kasus:1").fields]
    assert asked == [("ktp", 0, False), ("kk", 1, True), ("1", 1, False)]


@pytest.mark.parametrize(
    ("typed", "fields", "days"),
    [
        ("dari:15 Juli 2025 sampai: 3 Agustus 2025", ["15 Juli 2025", "3 Agustus 2025"], 0),
        ("dari:Juli 2025 arsip 2024", ["Juli 2025"], 0),
        ("dari:kapan 2025", ["kapan"], 0),
        ("nama:budi 15 Juli 2025", [], 1),
        ('"orang terlantar" 15 Juli 2025', [], 1),
        ('jenis:ktp "15 Juli 2025" nomor:12/05/2025 kasus: 12/05/2025', ["ktp", "12/05/2025"], 0),
    ],
)
def test_a_day_is_one_thing_beside_fields_and_quotes(typed: str, fields: list[str], days: int) -> None:
    query = parse(typed)
    assert [one.value for one in query.fields] == fields
    assert sum(term.sort == "day" for terms in query.alternatives for term in terms) == days


@pytest.mark.parametrize(
    ("value", "first", "last", "before", "behind"),
    [
        ("2025", "2025-01-00", "2025-12-99", "2025-01-00", "2025-12-99"),
        ("2025-06", "2025-06-00", "2025-06-99", "2025-06-00", "2025-06-99"),
        ("6/2025", "2025-06-00", "2025-06-99", "2025-06-00", "2025-06-99"),
        ("Juni-2025", "2025-06-00", "2025-06-99", "2025-06-00", "2025-06-99"),
        ("2025-06-03", "2025-06-03", "2025-06-03", "2025-06-02", "2025-06-04"),
        ("31/12/2025", "2025-12-31", "2025-12-31", "2025-12-30", "2026-01-01"),
        ("2025-13", None, None, None, None),
        ("kapan", None, None, None, None),
        ("", None, None, None, None),
    ],
)
def test_from_when_and_until(
    value: str, first: str | None, last: str | None, before: str | None, behind: str | None
) -> None:
    assert _edge(Condition("dari", value)) == first
    assert _edge(Condition("sampai", value)) == last
    assert _edge(Condition("dari", value, without=True)) == before
    assert _edge(Condition("sampai", value, without=True)) == behind


def test_stop_words_are_plain_words() -> None:
    assert {"dan", "yang", "di"} <= stop_words()
    assert "arsip" not in stop_words()
    assert all(word == word.casefold().strip() and word.isalpha() for word in stop_words())


@given(st.text(max_size=200) | st.text("ab\"-|&!():*<> \\'/.019", max_size=60))
def test_nothing_that_postgresql_refuses(typed: str) -> None:
    asked = parse(typed).tsquery(KEY, spellings)
    assert re.sub(r"'[^\W_]+'", "", asked).strip(" ()&|!<->:*") == ""


@pytest.mark.parametrize("value", ["7.1", "123456789012345678.999999999", f"7.1.9.{2**62}.100n"])
def test_cursors(value: str) -> None:
    assert is_cursor(value)


@pytest.mark.parametrize(
    "value",
    ["", "7", "7.", ".1", "-7.1", "7.1 ", "7.1\n", "7;1", "9" * 19 + ".1", "1." + "9" * 10, f"7.1.9.{2**64}.100"],
)
def test_no_cursors(value: str) -> None:
    assert not is_cursor(value)


@given(st.lists(st.tuples(st.from_regex(r"[a-z|,]{1,9}", fullmatch=True), st.booleans()), min_size=1, max_size=30))
def test_each_marked_word_is_found_again(words: list[tuple[str, bool]]) -> None:
    marked = " ".join(f"\x01{word}\x02" if hit else word for word, hit in words)
    assert marked_words(marked) == [hit for _, hit in words]


@pytest.mark.parametrize(
    ("marked", "flags"),
    [
        ("a \x01b\x02, c", [False, True, False]),
        ("\x01444\x02|\x01PKM\x02 x", [True, False]),
        ("x\x01y\x02z", [True]),
        ("\x01a b\x02 c", [True, True, False]),  # a mark over two words is on both
        ("\x01a b c\x02", [True, True, True]),
        ("", []),
    ],
)
def test_marks_in_and_over_words(marked: str, flags: list[bool]) -> None:
    assert marked_words(marked) == flags


@pytest.mark.parametrize(
    ("said", "index", "hits", "written"),
    [
        ("Surat PEMULANGAN 460/12-X", {"pulang": [2], "12": [4]}, "PEMULANGAN 460/12-X", "pemulangan 12"),
        ("menyapu rumah", {"sapu": [1]}, "menyapu", "menyapu"),  # the stemmer put the first letter back
        ("ibu (Ibu), itu", {"ibu": [1, 2]}, "ibu (Ibu),", "ibu"),
        ("nik 6473011203990001 klien", {"klien": [2]}, "klien", "klien"),  # a number is no word of the index
        ("a\u2019b c\\d", {"b": [2]}, "a\u2019b", "b"),
        ("", {}, "", ""),
    ],
)
def test_hits_by_the_index(said: str, index: dict[str, list[int]], hits: str, written: str) -> None:
    found = by_index(said, index)
    assert found is not None
    assert [word for word, hit in zip(said.split(), found[0], strict=True) if hit] == hits.split()
    assert found[1] == dict(zip(index, written.split(), strict=True))


@pytest.mark.parametrize(
    ("said", "index"),
    [
        ("\u00bd liter beras", {"liter": [1]}),  # a sign that is no word for the index
        ("satu", {"satu": [1], "dua": [2]}),
        ("satu dua", {"satu": [1], "dua": list(range(2, 300))}),
        ("dua " * 300, {"dua": list(range(1, 257))}),  # of which the index keeps no more places
    ],
)
def test_places_that_are_none_of_these_words(said: str, index: dict[str, list[int]]) -> None:
    assert by_index(said, index) is None
