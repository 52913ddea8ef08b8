"""Numbers as people read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fibattn.words.notation import counted, factor, power_of_ten, readable, times, times_between


@given(st.floats(allow_subnormal=True))
def test_a_readable_number_is_the_number(value):
    words = readable(value, 3)
    if math.isnan(value):
        assert words == "not a number"
        return
    plain = words.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-"))
    back = float(plain.replace("∞", "inf").replace("·10", "e"))
    assert back == pytest.approx(value, rel=0.006) or abs(value) > 1.79e308


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.05, "0.050"),
        (144, "144"),
        (-0.0012, "−0.0012"),
        (2.34e-5, "2.3·10⁻⁵"),
        (1e250, "1.0·10²⁵⁰"),
        (0, "0"),
        (9.99, "10"),
        (0.00101, "0.0010"),
        (0.00099, "9.9·10⁻⁴"),
        (99_400, "99400"),
        (100_000, "1.0·10⁵"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_numbers_are_written_for_people(value, words):
    assert readable(value) == words
    assert power_of_ten(-37) == "10⁻³⁷"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "1.0"),
        (2.04, "2.0"),
        (9.94, "9.9"),
        (10, "10"),
        (144.3, "144"),
        (999, "999"),
        (1000, "10³"),
        (4e30, "10³¹"),
        (3e30, "10³⁰"),
    ],
)
def test_factors_are_written_in_full_up_to_a_thousand(number, words):
    assert factor(math.log10(number)) == words


def test_a_factor_may_be_beyond_float64():
    assert factor(600.2) == "10⁶⁰⁰"


def test_a_counted_noun_has_its_plural():
    assert [counted(number, "start") for number in (0, 1, 2)] == ["0 starts", "1 start", "2 starts"]


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (1 / 43, "43 times lower"),
        (1 / 4, "4.0 times lower"),
        (3.0, "3.0 times higher"),
        (144.0, "144 times higher"),
        (1e-30, "10³⁰ times lower"),
        (0.89, "1.1 times lower"),
        (0.93, "7 % lower"),
        (1.05, "5 % higher"),
        (1.12, "1.1 times higher"),
        (0.9997, "0.03 % lower"),
        (1.0, "the same"),
    ],
)
def test_a_ratio_is_said_in_times_never_as_a_factor_below_one(ratio, words):
    assert times(math.log10(ratio)) == words


def test_an_infinite_ratio_is_said_too():
    assert times(-math.inf) == "infinitely lower"
    assert times(math.inf) == "infinitely higher"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (1 / 50, 1 / 25, "25 to 50 times lower"),
        (2.0, 40.0, "2.0 to 40 times higher"),
        (1 / 4, 1 / 4, "4.0 times lower"),
        (1 / 1.3, 37.0, "1.3 times lower to 37 times higher"),
        (0.98, 0.999, "0.1 to 2 % lower"),
        (0.5, 0.97, "3 % lower to 2.0 times lower"),
        (1.0, 2.0, "the same to 2.0 times higher"),
        (0.5, 1.0, "2.0 times lower to the same"),
    ],
)
def test_an_interval_of_ratios_names_its_unit_once(low, high, words):
    assert times_between(math.log10(low), math.log10(high)) == words


def test_an_interval_of_ratios_may_be_endless():
    assert times_between(-math.inf, -math.inf) == "infinitely lower"
    assert times_between(-math.inf, -1) == "10 times to infinitely lower"
