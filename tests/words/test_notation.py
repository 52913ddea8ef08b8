"""Numbers as people read them."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibattn.words.notation import power_of_ten, readable


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
    ],
)
def test_numbers_are_written_for_people(value, words):
    assert readable(value) == words
    assert power_of_ten(-37) == "10⁻³⁷"
