"""Does one network beat another? Test errors compared random start by random start.

Statistics come from SciPy. It takes more than a second to import, and the page must paint first,
so it is imported where it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from fibattn.judge.starts import OverStarts

CONFIDENCE = 0.95

# Five starts that all agree happen by chance in 2 of 32 cases, 6 %: with fewer than six nothing
# can be said at 95 % (two-sided Wilcoxon or sign test).
FEWEST_STARTS = 6

RESAMPLES = 9999

# Why one cannot tell which network is better; "" where one can. See `Comparison.doubt`.
Doubt = Literal["", "equal", "few", "interval", "test", "diverged"]


@dataclass(frozen=True)
class Comparison:
    """What paired random starts say about two networks, such as without and with attention.

    The medians and the interval are over the pairs of starts in which neither network diverged,
    and NaN where there is no such pair.

    differences: second error − first error for each start, so negative where the second network
        is better. ±inf where only one of the two diverged, 0 where both did.
    pairs: starts in which neither network diverged.
    median: of the differences.
    low, high: the 95 % interval of that median, by percentile bootstrap. With fewer than six
        starts it only shows the spread of what was seen.
    first_median, second_median: of each network's errors.
    wins, losses, ties: starts in which the second network has the lower, the higher, the same
        error. A start that diverged loses to one that did not; two that did are a tie.
    wins_interval, losses_interval: the exact 95 % interval (Clopper-Pearson) of the share of wins
        and of losses, in [0, 1].
    p_value: of the two-sided Wilcoxon signed-rank test over all starts; None where every
        difference is 0. A start in which one network diverged counts as worse for it than any
        finite difference.
    first_diverged, second_diverged: starts of each network that diverged.
    """

    differences: tuple[float, ...]
    pairs: int
    median: float
    low: float
    high: float
    first_median: float
    second_median: float
    wins: int
    losses: int
    ties: int
    wins_interval: tuple[float, float]
    losses_interval: tuple[float, float]
    p_value: float | None
    first_diverged: int
    second_diverged: int

    @property
    def starts(self) -> int:
        """How many random starts were compared."""
        return len(self.differences)

    @property
    def doubt(self) -> Doubt:
        """Why one cannot tell which network has the lower error, "" where one can.

        "equal": neither has the lower error in any start. "few": fewer than six starts.
        "interval": the interval of the median difference contains 0. "test": the Wilcoxon test
        does not agree; alone the bootstrap is a little too sure (see `paired`). "diverged": the
        network that wins fewer starts has the lower error where neither diverged.
        """
        if self.p_value is None:
            return "equal"
        if self.starts < FEWEST_STARTS:
            return "few"
        if self.pairs and not self.excludes_zero:
            return "interval"
        if self.p_value >= 1 - CONFIDENCE:
            return "test"
        if self.pairs and (self.high < 0) != self.second_leads:
            return "diverged"
        return ""

    @property
    def clear(self) -> bool:
        """Whether one network has the lower error, as far as these starts can tell."""
        return not self.doubt

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval of the median excludes 0."""
        return self.low > 0 or self.high < 0

    @property
    def second_leads(self) -> bool:
        """Whether the second network has the lower error in more starts than the first."""
        return self.wins > self.losses

    @property
    def ratio(self) -> float:
        """The leading network's median error divided by the other's.

        It need not lie below 1: medians of errors may disagree with the median of the differences.
        NaN where there is no pair, or where the other's median is 0.
        """
        medians = self.second_median, self.first_median
        mine, other = medians if self.second_leads else medians[::-1]
        return mine / other if other > 0 else float("nan")


def paired(first: OverStarts, second: OverStarts, seed: int = 0) -> Comparison:
    """Compare two networks start by start.

    Args:
        first: the errors of the control, such as the network without attention, one number for
            each start.
        second: those of the network in question, paired by start.
        seed: for the bootstrap's resamples; the same seed gives the same interval.

    The statistic is the median of the differences, as single starts may be off by a factor of
    fifty. Its interval is the percentile bootstrap (Efron 1979) with 9999 resamples. BCa was
    tried and is no better for a median. For so few starts the bootstrap is a little too sure:
    where there is no difference it excludes 0 not in 5 % but in 5 to 8 % of experiments with
    6 to 20 starts, with 7 starts in 12 to 15 %; the Wilcoxon test keeps to 5 %.

    A pair in which a start diverged is left out of the medians and the interval. It still counts
    as won or lost, and in the Wilcoxon test, so that a network does not look better by its
    failures.

    Raises ValueError where there is no start or the numbers of starts differ.
    """
    _check(first, second)
    differences = _differences(first, second)
    both = ~(first.diverged | second.diverged)
    low, high = _interval_of_median(differences[both], seed)
    wins, losses = int(np.sum(differences < 0)), int(np.sum(differences > 0))
    starts = len(differences)
    return Comparison(
        differences=tuple(float(value) for value in differences),
        pairs=int(both.sum()),
        median=_median(differences[both]),
        low=low,
        high=high,
        first_median=_median(first.values[both]),
        second_median=_median(second.values[both]),
        wins=wins,
        losses=losses,
        ties=starts - wins - losses,
        wins_interval=share_interval(wins, starts),
        losses_interval=share_interval(losses, starts),
        p_value=_p_value(differences),
        first_diverged=first.count_diverged,
        second_diverged=second.count_diverged,
    )


def share_interval(count: int, total: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share, `count` of `total` (Clopper & Pearson 1934)."""
    from scipy import stats

    interval = stats.binomtest(count, total).proportion_ci(CONFIDENCE, method="exact")
    return float(interval.low), float(interval.high)


def _check(first: OverStarts, second: OverStarts) -> None:
    if first.starts != second.starts:
        raise ValueError(
            f"The first network has {first.starts} random starts and the second {second.starts}, "
            f"but they can only be compared start by start."
        )
    if not first.starts:
        raise ValueError("There is no random start to compare: train at least one of each.")


def _differences(first: OverStarts, second: OverStarts) -> np.ndarray:
    """Return second − first: (starts,), ±inf where one of the two diverged, 0 where both did."""
    control = np.where(first.diverged, np.inf, first.values)
    candidate = np.where(second.diverged, np.inf, second.values)
    with np.errstate(invalid="ignore"):
        return np.where(control == candidate, 0.0, candidate - control)


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if values.size else float("nan")


def _interval_of_median(differences: np.ndarray, seed: int) -> tuple[float, float]:
    """Return the 95 % interval of the median of finite differences, NaN where there are none."""
    if not differences.size:
        return float("nan"), float("nan")
    if np.all(differences == differences[0]):  # one start, or nothing to resample
        return float(differences[0]), float(differences[0])
    from scipy import stats

    interval = stats.bootstrap(
        (differences,),
        np.median,
        confidence_level=CONFIDENCE,
        n_resamples=RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(interval.low), float(interval.high)


def _p_value(differences: np.ndarray) -> float | None:
    """Return the Wilcoxon test's p-value of differences that may be infinite."""
    # The test leaves equal starts out; left out beforehand they cannot cost it its exactness.
    unequal = differences[differences != 0]
    if not unequal.size:
        return None
    from scipy import stats

    # The test only ranks the sizes. Infinite ones get a finite size above all others.
    sizes = np.unique(np.abs(unequal))
    ranks = np.searchsorted(sizes, np.abs(unequal)) + 1.0
    return float(stats.wilcoxon(np.sign(unequal) * ranks).pvalue)
