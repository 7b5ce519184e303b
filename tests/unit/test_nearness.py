"""How near words are: what a reader confuses is nearer than what it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.nearness import distance, reach, shape, shapes_near, sound, sounds, within

WORDS = st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("labukkang", "iabvkkang"), ("tarakan", "tarak4n"), ("wattimbela", "wattirnbela"), ("juhari", "joehari"),
        ("melai", "meiai"), ("rantebua", "rantbua"), ("syamsuddin", "samsuddin"), ("460649", "46o649"),
        ("terlantar", "terlantra"), ("bima", "birna"), ("penaraga", "penarag"),
    ],
)  # fmt: skip
def test_misread_and_old_spellings_are_near(asked: str, read: str) -> None:
    assert 0 < distance(asked, read) <= reach(asked)


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("labukkang", "iabvkkang"), ("wattimbela", "wattirnbela"), ("juhari", "joehari"), ("terlantar", "terlantra"),
        ("girian", "g1nian"), ("rantebua", "rantbua"), ("460649", "46o649"), ("460649", "46649"),
        ("siantanhulu", "siantanliulu"), ("sungaiputri", "siingaiputri"),
        ("karangasam", "karansam"), ("margasari", "margasan"),
        ("cahyono", "tjahjono"), ("soetjipto", "sucipto"), ("wahyu", "wahjoe"), ("chairoel", "khairul"),
    ],
)  # fmt: skip
def test_misread_words_have_a_shape_that_is_looked_for(asked: str, read: str) -> None:
    assert shape(read) in shapes_near(asked)
    assert within(asked, [read], reach(asked))


def test_a_word_and_a_number_never_have_one_shape() -> None:
    assert shape("bolos") != shape("80105")
    assert not any(one.startswith("#") for one in shapes_near("belaka"))
    assert all(one.startswith("#") for one in shapes_near("3675"))


@pytest.mark.parametrize(
    ("asked", "other"),
    [("tarakan", "tangerang"), ("ujung", "gunung"), ("1234", "1243"), ("rt", "rw"), ("melai", "semen")],
)
def test_other_words_are_not(asked: str, other: str) -> None:
    assert distance(asked, other) > reach(asked)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("samsudin", "syamsuddin"), ("mochamad", "muhammad"), ("mohamad", "muhammad"), ("yusup", "jusuf"),
        ("cahyono", "tjahjono"), ("khairul", "chaeroel"), ("zulkarnain", "dzulkarnaen"), ("aisyah", "aisjah"),
        ("sucipto", "soetjipto"), ("rizky", "riski"), ("taufiq", "topik"), ("nurjanah", "noerdjannah"),
    ],
)  # fmt: skip
def test_names_that_are_written_in_many_ways_sound_alike(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_what_the_stemmer_leaves_of_a_name_sounds_like_the_whole() -> None:
    assert sound("sumiat") in sounds("soemijati")
    assert sound("rizky") in sounds("riski")


@pytest.mark.parametrize(
    ("one", "other"),
    [("sumiati", "surat"), ("agustinus", "agustus"), ("bambang", "baubau"), ("kuta", "kota"), ("nik12345", "nik12345")],
)
def test_other_words_do_not(one: str, other: str) -> None:
    assert sound(other) not in sounds(one)


def test_what_looks_alike_is_nearer_than_what_does_not() -> None:
    assert distance("balai", "ba1ai") < distance("balai", "bawai")


@given(WORDS, WORDS)
def test_it_is_the_same_from_both_sides_and_nothing_from_a_word_to_itself(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)
    assert distance(one, one) == 0
    assert (distance(one, other) == 0) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("labukkang", "iabvkkang"), ("sumiati", "surniati"), ("sumimati", "surnirnati"), ("yusriadi", "yusraidi"),
     ("durian", "clurian"), ("754822", "754872"), ("labukkang", "terlantar"), ("hasmiati", "asmiati")],
)  # fmt: skip
def test_what_is_ruled_out_is_far(one: str, other: str) -> None:
    far = distance(one, other)
    assert within(one, ["tidakadayangsepertinya", other], far) == {other: far}
    assert within(one, [other], far - 0.01) == {}
    assert within(other, [one], far) == {one: far}
