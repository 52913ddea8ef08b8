"""Training an experiment: in chunks of epochs, from all its random starts, to a finished run."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from fibattn.network import models  # before TensorFlow: it prepares the environment

# isort: split
import tensorflow as tf

from fibattn.experiment import Experiment
from fibattn.network.architecture import Architecture
from fibattn.network.program import (
    EPOCHS_PER_CALL,
    PROGRAMS,
    State,
    Windows,
    predict,
    program_of,
)
from fibattn.run import Chunk, Outcome, Run, sample_order
from fibattn.tasks import Dataset


@dataclass(frozen=True)
class Progress:
    """How far the training of a run is.

    stage: "compiling" or "training". loss, val_loss: (epochs so far, repeats).
    """

    stage: str
    epoch: int
    epochs: int
    seconds_left: float | None
    loss: np.ndarray
    val_loss: np.ndarray


def train(experiment: Experiment, on_progress: Callable[[Progress], None] | None = None) -> Run:
    """Train an experiment from all its random starts, in this process.

    Args:
        experiment: what to train.
        on_progress: called before the first epoch and after each chunk of epochs.
    """
    begun = time.monotonic()
    total = experiment.epochs
    none_yet = np.empty((0, experiment.repeats), np.float32)
    if on_progress:
        on_progress(Progress("compiling", 0, total, None, none_yet, none_yet))
    so_far = None
    while so_far is None or so_far.epochs < total:
        chunk = advance(experiment, so_far and so_far.last(), so_far.epochs if so_far else 0)
        so_far = so_far.then(chunk) if so_far else chunk
        if on_progress:
            done = so_far.epochs
            left = (time.monotonic() - begun) / done * (total - done)
            on_progress(Progress("training", done, total, left, so_far.loss, so_far.val_loss))
    return finish(experiment, so_far)


def advance(
    experiment: Experiment, start: Chunk | None, epoch: int, seconds: float = 0.25
) -> Chunk:
    """Train on for about `seconds`, one epoch at least, and not beyond the experiment's last.

    Args:
        experiment: what to train.
        start: what to continue from (only its end is read), None to begin.
        epoch: how many epochs have been trained by then.
        seconds: after this time no more epochs are begun.

    Returns: the epochs trained by this call, in a chunk that begins where `start` ends.
    """
    begun = time.monotonic()
    data = _padded(experiment.dataset())
    trained = start.last() if start else _beginning(experiment)
    program = program_of(experiment.architecture)
    windows = experiment.train_windows * experiment.repeats  # in an epoch
    left = seconds - (time.monotonic() - begun)
    while True:
        # A call takes as long as an epoch or two by itself, so the fewer the better.
        block = max(1, int(left / (program.seconds_per_window * windows)))
        block = min(block, EPOCHS_PER_CALL, experiment.epochs - epoch)
        call = time.monotonic()
        epochs = range(epoch, epoch + block)
        trained = trained.then(_train_epochs(experiment, data, trained.last(), epochs))
        took = max(time.monotonic() - call, 1e-6)
        program.seconds_per_window = min(program.seconds_per_window, took / (block * windows))
        epoch += block
        left = seconds - (time.monotonic() - begun)
        if left <= 0 or epoch >= experiment.epochs:
            return trained


def advance_starts(
    experiment: Experiment, start: Chunk | None, epoch: int, first: int, seconds: float = 0.25
) -> Chunk:
    """Train one epoch of some random starts, from number `first` on, for about `seconds`.

    For what is so large that an epoch of all starts takes too long at once.

    Args:
        experiment: what to train.
        start: what to continue from, with all starts (only its end is read), None to begin.
        epoch: how many epochs have been trained by then.
        first: of the starts.
        seconds: after this time no more starts are begun.

    Returns: the epoch of these starts alone, as many as there was time for.
    """
    begun = time.monotonic()
    data = _padded(experiment.dataset())
    trained = start.last() if start else _beginning(experiment)
    parts = []
    for here in range(first, experiment.repeats, experiment.architecture.together):
        parts.append(_train_starts(experiment, data, trained, range(epoch, epoch + 1), here))
        if time.monotonic() - begun >= seconds:
            break
    return Chunk.of_all_starts(parts)


def finish(experiment: Experiment, trained: Chunk) -> Run:
    """Return the run of the experiment's epochs, with the predictions after the last of them.

    `trained` begins before the first epoch and may have more epochs than the experiment.
    """
    last = trained.until(experiment.epochs).last()
    return Run.of(trained, experiment, outcome(experiment, last))


def outcome(experiment: Experiment, last: Chunk) -> Outcome:
    """Return what the networks answer with the weights at the end of `last`."""
    cut = experiment.train_windows
    program = program_of(experiment.architecture)
    data = experiment.dataset()
    weights = [
        [array[-1, repeat] for array in last.weights] for repeat in range(experiment.repeats)
    ]
    x = np.concatenate([data.train_x, data.test_x]).astype(np.float32)
    predictions, attention = predict(program.forward, weights, x)
    return Outcome(
        train_predictions=predictions[:, :cut],
        test_predictions=predictions[:, cut:],
        # Copied, or the run would keep the memory of the training windows' attention.
        test_attention=attention[:, cut:].copy(),
        layers=models.layer_rows(program.model),
    )


@dataclass(frozen=True, eq=False)
class _Padded:
    """A dataset's training and test windows, both filled up to the same capacity."""

    train: Windows
    test: Windows

    @property
    def capacity(self) -> int:
        return len(self.train.x)


