"""Starts are counted in words, and those that diverged are named."""

import math

from fibattn.judge.starts import over_starts
from fibattn.words import starts

NAN = math.nan


def test_a_share_of_the_starts():
    found = [starts.share(count, 5) for count in (0, 2, 5)]
    assert found == ["none of 5 starts", "2 of 5 starts", "all 5 starts"]


def test_diverged_starts_are_counted_and_all_of_them_named():
    assert starts.diverged(over_starts([1.0, 2.0])) == ""
    assert starts.diverged(over_starts([1.0, NAN, 3.0, NAN, 5.0])) == "2 of 5 starts diverged"
    assert starts.diverged(over_starts([NAN, NAN])) == "every start diverged"
