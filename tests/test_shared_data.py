"""Experiments share their windows, and never those of an experiment on other data."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from fibattn import Experiment
from fibattn.tasks import TASKS, Dataset
from tests.tasks.test_tasks import a_table

BASE = {
    "fibonacci": Experiment(series_length=100, time_steps=5),
    "sunspots": Experiment(task="sunspots", series_length=100, time_steps=5),
    "fibonacci-mod-m": Experiment(task="fibonacci-mod-m", series_length=100, time_steps=5),
    "find-max": Experiment(task="find-max", series_length=100, time_steps=5),
    "csv": Experiment(task="csv", series_length=100, time_steps=5, table=a_table(120)),
}
# One other value for each choice the windows depend on.
OTHER = {
    "series_length": 90,
    "time_steps": 6,
    "train_fraction": 0.6,
    "split": "chronological",
    "horizon": 2,
    "scaling": "log",
    "modulus": 7,
}


def cases() -> list[tuple[str, str]]:
    found = []
    for name in BASE:
        for field in OTHER:
            own = field not in ("scaling", "modulus") or field in TASKS[name].knobs
            if own and (field != "horizon" or TASKS[name].is_series):
                found.append((name, field))
    return found


def same(one: Dataset, other: Dataset) -> bool:
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        for field in dataclasses.fields(Dataset)
        if isinstance(getattr(one, field.name), np.ndarray)
    )


@pytest.mark.parametrize(("name", "field"), cases())
def test_other_data_is_never_taken_for_this(name, field):
    base, changed = BASE[name], BASE[name].replace(**{field: OTHER[field]})
    for experiment in (base, changed, base):  # whatever is kept, in either order
        data = experiment.dataset()
        assert same(data, TASKS[name].make(experiment))
        assert len(data.train_y) == experiment.train_windows
        assert data.train_x.shape[1] == experiment.time_steps
        assert (data.train_y.shape[1:] or (1,)) == (experiment.horizon,)
    assert not same(base.dataset(), changed.dataset())


@pytest.mark.parametrize("name", BASE)
def test_another_network_or_training_has_equal_windows(name):
    for change in ({"units": 5}, {"attention": "dot"}, {"learning_rate": 0.01}, {"seed": 3}):
        assert same(BASE[name].dataset(), BASE[name].replace(**change).dataset())


@pytest.mark.parametrize("name", BASE)
def test_equal_experiments_share_one_object(name):
    assert BASE[name].dataset() is BASE[name].replace().dataset()


def test_two_tasks_and_two_files_do_not_share():
    made = BASE["find-max"]
    assert not same(made.dataset(), made.replace(task="flagged-recall").dataset())
    mine = BASE["csv"]
    for table in (
        dataclasses.replace(mine.table, values=mine.table.values + np.eye(120, 3)[::-1]),
        dataclasses.replace(mine.table, values=mine.table.values[::-1]),
    ):
        assert not same(mine.dataset(), mine.replace(table=table).dataset())
