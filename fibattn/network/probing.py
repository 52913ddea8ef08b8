"""What a trained network is asked: one window at every epoch, hidden steps, swapped weights.

`occlude` hides one step of a window after the other; `swap_weights` keeps the states and replaces
the weights they are summed with. The weights say where the network looks; what these two find says
what its prediction rests on (Jain & Wallace 2019, arXiv 1902.10186; Wiegreffe & Pinter 2019,
arXiv 1908.04626). The answers' types are in `answers`, which needs no Keras.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fibattn.network import models  # before Keras: it prepares the environment

# isort: split
import keras

from fibattn.experiment import Experiment
from fibattn.network.answers import Occlusion, Swapped, swappable
from fibattn.network.program import predict, program_of
from fibattn.run import Arrays, Run

# How often the weights of every window are permuted; the errors are averaged.
PERMUTATIONS = 5


def at_every_epoch(run: Run, window: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a run's predictions and attention for one window, before training and at each epoch.

    Args:
        run: the trained run.
        window: (time_steps, features), scaled; with one feature also (time_steps,).

    Returns: predictions (epochs + 1, repeats) and attention (epochs + 1, repeats, time_steps);
    further axes are those of `Run.test_predictions` and `Run.test_attention`.
    """
    return window_at_every_epoch(run.experiment, run.weights, window)


def window_at_every_epoch(
    experiment: Experiment, weights: Arrays, window: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the same as `at_every_epoch`, for the epochs whose weights are given.

    Args:
        experiment: what was trained.
        weights: for each variable (epochs + 1, repeats, *its shape).
        window: as in `at_every_epoch`.
    """
    epochs, repeats = weights[0].shape[:2]
    networks = [
        [array[epoch, repeat] for array in weights]
        for epoch in range(epochs)
        for repeat in range(repeats)
    ]
    x = np.asarray(window, np.float32).reshape(1, experiment.time_steps, -1)
    predictions, attention = predict(program_of(experiment.architecture).forward_one, networks, x)
    return (
        predictions.reshape(epochs, repeats, *predictions.shape[2:]),
        attention.reshape(epochs, repeats, *attention.shape[2:]),
    )


def occlude(experiment: Experiment, weights: Arrays, window: np.ndarray) -> Occlusion:
    """Return what the networks predict for one window with each of its steps hidden in turn.

    A hidden step is replaced, in all its features, by that step's mean over the training windows.
    The mean says nothing about this window, and is a value like those the network was trained on.

    Args:
        experiment: what was trained.
        weights: for each variable (epochs + 1, repeats, *its shape); only the last epoch counts.
        window: (time_steps, features), scaled; with one feature also (time_steps,).
    """
    steps = experiment.time_steps
    unchanged = np.asarray(window, np.float32).reshape(1, steps, -1)
    # First the window as it is, then with step 0 hidden, with step 1 …
    x = np.repeat(unchanged, steps + 1, axis=0)
    hidden = np.arange(steps)
    x[1 + hidden, hidden] = experiment.dataset().train_x.mean(axis=0)
    forward = program_of(experiment.architecture).forward
    predictions, _ = predict(forward, _final(experiment, weights), x)
    return Occlusion(predictions[:, 0], predictions[:, 1:])


def swap_weights(experiment: Experiment, weights: Arrays, seed: int = 0) -> Swapped:
    """Return the test MSE with the trained, with permuted and with uniform attention weights.

    The states and the output layer are those of the trained network; only the weights of the
    states in the context change.

    Args:
        experiment: what was trained.
        weights: for each variable (epochs + 1, repeats, *its shape); only the last epoch counts.
        seed: of the permutations.

    Raises ValueError, with the sentence of `swappable`, where the weights cannot be swapped.
    """
    if why_not := swappable(experiment):
        raise ValueError(why_not)
    model = models.build(experiment.architecture, show_weights=True)
    # The same variables, up to the states and the weights. It is called too seldom for XLA to pay.
    inner = keras.Model(model.input, [model.get_layer("attention").input, model.output[1]])
    inner.compile(jit_compile=False)
    data = experiment.dataset()
    x = data.test_x.astype(np.float32)
    errors = []
    for repeat, variables in enumerate(_final(experiment, weights)):
        model.set_weights(variables)
        states, own = inner.predict_on_batch(x)
        random = np.random.default_rng((seed, repeat))
        permuted = [random.permuted(own, axis=1) for _ in range(PERMUTATIONS)]
        tried = [own, np.full_like(own, 1 / experiment.time_steps), *permuted]
        guesses = _outputs(model.get_layer("output"), states, tried)
        found = _squared_errors(guesses.reshape(len(tried), *data.test_y.shape), data.test_y)
        errors.append((found[0], float(np.mean(found[2:])), found[1]))
    return Swapped(*zip(*errors, strict=True))


def _squared_errors(guesses: np.ndarray, truth: np.ndarray) -> list[float]:
    """Return the mean squared error of each of several guesses: (tried, *truth's shape)."""
    with np.errstate(over="ignore", invalid="ignore"):  # of a start that diverged
        squares = (guesses.astype(np.float64) - truth) ** 2
        means = squares.reshape(len(guesses), -1).mean(axis=1)
    return np.where(np.isfinite(means), means, np.inf).tolist()


def _outputs(layer: Any, states: np.ndarray, tried: Sequence[np.ndarray]) -> np.ndarray:
    """Return what the output layer makes of the context sum_t alpha_t h_t, for several alpha.

    Args:
        layer: the output layer, of `horizon` units.
        states: (windows, time_steps, units).
        tried: the weights, each (windows, time_steps).

    Returns: (len(tried) * windows, horizon).
    """
    with np.errstate(over="ignore", invalid="ignore"):  # of a start that diverged
        contexts = [(alpha[:, None, :] @ states)[:, 0] for alpha in tried]
    return np.asarray(layer(np.concatenate(contexts)))


def _final(experiment: Experiment, weights: Arrays) -> list[list[np.ndarray]]:
    """Return for each random start its variables after the last epoch."""
    return [[array[-1, repeat] for array in weights] for repeat in range(experiment.repeats)]
