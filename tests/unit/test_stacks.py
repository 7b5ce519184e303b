"""Which pages are whose, when a person says where the letters of a stack begin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.stacks import Span, name_of, spans_of
from core.faults import InvalidRequest


@st.composite
def stacks(draw: st.DrawFn) -> tuple[int, frozenset[int], frozenset[int]]:
    """Pages of a file, pages that are sheets, and pages where letters begin."""
    pages = draw(st.integers(1, 40))
    numbers = st.integers(1, pages)
    apart = draw(st.frozensets(numbers, max_size=pages - 1))
    left = sorted(set(range(1, pages + 1)) - apart)
    return pages, apart, draw(st.frozensets(st.sampled_from(left), max_size=6))


@given(stacks())
def test_every_page_is_in_one_place_and_order_is_kept(stack: tuple[int, frozenset[int], frozenset[int]]) -> None:
    pages, apart, begins = stack
    spans = spans_of(begins, pages, apart)
    held = [number for span in spans for number in range(span.first, span.last + 1)]
    assert held == sorted(set(held))
    assert set(range(1, pages + 1)) - set(held) <= apart
    assert {span.first for span in spans} - begins <= {min(set(range(1, pages + 1)) - apart)}
    assert begins <= {span.first for span in spans}
    # what belongs to no letter lies before one, or behind the last
    for span in spans:
        assert span.first not in apart
        assert span.last not in apart


@given(stacks(), st.data())
def test_a_page_that_is_not_there_or_a_sheet_begins_nothing(
    stack: tuple[int, frozenset[int], frozenset[int]], data: st.DataObject
) -> None:
    pages, apart, begins = stack
    wrong = data.draw(st.sampled_from([0, -1, pages + 1, *apart]))
    with pytest.raises(InvalidRequest):
        spans_of(begins | {wrong}, pages, apart)


def test_a_stack_of_nothing_but_sheets_has_no_letter() -> None:
    with pytest.raises(InvalidRequest):
        spans_of((), 2, {1, 2})


def test_a_sheet_that_nothing_begins_behind_stays_in_its_letter() -> None:
    assert spans_of({1}, 4, {2}) == (Span(1, 4),)
    assert spans_of({1, 3}, 4, {2}) == (Span(1, 1), Span(3, 4))
    assert spans_of({2}, 5, {1, 4, 5}) == (Span(2, 3),)


@pytest.mark.parametrize(
    ("name", "place", "called"),
    [
        ("pindaian.pdf", Span(3, 5), "pindaian hal. 3-5.pdf"),
        ("pindaian.pdf", Span(4, 4), "pindaian hal. 4.pdf"),
        ("tanpa akhiran", Span(1, 2), "tanpa akhiran hal. 1-2"),
        (".pdf", Span(1, 2), ".pdf hal. 1-2"),
    ],
)
def test_letters_are_named_for_their_pages(name: str, place: Span, called: str) -> None:
    assert name_of(name, place) == called
