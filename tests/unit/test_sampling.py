"""Samples of letters filed unasked: a lot that is the same each time, and an honest share."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web.accuracy import interval, sample
from archive.sampling import Sampled, drawn, is_sample
from archive.tables import DocumentRow


@given(st.uuids(), st.integers(0, 100), st.integers(0, 100))
def test_a_lot_stays_and_grows_with_the_percentage(document: UUID, one: int, other: int) -> None:
    assert drawn(document, one) == drawn(document, one)
    assert not drawn(document, 0)
    assert drawn(document, 100)
    assert drawn(document, max(one, other)) or not drawn(document, min(one, other))


def test_about_so_many_in_a_hundred_are_drawn() -> None:
    among = sum(drawn(UUID(int=number), 2) for number in range(20_000))
    assert 300 < among < 500


@pytest.mark.parametrize(
    ("kind", "sampled", "doubt", "percent", "after"),
    [
        (None, False, 0, 100, True),
        (None, False, 1, 100, False),  # it is asked about anyway
        (None, False, 0, 0, False),
        ("ktp", False, 0, 100, False),  # decided when it was filed at first
        ("ktp", True, 0, 0, True),
        ("ktp", True, 2, 100, False),
    ],
)
def test_the_lot_is_drawn_once(kind: str | None, sampled: bool, doubt: int, percent: int, after: bool) -> None:
    row = DocumentRow(id=uuid4(), kind=kind, sampled=sampled)
    assert is_sample(row, doubt, percent) is after


@given(st.integers(1, 5000), st.data())
def test_the_interval_holds_the_share(count: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, count))
    low, high = interval(right, count)
    assert 0 <= low <= 100 * right / count + 0.01
    assert 100 * right / count - 0.01 <= high <= 100


def test_few_samples_promise_little() -> None:
    assert interval(20, 20) == pytest.approx((83.9, 100.0), abs=0.05)
    assert interval(198, 200) == pytest.approx((96.4, 99.7), abs=0.05)


def test_samples_of_a_kind_or_of_all() -> None:
    rows = [Sampled("ktp", 10, 10, 140, 140), Sampled("kk", 10, 8, 60, 57)]
    whole, cards = sample(rows, None), sample(rows, "ktp")
    assert whole is not None
    assert cards is not None
    assert (whole.letters, whole.right, whole.share, whole.facts, whole.facts_right) == (20, 18, 90.0, 200, 197)
    assert (cards.letters, cards.share) == (10, 100.0)
    assert sample(rows, "skt_polisi") is None
