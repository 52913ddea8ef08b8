"""What the atlas keeps of a run: its errors, and where its weight lies."""

from __future__ import annotations

import numpy as np
import pytest

from fibattn.judge.measured import measure, row_of
from tests.figures.made import a_run, changed


def test_a_run_is_measured():
    """All weight on the last step, one of the two true ones: half the right steps, near both."""
    run = a_run("dot", task="sum-of-last-two", series_length=40, time_steps=5, repeats=3)
    weights = np.zeros_like(run.test_attention)
    weights[:, :, -1] = 1
    run = changed(run, test_attention=weights)
    found = measure(run)
    truth = run.dataset().test_y
    errors = np.mean((run.test_predictions.astype(float) - truth) ** 2, axis=1)
    assert found.errors.values == pytest.approx(errors, rel=1e-6)
    assert found.weight.values.tolist() == [1, 1, 1]
    # The second of the two highest is one of four equal ones, of which one is true.
    assert found.precision.values == pytest.approx(np.full(3, (1 + 1 / 4) / 2), rel=1e-6)
    # Beside a true step lies one more.
    assert found.near.values == pytest.approx(np.full(3, (1 + 2 / 4) / 2), rel=1e-6)
    assert row_of(run).chance == pytest.approx(2 / 5)
    assert row_of(run).chance_near == pytest.approx(3 / 5)


def test_without_known_steps_or_weights_there_is_only_the_error():
    assert measure(a_run(None, task="find-max", series_length=40)).weight is None
    assert measure(a_run("dot", series_length=60)).weight is None
    assert row_of(a_run("dot", series_length=60)).chance is None


def test_the_best_trivial_predictor_is_not_the_true_rule():
    run = a_run("dot", task="find-max", series_length=400)
    data = run.dataset()
    by_hand = np.mean((data.test_y - data.train_y.mean()) ** 2)
    last = np.mean((data.test_y - data.test_x[:, -1, 0]) ** 2)
    assert row_of(run).trivial == pytest.approx(min(by_hand, last), rel=1e-6)
