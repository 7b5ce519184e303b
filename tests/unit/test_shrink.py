"""Smaller copies keep what a page shows, at the size asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.shrink import at_most, by_steps, shrunk


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 13))
def test_steps_leave_out_less_than_one(wide: int, high: int, step: int) -> None:
    small = by_steps(np.full((high, wide), 7, np.uint8), step)
    if wide >= step and high >= step:
        assert small.shape == (high // step, wide // step)
    assert (small == 7).all()


@pytest.mark.parametrize("size", [(500, 700), (250, 350), (199, 311), (60, 41), (1, 1)])
def test_the_size_is_the_one_asked_for_and_the_light_stays(size: tuple[int, int]) -> None:
    ramp = np.tile(np.linspace(0, 255, 500), (700, 1)).astype(np.uint8)
    small = shrunk(ramp, size)
    assert small.shape == size[::-1]
    assert abs(float(small.mean()) - float(ramp.mean())) < 2


def test_a_small_picture_is_left_alone() -> None:
    picture = np.zeros((30, 20), np.uint8)
    same, scale = at_most(picture, 30)
    assert same is picture
    assert scale == 1.0
    assert at_most(picture, 15)[0].shape == (15, 10)
