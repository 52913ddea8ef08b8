"""Which networks the atlas has, and in which order they are trained."""

from __future__ import annotations

import itertools

import pytest

from fibattn.atlas import plan
from fibattn.experiment import Experiment
from fibattn.tasks import TASKS


def test_a_network_is_as_the_page_has_it_when_its_task_is_chosen():
    """By hand, for a task with settings of its own, and for the one without."""
    assert plan.network("find-max", "dot", "GRU") == Experiment(
        task="find-max",
        series_length=2000,
        units=8,
        output_activation="linear",
        learning_rate=1e-2,
        epochs=15,
        batch_size=8,
        attention="dot",
        cell="GRU",
        repeats=20,
    )
    assert plan.network("fibonacci", None) == Experiment(repeats=20)


def test_all_tasks_are_there_but_a_visitors_file():
    assert set(plan.TASK_NAMES) == set(TASKS) - {"csv"}


def test_controls_are_trained_once_a_task():
    found = plan.networks(["find-max", "two-lags"], ["dot", "uniform"], ["SimpleRNN"])
    assert sorted((each.task, each.attention or "") for each in found) == [
        ("find-max", ""),
        ("find-max", "dot"),
        ("find-max", "uniform"),
        ("two-lags", ""),
        ("two-lags", "dot"),
        ("two-lags", "uniform"),
    ]


@pytest.mark.parametrize("cells", [plan.CELLS[:1], plan.CELLS])
def test_networks_of_one_program_stand_in_a_row(cells):
    found = [each.architecture for each in plan.networks(plan.TASK_NAMES, plan.LAYER_NAMES, cells)]
    assert len(found) == len(cells) * 9 * 10
    changes = sum(one != other for one, other in itertools.pairwise(found))
    assert changes == len(set(found)) - 1
