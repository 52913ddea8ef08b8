"""A comparison claims what the paired starts show, and no more."""

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibattn.judge import comparison
from fibattn.judge.starts import over_starts

NAN, INF = math.nan, math.inf


def paired(first, second, seed=0):
    return comparison.paired(over_starts(first), over_starts(second), seed)


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
    assert comparison.share_interval(count, total) == pytest.approx((low, high), abs=1e-9)
    second = [0.5] * count + [2.0] * (total - count)
    found = paired([1.0] * total, second)
    assert found.wins_interval == pytest.approx((low, high), abs=1e-9)
    other = paired(second, [1.0] * total)
    assert other.losses_interval == found.wins_interval


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
    assert other.median == pytest.approx(-one.median, nan_ok=True)
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low), nan_ok=True)
    assert (other.wins, other.losses, other.ties) == (one.losses, one.wins, one.ties)
    assert other.p_value == (None if one.p_value is None else pytest.approx(one.p_value))
    assert (other.first_diverged, other.pairs) == (one.second_diverged, one.pairs)
    assert other.first_median == pytest.approx(one.second_median, nan_ok=True)
    assert other.wins_interval == one.losses_interval
    assert other.clear == one.clear


@settings(deadline=None, max_examples=25)
@given(pairs, eighths)
def test_a_constant_added_to_both_changes_nothing(cases, constant):
    first, second = np.transpose(cases)
    one, other = paired(first, second), paired(first + constant, second + constant)
    for name in ("differences", "median", "low", "high", "wins", "losses", "p_value", "clear"):
        assert getattr(one, name) == getattr(other, name)


def conclusion(first, second):
    """Who is better, by the documented rules in plain Python: "first", "second" or ""."""
    pairs = list(zip(first, second, strict=True))
    finite = [b - a for a, b in pairs if not (bad(a) or bad(b))]
    lost = [bad(b) - bad(a) for a, b in pairs if bad(a) or bad(b)]
    differences = finite + [INF * sign if sign else 0.0 for sign in lost]
    p = wilcoxon_by_all_signs(differences)
    if len(differences) < 6 or p is None or p >= 0.05:
        return ""
    wins, losses = sum(d < 0 for d in differences), sum(d > 0 for d in differences)
    more = "second" if wins > losses else "first"
    if not finite:
        return more
    found = paired([0.0] * len(finite), finite)  # the interval is held by the tests above
    if found.low <= 0 <= found.high or (found.high < 0) != (more == "second"):
        return ""
    return more


def bad(error):
    return not math.isfinite(error)


# Few different numbers, so that all starts often agree.
alike = st.tuples(st.sampled_from([0.0, 0.125, 1.0, NAN]), st.sampled_from([0.0, 2.0, NAN]))


@settings(deadline=None, max_examples=100)
@given(any_pairs | st.lists(alike, min_size=5, max_size=9))
def test_a_comparison_is_clear_where_interval_test_and_majority_agree(cases):
    first, second = zip(*cases, strict=True)
    found = paired(first, second)
    better = conclusion(first, second)
    assert found.clear == bool(better)
    if better:
        assert found.second_leads == (better == "second")


def test_six_starts_with_an_equal_pair_are_not_clear():
    """The interval excludes 0, and five signs that agree may still be chance."""
    found = paired([0.125] * 5 + [0.0], [0.0] * 6)
    assert (found.low, found.median, found.high) == (-0.125, -0.125, -0.0625)
    assert found.p_value == pytest.approx(2 / 32)
    assert found.doubt == "test"


@settings(deadline=None, max_examples=60)
@given(any_pairs)
def test_the_median_lies_in_its_interval(cases):
    first, second = zip(*cases, strict=True)
    found = paired(first, second)
    assert found.pairs == sum(not (bad(a) or bad(b)) for a, b in cases)
    if found.pairs:
        assert found.low <= found.median <= found.high
    else:
        assert all(math.isnan(value) for value in (found.low, found.median, found.high))


def test_the_same_seed_gives_the_same_interval():
    random = np.random.default_rng(6)
    first, second = random.normal(size=(2, 14))
    assert paired(first, second, seed=3) == paired(first, second, seed=3)


# --- starts that diverged


def test_a_diverged_start_loses_to_one_that_did_not():
    found = paired([NAN, 1, INF, 3, 6], [1, NAN, NAN, 4, 5])
    assert found.differences == (-INF, INF, 0, 1, -1)
    assert (found.wins, found.losses, found.ties) == (2, 2, 1)
    assert (found.first_diverged, found.second_diverged) == (2, 2)


