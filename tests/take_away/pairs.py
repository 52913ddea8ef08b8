"""Small trained pairs to take away."""

from __future__ import annotations

from functools import cache

import numpy as np

from fibattn import Experiment, Run, train
from fibattn.network.graph import graph_of
from fibattn.network.training_graph import new_starts
from fibattn.take_away.page import Graphs, New
from fibattn.take_away.pair import Pair
from fibattn.tasks.file import Table

QUICK = {"series_length": 60, "time_steps": 5, "epochs": 2, "repeats": 2, "attention": "article"}
# What a stranger may have called a file and its columns.
NASTY = "</script><script>document.title='broken'</script><img src=x onerror=alert(1)>\"'&"


@cache
def pair(**changes) -> Pair:
    """Train both networks of a small experiment."""
    experiment = Experiment(**QUICK | changes)
    plain = experiment.replace(attention=None, placement="after")
    return Pair(train(plain), train(experiment), day="2026-01-31")


def untrained(**changes) -> Pair:
    """Return a pair of runs without weights, for what is said of an experiment alone."""
    experiment = Experiment(**QUICK | changes)
    plain = experiment.replace(attention=None, placement="after")
    losses = np.ones((experiment.epochs, experiment.repeats), np.float32)
    weights = np.ones((experiment.repeats, experiment.test_windows, experiment.time_steps))
    runs = [
        Run(each, losses, losses, (), losses, losses, weights, ()) for each in (plain, experiment)
    ]
    return Pair(*runs)


@cache
def graphs(pair: Pair) -> Graphs:
    """Return the graphs of both networks."""
    return graph_of(pair.plain.experiment.architecture), graph_of(
        pair.attention.experiment.architecture
    )


@cache
def new(pair: Pair) -> New:
    """Return what trains both networks from new random starts."""
    return new_starts(pair.plain.experiment), new_starts(pair.attention.experiment)


@cache
def own_file(**changes) -> Pair:
    """Train on a file whose every name is an attack."""
    values = np.random.default_rng(3).normal(size=(60, 2)).cumsum(axis=0)
    table = Table(NASTY + ".csv", NASTY, (NASTY + "2",), values)
    return pair(task="csv", table=table, **changes)
