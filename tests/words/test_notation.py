"""Numbers as people read them."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibattn.words.notation import counted, factor, power_of_ten, readable


@settings(deadline=None)
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
