"""Which of two networks has the lower test error, in a sentence that claims no more than is known.

The playground and the article say it with the baselines beside it (`verdict`), the page "Does it
help?" with every interval (`sentence`). Both are put together from the same clauses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from fibattn.judge.baselines import Baseline, BesideBaselines, beside_baselines
from fibattn.judge.comparison import FEWEST_STARTS, Comparison, paired
from fibattn.judge.starts import OverStarts
from fibattn.words.notation import factor, readable
from fibattn.words.starts import lost, share

PLAIN, ATTENTION = "the plain network", "attention"


def verdict(plain: OverStarts, attention: OverStarts, baselines: Sequence[Baseline]) -> str:
    """Return one sentence: did attention help, and what beats both networks?

    Args:
        plain: the test MSE of the plain network, one number for each start.
        attention: that of the network with attention, paired by start.
        baselines: of the same task.

    Raises ValueError where the numbers of starts differ.
    """
    comparison = paired(plain, attention)
    beside = beside_baselines(plain, attention, baselines)
    return _joined(
        _finding(comparison, PLAIN, ATTENTION),
        _diverged(comparison, PLAIN, ATTENTION),
        _against_trivial(beside, "by the median " if comparison.starts > 1 else ""),
        _against_rule(beside),
    )


def sentence(comparison: Comparison, first_name: str, second_name: str) -> str:
    """Return one sentence with the size of the difference and all intervals.

    Args:
        comparison: of the first network with the second.
        first_name: as in running text, in the singular: "the plain network".
        second_name: likewise: "attention".
    """
    names = first_name, second_name
    return _joined(
        _finding(comparison, *names, interval=True) + _size(comparison, *names),
        _diverged(comparison, *names),
    )


def _joined(*clauses: str) -> str:
    words = "; ".join(clause for clause in clauses if clause)
    return f"{words[0].upper()}{words[1:]}."


def _finding(comparison: Comparison, first: str, second: str, interval: bool = False) -> str:
    """Say who won in how many starts, and whether that is more than chance.

    `interval`: with the exact interval of that share.
    """
    if comparison.doubt == "equal":
        return "neither network has the lower test error in any start"
    starts = comparison.starts
    if starts == 1:
        return (
            f"from this one random start {second if comparison.wins else first} has the lower "
            f"test error, but one start cannot tell which is better"
        )
    # Of the second network, unless the first clearly has the lower error or wins them all.
    first_won = not comparison.second_leads and (comparison.clear or comparison.losses == starts)
    winner, count = (first, comparison.losses) if first_won else (second, comparison.wins)
    low, high = comparison.losses_interval if first_won else comparison.wins_interval
    of_share = f" (95 % interval {100 * low:.0f} to {100 * high:.0f} %)" if interval else ""
    counted = f"{winner} has the lower test error in {share(count, starts)}{of_share}"
    if comparison.clear:
        return counted
    if comparison.doubt == "few" and count == starts:
        return (
            f"{counted}, but so few cannot rule out chance (a statement at 95 % needs at least "
            f"{FEWEST_STARTS})"
        )
    return f"{counted}: with this spread nobody can tell which is better"


def _size(comparison: Comparison, first: str, second: str) -> str:
    """Say by how much one network is better, or why the difference may be chance."""
    if comparison.doubt == "few":
        return ""
    if comparison.doubt == "equal":
        return ": they are equal in every start" if comparison.pairs == comparison.starts else ""
    p = readable(comparison.p_value or 0.0)
    if not comparison.pairs and comparison.clear:
        return ": by how much cannot be said, as in every start at least one of the two diverged"
    if not comparison.pairs:
        return f", as in every start at least one of the two diverged (Wilcoxon p {p})"
    interval = f"{readable(comparison.low)} to {readable(comparison.high)}"
    if comparison.clear:
        return f": {_clear_size(comparison, first if comparison.second_leads else second)}"
    difference = f"the median difference ({second} minus {first}){_of_pairs(comparison)}"
    median = readable(comparison.median)
    if comparison.doubt == "interval":
        return f", and {difference}, {median}, could by chance be anything from {interval}"
    if comparison.doubt == "test":
        return (
            f", though {difference} is {median} (95 % interval {interval}): by the Wilcoxon test "
            f"that may be chance (p {p})"
        )
    return f", as {difference} points the other way: {median} (95 % interval {interval})"


def _clear_size(comparison: Comparison, loser: str) -> str:
    """Say by how much, and compare the two medians, which need not agree with that."""
    low, high = sorted((abs(comparison.low), abs(comparison.high)))
    by = (
        f"by {readable(abs(comparison.median))} in the median{_of_pairs(comparison)} "
        f"(95 % interval {readable(low)} to {readable(high)})"
    )
    if math.isnan(comparison.ratio):
        return by
    if comparison.ratio >= 1:
        return f"{by}, though its median error is not below that of {loser}"
    return f"{by}, its median error being {readable(comparison.ratio)} times that of {loser}"


def _of_pairs(comparison: Comparison) -> str:
    if comparison.pairs == comparison.starts:
        return ""
    if comparison.pairs == 1:
        return " of the one start in which neither diverged"
    return f" of the {comparison.pairs} starts in which neither diverged"


def _diverged(comparison: Comparison, first: str, second: str) -> str:
    counts = [
        f"{lost(count, comparison.starts)} of {name}"
        for name, count in (
            (first, comparison.first_diverged),
            (second, comparison.second_diverged),
        )
        if count
    ]
    return f"training diverged in {' and in '.join(counts)}" if counts else ""


def _against_trivial(beside: BesideBaselines, typically: str) -> str:
    """Say which network does not, by its median, beat the best of the trivial predictors."""
    if beside.trivial is None or (beside.first_beats and beside.second_beats):
        return ""
    label = beside.trivial.label
    if not beside.first_beats and not beside.second_beats:
        return f"{typically}neither network beats {label}"
    loser = ATTENTION if beside.first_beats else PLAIN
    return f"{typically}{loser} does not even beat {label}"


def _against_rule(beside: BesideBaselines) -> str:
    """Say by which factor the true rule beats the better network's median."""
    if beside.rule is None:
        return ""
    label = beside.rule.label
    if math.isnan(beside.lead):  # every start of both networks diverged
        return f"{label} beats both"
    if beside.lead <= 0:
        return f"{label} does not beat both"
    if math.isinf(beside.lead):
        return f"{label} makes no error at all"
    return f"{label} beats both by a factor of {factor(beside.lead)}"