def test_pairs_with_a_diverged_start_are_left_out_of_medians_and_interval():
    kept = paired([10.0, 11, 12, 13, 14], [9.0, 8, 7, 9, 6])
    found = paired([10.0, 11, NAN, 12, 13, 14, 99], [9.0, 8, 0.5, 7, 9, 6, INF])
    assert (found.starts, found.pairs) == (7, 5)
    for name in ("median", "low", "high", "first_median", "second_median"):
        assert getattr(found, name) == getattr(kept, name)
    assert (found.first_median, found.second_median, found.median) == (12, 8, -4)


def test_a_start_known_to_have_diverged_loses_whatever_its_error():
    first = over_starts([1.0, 1.0, 1.0])
    second = over_starts([0.5, 0.5, 0.5], np.array([False, True, False]))
    found = comparison.paired(first, second)
    assert (found.wins, found.losses, found.second_diverged) == (2, 1, 1)
    assert found.differences == (-0.5, INF, -0.5)


def test_one_failure_of_nine_is_no_proof_of_the_others():
    found = paired([10.0] * 9, [9.0, 8, 7, 6, 5, 4, 3, 2, NAN])
    assert found.median == -4.5
    assert found.high < 0
    # Ranks 1 to 8 against 9: of 512 sign patterns 33 have a sum of 9 or less.
    assert found.p_value == pytest.approx(66 / 512)
    assert found.doubt == "test"


def test_a_failure_is_worse_than_any_difference_however_large_or_small():
    for size in (1e-300, 1.0, 1e150):
        differences = [-size * k for k in range(1, 9)]
        found = paired([8 * size] * 8 + [1.0], [8 * size + d for d in differences] + [NAN])
        assert found.p_value == pytest.approx(66 / 512)
    found = paired([1.0, NAN, 1.0], [1.0, 1.0, NAN])  # two failures are equally bad
    assert found.p_value == 1


def test_a_network_does_not_win_by_leaving_its_failures_out():
    """Where neither diverged the second is better; it diverged in 15 of 20 starts."""
    found = paired([1.0] * 20, [0.5, 0.4, 0.3, 0.2, 0.1] + [NAN] * 15)
    assert found.high < 0
    assert found.p_value < 0.05
    assert found.doubt == "diverged"
    other = paired([0.5, 0.4, 0.3, 0.2, 0.1] + [NAN] * 15, [1.0] * 20)
    assert other.low > 0
    assert other.doubt == "diverged"


def test_where_one_network_always_diverged_the_other_is_better():
    found = paired([1.0] * 8, [NAN] * 8)
    assert found.p_value == pytest.approx(2 / 2**8)
    assert math.isnan(found.median)
    assert found.clear
    assert not found.second_leads
    assert paired([NAN] * 6, [1.0] * 6).second_leads
    assert paired([NAN] * 5, [1.0] * 5).doubt == "few"
    assert paired([NAN] * 6 + [1.0] * 2, [1.0] * 6 + [NAN] * 2).doubt == "test"
    assert paired([NAN] * 8, [NAN] * 8).doubt == "equal"


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


@pytest.mark.parametrize(
    ("first", "second", "doubt"),
    [
        ([1.0] * 8, [1.0] * 8, "equal"),
        ([1.0], [1.0], "equal"),
        ([2.0] * 5, [1.0] * 5, "few"),
        ([2.0] * 8, [1.0, 3.0] * 4, "interval"),
        ([9.0] * 9, [8.0, 7, 6, 5, 4, 3, 2, 1, 99], "test"),
        ([2.0] * 6, [1.0] * 6, ""),
        ([1.0] * 6, [2.0] * 6, ""),
    ],
)
def test_a_comparison_says_why_one_cannot_tell(first, second, doubt):
    found = paired(first, second)
    assert found.doubt == doubt
    assert found.clear is (not doubt)


def test_the_ratio_is_the_leading_network_s_median_over_the_other_s():
    assert paired([4.0] * 3, [1.0] * 3).ratio == 0.25
    assert paired([1.0] * 3, [5.0] * 3).ratio == 0.2
    assert math.isnan(paired([0.0], [0.0]).ratio)
    assert math.isnan(paired([NAN], [1.0]).ratio)
    assert paired([4.0, NAN, 8.0], [1.0, 7.0, 2.0]).ratio == 0.25  # of 1.5 and 6
    # Better by 1 in twelve of thirteen starts, but the one far worse moves it past the middle.
    first = [1.0, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 15, 6.5]
    second = [0.0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14, 300]
    found = paired(first, second)
    assert (found.wins, found.first_median, found.second_median) == (12, 6.5, 9)
    assert found.ratio > 1


def test_starts_that_cannot_be_paired_are_refused():
    with pytest.raises(ValueError, match="2 random starts and the second 3"):
        paired([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="no random start"):
        paired([], [])


def test_scipy_is_not_loaded_before_it_is_needed():
    code = "import sys, fibattn.judge.comparison; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_as_many_wins_as_losses_is_nobody_s_lead():
    found = paired([1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 4.0, 3.5])
    assert (found.wins, found.losses, found.second_leads) == (2, 2, False)
