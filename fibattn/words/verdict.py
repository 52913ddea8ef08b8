"""One honest sentence about two networks, for the page: did attention help?"""

from __future__ import annotations

import math
from collections.abc import Sequence

from fibattn.judge.evaluation import Baseline, Spread, test_mse
from fibattn.judge.evidence import Comparison, paired
from fibattn.run import Run
from fibattn.tasks import Dataset
from fibattn.words.notation import power_of_ten


def verdict(
    plain: Run,
    attention: Run,
    baselines: tuple[Baseline, ...],
    dataset: Dataset | None = None,
) -> str:
    """Return one plain sentence: did attention help, and what beats both networks?

    Starts are paired by number. A start that diverged loses to one that did not; a tie is no win.
    """
    pair = _paired(plain, attention, dataset)
    clauses = (
        _who_won(paired(*pair)),
        _diverged(*pair),
        _against_trivial(*pair, [each for each in baselines if not each.exact]),
        _against_rule(*pair, next((each for each in baselines if each.exact), None)),
    )
    return "; ".join(clause for clause in clauses if clause) + "."


def _paired(
    plain: Run, attention: Run, dataset: Dataset | None
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    dataset = dataset or plain.dataset()
    pair = test_mse(plain, dataset).values, test_mse(attention, dataset).values
    if len(pair[0]) != len(pair[1]):
        raise ValueError(
            f"The plain network has {len(pair[0])} random starts and the one with attention "
            f"{len(pair[1])}, but they can only be compared start by start."
        )
    return pair


def _who_won(comparison: Comparison) -> str:
    won, lost, starts = comparison.wins, comparison.losses, comparison.starts
    if won + lost == 0:
        return "Neither network has the lower test error in any start"
    if starts == 1:
        winner = "attention" if won else "the plain network"
        return (
            f"From this one random start {winner} has the lower test error, "
            f"but one start cannot tell which is better"
        )
    if lost == starts:
        counted = f"The plain network has the lower test error in all {starts} starts"
    else:
        share = f"all {starts}" if won == starts else f"{won or 'none'} of {starts}"
        counted = f"Attention has the lower test error in {share} starts"
    if comparison.clear:
        return counted
    if max(won, lost) == starts:
        return f"{counted}, but so few cannot rule out chance"
    return f"{counted}: with this spread nobody can tell which is better"


def _diverged(plain: tuple[float, ...], attention: tuple[float, ...]) -> str:
    counts = [
        f"{lost} of {len(values)} {name}"
        for name, values in (("plain", plain), ("attention", attention))
        if (lost := sum(not math.isfinite(value) for value in values))
    ]
    return f"training diverged in {' and '.join(counts)} starts" if counts else ""


def _against_trivial(
    plain: tuple[float, ...], attention: tuple[float, ...], trivial: Sequence[Baseline]
) -> str:
    """Say which network does not, by its median, beat the best of the trivial predictors."""
    if not trivial:
        return ""
    baseline = min(trivial, key=lambda each: each.test_mse)
    typically = "by the median " if len(plain) > 1 else ""
    beaten = [Spread(values).median < baseline.test_mse for values in (plain, attention)]
    if all(beaten):
        return ""
    if not any(beaten):
        return f"{typically}neither network beats {baseline.label}"
    loser = "attention" if beaten[0] else "the plain network"
    return f"{typically}{loser} does not even beat {baseline.label}"


def _against_rule(
    plain: tuple[float, ...], attention: tuple[float, ...], baseline: Baseline | None
) -> str:
    """Say by which factor the rule beats the better network's median."""
    if baseline is None:
        return ""
    best = min(Spread(plain).median, Spread(attention).median)
    if not math.isfinite(best):
        return f"{baseline.label} beats both"
    if baseline.test_mse == 0:
        return f"{baseline.label} makes no error at all" if best > 0 else ""
    factor = best / baseline.test_mse
    if factor <= 1 or not math.isfinite(baseline.test_mse):
        return f"{baseline.label} does not beat both"
    return f"{baseline.label} beats both by a factor of {_factor(best, baseline.test_mse)}"


def _factor(large: float, small: float) -> str:
    """Return large / small in words; the quotient itself may overflow."""
    power = math.log10(large) - math.log10(small)
    if power < 1:
        return f"{large / small:.1f}"
    return f"{large / small:.0f}" if power < 3 else power_of_ten(round(power))
