"""What is asked for, and which words of a page are marked for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.tables import PUNCTUATION
from search.query import _marked_words, _stop_words, is_cursor, prepared


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("arsip", "arsip"),
        ("surat dan arsip", "surat arsip"),
        ("Surat YANG Hilang", "Surat Hilang"),
        ("dan yang", "dan yang"),  # nothing else is asked for
        ('"surat dan arsip"', '"surat dan arsip"'),
        ('yang "dengan hormat" dan di', '"dengan hormat"'),
        ('"dan', '"dan'),
        ("444/PKM-KR/XII/2025", "444|PKM|KR|XII|2025"),
        ("000.8.3.3/261.DINSOSPM", "000|8|3|3|261|DINSOSPM"),
        ("22-10-2025", "22|10|2025"),
        ("a.n. Budi", "a|n. Budi"),
        ("arsip -rahasia", "arsip -rahasia"),  # a minus before a word still means "without"
        ("arsip - rahasia", "arsip - rahasia"),
        ("kata//ganda", "kata|ganda"),
        ("nol\x00byte", "nol byte"),
        ("", ""),
        ("   ", "   "),
    ],
)
def test_prepared(words: str, asked: str) -> None:
    assert prepared(words) == asked


def test_stop_words_are_plain_words() -> None:
    assert {"dan", "yang", "di"} <= _stop_words()
    assert "arsip" not in _stop_words()
    assert all(word == word.casefold().strip() and word.isalpha() for word in _stop_words())


@given(st.text(max_size=200))
def test_nothing_postgresql_refuses_and_nothing_lost_but_stop_words(words: str) -> None:
    asked = prepared(words)
    assert "\x00" not in asked
    kept, given_ = set(asked.split()), set(prepared(f'"{words}').split())
    assert kept or not words.replace("\x00", " ").strip()
    assert all(part.casefold().strip('"') in _stop_words() for part in given_ - kept if '"' not in part)


@given(st.lists(st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True), min_size=2, max_size=5), st.sampled_from(PUNCTUATION))
def test_a_number_is_one_part_whatever_joins_it(parts: list[str], mark: str) -> None:
    assert prepared(mark.join(parts)) == "|".join(parts)


@pytest.mark.parametrize("value", ["7.1", "123456789012345678.999999999"])
def test_cursors(value: str) -> None:
    assert is_cursor(value)


@pytest.mark.parametrize(
    "value", ["", "7", "7.", ".1", "-7.1", "7.1 ", "7.1\n", "7;1", "9" * 19 + ".1", "1." + "9" * 10]
)
def test_no_cursors(value: str) -> None:
    assert not is_cursor(value)


@given(st.lists(st.tuples(st.from_regex(r"[a-z|,]{1,9}", fullmatch=True), st.booleans()), min_size=1, max_size=30))
def test_each_marked_word_is_found_again(words: list[tuple[str, bool]]) -> None:
    marked = " ".join(f"\x01{word}\x02" if hit else word for word, hit in words)
    assert _marked_words(marked) == [hit for _, hit in words]


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
    assert _marked_words(marked) == flags
