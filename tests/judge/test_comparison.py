"""A comparison claims what the paired starts show, and no more."""

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fibattn.judge import comparison
from fibattn.judge.starts import over_starts
from tests.parameters import mostly_long

NAN, INF = math.nan, math.inf
SIMULATIONS = 100


def paired(first, second):
    return comparison.paired(over_starts(first), over_starts(second))


def errors_with(log_ratios):
    """Two networks' errors whose ratios are these powers of ten."""
    return [1.0] * len(log_ratios), [10.0**value for value in log_ratios]


# --- the numbers against independent ones


def test_the_effect_is_the_second_error_over_the_first():
    found = paired([5, 5, 5, 5], [0.5, 0.05, 500, 5])
    assert found.log_ratios == (-1, -2, 2, 0)
    assert found.median == -0.5
    assert (found.wins, found.losses, found.starts, found.pairs) == (2, 1, 4, 4)


@pytest.mark.parametrize("starts", range(6, 41))
def test_the_interval_misses_the_median_in_at_most_one_of_twenty(starts):
    """It ends at the k-th start from either side: the binomial tail below k is at most 2.5 %."""
    found = paired(*errors_with(range(1, starts + 1)))
    k = int(found.low)
    assert found.high == starts + 1 - k

    def missed(k):
        return sum(math.comb(starts, j) for j in range(k)) / 2**starts

    assert missed(k) <= 0.025 < missed(k + 1)


def test_with_fewer_than_six_pairs_there_is_no_interval():
    five = paired(*errors_with([1, 2, 3, 4, 5]))
    assert math.isnan(five.low)
    assert math.isnan(five.high)
    assert not five.has_interval
    assert paired(*errors_with([1, 2, 3, 4, 5, 6])).has_interval


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


@settings(max_examples=40)
@given(st.lists(st.integers(-4, 9), min_size=1, max_size=8))
def test_the_p_value_is_the_share_of_all_sign_patterns(log_ratios):
    found = paired(*errors_with(log_ratios)).p_value
    expected = wilcoxon_by_all_signs(log_ratios)
    assert found == (None if expected is None else pytest.approx(expected))


def test_the_p_value_without_ties_is_exact_up_to_ten_starts():
    log_ratios = [0.5, -1, 2, 3, 4, -5.5, 7, 8, 9, 10]
    expected = pytest.approx(wilcoxon_by_all_signs(log_ratios))
    assert paired(*errors_with(log_ratios)).p_value == expected
    # Equal starts, however many, say nothing either way.
    assert paired(*errors_with([*log_ratios, *[0.0] * 8])).p_value == expected


def test_equal_ratios_are_ties_whatever_rounding_does_to_them():
    found = paired([0.3, 0.7, 1.1, 0.9], [0.1, 0.7 / 3, 1.1 / 3, 2.7])
    assert len({abs(value) for value in found.log_ratios}) == 1


# Where the limits move from one number of starts to the next, few starts matter most.
@pytest.mark.parametrize("starts", mostly_long(range(6, 41), {6, 8, 9, 20}))
def test_equal_networks_are_called_different_in_at_most_one_of_twenty(starts):
    """Errors over orders of magnitude, of two networks that do not differ."""
    random = np.random.default_rng(starts)
    called = sum(
        paired(*10 ** random.standard_t(3, size=(2, starts))).clear for _ in range(SIMULATIONS)
    )
    # 5 %, and three standard deviations of so many simulations.
    assert called <= SIMULATIONS * 0.05 + 3 * math.sqrt(SIMULATIONS * 0.05 * 0.95)


@pytest.mark.long
def test_over_all_numbers_of_starts_that_is_under_five_in_a_hundred():
    random = np.random.default_rng(41)
    sizes = random.integers(6, 41, size=1500)
    called = sum(paired(*10 ** random.normal(size=(2, size))).clear for size in sizes)
    assert called <= 0.05 * len(sizes)


def test_a_true_difference_is_found():
    random = np.random.default_rng(5)
    assert all(
        paired(10 ** random.normal(size=20), 10 ** (random.normal(size=20) - 3)).clear
        for _ in range(20)
    )


# --- what must hold for any errors

eighths = st.integers(0, 800).map(lambda number: number / 8)
any_error = eighths | st.sampled_from([math.nan, math.inf])
pairs = st.lists(st.tuples(eighths, eighths), min_size=1, max_size=9)
any_pairs = st.lists(st.tuples(any_error, any_error), min_size=1, max_size=9)


