"""The sentence on the page claims no more than the runs do."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibattn.judge.evaluation import Baseline
from fibattn.words.verdict import verdict
from tests.judge.test_evaluation import run_with_errors

RULE = (
    Baseline("always 0", 1.0, 1.0),
    Baseline("the last value", 0.1, 0.1),
    Baseline("the sum of the last two", 1e-36, 1e-36, exact=True),
)


def sentence(plain, attention, baselines=RULE):
    return verdict(run_with_errors(*plain), run_with_errors(*attention), baselines)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(*[st.sampled_from([0.1, 0.2, 0.3, math.nan])] * 2), min_size=1))
def test_wins_are_counted_start_by_start(pairs):
    pairs = pairs[:20]
    plain, attention = zip(*pairs, strict=True)
    by_hand = sum(
        (not math.isnan(a)) and (math.isnan(p) or abs(a) < abs(p) - 1e-9) for p, a in pairs
    )
    lost = sum((not math.isnan(p)) and (math.isnan(a) or p < a - 1e-9) for p, a in pairs)
    words = sentence(plain, attention)
    if by_hand + lost == 0:
        assert words.startswith("Neither network has the lower test error")
    elif len(pairs) == 1:
        assert words.startswith(f"From this one random start {'attention' if by_hand else 'the'}")
    elif lost == len(pairs):
        assert words.startswith(f"The plain network has the lower test error in all {lost} starts")
    else:
        share = (
            f"all {by_hand}" if by_hand == len(pairs) else f"{by_hand or 'none'} of {len(pairs)}"
        )
        assert words.startswith(f"Attention has the lower test error in {share} starts")


def test_a_mixed_count_tells_nothing():
    words = sentence([0.01] * 5, [0.001, 0.001, 0.1, 0.1, 0.1])
    assert words.startswith("Attention has the lower test error in 2 of 5 starts: ")
    assert "nobody can tell which is better" in words
    assert words.endswith(".")
    assert words.count(".") == 1


def test_all_of_six_is_said_plainly_and_all_of_five_is_not_enough():
    words = sentence([0.01] * 6, [0.001] * 6)
    assert words.startswith("Attention has the lower test error in all 6 starts;")
    words = sentence([0.001] * 6, [0.01] * 6)
    assert words.startswith("The plain network has the lower test error in all 6 starts;")
    assert "all 5 starts, but so few cannot rule out chance" in sentence([0.01] * 5, [0.001] * 5)


def test_all_of_three_is_too_few():
    assert "so few cannot rule out chance" in sentence([0.01] * 3, [0.001] * 3)


def test_nineteen_of_twenty_is_clear_and_twelve_is_not():
    assert "tell" not in sentence([0.01] * 20, [0.001] * 19 + [0.1])
    assert "nobody can tell" in sentence([0.01] * 20, [0.001] * 12 + [0.1] * 8)


def test_one_start_cannot_tell():
    assert "one start cannot tell" in sentence([0.01], [0.001])
    assert "median" not in sentence([1.0], [1.0])


def test_equal_networks_have_no_winner():
    assert sentence([0.01] * 5, [0.01] * 5).startswith("Neither network has the lower")


def test_the_rule_s_lead_is_over_the_better_network():
    # 0.001² against 1e-36
    assert "beats both by a factor of 10³⁰." in sentence([0.01] * 5, [0.001] * 5)
    near = (*RULE[:2], Baseline("the sum of the last two", 5e-7, 5e-7, exact=True))
    assert "beats both by a factor of 2.0." in sentence([0.01] * 5, [0.001] * 5, near)
    worse = (*RULE[:2], Baseline("the sum of the last two", 1.0, 1.0, exact=True))
    assert "does not beat both" in sentence([0.01] * 5, [0.001] * 5, worse)


def test_a_rule_without_error_divides_nothing():
    exact = (*RULE[:2], Baseline("the sum of the last two", 0.0, 0.0, exact=True))
    words = sentence([0.01] * 5, [0.001] * 5, exact)
    assert "makes no error at all" in words
    assert "inf" not in words


def test_networks_worse_than_the_last_value_are_named():
    assert "neither network beats the last value" in sentence([1.0] * 5, [2.0] * 5)
    assert "attention does not even beat the last value" in sentence([0.01] * 5, [1.0] * 5)
    assert "the plain network does not even beat" in sentence([1.0] * 5, [0.01] * 5)
    assert "the last value" not in sentence([0.02] * 5, [0.01] * 5)


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1e200])
def test_diverged_training_is_said_and_loses(bad):
    words = sentence([bad] * 2 + [0.01] * 3, [0.02] * 5)
    assert "in 2 of 5 starts" in words
    assert "training diverged in 2 of 5 plain starts" in words
    words = sentence([bad] * 5, [bad] * 5)
    assert "training diverged in 5 of 5 plain and 5 of 5 attention starts" in words
    assert "nan" not in words
    assert "factor" not in words


def test_runs_of_unequal_repeats_cannot_be_paired():
    with pytest.raises(ValueError, match="2 random starts and the one with attention 3"):
        sentence([1, 1], [1, 1, 1])
