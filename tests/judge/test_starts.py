"""A start that diverged is left out and counted, and nothing else is."""

import math

import numpy as np
import pytest

from fibattn.experiment import Experiment
from fibattn.judge.starts import diverged, over_starts
from tests.judge.runs import a_run, run_that_misses_by

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
def test_a_diverged_start_is_left_out_and_counted(bad):
    found = over_starts([5.0, bad, 1.0, 2.0])
    assert (found.low, found.median, found.high) == (1, 2, 5)
    assert (found.starts, found.count_diverged, found.all_diverged) == (4, 1, False)
    assert found.kept.tolist() == [5, 1, 2]


def test_where_every_start_diverged_there_is_no_number():
    found = over_starts([NAN, INF])
    assert found.all_diverged
    assert all(math.isnan(value) for value in (found.low, found.median, found.high))
    assert over_starts([[NAN, 1.0], [2.0, INF]]).median.shape == (2,)


def test_a_start_known_to_have_diverged_is_left_out_whatever_its_values():
    found = over_starts([1.0, 2.0, 30.0], np.array([False, False, True]))
    assert (found.median, found.high, found.count_diverged) == (1.5, 2, 1)
    found = over_starts([1.0, NAN, 30.0], np.array([False, False, True]))
    assert (found.median, found.count_diverged) == (1, 2)


def test_arrays_are_summed_up_place_by_place_and_lost_whole():
    found = over_starts([[1, 10], [3, 30], [5, NAN]])
    assert found.median.tolist() == [2, 20]
    assert found.low.tolist() == [1, 10]
    assert found.high.tolist() == [3, 30]
    assert found[0].median == 2  # the third start diverged elsewhere
    assert found[0].count_diverged == 1


def test_no_start_at_all_has_no_number():
    found = over_starts([])
    assert (found.starts, found.count_diverged) == (0, 0)
    assert math.isnan(found.median)


@pytest.mark.parametrize("name", ["loss", "val_loss", "train_predictions", "test_predictions"])
@pytest.mark.parametrize("bad", [NAN, INF])
def test_a_run_s_start_diverged_if_any_loss_or_prediction_is_not_finite(name, bad):
    run = run_that_misses_by([0.1, 0.2, 0.3])
    assert diverged(run).tolist() == [False] * 3
    array = getattr(run, name)
    if name.endswith("loss"):
        array[4, 1] = bad  # (epochs, starts)
    else:
        array[1, 4] = bad  # (starts, windows)
    assert diverged(run).tolist() == [False, True, False]


@pytest.mark.parametrize("bad", [NAN, INF])
def test_a_run_s_start_diverged_if_any_weight_is_not_finite(bad):
    data = Experiment(series_length=30, time_steps=2).dataset()
    run = a_run([data.test_y] * 3, attention="article", series_length=30, time_steps=2)
    assert diverged(run).tolist() == [False] * 3
    run.test_attention[2, 3, 1] = bad
    assert diverged(run).tolist() == [False, False, True]
