"""Does one network beat another? Test errors compared random start by random start.

Errors spread over orders of magnitude from start to start, so their logarithms are compared: the
effect is a ratio. Statistics come from SciPy. It takes more than a second to import, and the page
must paint first, so it is imported where it is used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fibattn.judge.starts import OverStarts

CONFIDENCE = 0.95

# Five starts that all agree happen by chance in 2 of 32 cases, 6 %: with fewer than six nothing
# can be said at 95 % (two-sided Wilcoxon or sign test).
FEWEST_STARTS = 6

# Logarithms that differ by less are equal but for the rounding of float64.
DIGITS = 12

# Why one cannot tell which network is better; "" where one can. See `Comparison.doubt`.
Doubt = Literal["", "equal", "few", "chance", "interval", "test", "diverged"]


@dataclass(frozen=True)
class Comparison:
    """What paired random starts say about two networks, such as without and with attention.

    The median and its interval are over the pairs of starts in which neither network diverged.

    log_ratios: log10(second error / first error) for each start, so negative where the second
        network is better. ±inf where only one of the two diverged or makes no error, 0 where both
        did.
    pairs: starts in which neither network diverged.
    median: of these logarithms; NaN where there is no such pair.
    low, high: its exact 95 % interval; NaN where there are fewer than six such pairs.
    wins, losses: starts in which the second network has the lower, the higher error. A start that
        diverged loses to one that did not; two that did are equal.
    p_value: of the two-sided Wilcoxon signed-rank test of the logarithms over all starts; None
        where all are 0. A start in which one network diverged counts as worse for it than any
        finite difference.
    first_diverged, second_diverged: starts of each network that diverged.
    """

    log_ratios: tuple[float, ...]
    pairs: int
    median: float
    low: float
    high: float
    wins: int
    losses: int
    p_value: float | None
    first_diverged: int
    second_diverged: int

    @property
    def starts(self) -> int:
        """How many random starts were compared."""
        return len(self.log_ratios)

    @property
    def doubt(self) -> Doubt:
        """Why one cannot tell which network has the lower error, "" where one can.

        "equal": neither has the lower error in any start. "few": fewer than six starts. "chance":
        interval and test both allow that there is no difference. "interval", "test": only the one
        that is named allows it. "diverged": the network that wins fewer starts has the lower error
        where neither diverged.
        """
        if self.p_value is None:
            return "equal"
        if self.starts < FEWEST_STARTS:
            return "few"
        sure_by_test = self.p_value < 1 - CONFIDENCE
        # Too few pairs for an interval leave it to the test.
        sure_by_interval = self.low > 0 or self.high < 0 if self.has_interval else sure_by_test
        if not (sure_by_test or sure_by_interval):
            return "chance"
        if not sure_by_interval:
            return "interval"
        if not sure_by_test:
            return "test"
        if self.pairs and self.median * (self.wins - self.losses) > 0:
            return "diverged"
        return ""

    @property
    def clear(self) -> bool:
        """Whether one network has the lower error, as far as these starts can tell."""
        return not self.doubt

    @property
    def has_interval(self) -> bool:
        """Whether there are enough pairs for an interval of the median."""
        return not math.isnan(self.low)

    @property
    def second_leads(self) -> bool:
        """Whether the second network has the lower error in more starts than the first."""
        return self.wins > self.losses


def paired(first: OverStarts, second: OverStarts) -> Comparison:
    """Compare two networks start by start.

    Args:
        first: the errors of the control, such as the network without attention, one number for
            each start.
        second: those of the network in question, paired by start.

    The median's interval is the exact one between order statistics, which holds for any
    distribution (SciPy's `quantile_test`). A percentile bootstrap is narrower and wrong: without
    any difference it excluded 0 in 5 to 8 % of experiments with 6 to 20 starts, with 7 starts in
    12 to 15 %.

    A pair in which a start diverged is left out of the median and the interval. It still counts
    as won or lost, and in the Wilcoxon test, so that a network does not look better by its
    failures.

    Raises ValueError where there is no start or the numbers of starts differ.
    """
    _check(first, second)
    log_ratios = log_ratios_of(first, second)
    both = ~(first.diverged | second.diverged)
    low, high = _interval_of_median(log_ratios[both])
    return Comparison(
        log_ratios=tuple(float(value) for value in log_ratios),
        pairs=int(both.sum()),
        median=_median(log_ratios[both]),
        low=low,
        high=high,
        wins=int(np.sum(log_ratios < 0)),
        losses=int(np.sum(log_ratios > 0)),
        p_value=_p_value(log_ratios),
        first_diverged=first.count_diverged,
        second_diverged=second.count_diverged,
    )


def share_interval(count: int, total: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share, `count` of `total` (Clopper & Pearson 1934)."""
    from scipy import stats

    interval = stats.binomtest(count, total).proportion_ci(CONFIDENCE, method="exact")
    return float(interval.low), float(interval.high)


def log_ratios_of(first: OverStarts, second: OverStarts) -> np.ndarray:
    """Return log10(second / first): (starts,), 0 where both diverged or both make no error."""
    control = np.where(first.diverged, np.inf, first.values)
    candidate = np.where(second.diverged, np.inf, second.values)
    with np.errstate(invalid="ignore", divide="ignore"):
        logarithms = np.log10(candidate) - np.log10(control)
    return np.where(control == candidate, 0.0, np.round(logarithms, DIGITS))


def _check(first: OverStarts, second: OverStarts) -> None:
    if first.starts != second.starts:
        raise ValueError(
            f"The first network has {first.starts} random starts and the second {second.starts}, "
            f"but they can only be compared start by start."
        )
    if not first.starts:
        raise ValueError("There is no random start to compare: train at least one of each.")


def _median(log_ratios: np.ndarray) -> float:
    """Return the median; NaN of nothing, and 0 where it would lie between −∞ and ∞."""
    if not log_ratios.size:
        return math.nan
    with np.errstate(invalid="ignore"):
        return float(np.nan_to_num(np.median(log_ratios), posinf=np.inf, neginf=-np.inf))


def _interval_of_median(log_ratios: np.ndarray) -> tuple[float, float]:
    """Return the exact 95 % interval of the median, NaN where there are fewer than six."""
    if log_ratios.size < FEWEST_STARTS:
        return math.nan, math.nan
    from scipy import stats

    interval = stats.quantile_test(log_ratios, q=0, p=0.5).confidence_interval(CONFIDENCE)
    return float(interval.low), float(interval.high)


def _p_value(log_ratios: np.ndarray) -> float | None:
    """Return the Wilcoxon test's p-value of logarithms that may be infinite."""
    # The test leaves equal starts out; left out beforehand they cannot cost it its exactness.
    unequal = log_ratios[log_ratios != 0]
    if not unequal.size:
        return None
    from scipy import stats

    # The test only ranks the sizes. Infinite ones get a finite size above all others.
    sizes = np.unique(np.abs(unequal))
    ranks = np.searchsorted(sizes, np.abs(unequal)) + 1.0
    return float(stats.wilcoxon(np.sign(unequal) * ranks).pvalue)
