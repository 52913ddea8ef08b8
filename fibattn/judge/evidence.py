"""Does one network beat another? Errors compared random start by random start.

Statistics come from SciPy. It takes more than a second to import, and the page must paint first,
so it is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fibattn.judge.evaluation import Spread
from fibattn.words.notation import readable

CONFIDENCE = 0.95

# Five starts that all agree happen by chance in 2 of 32 cases, 6 %: with fewer than six nothing
# can be said at 95 % (two-sided Wilcoxon or sign test).
FEWEST_STARTS = 6

RESAMPLES = 9999

# Errors from here on are those of a start that diverged; their sums must not overflow.
DIVERGED = 1e300


@dataclass(frozen=True)
class Comparison:
    """What paired random starts say about two networks, such as without and with attention.

    differences: second error − first error for each start, so negative where the second network
        is better. ±inf where only one of the two diverged, 0 where both did.
    median: of the differences; inf or −inf where most starts of one network diverged.
    low, high: the 95 % interval of that median, by percentile bootstrap. With fewer than six
        starts it only shows the spread of what was seen.
    first_median, second_median: of each network's errors; inf where most starts diverged.
    wins, losses, ties: starts in which the second network has the lower, the higher, the same
        error. A start that diverged loses to one that did not; two that did are a tie.
    wins_low, wins_high: the exact 95 % interval (Clopper-Pearson) of the share of wins, in [0, 1].
    p_value: of the two-sided Wilcoxon signed-rank test; None where every difference is 0.
    first_diverged, second_diverged: starts of each network that diverged.
    """

    differences: tuple[float, ...]
    median: float
    low: float
    high: float
    first_median: float
    second_median: float
    wins: int
    losses: int
    ties: int
    wins_low: float
    wins_high: float
    p_value: float | None
    first_diverged: int
    second_diverged: int

    @property
    def starts(self) -> int:
        """How many random starts were compared."""
        return len(self.differences)

    @property
    def clear(self) -> bool:
        """Whether one network has the lower error, as far as these starts can tell.

        There are enough of them, the interval of the median excludes 0, and the Wilcoxon test
        agrees: alone the bootstrap is a little too sure (see `paired`).
        """
        agreed = self.p_value is not None and self.p_value < 1 - CONFIDENCE
        return self.starts >= FEWEST_STARTS and self.excludes_zero and agreed

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval of the median excludes 0."""
        return self.low > 0 or self.high < 0


def paired(first: Sequence[float], second: Sequence[float], seed: int = 0) -> Comparison:
    """Compare two networks start by start.

    Args:
        first: (repeats,), the errors of the control, such as the network without attention.
        second: (repeats,), those of the network in question, paired by start.
        seed: for the bootstrap's resamples; the same seed gives the same interval.

    The statistic is the median of the differences, as single starts may be off by a factor of
    fifty. Its interval is the percentile bootstrap (Efron 1979) with 9999 resamples. BCa was
    tried and is no better for a median. For so few starts the bootstrap is a little too sure:
    where there is no difference it excludes 0 not in 5 % but in 5 to 8 % of experiments with
    6 to 20 starts, with 7 starts in 12 to 15 %; the Wilcoxon test keeps to 5 %.

    A start that diverged (an error that is NaN, infinite or at least 1e300) is worse by more than
    any finite difference. No start is left out: leaving out the failures of one network would
    make it look better. An interval's end is infinite where it lies among those starts.

    Raises ValueError where there is no start or the numbers of starts differ.
    """
    if len(first) != len(second):
        raise ValueError(
            f"The first network has {len(first)} random starts and the second {len(second)}, "
            f"but they can only be compared start by start."
        )
    if not len(first):
        raise ValueError("There is no random start to compare: train at least one of each.")
    control, candidate = _errors(first), _errors(second)
    with np.errstate(invalid="ignore"):
        differences = np.nan_to_num(candidate - control, nan=0.0, posinf=np.inf, neginf=-np.inf)
    finite = np.abs(differences[np.isfinite(differences)])
    limit = float(np.max(finite, initial=0.0))
    # Far enough out that its mean with any finite difference lies beyond them all.
    stand_in = 4 * limit or 1.0
    bounded = np.clip(differences, -stand_in, stand_in)
    low, high = _interval(bounded, seed)
    wins = int(np.sum(differences < 0))
    losses = int(np.sum(differences > 0))
    wins_low, wins_high = share_interval(wins, len(differences))
    return Comparison(
        differences=tuple(float(value) for value in differences),
        median=_beyond(float(np.median(bounded)), limit),
        low=_beyond(low, limit),
        high=_beyond(high, limit),
        first_median=Spread(tuple(control)).median,
        second_median=Spread(tuple(candidate)).median,
        wins=wins,
        losses=losses,
        ties=len(differences) - wins - losses,
        wins_low=wins_low,
        wins_high=wins_high,
        p_value=_p_value(bounded),
        first_diverged=int(np.sum(np.isinf(control))),
        second_diverged=int(np.sum(np.isinf(candidate))),
    )


