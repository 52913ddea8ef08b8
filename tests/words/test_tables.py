"""The pages' tables say what was computed, on the scale they name."""

import dataclasses
import math

import numpy as np

from fibattn import Experiment, Run
from fibattn.judge import metrics
from fibattn.tasks.file import Table
from fibattn.words import tables


def a_run(values: np.ndarray, off: float) -> Run:
    """A run on a file with these numbers; every prediction is off by so much, unscaled."""
    table = Table("mine.csv", "a", (), np.reshape(values, (-1, 1)))
    experiment = Experiment(task="csv", table=table, series_length=len(values), time_steps=3)
    data = experiment.dataset()
    missed = off * data.scaling.factor
    nothing = np.zeros((1, 0))
    return Run(
        experiment,
        nothing,
        nothing,
        (),
        (data.train_y + missed)[None],
        (data.test_y + missed)[None],
        nothing,
        (),
    )


def test_percentages_are_of_the_original_numbers():
    values = 20 + 5 * np.sin(np.arange(60))
    run = a_run(values, off=2.0)
    truth = run.dataset().unscale(run.dataset().test_y)
    by_hand = 100 * np.mean(2.0 / truth)
    table = tables.metrics({"Plain": run})
    (row,) = [line for line in table.splitlines() if line.startswith("| MAPE, %, original scale")]
    assert f"**{by_hand:.0f}**" in row or f"**{by_hand:.1f}**" in row
    (mse,) = metrics.mse(run.test_predictions, run.dataset().test_y)
    assert f"**{tables.readable(mse)}**" in table  # the others are of scaled values


def test_no_percentage_where_targets_come_near_zero():
    assert "MAPE" not in tables.metrics({"Plain": a_run(np.sin(np.arange(60)), off=0.1)})


def test_a_diverged_start_leaves_the_others_in_the_table_of_the_heatmap():
    run = a_run(20 + np.sin(np.arange(60)), off=0.0)
    weights = np.full((3, len(run.dataset().test_y), 3), 1 / 3)
    weights[1] = math.nan
    words = tables.heatmap(dataclasses.replace(run, test_attention=weights), run.dataset())
    assert "not a number" not in words
    weights[:] = math.nan
    words = tables.heatmap(dataclasses.replace(run, test_attention=weights), run.dataset())
    assert "not a number" in words
