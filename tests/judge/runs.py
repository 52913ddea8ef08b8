"""Runs made by hand, for tests of what is judged about them."""

import numpy as np

from fibattn.experiment import Experiment
from fibattn.run import Run


def a_run(test_predictions, train_predictions=None, attention=None, **changes):
    """A run with these predictions (repeats, windows) and a loss of 1 throughout."""
    test_predictions = np.asarray(test_predictions)
    repeats = len(test_predictions)
    experiment = Experiment(repeats=repeats, attention=attention, **changes)
    if train_predictions is None:
        train_predictions = np.zeros((repeats, *experiment.dataset().train_y.shape), np.float32)
    steps = experiment.time_steps if attention else 0
    return Run(
        experiment,
        loss=np.ones((experiment.epochs, repeats)),
        val_loss=np.ones((experiment.epochs, repeats)),
        weights=(),
        train_predictions=np.asarray(train_predictions),
        test_predictions=test_predictions,
        test_attention=np.zeros((repeats, experiment.test_windows, steps)),
        layers=(),
    )


def run_that_misses_by(test, train=None, **changes):
    """A run whose every prediction is off by test[i] in start i, and by train[i] in training."""
    changes = {"series_length": 30, "time_steps": 2} | changes
    data = Experiment(**changes).dataset()
    train = test if train is None else train
    return a_run(
        [data.test_y + miss for miss in test], [data.train_y + miss for miss in train], **changes
    )