def _padded(data: Dataset) -> _Padded:
    """Return the windows of a dataset, padded so that datasets of one capacity share a program."""
    capacity = 2048
    while capacity < max(len(data.train_y), len(data.test_y)):
        capacity *= 2

    def fill(array: np.ndarray) -> tf.Tensor:
        full = np.zeros((capacity, *array.shape[1:]), np.float32)
        full[: len(array)] = array
        return tf.constant(full)

    def windows(x: np.ndarray, y: np.ndarray) -> Windows:
        return Windows(fill(x), fill(y.reshape(len(y), -1)), tf.constant(len(y)))

    return _Padded(windows(data.train_x, data.train_y), windows(data.test_x, data.test_y))


@lru_cache(maxsize=PROGRAMS)
def _initial_weights(architecture: Architecture, seed: int, repeats: int) -> list[np.ndarray]:
    """Return for each variable its initial values in all random starts, (repeats, *shape)."""
    model = program_of(architecture).model
    starts = [models.initial_weights(model, seed, repeat) for repeat in range(repeats)]
    return [np.stack(variable) for variable in zip(*starts, strict=True)]


def _beginning(experiment: Experiment) -> Chunk:
    """Return the chunk of no epochs before the first: the initial weights of all random starts."""
    weights = _initial_weights(experiment.architecture, experiment.seed, experiment.repeats)
    moments = tuple(np.zeros_like(_joined(weights)) for _ in range(2))
    none_yet = np.empty((0, experiment.repeats), np.float32)
    return Chunk(none_yet, none_yet, tuple(array[None] for array in weights), moments)


def _train_epochs(experiment: Experiment, data: _Padded, start: Chunk, epochs: range) -> Chunk:
    """Train all random starts for these epochs, at most EPOCHS_PER_CALL of them."""
    firsts = range(0, experiment.repeats, experiment.architecture.together)
    return Chunk.of_all_starts(
        [_train_starts(experiment, data, start, epochs, first) for first in firsts]
    )


def _train_starts(
    experiment: Experiment, data: _Padded, start: Chunk, epochs: range, first: int
) -> Chunk:
    """Train as many starts as the program takes at once, from number `first` on."""
    together = experiment.architecture.together
    orders = _orders(experiment, range(first, first + together), epochs, data.capacity)
    here = start.of_starts(first, together)
    return _train_together(experiment, data, here, epochs, orders)


def _orders(experiment: Experiment, starts: range, epochs: range, capacity: int) -> np.ndarray:
    """Return each start's order in each epoch, padded: (EPOCHS_PER_CALL, starts, capacity)."""
    orders = np.zeros((EPOCHS_PER_CALL, len(starts), capacity), np.int32)
    for i, epoch in enumerate(epochs):
        for j, repeat in enumerate(starts):
            orders[i, j, : experiment.train_windows] = sample_order(experiment, repeat, epoch)
    return orders


def _train_together(
    experiment: Experiment, data: _Padded, start: Chunk, epochs: range, orders: np.ndarray
) -> Chunk:
    """Train the random starts of `start`, as many as the program takes, in one call of it."""
    state = State(
        tf.constant(_joined([array[-1] for array in start.weights])),
        [tf.constant(moments) for moments in start.moments],
    )
    loss, val_loss, history, moments = program_of(experiment.architecture).train(
        state,
        tf.constant(experiment.learning_rate, tf.float32),
        tf.constant(epochs.start),
        data.train,
        data.test,
        tf.constant(orders),
        tf.constant(len(epochs)),
    )
    after = _split(history.numpy()[: len(epochs)], start.weights)
    return Chunk(
        loss.numpy()[: len(epochs)],
        val_loss.numpy()[: len(epochs)],
        tuple(
            np.concatenate([before[-1:], later])
            for before, later in zip(start.weights, after, strict=True)
        ),
        tuple(moment.numpy() for moment in moments),
    )


def _joined(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Join the variables of all starts, each (repeats, *its shape), into one (repeats, size)."""
    return np.concatenate([array.reshape(len(array), -1) for array in arrays], axis=-1)


def _split(flat: np.ndarray, like: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Split the last axis of `flat` into arrays shaped like `like`.

    Args:
        flat: (epochs, repeats, size).
        like: for each variable an array (any epochs, repeats, *its shape).

    Returns: for each variable (epochs, repeats, *its shape).
    """
    sizes = [math.prod(array.shape[2:]) for array in like]
    parts = np.split(flat, np.cumsum(sizes)[:-1], axis=-1)
    return [
        part.reshape(*flat.shape[:2], *array.shape[2:])
        for part, array in zip(parts, like, strict=True)
    ]
