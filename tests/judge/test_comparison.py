"""A comparison claims what the paired starts show, and no more."""

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibattn.judge import evidence
from fibattn.judge.evidence import paired

PLAIN, ATTENTION = "the plain network", "attention"


def words(first, second):
    return evidence.sentence(paired(first, second), PLAIN, ATTENTION)


def errors_with(differences):
    """Two networks' errors that differ by these numbers, which are eighths."""
    return [100.0] * len(differences), [100.0 + value for value in differences]


# --- the numbers against independent ones


def test_differences_are_the_second_minus_the_first():
    found = paired([5, 5, 5, 5], [1, 4, 7, 5])
    assert found.differences == (-4, -1, 2, 0)
    assert (found.median, found.first_median, found.second_median) == (-0.5, 5, 4.5)
    assert (found.wins, found.losses, found.ties, found.starts) == (2, 1, 1, 4)


def test_the_interval_is_that_of_resampling_in_a_plain_loop():
    random = np.random.default_rng(8)
    differences = random.lognormal(size=16) - 0.8
    found = paired(np.full(16, 9.0), 9.0 + differences)
    medians = [np.median(random.choice(differences, 16)) for _ in range(20_000)]
    # Monte-Carlo error: quantiles a fifth of a percent of the resamples to either side.
    for end, share in ((found.low, 0.025), (found.high, 0.975)):
        below, above = np.quantile(medians, [share - 0.005, share + 0.005])
        assert below - 1e-9 <= end <= above + 1e-9


@pytest.mark.parametrize("starts", [9, 11, 15])
def test_the_interval_ends_at_the_starts_that_efron_s_formula_names(starts):
    """The resampled median of n odd is at most x₍ₖ₎ as often as half of n draws are."""

    def at_most(k):
        most = range((starts + 1) // 2, starts + 1)
        p = k / starts
        return sum(math.comb(starts, j) * p**j * (1 - p) ** (starts - j) for j in most)

    differences = [float(value) for value in range(1, starts + 1)]
    found = paired(*errors_with(differences))
    low = next(k for k in range(1, starts + 1) if at_most(k) >= 0.025)
    assert (found.low, found.high) == (low, starts + 1 - low)


@pytest.mark.parametrize(("count", "total"), [(0, 7), (7, 7), (3, 8), (14, 20), (1, 1), (55, 100)])
def test_the_interval_of_the_wins_is_clopper_s_and_pearson_s(count, total):
    def tail(p, least):
        terms = range(least, total + 1)
        return sum(math.comb(total, k) * p**k * (1 - p) ** (total - k) for k in terms)

    def bisect(least, share):
        low, high = 0.0, 1.0
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if tail(middle, least) < share else (low, middle)
        return low

    low = bisect(count, 0.025) if count else 0.0
    high = bisect(count + 1, 0.975) if count < total else 1.0
    assert evidence.share_interval(count, total) == pytest.approx((low, high), abs=1e-9)
    second = [0.5] * count + [2.0] * (total - count)
    found = paired([1.0] * total, second)
    assert (found.wins_low, found.wins_high) == pytest.approx((low, high), abs=1e-9)


def wilcoxon_by_all_signs(differences):
    values = [value for value in differences if value]
    if not values:
        return None
    sizes = sorted(abs(value) for value in values)
    ranks = [sizes.index(abs(v)) + (sizes.count(abs(v)) + 1) / 2 for v in values]
    seen = sum(rank for rank, value in zip(ranks, values, strict=True) if value > 0)
    sums = [
        sum(itertools.compress(ranks, signs))
        for signs in itertools.product([0, 1], repeat=len(ranks))
    ]
    lower, upper = sum(s <= seen for s in sums), sum(s >= seen for s in sums)
    return min(1.0, 2 * min(lower, upper) / len(sums))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-4, 9), min_size=1, max_size=8))
def test_the_p_value_is_the_share_of_all_sign_patterns(differences):
    found = paired(*errors_with(differences)).p_value
    expected = wilcoxon_by_all_signs(differences)
    assert found == (None if expected is None else pytest.approx(expected))


def test_the_p_value_without_ties_is_exact_up_to_ten_starts():
    differences = [0.5, -1, 2, 3, 4, -5.5, 7, 8, 9, 10]
    expected = pytest.approx(wilcoxon_by_all_signs(differences))
    assert paired(*errors_with(differences)).p_value == expected
    # Equal starts, however many, say nothing either way.
    assert paired(*errors_with([*differences, *[0.0] * 8])).p_value == expected


def test_no_difference_is_rarely_taken_for_one():
    """Where the true median is 0, hardly more than the promised 5 % are called clear."""
    random = np.random.default_rng(4)
    called = sum(
        paired(np.zeros(20), random.normal(size=20), seed=number).clear for number in range(200)
    )
    assert called <= 20


def test_a_true_difference_is_found():
    random = np.random.default_rng(5)
    assert all(paired(random.normal(size=20), random.normal(size=20) - 3).clear for _ in range(20))


# --- what must hold for any errors

eighths = st.integers(0, 800).map(lambda number: number / 8)
any_error = eighths | st.sampled_from([math.nan, math.inf])
pairs = st.lists(st.tuples(eighths, eighths), min_size=1, max_size=9)
any_pairs = st.lists(st.tuples(any_error, any_error), min_size=1, max_size=9)


@settings(deadline=None, max_examples=40)
@given(any_pairs)
def test_swapping_the_networks_turns_everything_around(cases):
    first, second = zip(*cases, strict=True)
    one, other = paired(first, second), paired(second, first)
    assert other.differences == tuple(-value for value in one.differences)
    assert other.median == -one.median
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low))
    assert (other.wins, other.losses, other.ties) == (one.losses, one.wins, one.ties)
    assert other.p_value == (None if one.p_value is None else pytest.approx(one.p_value))
    assert (other.first_diverged, other.first_median) == (one.second_diverged, one.second_median)
    assert other.clear == one.clear


