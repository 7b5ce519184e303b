"""The relevance suite is sound: what it judges by follows from its letters, and is what is committed."""

import re

import pytest

from tests.assets.letter import kinds
from tests.large.ask import SORTS
from tests.large.scaling import Country, page
from tests.relevance.figures import ndcg, recall
from tests.relevance.letters import HELD_BACK, SETS, WORDS, letters, words
from tests.relevance.noise import misread
from tests.relevance.queries import judged, make

of_each_set = pytest.mark.parametrize("of", SETS)


@of_each_set
def test_the_committed_judgements_are_those_that_the_letters_give(of: str) -> None:
    assert list(make(of)) == list(judged(of))


@of_each_set
def test_each_query_has_right_letters_and_stands_once(of: str) -> None:
    known, asked = {letter.id for letter in letters(of)}, judged(of)
    assert len(asked) >= 150
    assert len({query.text for query in asked}) == len(asked)
    for query in asked:
        assert query.grades
        assert query.grades.keys() <= known
        assert set(query.grades.values()) <= {1, 2, 3}


@of_each_set
def test_letters_are_of_every_kind_and_as_long_as_letters_are(of: str) -> None:
    assert {letter.kind for letter in letters(of)} == set(kinds())
    lengths = sorted(len(letter.text.split()) for letter in letters(of))
    assert lengths[len(lengths) // 10] >= 50
    assert lengths[-1] <= 200
    assert len({letter.number for letter in letters(of)}) == len(letters(of))


@of_each_set
def test_the_words_of_a_topic_stand_in_its_letters_alone(of: str) -> None:
    for number, topic in enumerate(words(of)["topics"]):
        for word in topic["only"]:
            said = [letter for letter in letters(of) if re.search(rf"\b{word}\b", letter.text, re.IGNORECASE)]
            assert {letter.case.topic for letter in said} <= {number}, word


def test_the_sets_have_no_person_place_or_matter_in_common() -> None:
    first, second = (words(of) for of in SETS)
    for part in ("names", "families"):
        assert not {*first[part].split()} & {*second[part].split()}
    assert not {told.split("|")[0] for told in first["places"]} & {told.split("|")[0] for told in second["places"]}
    assert not {word for topic in first["topics"] for word in topic["only"]} & {
        word for topic in second["topics"] for word in topic["only"]
    }
    assert not {query.text for query in judged(WORDS)} & {query.text for query in judged(HELD_BACK)}


def test_a_letter_is_misread_as_much_as_is_said_and_the_same_each_time() -> None:
    text = "".join(letter.text for letter in letters()[:40])
    for rate in (0.03, 0.08):
        read = misread(text, rate, "uji")
        assert read == misread(text, rate, "uji")
        # each error leaves its character, or the pair of it, unlike what was printed there
        wrong = sum(read.span(n, 1) != char for n, char in enumerate(text))
        assert wrong / len(text) == pytest.approx(rate, rel=0.15)
    assert misread(text, 0, "uji").text == text


def test_a_field_is_what_was_read_where_it_stands() -> None:
    letter = letters()[0]
    text, fields = letter.read(0.08)
    assert fields.keys() == letter.fields.keys()
    assert all(value in text for value in fields.values())
    assert fields != letter.fields


def test_figures_are_those_of_the_books() -> None:
    grades = {"a": 3, "b": 1}
    assert ndcg(["a", "b"], grades) == 1
    assert ndcg(["b", "a"], grades) == pytest.approx((1 + 7 / 1.58496) / (7 + 1 / 1.58496), abs=1e-4)
    assert ndcg(["x"], grades) == 0
    assert recall(["b", "x"], grades) == 0.5
    assert recall([f"{n}" for n in range(20)], {f"{n}": 3 for n in range(40)}) == 1


def test_scaling_is_reckoned_from_the_figures_of_the_largest_archive() -> None:
    row = dict.fromkeys((f"{sort}_p95" for sort in SORTS), 30.0) | {
        "size": 1_000_000, "filled_s": 900, "crowd_p95": 80.0,
        "suggestions_p95": 9.0, "served": 200.0, "storing_ms": 2.0, "text_bytes": 500e6,
        "index_bytes": 500e6, "vocabulary_bytes": 100e6, "database_bytes": 8e9,
    }  # fmt: skip
    country = Country(offices=100, letters_a_year=10_000, years=10, pages=1.2, officers=6, pause_s=60, minutes=1000)
    told = page([{**row, "size": 10_000}, row], "uji", country)
    for right in ("| 100,000 |", "10 million × 600 B | 6 GB", "12 GB ÷ 600 B = 20.0 million letters", "÷ 60 | 10 |",
                  "10 offices in one", "150 ÷ 30.0 ×\n1,000,000 = 5.0 million letters"):  # fmt: skip
        assert right in told
