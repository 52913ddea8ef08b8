"""The sentences about two networks claim no more than the runs do."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibattn.judge.baselines import Baseline
from fibattn.judge.comparison import paired
from fibattn.judge.starts import over_starts
from fibattn.words import verdict as words_of

NAN, INF = math.nan, math.inf
PLAIN, ATTENTION = "the plain network", "attention"
RULE = (
    Baseline("always 0", 1.0, 1.0),
    Baseline("the last value", 0.1, 0.1),
    Baseline("the sum of the last two", 1e-36, 1e-36, exact=True),
)


def verdict(plain, attention, baselines=RULE):
    return words_of.verdict(over_starts(plain), over_starts(attention), baselines)


def sentence(plain, attention, first=PLAIN, second=ATTENTION):
    return words_of.sentence(paired(over_starts(plain), over_starts(attention)), first, second)


# --- who won, and whether that is clear: the same in both sentences


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(*[st.sampled_from([0.1, 0.2, 0.3, NAN])] * 2), min_size=1, max_size=20))
def test_wins_are_counted_start_by_start(pairs):
    plain, attention = zip(*pairs, strict=True)
    won = sum((not math.isnan(a)) and (math.isnan(p) or a < p) for p, a in pairs)
    lost = sum((not math.isnan(p)) and (math.isnan(a) or p < a) for p, a in pairs)
    starts = len(pairs)
    clear = paired(over_starts(plain), over_starts(attention)).clear
    for words in (verdict(plain, attention), sentence(plain, attention)):
        if won + lost == 0:
            assert words.startswith("Neither network has the lower test error in any start")
        elif starts == 1:
            assert words.startswith(f"From this one random start {'attention' if won else 'the'}")
        elif lost == starts or (clear and lost > won):
            share = f"all {lost}" if lost == starts else f"{lost} of {starts}"
            start = f"The plain network has the lower test error in {share} starts"
            assert words.startswith(start)
        else:
            share = f"all {won}" if won == starts else f"{won or 'none'} of {starts}"
            assert words.startswith(f"Attention has the lower test error in {share} starts")
        if starts > 1 and won + lost:
            assert clear == ("nobody can tell" not in words and "chance (a" not in words)
        assert words.endswith(".")
        assert "nan" not in words
        assert "inf" not in words


def test_a_mixed_count_tells_nothing():
    words = verdict([0.01] * 5, [0.001, 0.001, 0.1, 0.1, 0.1])
    assert words.startswith("Attention has the lower test error in 2 of 5 starts: ")
    assert "nobody can tell which is better" in words
    assert words.count(".") == 1


def test_all_of_six_is_said_plainly_and_all_of_five_is_not_enough():
    assert verdict([0.1] * 6, [0.01] * 6).startswith(
        "Attention has the lower test error in all 6 starts;"
    )
    assert verdict([0.01] * 6, [0.1] * 6).startswith(
        "The plain network has the lower test error in all 6 starts;"
    )
    few = "all 5 starts, but so few cannot rule out chance (a statement at 95 % needs at least 6)"
    assert few in verdict([0.1] * 5, [0.01] * 5)
    assert few in verdict([0.01] * 5, [0.1] * 5)
    assert few in sentence([0.1] * 5, [0.01] * 5).replace(" (95 % interval 48 to 100 %)", "")
    assert "so few cannot rule out chance" in verdict([0.1] * 3, [0.01] * 3)


def test_nineteen_of_twenty_is_clear_and_twelve_is_not():
    clear = [0.01] * 19 + [0.9], [0.1] * 20
    assert verdict(*clear).startswith(
        "The plain network has the lower test error in 19 of 20 starts;"
    )
    assert verdict(*clear[::-1]).startswith(
        "Attention has the lower test error in 19 of 20 starts;"
    )
    assert "nobody can tell" in verdict([0.1] * 20, [0.01] * 12 + [0.9] * 8)


def test_one_start_cannot_tell():
    assert verdict([0.1], [0.01]).startswith(
        "From this one random start attention has the lower test error, but one start cannot tell "
        "which is better"
    )
    assert "start the plain network has" in sentence([0.01], [0.1])
    assert "median" not in verdict([1.0], [1.0])


def test_equal_networks_have_no_winner():
    assert verdict([0.1] * 5, [0.1] * 5).startswith("Neither network has the lower")
    assert sentence([1.0] * 8, [1.0] * 8) == (
        "Neither network has the lower test error in any start: they are equal in every start."
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
    assert verdict([0.09] * 5, [network] * 5, baselines).endswith(f"the rule {words}")
    assert verdict([network] * 5, [0.09] * 5, baselines).endswith(f"the rule {words}")


def test_networks_worse_than_the_best_trivial_predictor_are_named():
    middle = [0.5] * 5  # between the two trivial predictors
    assert "; by the median neither network beats the last value;" in verdict(middle, [2.0] * 5)
    words = verdict([0.01] * 5, middle)
    assert "; by the median attention does not even beat the last value;" in words
    words = verdict(middle, [0.01] * 5)
    assert "; by the median the plain network does not even beat the last value;" in words
    assert "the last value" not in verdict([0.02] * 5, [0.01] * 5)
    assert "; neither network beats the last value;" in verdict([2.0], [3.0])
    other = (Baseline("always 0", 1.0, 0.1), Baseline("the last value", 0.1, 1.0))
    assert verdict(middle, [2.0] * 5, other).endswith("neither network beats always 0.")


def test_without_baselines_nothing_is_said_of_them():
    assert verdict([0.1] * 6, [0.01] * 6, ()) == (
        "Attention has the lower test error in all 6 starts."
    )


def test_runs_of_unequal_repeats_cannot_be_paired():
    with pytest.raises(ValueError, match="2 random starts and the second 3"):
        verdict([1, 1], [1, 1, 1])


# --- by how much


def test_a_clear_difference_is_said_with_its_size():
    assert sentence([0.4] * 8, [0.1] * 8) == (
        "Attention has the lower test error in all 8 starts (95 % interval 63 to 100 %): by 0.30 "
        "in the median (95 % interval 0.30 to 0.30), its median error being 0.25 times that of the "
        "plain network."
    )
    words = sentence([0.1] * 8, [0.4] * 8)
    assert words.startswith(
        "The plain network has the lower test error in all 8 starts (95 % interval 63 to 100 %)"
    )
    assert words.endswith("0.25 times that of attention.")
    words = sentence([0.4] * 8, [0.1] * 8, "the network with uniform weights")
    assert words.endswith("0.25 times that of the network with uniform weights.")
    assert "times" not in sentence([1.0] * 8, [0.0] * 8).replace("0 times", "")


def test_the_interval_of_the_share_is_the_winner_s():
    """One start of 20 is lost, one equal: 18 wins, or 18 losses."""
    first, second = [0.2] * 20, [0.1] * 18 + [0.2, 0.3]
    for words in (sentence(first, second), sentence(second, first)):
        assert "18 of 20 starts (95 % interval 68 to 99 %): by 0.10 in" in words


def test_no_clear_difference_is_no_difference():
    assert sentence([1.0] * 8, [0.5, 1.5] * 4) == (
        "Attention has the lower test error in 4 of 8 starts (95 % interval 16 to 84 %): with this "
        "spread nobody can tell which is better, and the median difference (attention minus the "
        "plain network), 0, could by chance be anything from −0.50 to 0.50."
    )


def test_where_only_the_wilcoxon_test_doubts_it_is_named():
    words = sentence([0.125] * 5 + [0.0], [0.0] * 6)
    assert words == (
        "Attention has the lower test error in 5 of 6 starts (95 % interval 36 to 100 %): with "
        "this spread nobody can tell which is better, though the median difference (attention "
        "minus the plain network) is −0.12 (95 % interval −0.12 to −0.062): by the Wilcoxon test "
        "that may be chance (p 0.062)."
    )


def test_medians_that_disagree_with_the_differences_are_owned_up_to():
    # Better by 1 in twelve of thirteen starts, but the one far worse moves it past the middle.
    first = [1.0, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 15, 6.5]
    second = [0.0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14, 300]
    words = sentence(first, second)
    assert words.endswith(", though its median error is not below that of the plain network.")


# --- starts that diverged


@pytest.mark.parametrize("bad", [NAN, INF])
def test_diverged_training_is_said_and_loses(bad):
    words = verdict([bad] * 2 + [0.01] * 3, [0.02] * 5)
    assert "in 2 of 5 starts" in words
    assert "; training diverged in 2 of 5 starts of the plain network;" in words
    words = verdict([0.02] * 5, [bad] + [0.01] * 4)
    assert "; training diverged in 1 of 5 starts of attention;" in words
    words = verdict([bad] * 5, [bad] * 5)
    assert (
        "; training diverged in every start of the plain network and in every start of attention;"
    ) in words
    assert "by the median neither network beats the last value; the sum of the last two" in words
    assert words.endswith("the sum of the last two beats both.")
    assert "factor" not in words


def test_diverged_starts_do_not_count_against_the_median():
    words = verdict([NAN] * 3 + [0.01] * 2, [0.02] * 5)
    assert "not even beat" not in words
    assert "training diverged in 3 of 5 starts of the plain network" in words
    assert "the plain network does not even beat" in verdict([NAN] * 5, [0.02] * 5)


def test_a_difference_says_how_many_pairs_are_left():
    words = sentence([0.4] * 7 + [NAN] * 2, [0.1] * 9)
    assert ": by 0.30 in the median of the 7 starts in which neither diverged (95 %" in words
    assert words.endswith("; training diverged in 2 of 9 starts of the plain network.")
    words = sentence([0.4, *[NAN] * 8], [0.1] * 9)
    assert "in the median of the one start in which neither diverged" in words


def test_where_one_network_always_diverged_there_is_no_size():
    assert sentence([NAN] * 8, [1.0] * 8) == (
        "Attention has the lower test error in all 8 starts (95 % interval 63 to 100 %): by how "
        "much cannot be said, as in every start at least one of the two diverged; training "
        "diverged in every start of the plain network."
    )
    words = sentence([NAN] * 6 + [1.0] * 2, [1.0] * 6 + [NAN] * 2)
    assert "nobody can tell which is better, as in every start at least one of" in words
    assert "(Wilcoxon p 0.29)" in words
    assert "equal in every start" not in sentence([NAN] * 8, [NAN] * 8)


def test_a_network_that_mostly_diverged_is_not_called_the_better_one():
    words = sentence([1.0] * 20, [0.5, 0.4, 0.3, 0.2, 0.1] + [NAN] * 15)
    assert words.startswith("Attention has the lower test error in 5 of 20 starts")
    assert (
        "nobody can tell which is better, as the median difference (attention minus the plain "
        "network) of the 5 starts in which neither diverged points the other way: −0.70 (95 %"
    ) in words
    assert words.endswith("training diverged in 15 of 20 starts of attention.")