@settings(deadline=None, max_examples=25)
@given(pairs, eighths)
def test_a_constant_added_to_both_changes_nothing(cases, constant):
    first, second = np.transpose(cases)
    one, other = paired(first, second), paired(first + constant, second + constant)
    for name in ("differences", "median", "low", "high", "wins", "losses", "p_value", "clear"):
        assert getattr(one, name) == getattr(other, name)


@settings(deadline=None, max_examples=60)
@given(any_pairs)
def test_the_sentence_follows_the_interval(cases):
    first, second = zip(*cases, strict=True)
    found = paired(first, second)
    said = evidence.sentence(found, PLAIN, ATTENTION)
    assert found.low <= found.median <= found.high
    assert ("too few to tell" in said) == (len(cases) < 6)
    if len(cases) >= 6:
        assert ("one cannot tell" in said) == (found.low <= 0 <= found.high)
        assert said.startswith("Attention has the lower") == (found.high < 0)
        assert said.startswith("The plain network has the lower") == (found.low > 0)
    assert said.endswith(".")
    assert "nan" not in said
    assert "inf" not in said


def test_the_same_seed_gives_the_same_interval():
    random = np.random.default_rng(6)
    first, second = random.normal(size=(2, 14))
    assert paired(first, second, seed=3) == paired(first, second, seed=3)


# --- starts that diverged


def test_a_diverged_start_loses_to_one_that_did_not():
    found = paired([math.nan, 1, math.inf, 1e301], [1, math.nan, math.nan, 2])
    assert found.differences == (-math.inf, math.inf, 0, -math.inf)
    assert (found.wins, found.losses, found.ties) == (2, 1, 1)
    assert (found.first_diverged, found.second_diverged) == (3, 2)
    assert found.first_median == math.inf


def test_one_diverged_start_of_many_does_not_move_the_median():
    first = [10.0] * 9
    second = [9.0, 8, 7, 6, 5, 4, 3, 2, math.nan]
    worst = paired(first, second)
    assert worst.median == paired(first, [*second[:-1], 1e6]).median == -4
    assert worst.excludes_zero
    # The bootstrap is a little too sure, and the Wilcoxon test has the last word.
    assert not worst.clear
    assert "by the Wilcoxon test that may be chance (p 0.13)" in words(first, second)
    assert math.isfinite(worst.high)


def test_an_interval_that_reaches_the_diverged_starts_has_no_end():
    found = paired([1.0] * 9, [math.nan] * 4 + [0.1, 0.2, 0.3, 0.4, 0.5])
    assert found.high == math.inf
    assert found.low < 0
    assert not found.clear
    found = paired([1.0] * 8, [math.nan] * 8)
    assert (found.low, found.median, found.high) == (math.inf,) * 3
    assert found.p_value == pytest.approx(2 / 2**8)


# --- few and equal starts


def test_equal_differences_need_no_resampling():
    found = paired([3.0] * 8, [1.0] * 8)
    assert (found.low, found.median, found.high) == (-2, -2, -2)
    assert found.clear
    found = paired([1.0] * 8, [1.0] * 8)
    assert (found.low, found.high, found.p_value) == (0, 0, None)
    assert not found.clear
    one = paired([2.0], [1.0])
    assert (one.low, one.high, one.clear) == (-1, -1, False)


def test_five_starts_that_agree_are_too_few_and_six_are_not():
    assert not paired([2.0] * 5, [1.0, 1.1, 1.2, 1.3, 1.4]).clear
    assert paired([2.0] * 6, [1.0, 1.1, 1.2, 1.3, 1.4, 1.5]).clear


def test_starts_that_cannot_be_paired_are_refused():
    with pytest.raises(ValueError, match="2 random starts and the second 3"):
        paired([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="no random start"):
        paired([], [])


# --- the sentence


def test_a_clear_difference_is_said_with_its_size():
    said = words([0.4] * 8, [0.1] * 8)
    assert said == (
        "Attention has the lower error in all 8 starts (95 % interval 63 to 100 %): by 0.30 in "
        "the median (95 % interval 0.30 to 0.30), its median error being 0.25 times that of the "
        "plain network."
    )
    said = words([0.1] * 8, [0.4] * 8)
    assert said.startswith("The plain network has the lower error in all 8 starts")
    assert said.endswith("0.25 times that of attention.")


def test_no_clear_difference_is_no_difference():
    said = words([1.0] * 8, [0.5, 1.5] * 4)
    assert said.startswith("From these 8 starts one cannot tell which network has the lower error")
    assert "attention has it in 4 of 8 starts (95 % interval 16 to 84 %)" in said
    assert "anything from −0.50 to 0.50" in said
    assert "equal in every start" in words([1.0] * 8, [1.0] * 8)


def test_few_starts_are_said_to_be_few():
    assert words([1.0], [2.0]).startswith("1 random start is too few to tell")
    assert words([1.0] * 5, [2.0] * 5).startswith("5 random starts are too few to tell")


def test_diverged_training_is_said():
    said = words([math.nan] * 8, [1.0] * 8)
    assert "by more than a number can say" in said
    assert said.endswith("training diverged in 8 of 8 starts of the plain network.")


def test_medians_that_disagree_with_the_differences_are_owned_up_to():
    # Better by 1 in twelve of thirteen starts, but the one far worse moves it past the middle.
    first = [1.0, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 15, 6.5]
    second = [0.0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14, 300]
    assert "though its median error is not below that of the plain network" in words(first, second)


def test_scipy_is_not_loaded_before_it_is_needed():
    code = "import sys, fibattn.judge.evidence; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
