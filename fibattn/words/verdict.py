"""Did attention help? Sentences that claim no more than the runs show.

The effect comes first: how many times lower, in how many starts; then whether that is more than
chance. What needs no network to be said, the baselines, has a sentence of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from fibattn.judge.baselines import Baseline, BesideBaselines, beside_baselines
from fibattn.judge.comparison import FEWEST_STARTS, Comparison, share_interval
from fibattn.judge.starts import OverStarts
from fibattn.words.notation import factor, readable, times, times_between
from fibattn.words.starts import lost, share

# What attention is compared with, and attention, as in running text.
PLAIN, UNIFORM, ATTENTION = "without attention", "with uniform weights", "with attention"
PINNED = "in the pinned run"


def verdict(comparison: Comparison, control: str = PLAIN, intervals: bool = False) -> str:
    """Return one sentence: is the test error lower with attention, and can one tell?

    Args:
        comparison: of the control with attention, in this order.
        control: PLAIN, UNIFORM or PINNED.
        intervals: with the interval of the effect and of the share of starts, and the p-value.
    """
    return _joined(_finding(comparison, control, intervals), _diverged(comparison, control))


def against_baselines(
    plain: OverStarts, attention: OverStarts, baselines: Sequence[Baseline]
) -> str:
    """Return one sentence: what that learns nothing beats the networks? '' without baselines.

    Args:
        plain: the test MSE of the plain network, one number for each start.
        attention: that of the network with attention.
        baselines: of the same task.
    """
    beside = beside_baselines(plain, attention, baselines)
    typically = "by the median " if plain.starts > 1 else ""
    return _joined(_against_trivial(beside, typically), _against_rule(beside))


def _joined(*clauses: str) -> str:
    words = "; ".join(clause for clause in clauses if clause)
    first = 1 + words.startswith("“")
    return words and f"{words[:first].upper()}{words[first:]}."


def _finding(comparison: Comparison, control: str, intervals: bool) -> str:
    """Say how large the effect is, in how many starts, and whether that is more than chance."""
    if comparison.doubt == "equal":
        return "neither network has the lower test error in any start"
    if comparison.starts == 1:
        size = times(comparison.median) if comparison.pairs else _direction(comparison)
        return (
            f"from this one random start the test error {ATTENTION} is {size} {_than(control)}, "
            "but one start cannot tell which is better"
        )
    told = f"{_count(comparison, intervals)}{_conclusion(comparison, intervals)}"
    if not comparison.pairs:
        return (
            f"{ATTENTION} the test error is {told}; by how much cannot be said, as in every start "
            "at least one of the two diverged"
        )
    return f"{_effect(comparison, control, intervals)}, {told}"


def _than(control: str) -> str:
    """Return "than without", with no second "attention" in the sentence."""
    return f"than {control.removesuffix(' attention')}"


def _direction(comparison: Comparison) -> str:
    """Return which way the effect points; of starts that diverged, which way most of them do."""
    lower = comparison.median < 0 if comparison.pairs else comparison.second_leads
    return "lower" if lower else "higher"


def _effect(comparison: Comparison, control: str, intervals: bool) -> str:
    """Say how many times lower or higher the error is with attention."""
    than = f" {_than(control)}"
    if comparison.median == 0:
        than = than.replace("than", "as", 1)
    elif control == PLAIN and not intervals:
        than = ""  # in a headline it goes without saying
    interval = ""
    if intervals and comparison.has_interval:
        interval = f" (95 % interval {times_between(comparison.low, comparison.high)})"
    return (
        f"{ATTENTION} the test error is {times(comparison.median)}{than}{interval}"
        f"{_of_pairs(comparison)}"
    )


def _of_pairs(comparison: Comparison) -> str:
    if comparison.pairs == comparison.starts:
        return ""
    if comparison.pairs == 1:
        return " in the one start in which neither diverged"
    return f" in the median of the {comparison.pairs} starts in which neither diverged"


def _count(comparison: Comparison, intervals: bool) -> str:
    """Say in how many starts the error is lower, or higher, whichever way the effect points."""
    if comparison.median == 0:
        return (
            f"lower in {share(comparison.wins, comparison.starts)} and higher in "
            f"{share(comparison.losses, comparison.starts)}"
        )
    direction = _direction(comparison)
    count = comparison.wins if direction == "lower" else comparison.losses
    of_share = ""
    if intervals:
        low, high = share_interval(count, comparison.starts)
        of_share = f" (95 % interval {100 * low:.0f} to {100 * high:.0f} %)"
    return f"{direction} in {share(count, comparison.starts)}{of_share}"


def _conclusion(comparison: Comparison, intervals: bool) -> str:
    """Say whether that is more than chance, and if not for certain, why."""
    p = f" (Wilcoxon p {readable(comparison.p_value or 0.0)})" if intervals else ""
    if comparison.clear:
        return f": that is more than chance{p}"
    if comparison.doubt == "few" and comparison.starts in (comparison.wins, comparison.losses):
        return (
            f", but so few cannot rule out chance (a statement at 95 % needs at least "
            f"{FEWEST_STARTS})"
        )
    # Without figures it is the headline of a page, one line where there is room for it.
    unknown = f"nobody can tell{' which is better' if intervals else ''}"
    if comparison.doubt in ("interval", "test") and not intervals:
        return f": {unknown}, as two tests disagree"
    if comparison.doubt == "interval":
        return (
            f": {unknown}, as the Wilcoxon test calls that more than chance{p} and the interval of "
            "the effect does not"
        )
    if comparison.doubt == "test":
        return (
            f": {unknown}, as the interval of the effect calls that more than chance and the "
            f"Wilcoxon test does not{p}"
        )
    if comparison.doubt == "diverged":
        return f": {unknown}, as it is lower only where training did not diverge"
    return f": with this spread {unknown}{p}"


def _diverged(comparison: Comparison, control: str) -> str:
    counts = [
        f"{lost(count, comparison.starts)} {name}"
        for name, count in (
            (control, comparison.first_diverged),
            (ATTENTION, comparison.second_diverged),
        )
        if count
    ]
    return f"training diverged in {' and in '.join(counts)}" if counts else ""


def _against_trivial(beside: BesideBaselines, typically: str) -> str:
    """Say which network does not, by its median, beat the best of the trivial predictors."""
    if beside.trivial is None:
        return ""
    label = f"“{beside.trivial.label}”"
    if beside.first_beats and beside.second_beats:
        return f"{typically}both networks beat {label}"
    if not beside.first_beats and not beside.second_beats:
        return f"{typically}neither network beats {label}"
    loser = "attention" if beside.first_beats else "the plain network"
    return f"{typically}{loser} does not even beat {label}"


def _against_rule(beside: BesideBaselines) -> str:
    """Say by which factor the true rule beats the better network's median."""
    if beside.rule is None:
        return ""
    label = f"“{beside.rule.label}”"
    if math.isnan(beside.lead):  # every start of both networks diverged
        return f"{label} beats both"
    if beside.lead <= 0:
        return f"{label} does not beat both"
    if math.isinf(beside.lead):
        return f"{label} makes no error at all"
    return f"{label} beats both by a factor of {factor(beside.lead)}"
