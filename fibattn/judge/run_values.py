"""What is shown of a run: its errors, predictions and weights over its random starts.

All of them leave out the same starts: those of `judge.starts.diverged`.
"""

from __future__ import annotations

from fibattn.judge.errors import test_mse
from fibattn.judge.starts import OverStarts, diverged, over_starts
from fibattn.run import Run


def errors(run: Run) -> OverStarts:
    """Return the test MSE of each start, scaled: shape ()."""
    return over_starts(test_mse(run).values, diverged(run))


def predictions(run: Run) -> OverStarts:
    """Return the test windows' predictions, scaled: shape (windows,)."""
    return over_starts(run.test_predictions, diverged(run))
