"""The sentence about starts that diverged counts them, and is silent where none did."""

import math

import pytest

from fibattn.judge.starts import over_starts
from fibattn.words.starts import diverged, diverged_by_network, share

FINE = over_starts([1.0, 2.0, 3.0])
ONE = over_starts([1.0, math.nan, 2.0, 3.0, 4.0])
ALL = over_starts([math.inf, math.nan])


@pytest.mark.parametrize(
    ("over", "words"),
    [
        (FINE, ""),
        (ONE, "1 of 5 starts diverged"),
        (over_starts([1.0, math.inf, -math.inf]), "2 of 3 starts diverged"),
        (ALL, "every start diverged"),
        (over_starts([math.nan]), "every start diverged"),
        (over_starts([1.0]), ""),
    ],
)
def test_diverged_starts_are_counted(over, words):
    assert diverged(over) == words


def test_a_start_with_one_bad_value_of_many_has_diverged():
    assert diverged(over_starts([[1.0, 2.0], [3.0, math.nan], [4.0, 5.0]])) == (
        "1 of 3 starts diverged"
    )


def test_each_network_is_named():
    assert diverged_by_network({"Plain": ONE, "Uniform weights": FINE, "Attention": ALL}) == (
        "Plain: 1 of 5 starts diverged; Attention: every start diverged"
    )
    assert diverged_by_network({"Plain": FINE, "Attention": None}) == ""
    assert diverged_by_network({}) == ""


def test_a_share_of_the_starts():
    found = [share(count, 5) for count in (0, 2, 5)]
    assert found == ["none of 5 starts", "2 of 5 starts", "all 5 starts"]
