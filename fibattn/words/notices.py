"""Notices beside the results: drowned data, overfitting, and how sharply a layer can look."""

from __future__ import annotations

import math

from fibattn.judge.drowning import CARRIED, Drowning
from fibattn.judge.overfitting import is_notable
from fibattn.judge.starts import OverStarts
from fibattn.words.notation import readable

LEAK = (
    "The scaling was fitted on all numbers, as in the tutorial: what the test windows hold leaks "
    "into training."
)


def drowning(found: Drowning, leaks: bool) -> str:
    """Return what linear scaling leaves of data that drowns in it, in Markdown.

    `leaks`: the scaling was fitted on the test windows too, which is then said as well.
    """
    return (
        f":material/water_drop: **Linear scaling drowns this data.** Of {found.inputs:,} "
        f"inputs {found.zero_inputs:,} are exactly 0 in float32, and of "
        f"{found.targets:,} targets {found.zero_targets:,}. "
        f"{found.train_carriers} training and {found.test_carriers} test windows carry "
        f"{100 * CARRIED:.0f} % of the sum of the squared targets." + (f" {LEAK}" if leaks else "")
    )


def overfitting(gaps: OverStarts, chronological: bool) -> str:
    """Return one sentence for a beginner where the test error is much higher, otherwise "".

    Args:
        gaps: test error divided by training error, best of the MSE; see `judge.overfitting`.
        chronological: the test windows are the later ones. They may then be harder on their own
            account, as with a growing series, and the sentence says so.
    """
    if not is_notable(gaps):
        return ""
    ratio, kept = float(gaps.median), gaps.starts - gaps.count_diverged
    if gaps.starts == 1:
        over = "in this one start"
    elif kept == gaps.starts:
        over = "median over the starts"
    else:
        over = f"median over the {kept} of {gaps.starts} starts that did not diverge"
    compared = (
        f"The test error is {readable(ratio)} times the training error ({over})"
        if math.isfinite(ratio)
        else f"Next to the test error the training error is as good as 0 ({over})"
    )
    why = (
        "either the later windows are unlike those it was trained on, or the network has learned "
        "the training windows by heart"
        if chronological
        else "it may have learned the training windows by heart rather than what holds for all "
        "windows, which is called overfitting; or a few hard windows fell to the test"
    )
    return f"{compared}: {why}."


def sharpness(ceiling: float, steps: int) -> str:
    """Return what share of the weight one of `steps` steps can get: at most `ceiling`, 1 for all.

    The equal share stands beside it.
    """
    if ceiling < 1:
        return (
            f"This layer cannot look sharply: of {steps} steps one can get at most {ceiling:.3f} "
            f"of the weight, and {1 / steps:.3f} is an equal share."
        )
    return f"An equal share of {steps} steps would be {1 / steps:.3f}."