@settings(max_examples=40)
@given(any_pairs)
@example([(0.0, 0.0)] * 2 + [(1 / 8, 0.0)] + [(NAN, 0.0)] * 5)
def test_swapping_the_networks_turns_everything_around(cases):
    first, second = zip(*cases, strict=True)
    one, other = paired(first, second), paired(second, first)
    assert other.log_ratios == tuple(-value for value in one.log_ratios)
    assert other.median == pytest.approx(-one.median, nan_ok=True)
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low), nan_ok=True)
    assert (other.wins, other.losses) == (one.losses, one.wins)
    assert other.p_value == (None if one.p_value is None else pytest.approx(one.p_value))
    assert (other.first_diverged, other.pairs) == (one.second_diverged, one.pairs)
    assert other.doubt == one.doubt


@settings(max_examples=25)
@given(pairs, st.integers(-30, 30))
def test_another_unit_of_both_errors_changes_nothing(cases, power):
    first, second = np.transpose(cases)
    unit = 2.0**power
    one, other = paired(first, second), paired(first * unit, second * unit)
    for name in ("median", "low", "high"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), nan_ok=True, abs=1e-9)
    for name in ("wins", "losses", "clear"):
        assert getattr(one, name) == getattr(other, name)


def log_ratio(a, b):
    if a == b:
        return 0.0
    if a == 0 or b == 0:
        return INF if a == 0 else -INF
    return round(math.log10(b) - math.log10(a), 9)


