"""What is shown of a run leaves out the starts that diverged, and nothing else."""

import numpy as np
import pytest

from fibattn.judge import run_values
from tests.judge.runs import run_that_misses_by


def test_errors_are_those_of_the_starts_that_did_not_diverge():
    found = run_values.errors(run_that_misses_by([0.1, np.nan, 0.3], train=[1.0, 1.0, 1.0]))
    assert found.diverged.tolist() == [False, True, False]
    assert found.kept == pytest.approx([0.01, 0.09], rel=1e-4)


def test_predictions_are_those_of_the_same_starts():
    run = run_that_misses_by([0.1, np.nan, 0.3], train=[1.0, 1.0, 1.0])
    found = run_values.predictions(run)
    assert found.diverged.tolist() == [False, True, False]
    np.testing.assert_allclose(found.kept, [run.dataset().test_y + miss for miss in (0.1, 0.3)])
