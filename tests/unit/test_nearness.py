"""How near words are: what a reader confuses is nearer than what it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.nearness import distance, reach

WORDS = st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("labukkang", "iabvkkang"), ("tarakan", "tarak4n"), ("wattimbela", "wattirnbela"), ("juhari", "joehari"),
        ("melai", "meiai"), ("rantebua", "rantbua"), ("syamsuddin", "samsuddin"), ("460649", "46o649"),
    ],
)  # fmt: skip
def test_misread_and_old_spellings_are_near(asked: str, read: str) -> None:
    assert 0 < distance(asked, read) <= reach(asked)


@pytest.mark.parametrize(
    ("asked", "other"),
    [("tarakan", "tangerang"), ("ujung", "gunung"), ("1234", "1243"), ("rt", "rw"), ("melai", "semen")],
)
def test_other_words_are_not(asked: str, other: str) -> None:
    assert distance(asked, other) > reach(asked)


def test_what_looks_alike_is_nearer_than_what_does_not() -> None:
    assert distance("balai", "ba1ai") < distance("balai", "bawai")


@given(WORDS, WORDS)
def test_it_is_the_same_from_both_sides_and_nothing_from_a_word_to_itself(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)
    assert distance(one, one) == 0
    assert (distance(one, other) == 0) == (one == other)
