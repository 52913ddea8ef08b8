"""Notices say the numbers they were given, and appear only where they should."""

import math

import pytest

from fibattn.judge.drowning import Drowning
from fibattn.judge.overfitting import gap
from fibattn.judge.starts import over_starts
from fibattn.words import notices

NAN = math.nan


def overfitting(train, test, chronological=False):
    return notices.overfitting(gap(over_starts(train), over_starts(test)), chronological)


def test_overfitting_is_said_with_its_size():
    words = overfitting([1, 1, 1], [12, 3, 40])
    assert words.startswith(
        "The test error is 12 times the training error (median over the starts): it may have"
    )
    assert "which is called overfitting" in words
    assert "in this one start" in overfitting([1], [2])
    words = overfitting([0, 0], [1, 1])
    assert "the training error is as good as 0" in words
    assert "∞" not in words


def test_diverged_starts_are_left_out_of_the_overfitting_and_counted():
    words = overfitting([1, NAN, 1], [4, 1, 4])
    assert "4.0 times the training error (median over the 2 of 3 starts that did not" in words


def test_later_windows_may_be_harder_on_their_own_account():
    words = overfitting([1], [1e70], chronological=True)
    assert "1.0·10⁷⁰ times" in words
    assert "later windows" in words
    assert "overfitting" not in words


@pytest.mark.parametrize(
    ("train", "test", "said"),
    [
        ([1.0], [1.99], False),
        ([1.0], [2.0], True),
        ([2.0], [1.0], False),
        ([NAN], [NAN], False),
        ([], [], False),
    ],
)
def test_overfitting_is_said_from_twice_the_error_on(train, test, said):
    found = overfitting(train, test)
    assert (found != "") is said and isinstance(found, str)


def test_drowned_data_is_said_in_numbers():
    found = Drowning(19_470, 23_600, 973, 1180, 3, 4)
    assert notices.drowning(found, leaks=False) == (
        ":material/water_drop: **Linear scaling drowns this data.** Of 23,600 inputs 19,470 are "
        "exactly 0 in float32, and of 1,180 targets 973. 3 training and 4 test windows carry 99 % "
        "of the sum of the squared targets."
    )
    assert notices.drowning(found, leaks=True).endswith(f"squared targets. {notices.LEAK}")
    assert "leaks into training" in notices.LEAK


def test_a_layer_with_a_ceiling_cannot_look_sharply():
    assert notices.sharpness(0.28, 20) == (
        "This layer cannot look sharply: of 20 steps one can get at most 0.280 of the weight, and "
        "0.050 is an equal share."
    )
    assert notices.sharpness(1.0, 8) == "An equal share of 8 steps would be 0.125."
