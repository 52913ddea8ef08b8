"""Ticks stand at few round numbers, whatever an axis spans."""

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fibattn.figures.axes import powers, whole_ticks

ROUND = {digit * 10**power for digit in (1, 2, 5) for power in range(9)}


@given(last=st.integers(1, 10**6))
@example(last=401)
def test_whole_ticks_are_few_and_equally_far_apart(last):
    ticks = whole_ticks(0, last)["tickvals"]
    assert ticks[0] == 0
    assert ticks[-1] <= last
    assert 2 <= len(ticks) <= 10
    assert len({after - before for before, after in itertools.pairwise(ticks)}) == 1
    assert ticks[1] in ROUND


@pytest.mark.parametrize(
    ("first", "last", "wanted"),
    [
        (0, 3, [0, 1, 2, 3]),
        (1, 30, [1, 5, 10, 15, 20, 25, 30]),
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (0, 1000, [0, 200, 400, 600, 800, 1000]),
    ],
)
def test_whole_ticks_of_some_spans(first, last, wanted):
    assert whole_ticks(first, last) == {"tickvals": wanted}


@given(low=st.integers(-(10**5), 10**5), width=st.integers(1, 10**5))
def test_powers_are_few_and_multiples_of_a_round_number(low, width):
    ticks = powers(low, low + width)["tickvals"]
    assert 1 <= len(ticks) <= 8
    gaps = {after - before for before, after in itertools.pairwise(ticks)}
    assert len(gaps) <= 1 and gaps <= ROUND
    assert all(low <= tick <= low + width for tick in ticks)
