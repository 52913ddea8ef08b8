"""The sentences about two networks claim no more than the runs do."""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibattn.judge.baselines import Baseline
from fibattn.judge.comparison import paired
from fibattn.judge.starts import over_starts
from fibattn.words import verdict as words_of

NAN, INF = math.nan, math.inf
RULE = (
    Baseline("always 0", 1.0, 1.0),
    Baseline("the last value", 0.1, 0.1),
    Baseline("the sum of the last two", 1e-36, 1e-36, exact=True),
)


def verdict(plain, attention, **how):
    return words_of.verdict(paired(over_starts(plain), over_starts(attention)), **how)


def beside(plain, attention, baselines=RULE):
    return words_of.against_baselines(over_starts(plain), over_starts(attention), baselines)


# --- how large the effect is, in how many starts, and whether that is more than chance


@settings(max_examples=60)
@given(st.lists(st.tuples(*[st.sampled_from([0.1, 0.2, 0.3, NAN])] * 2), min_size=1, max_size=12))
def test_wins_are_counted_start_by_start(pairs):
    plain, attention = zip(*pairs, strict=True)
    won = sum((not math.isnan(a)) and (math.isnan(p) or a < p) for p, a in pairs)
    lost = sum((not math.isnan(p)) and (math.isnan(a) or p < a) for p, a in pairs)
    starts = len(pairs)

    def share(count):
        return f"all {count} starts" if count == starts else f"{count or 'none'} of {starts} starts"

    found = paired(over_starts(plain), over_starts(attention))
    for intervals in (False, True):
        words = words_of.verdict(found, intervals=intervals)
        if won + lost == 0:
            assert words.startswith("Neither network has the lower test error in any start")
        elif starts == 1:
            direction = "lower" if won else "higher"
            assert words.startswith("From this one random start the test error with attention is ")
            assert f"{direction} than without, but one start cannot tell" in words
        else:
            assert words.startswith("With attention the test error is ")
            assert f"lower in {share(won)}" in words or f"higher in {share(lost)}" in words
            sure = ": that is more than chance" in words
            assert found.clear == sure
            assert sure != ("nobody can tell" in words or "cannot rule out chance" in words)
        assert words.endswith(".")
        assert words.count(". ") == 0
        assert "nan" not in words
        assert not re.search(r"\binf\b", words)


def test_the_effect_comes_first():
    assert verdict([0.43] * 8, [0.01] * 8) == (
        "With attention the test error is 43 times lower, lower in all 8 starts: that is more than "
        "chance."
    )
    assert verdict([0.1] * 8, [0.7] * 8, control=words_of.UNIFORM) == (
        "With attention the test error is 7.0 times higher than with uniform weights, higher in "
        "all 8 starts: that is more than chance."
    )


def test_with_intervals_all_of_them_are_said():
    assert verdict([0.8] * 8, [0.1, 0.1, *[0.2] * 5, 0.4], intervals=True) == (
        "With attention the test error is 4.0 times lower than without (95 % interval 2.0 to 8.0 "
        "times lower), lower in all 8 starts (95 % interval 63 to 100 %): that is more than chance "
        "(Wilcoxon p 0.0078)."
    )
    words = verdict([1.0] * 8, [0.5, 1.5] * 4, intervals=True)
    assert words == (
        "With attention the test error is 1.2 times lower than without (95 % interval 2.0 times "
        "lower to 1.5 times higher), lower in 4 of 8 starts (95 % interval 16 to 84 %): with this "
        "spread nobody can tell which is better (Wilcoxon p 0.28)."
    )
    # Of the share that is said, not of the wins.
    assert "higher in 18 of 20 starts (95 % interval 68 to 99 %)" in verdict(
        [0.1, *[0.2] * 17, 0.8, 1.6], [0.8] * 20, intervals=True
    )


def test_a_mixed_count_tells_nothing():
    assert verdict([0.01] * 5, [0.001, 0.001, 0.02, 0.1, 0.1]) == (
        "With attention the test error is 2.0 times higher, higher in 3 of 5 starts: with this "
        "spread nobody can tell."
    )
    assert "lower in 12 of 20 starts: with this spread nobody can tell" in verdict(
        [0.1] * 20, [0.05] * 12 + [0.9] * 8
    )


