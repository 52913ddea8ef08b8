"""How the steps of a window are named, and in which order windows are counted."""

from __future__ import annotations

import numpy as np

from fibattn.tasks import Dataset


def step_labels(time_steps: int) -> list[str]:
    """Return the names of a window's steps, oldest first: t−19, …, t−1, t. The target is t+1."""
    return [f"t−{back}" if back else "t" for back in reversed(range(time_steps))]


def window_order(dataset: Dataset) -> np.ndarray:
    """Return the indices of the test windows by ascending target: (test windows,).

    Of several steps ahead the dataset must hold one only, as `Dataset.at_step` gives it.
    """
    return np.argsort(dataset.test_y, kind="stable")