def share_interval(count: int, total: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share, `count` of `total` (Clopper & Pearson 1934)."""
    from scipy import stats

    interval = stats.binomtest(count, total).proportion_ci(CONFIDENCE, method="exact")
    return float(interval.low), float(interval.high)


def sentence(comparison: Comparison, first_name: str, second_name: str) -> str:
    """Return one sentence that claims no more than the numbers do.

    Args:
        comparison: of the first network with the second.
        first_name: as in running text: "the plain network".
        second_name: likewise: "attention".
    """
    clauses = (
        _finding(comparison, first_name, second_name),
        _diverged(comparison, first_name, second_name),
    )
    words = "; ".join(clause for clause in clauses if clause)
    return f"{words[0].upper()}{words[1:]}."


def _errors(values: Sequence[float]) -> np.ndarray:
    """Return errors as float64, inf where a start diverged."""
    errors = np.array(values, np.float64)
    return np.where(np.abs(errors) < DIVERGED, errors, np.inf)


def _beyond(value: float, limit: float) -> float:
    """Return a value among the stand-ins for diverged starts as the infinity it stands for."""
    return value if abs(value) <= limit else float(np.copysign(np.inf, value))


def _interval(differences: np.ndarray, seed: int) -> tuple[float, float]:
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
    # The test leaves equal starts out; left out beforehand they cannot cost it its exactness.
    unequal = differences[differences != 0]
    if not unequal.size:
        return None
    from scipy import stats

    return float(stats.wilcoxon(unequal).pvalue)


def _finding(comparison: Comparison, first_name: str, second_name: str) -> str:
    starts = comparison.starts
    if starts < FEWEST_STARTS:
        counted = "1 random start is" if starts == 1 else f"{starts} random starts are"
        return (
            f"{counted} too few to tell which network has the lower error: "
            f"a statement at 95 % needs at least {FEWEST_STARTS}"
        )
    if not comparison.clear:
        return _cannot_tell(comparison, first_name, second_name)
    second_won = comparison.high < 0
    winner, loser = (second_name, first_name) if second_won else (first_name, second_name)
    count = comparison.wins if second_won else comparison.losses
    low, high = sorted((abs(comparison.low), abs(comparison.high)))
    by = (
        f"by {readable(abs(comparison.median))} in the median "
        f"(95 % interval {readable(low)} to {readable(high)})"
        if np.isfinite(comparison.median)
        else "by more than a number can say, as the other diverged in most starts"
    )
    has = "have" if winner.endswith("weights") else "has"
    return (
        f"{winner} {has} the lower error in {_count(count, starts)}: {by}"
        f"{_ratio(comparison, second_won, loser)}"
    )


def _cannot_tell(comparison: Comparison, first_name: str, second_name: str) -> str:
    starts = comparison.starts
    opening = f"from these {starts} starts one cannot tell which network has the lower error"
    if comparison.ties == starts:
        return f"{opening}: they are equal in every start"
    have = "have" if second_name.endswith("weights") else "has"
    difference = f"the median difference ({second_name} minus {first_name})"
    chance = (
        f"though {difference} is {readable(comparison.median)} (95 % interval "
        f"{readable(comparison.low)} to {readable(comparison.high)}), by the Wilcoxon test that "
        f"may be chance (p {readable(comparison.p_value or 0.0)})"
        if comparison.excludes_zero
        else f"and {difference}, {readable(comparison.median)}, could by chance be anything from "
        f"{readable(comparison.low)} to {readable(comparison.high)}"
    )
    return f"{opening}: {second_name} {have} it in {_count(comparison.wins, starts)}, {chance}"


def _count(count: int, starts: int) -> str:
    """Return how many of the starts, with the exact interval of the share."""
    low, high = share_interval(count, starts)
    share = f"all {starts}" if count == starts else f"{count or 'none'} of {starts}"
    return f"{share} starts (95 % interval {100 * low:.0f} to {100 * high:.0f} %)"


def _ratio(comparison: Comparison, second_won: bool, loser: str) -> str:
    """Compare the two medians, which need not agree with the median of the differences."""
    medians = comparison.second_median, comparison.first_median
    mine, other = medians if second_won else medians[::-1]
    if not (0 < other < np.inf and 0 <= mine < np.inf):
        return ""
    if mine >= other:
        return f", though its median error is not below that of {loser}"
    return f", its median error being {readable(mine / other)} times that of {loser}"


def _diverged(comparison: Comparison, first_name: str, second_name: str) -> str:
    counts = [
        f"{count} of {comparison.starts} starts of {name}"
        for name, count in (
            (first_name, comparison.first_diverged),
            (second_name, comparison.second_diverged),
        )
        if count
    ]
    return f"training diverged in {' and '.join(counts)}" if counts else ""