def test_as_many_lower_as_higher_are_both_counted():
    assert verdict([0.1] * 8, [0.1] * 4 + [0.05] * 2 + [0.2] * 2) == (
        "With attention the test error is the same as without, lower in 2 of 8 starts and higher "
        "in 2 of 8 starts: with this spread nobody can tell."
    )


def test_all_of_six_is_said_plainly_and_all_of_five_is_not_enough():
    assert verdict([0.1] * 6, [0.01] * 6).endswith("in all 6 starts: that is more than chance.")
    assert verdict([0.01] * 6, [0.1] * 6).endswith("in all 6 starts: that is more than chance.")
    few = ", but so few cannot rule out chance (a statement at 95 % needs at least 6)."
    for starts in (3, 5):
        assert verdict([0.1] * starts, [0.01] * starts).endswith(f"all {starts} starts{few}")
        assert verdict([0.01] * starts, [0.1] * starts).endswith(f"all {starts} starts{few}")
        assert verdict([0.01] * starts, [0.1] * starts, intervals=True).endswith(few)


def test_one_start_cannot_tell():
    assert verdict([0.1], [0.01]) == (
        "From this one random start the test error with attention is 10 times lower than without, "
        "but one start cannot tell which is better."
    )
    assert "is 10 times higher than without" in verdict([0.01], [0.1], intervals=True)
    assert "attention is lower than without, but" in verdict([NAN], [0.1])


def test_equal_networks_have_no_winner():
    same = "Neither network has the lower test error in any start."
    assert verdict([0.1] * 5, [0.1] * 5) == same
    assert verdict([1.0] * 8, [1.0] * 8, intervals=True) == same


BY_TEST = [0.1, 0.01, 1e-3, 1e-4, *(10.0**k for k in range(5, 13))]
BY_INTERVAL = [8.0, 7, 6, 5, 4, 3, 2, 1, 1e9]


def test_where_interval_and_test_disagree_one_clause_says_so():
    unknown = "starts: nobody can tell, as two tests disagree."
    assert verdict([1.0] * 12, BY_TEST).endswith(f"higher in 8 of 12 {unknown}")
    assert verdict([9.0] * 9, BY_INTERVAL).endswith(f"lower in 8 of 9 {unknown}")


def test_with_the_intervals_it_says_which_of_the_two_sees_more_than_chance():
    assert re.search(
        r"nobody can tell which is better, as the Wilcoxon test calls that more than chance "
        r"\(Wilcoxon p 0\.0\d+\) and the interval of the effect does not\.$",
        verdict([1.0] * 12, BY_TEST, intervals=True),
    )
    assert re.search(
        r"nobody can tell which is better, as the interval of the effect calls that more than "
        r"chance and the Wilcoxon test does not \(Wilcoxon p 0\.\d+\)\.$",
        verdict([9.0] * 9, BY_INTERVAL, intervals=True),
    )


# --- beside the baselines


@pytest.mark.parametrize(
    ("network", "rule", "words"),
    [
        (1e-6, 1e-36, "beats both by a factor of 10³⁰."),
        (1e-6, 5e-7, "beats both by a factor of 2.0."),
        (1e-6, 1e-7, "beats both by a factor of 10."),
        (0.08, 0.0016, "beats both by a factor of 50."),
        (0.06, 8e-5, "beats both by a factor of 750."),
        (1e-6, 1e-6, "does not beat both."),
        (1e-6, 1.0, "does not beat both."),
        (1e-6, INF, "does not beat both."),
        (1e-6, 0.0, "makes no error at all."),
    ],
)
def test_the_rule_s_lead_is_over_the_better_network(network, rule, words):
    baselines = (*RULE[:2], Baseline("the rule", 7.0, rule, exact=True))
    assert beside([0.09] * 5, [network] * 5, baselines).endswith(f"“the rule” {words}")
    assert beside([network] * 5, [0.09] * 5, baselines).endswith(f"“the rule” {words}")


