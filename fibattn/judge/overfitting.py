"""How much larger the test error is than the training error, and whether that is worth a notice."""

from __future__ import annotations

import numpy as np

from fibattn.judge.starts import OverStarts

# From this ratio of test to training error on, a gap is worth a notice. Two halves of the same
# data give ratios on both sides of 1; twice the error is more than that by eye, and the first
# whole number a beginner would call a difference. It is a convention, not a test.
NOTABLE_GAP = 2.0


def gap(train: OverStarts, test: OverStarts) -> OverStarts:
    """Return the test error divided by the training error, start by start.

    Args:
        train: one number for each start, such as the MSE on the training windows.
        test: the same measure on the test windows.

    1 where both are 0, inf where only the training error is 0, NaN where a start diverged: it has
    learned nothing that could be compared. Raises ValueError where the numbers of starts differ.
    """
    if train.starts != test.starts:
        raise ValueError(
            f"There are training errors of {train.starts} random starts and test errors of "
            f"{test.starts}, but they can only be compared start by start."
        )
    lost = train.diverged | test.diverged
    with np.errstate(all="ignore"):
        ratios = np.where(train.values == test.values, 1.0, test.values / train.values)
    # Not `over_starts`: a training error of 0 gives inf, and is no divergence.
    return OverStarts(np.where(lost, np.nan, ratios), lost)


def is_notable(gaps: OverStarts) -> bool:
    """Return whether the median gap is `NOTABLE_GAP` or more; no if every start diverged."""
    return bool(gaps.median >= NOTABLE_GAP)