def conclusion(first, second):
    """Who is better, by the documented rules in plain Python: "first", "second" or ""."""
    pairs = list(zip(first, second, strict=True))
    finite = sorted(log_ratio(a, b) for a, b in pairs if not (bad(a) or bad(b)))
    lost = [bad(b) - bad(a) for a, b in pairs if bad(a) or bad(b)]
    log_ratios = finite + [INF * sign if sign else 0.0 for sign in lost]
    p = wilcoxon_by_all_signs(log_ratios)
    if len(log_ratios) < 6 or p is None or p >= 0.05:
        return ""
    wins, losses = sum(d < 0 for d in log_ratios), sum(d > 0 for d in log_ratios)
    more = "second" if wins > losses else "first"
    if not finite:
        return more
    # Of 6 to 8 starts the interval reaches from the first to the last, of 9 it leaves out one.
    if len(finite) >= 6:
        out = len(finite) == 9
        if finite[out] <= 0 <= finite[-1 - out]:
            return ""
    middle = finite[(len(finite) - 1) // 2] + finite[len(finite) // 2]
    return more if (middle < 0) == (more == "second") else ""


def bad(error):
    return not math.isfinite(error)


# Few different numbers, so that all starts often agree.
alike = st.tuples(st.sampled_from([0.0, 0.125, 1.0, NAN]), st.sampled_from([0.0, 2.0, NAN]))


@settings(max_examples=100)
@given(any_pairs | st.lists(alike, min_size=5, max_size=9))
def test_a_comparison_is_clear_where_interval_test_and_majority_agree(cases):
    first, second = zip(*cases, strict=True)
    found = paired(first, second)
    better = conclusion(first, second)
    assert found.clear == bool(better), found
    if better:
        assert found.second_leads == (better == "second")


@settings(max_examples=60)
@given(any_pairs)
def test_the_median_lies_in_its_interval(cases):
    first, second = zip(*cases, strict=True)
    found = paired(first, second)
    assert found.pairs == sum(not (bad(a) or bad(b)) for a, b in cases)
    assert found.has_interval == (found.pairs >= 6)
    if found.has_interval:
        assert found.low <= found.median <= found.high
    assert math.isnan(found.median) == (not found.pairs)


# --- networks that make no error


def test_no_error_at_all_is_infinitely_lower_than_any():
    found = paired([1.0] * 8, [0.0] * 8)
    assert (found.median, found.low, found.high, found.pairs) == (-INF, -INF, -INF, 8)
    assert found.clear
    assert paired([0.0] * 8, [0.0] * 8).doubt == "equal"
    half = paired([1.0, 0.0], [0.0, 1.0])
    assert (half.median, half.wins, half.losses) == (0, 1, 1)


# --- starts that diverged


def test_a_diverged_start_loses_to_one_that_did_not():
    found = paired([NAN, 1, INF, 3, 6], [1, NAN, NAN, 30, 0.6])
    assert found.log_ratios == (-INF, INF, 0, 1, -1)
    assert (found.wins, found.losses) == (2, 2)
    assert (found.first_diverged, found.second_diverged) == (2, 2)


def test_pairs_with_a_diverged_start_are_left_out_of_median_and_interval():
    first, second = [1.0, 1, 1, 1, 1, 1], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    kept = paired(first, second)
    found = paired([*first, NAN, 99], [*second, 0.5, INF])
    assert (found.starts, found.pairs) == (8, 6)
    for name in ("median", "low", "high"):
        assert getattr(found, name) == getattr(kept, name)
    assert (found.low, found.high) == pytest.approx((-1, math.log10(0.6)))


def test_a_start_known_to_have_diverged_loses_whatever_its_error():
    first = over_starts([1.0, 1.0, 1.0])
    second = over_starts([0.1, 0.1, 0.1], np.array([False, True, False]))
    found = comparison.paired(first, second)
    assert (found.wins, found.losses, found.second_diverged) == (2, 1, 1)
    assert found.log_ratios == (-1, INF, -1)


def test_one_failure_of_nine_is_no_proof_of_the_others():
    found = paired([10.0] * 9, [9.0, 8, 7, 6, 5, 4, 3, 2, NAN])
    assert found.high < 0
    # Ranks 1 to 8 against 9: of 512 sign patterns 33 have a sum of 9 or less.
    assert found.p_value == pytest.approx(66 / 512)
    assert found.doubt == "test"


def test_a_failure_is_worse_than_any_ratio_however_large_or_small():
    for size in (1e-3, 1.0, 30.0):
        first, second = errors_with([-size * k for k in range(1, 9)])
        assert paired([*first, 1.0], [*second, NAN]).p_value == pytest.approx(66 / 512)
    found = paired([1.0, NAN, 1.0], [1.0, 1.0, NAN])  # two failures are equally bad
    assert found.p_value == 1


@pytest.mark.parametrize("good", [5, 7])
def test_a_network_does_not_win_by_leaving_its_failures_out(good):
    """Where neither diverged the second is better; it diverged in most of 25 starts."""
    mostly = [0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.01][:good] + [NAN] * (25 - good)
    found = paired([1.0] * 25, mostly)
    assert found.median < 0
    assert found.p_value < 0.05
    assert found.doubt == "diverged"
    assert paired(mostly, [1.0] * 25).doubt == "diverged"


@pytest.mark.parametrize("turned", [False, True])
def test_equal_errors_where_neither_diverged_are_no_doubt(turned):
    both = [1.0] * 10, [1.0] * 3 + [NAN] * 7
    found = paired(*(both[::-1] if turned else both))
    assert (found.median, found.wins + found.losses) == (0, 7)
    assert found.clear and found.second_leads is turned


def test_where_one_network_always_diverged_the_other_is_better():
    found = paired([1.0] * 8, [NAN] * 8)
    assert found.p_value == pytest.approx(2 / 2**8)
    assert math.isnan(found.median)
    assert found.clear
    assert not found.second_leads
    assert paired([NAN] * 6, [1.0] * 6).second_leads
    assert paired([NAN] * 5, [1.0] * 5).doubt == "few"
    assert paired([NAN] * 6 + [1.0] * 2, [1.0] * 6 + [NAN] * 2).doubt == "chance"
    assert paired([NAN] * 8, [NAN] * 8).doubt == "equal"


# --- few and equal starts


def test_five_starts_that_agree_are_too_few_and_six_are_not():
    assert not paired([2.0] * 5, [1.0, 1.1, 1.2, 1.3, 1.4]).clear
    assert paired([2.0] * 6, [1.0, 1.1, 1.2, 1.3, 1.4, 1.5]).clear


@pytest.mark.parametrize(
    ("log_ratios", "doubt"),
    [
        ([0.0] * 8, "equal"),
        ([0.0], "equal"),
        ([-1.0] * 5, "few"),
        ([-1.0, 1.0] * 4, "chance"),
        ([-1.0] * 5 + [0.0], "chance"),  # five signs that agree may be chance
        ([-8.0, -7, -6, -5, -4, -3, -2, -1, 9], "test"),
        # Small ones to one side, large ones to the other: the ranks are sure, the median is not.
        ([-1.0, -2, -3, -4, 5, 6, 7, 8, 9, 10, 11, 12], "interval"),
        ([-1.0] * 6, ""),
        ([1.0] * 6, ""),
    ],
)
def test_a_comparison_says_why_one_cannot_tell(log_ratios, doubt):
    first, second = errors_with(log_ratios)
    for found in (paired(first, second), paired(second, first)):
        assert found.doubt == doubt
        assert found.clear is (not doubt)


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