def test_networks_worse_than_the_best_trivial_predictor_are_named():
    middle = [0.5] * 5  # between the two trivial predictors
    assert "By the median neither network beats “the last value”;" in beside(middle, [2.0] * 5)
    words = beside([0.01] * 5, middle)
    assert "By the median attention does not even beat “the last value”;" in words
    words = beside(middle, [0.01] * 5)
    assert "By the median the plain network does not even beat “the last value”;" in words
    assert beside([0.02] * 5, [0.01] * 5).startswith("By the median both networks beat “the last")
    assert "Neither network beats “the last value”;" in beside([2.0], [3.0])
    other = (Baseline("always 0", 1.0, 0.1), Baseline("the last value", 0.1, 1.0))
    assert beside(middle, [2.0] * 5, other) == "By the median neither network beats “always 0”."


def test_without_baselines_nothing_is_said_of_them():
    assert beside([0.1] * 6, [0.01] * 6, ()) == ""
    words = beside([0.1] * 6, [0.01] * 6, RULE[2:])
    assert words.startswith("“The sum of the last two” beats both")


def test_runs_of_unequal_repeats_cannot_be_paired():
    with pytest.raises(ValueError, match="2 random starts and the second 3"):
        verdict([1, 1], [1, 1, 1])


# --- starts that diverged


@pytest.mark.parametrize("bad", [NAN, INF])
def test_diverged_training_is_said_and_loses(bad):
    words = verdict([bad] * 2 + [0.01] * 3, [0.02] * 5)
    assert "higher in 3 of 5 starts" in words
    assert words.endswith("; training diverged in 2 of 5 starts without attention.")
    assert verdict([bad] * 2 + [0.01] * 3, [0.02] * 5, control=words_of.UNIFORM).endswith(
        "; training diverged in 2 of 5 starts with uniform weights."
    )
    words = verdict([0.02] * 5, [bad] + [0.01] * 4)
    assert words.endswith("; training diverged in 1 of 5 starts with attention.")
    assert verdict([bad] * 5, [bad] * 5) == (
        "Neither network has the lower test error in any start; training diverged in every start "
        "without attention and in every start with attention."
    )
    assert beside([bad] * 5, [bad] * 5) == (
        "By the median neither network beats “the last value”; "
        "“the sum of the last two” beats both."
    )


def test_diverged_starts_do_not_count_against_the_median():
    assert "both networks beat" in beside([NAN] * 3 + [0.01] * 2, [0.02] * 5)
    assert "the plain network does not even beat" in beside([NAN] * 5, [0.02] * 5)


def test_an_effect_says_how_many_pairs_are_left():
    words = verdict([0.4] * 7 + [NAN] * 2, [0.1] * 9)
    assert "4.0 times lower in the median of the 7 starts in which neither" in words
    assert words.endswith("; training diverged in 2 of 9 starts without attention.")
    words = verdict([0.4, *[NAN] * 8], [0.1] * 9, intervals=True)
    assert "4.0 times lower than without in the one start in which neither diverged" in words


def test_where_one_network_always_diverged_there_is_no_size():
    assert verdict([NAN] * 8, [1.0] * 8) == (
        "With attention the test error is lower in all 8 starts: that is more than chance; by how "
        "much cannot be said, as in every start at least one of the two diverged; training "
        "diverged in every start without attention."
    )
    words = verdict([NAN] * 6 + [1.0] * 2, [1.0] * 6 + [NAN] * 2, intervals=True)
    assert "lower in 6 of 8 starts (95 % interval 35 to 97 %): with this spread nobody" in words
    assert "(Wilcoxon p 0.29)" in words


def test_a_network_that_mostly_diverged_is_not_called_the_better_one():
    assert verdict([1.0] * 20, [0.5, 0.4, 0.3, 0.2, 0.1] + [NAN] * 15) == (
        "With attention the test error is 3.3 times lower in the median of the 5 starts in which "
        "neither diverged, lower in 5 of 20 starts: nobody can tell, as it is lower only where "
        "training did not diverge; training diverged in 15 of 20 starts with attention."
    )
