"""The gap is test error over training error, and notable from twice on."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fibattn.judge.overfitting import gap, is_notable
from fibattn.judge.starts import over_starts

NAN, INF = math.nan, math.inf


def gaps(train, test):
    return gap(over_starts(train), over_starts(test))


def test_the_gap_is_a_ratio_for_each_start():
    found = gaps((1, 2, 0, 0, NAN, 1), (3, 1, 1, 0, 1, INF))
    assert found.values == pytest.approx((3, 0.5, INF, 1, NAN, NAN), nan_ok=True)
    # Without a training error the ratio is infinite, and yet nothing diverged.
    assert found.diverged.tolist() == [False] * 4 + [True] * 2
    assert found.median == 2  # of 3, 0.5, inf, 1
    with pytest.raises(ValueError, match="of 1 random starts and test errors of 2"):
        gaps((1,), (1, 2))


def test_a_start_left_out_of_either_error_is_left_out():
    train = over_starts([1.0, 1.0, 1.0], np.array([True, False, False]))
    test = over_starts([8.0, 3.0, 4.0], np.array([False, False, True]))
    found = gap(train, test)
    assert (found.median, found.count_diverged) == (3, 2)


@pytest.mark.parametrize(
    ("train", "test", "notable"),
    [
        ([1.0], [2.0], True),
        ([1.0], [1.999], False),
        ([2.0], [1.0], False),
        ([1.0, 1.0, 1.0], [1.0, 2.0, 9.0], True),
        ([1.0, 1.0, 1.0], [1.0, 1.9, 9.0], False),
        ([1.0, NAN, 1.0], [3.0, 1.0, 1.0], True),  # median 2 of 3 and 1
        ([0.0], [1.0], True),
        ([0.0], [0.0], False),
        ([NAN], [NAN], False),
        ([], [], False),
    ],
)
def test_twice_the_error_is_notable(train, test, notable):
    assert is_notable(gaps(train, test)) is notable


positive = st.floats(1e-12, 1e12)


@given(st.lists(st.tuples(positive, positive), min_size=1, max_size=9))
def test_a_gap_is_notable_from_twice_the_error_on_and_never_below(pairs):
    train, test = zip(*pairs, strict=True)
    ratios = sorted(b / a for a, b in pairs)
    middle = (ratios[(len(ratios) - 1) // 2] + ratios[len(ratios) // 2]) / 2
    assert is_notable(gaps(train, test)) == (middle >= 2)
    lower = [min(pair) for pair in pairs]
    assert not is_notable(gaps(train, lower))
