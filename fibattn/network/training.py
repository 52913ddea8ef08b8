"""The fused training program: whole epochs of Keras's training in one compiled function.

`model.fit` with a batch of one spends a thousandth of its time on arithmetic. Here the loop over
the windows, the Keras model's forward pass, its gradient and Keras's Adam are one XLA program, so
that an epoch is one function call. It is the same training: from equal weights and in equal
order, every epoch's loss equals `fit`'s within float32 rounding.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from fibattn.network import runtime  # noqa: F401  (before TensorFlow starts)

# isort: split
import keras
import tensorflow as tf

from fibattn.experiment import Experiment
from fibattn.network import models
from fibattn.network.architecture import Architecture
from fibattn.run import Arrays, Chunk, Run, sample_order
from fibattn.tasks import Dataset

# The most epochs one call of the compiled program trains: its outputs have this fixed length.
EPOCHS_PER_CALL = 10
# Programs kept in memory. Each holds a few megabytes.
PROGRAMS = 24


@dataclass(frozen=True)
class Progress:
    """Where a training run stands.

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
        on_progress: called before the first epoch and after each few epochs.
    """
    begun = time.monotonic()
    none_yet = np.empty((0, experiment.repeats), np.float32)
    if on_progress:
        on_progress(Progress("compiling", 0, experiment.epochs, None, none_yet, none_yet))
    so_far = None
    while so_far is None or so_far.epochs < experiment.epochs:
        chunk = advance(experiment, so_far and so_far.last(), so_far.epochs if so_far else 0)
        so_far = so_far.then(chunk) if so_far else chunk
        if on_progress:
            left = (time.monotonic() - begun) / so_far.epochs * (experiment.epochs - so_far.epochs)
            on_progress(
                Progress(
                    "training",
                    so_far.epochs,
                    experiment.epochs,
                    left,
                    so_far.loss,
                    so_far.val_loss,
                )
            )
    return finish(experiment, so_far)


def advance(
    experiment: Experiment, start: Chunk | None, epoch: int, seconds: float = 0.25
) -> Chunk:
    """Train on for about `seconds`, one epoch at least, and not beyond the experiment's last.

    Args:
        experiment: what to train.
        start: where to go on from (only its end is read), None to begin.
        epoch: how many epochs have been trained by then.
        seconds: after this time no more epochs are begun.
    """
    begun = time.monotonic()
    data = _padded(experiment.dataset())
    trained = start.last() if start else _beginning(experiment)
    block = 1
    while True:
        block = min(block, EPOCHS_PER_CALL, experiment.epochs - epoch)
        call = time.monotonic()
        trained = trained.then(_train_epochs(experiment, data, trained.last(), epoch, block))
        took = time.monotonic() - call
        epoch += block
        left = seconds - (time.monotonic() - begun)
        if left <= 0 or epoch >= experiment.epochs:
            return trained
        block = max(1, min(EPOCHS_PER_CALL, int(left * block / max(took, 1e-6))))


def finish(experiment: Experiment, trained: Chunk) -> Run:
    """Return the finished run: what was trained up to its last epoch, with its predictions."""
    epochs = experiment.epochs
    weights = tuple(array[: epochs + 1] for array in trained.weights)
    data = experiment.dataset()
    last = [[array[epochs, repeat] for array in weights] for repeat in range(experiment.repeats)]
    x = np.concatenate([data.train_x, data.test_x]).astype(np.float32)
    predictions, attention = predict(program(experiment.architecture).forward, last, x)
    cut = experiment.train_windows
    return Run(
        experiment,
        trained.loss[:epochs],
        trained.val_loss[:epochs],
        weights,
        predictions[:, :cut],
        predictions[:, cut:],
        attention[:, :cut],
        attention[:, cut:],
        models.layer_rows(program(experiment.architecture).model),
    )


def predict(
    forward: Callable, weights: list[list[np.ndarray]], x: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the predictions and the attention of several networks for the same windows.

    Args:
        forward: `Program.forward`, or for one window `forward_one`, of the networks' architecture.
        weights: for each network its variables.
        x: (windows, time_steps, features), float32.

    Returns: (networks, windows) and (networks, windows, time_steps); the shapes of several steps
    ahead and of no attention are those in `Run`.
    """
    results = [forward(network, x) for network in weights]
    predictions = [prediction.numpy() for prediction, _ in results]
    attention = [weight.numpy() for _, weight in results]
    return np.stack(predictions), np.stack(attention)


def window_at_every_epoch(
    experiment: Experiment, weights: Arrays, window: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the predictions and the attention for one window, at each epoch in `weights`.

    Args:
        experiment: what was trained.
        weights: for each variable (epochs + 1, repeats, *its shape).
        window: (time_steps, features), scaled; (time_steps,) will do for one feature.

    Returns: (epochs + 1, repeats) and (epochs + 1, repeats, time_steps); further axes as in `Run`.
    """
    epochs, repeats = weights[0].shape[:2]
    networks = [
        [array[epoch, repeat] for array in weights]
        for epoch in range(epochs)
        for repeat in range(repeats)
    ]
    x = np.asarray(window, np.float32).reshape(1, experiment.time_steps, -1)
    predictions, attention = predict(program(experiment.architecture).forward_one, networks, x)
    return (
        predictions.reshape(epochs, repeats, *predictions.shape[2:]),
        attention.reshape(epochs, repeats, *attention.shape[2:]),
    )


@lru_cache(maxsize=PROGRAMS)
def program(architecture: Architecture) -> Program:
    """Return the compiled program of an architecture, kept from the last time if it can be."""
    return Program(architecture)


class Program:
    """The compiled functions of one architecture: one that trains, one that predicts.

    The number of windows, of epochs and the learning rate are arguments, so that nothing is
    compiled anew when they change.
    """

    def __init__(self, architecture: Architecture) -> None:
        self.architecture = architecture
        together = architecture.together
        # XLA compiles no vectorised loop over time, so there the time steps are laid out. What
        # training does not need of the attention weights XLA leaves out.
        attends = architecture.network.attention is not None
        self.model = models.build(architecture, show_weights=attends, unroll=together > 1)
        self.shapes = [tuple(variable.shape) for variable in self.model.trainable_variables]
        # Adam goes element by element, so all variables of all starts can be one to it. That is a
        # third less to compile than one after the other.
        size = sum(map(math.prod, self.shapes))
        self.flat = keras.Variable(np.zeros((together, size), np.float32))
        self.optimizer = keras.optimizers.Adam()
        self.optimizer.build([self.flat])
        # Adam's own: its iterations and learning rate come first, then the moments.
        self.moments = self.optimizer.variables[2:]

    def outputs(self, weights: list[Any], x: Any) -> tuple[Any, Any]:
        """Return the model's predictions for `x` with these weights, and its attention.

        The shapes are `(batch, horizon)` and `(batch, time_steps or 0)`, of a recurrent decoder
        `(batch, horizon, time_steps)`.
        """
        unused = self.model.non_trainable_variables  # the recurrent layer's dropout seed
        outputs, _ = self.model.stateless_call(weights, unused, x)
        if self.architecture.network.attention is None:
            return outputs, tf.zeros((tf.shape(x)[0], 0))
        y, attention = outputs
        return y, attention

    def squared_error(self, weights: list[Any], x: Any, y: Any, present: Any) -> Any:
        """Return the squared error, the mean over the horizon, summed over a batch's windows.

        x: `(batch, time_steps, features)`; y: `(batch, horizon)`; present: `(batch,)`, 0 where
        the batch is only filled up.
        """
        predictions, _ = self.outputs(weights, x)
        errors = tf.reduce_mean(tf.square(predictions - y), axis=-1)
        return tf.reduce_sum(present * errors)

    def one_step(self, arguments: tuple[Any, Any, Any, Any]) -> tuple[Any, Any]:
        """Return the summed squared error of one batch and the gradient of its mean."""
        flat, x, y, present = arguments
        with tf.GradientTape() as tape:
            tape.watch(flat)
            error = self.squared_error(self.apart(flat), x, y, present)
            loss = error / tf.reduce_sum(present)
        return error, tape.gradient(loss, flat)

    def one_test(self, arguments: tuple[Any, Any, Any, Any]) -> Any:
        """Return the summed squared error of one batch of test windows."""
        flat, *windows = arguments
        return self.squared_error(self.apart(flat), *windows)

    def apart(self, flat: Any) -> list[Any]:
        """Return one start's variables, each in its shape, of all side by side."""
        parts = tf.split(flat, [math.prod(shape) for shape in self.shapes])
        return [tf.reshape(part, shape) for part, shape in zip(parts, self.shapes, strict=True)]

    def over_starts(self, function: Callable, *arguments: Any) -> Any:
        """Call `function` for each random start; every argument's first axis is the starts'."""
        if self.architecture.together > 1:
            return tf.vectorized_map(function, arguments)
        alone = tf.nest.map_structure(lambda array: array[0], arguments)
        return tf.nest.map_structure(lambda array: array[None], function(alone))

    @cached_property
    def train(self) -> Callable:
        """The compiled function that trains up to EPOCHS_PER_CALL epochs.

        Arguments: the weights and the moments, each (together, all variables side by side); the
        learning rate; the number of epochs trained before; the training windows, their targets
        (capacity, horizon), and how many they are; the same of the test; the order
        (EPOCHS_PER_CALL, together, capacity); how many epochs to train. Windows and order are
        filled up to a capacity.

        Returns: loss and val_loss (EPOCHS_PER_CALL, together), the weights after each epoch
        (EPOCHS_PER_CALL, together, all variables side by side), and the moments after the last.
        """
        batch, together = self.architecture.training.batch_size, self.architecture.together

        @tf.function(jit_compile=True, autograph=False)
        def train(
            weights: Any,
            moments: list[Any],
            rate: Any,
            before: Any,
            x: Any,
            y: Any,
            rows: Any,
            test_x: Any,
            test_y: Any,
            test_rows: Any,
            order: Any,
            epochs: Any,
        ) -> tuple[Any, ...]:
            steps = (rows + batch - 1) // batch
            for variable, value in zip(
                [self.flat, *self.moments], [weights, *moments], strict=True
            ):
                variable.assign(value)
            self.optimizer.learning_rate.assign(rate)
            self.optimizer.iterations.assign(tf.cast(before * steps, tf.int64))

            def now() -> Any:
                return tf.convert_to_tensor(self.flat)

            def epoch(e: Any, losses: Any, val_losses: Any, history: Any) -> tuple[Any, ...]:
                def step(i: Any, total: Any) -> tuple[Any, Any]:
                    rows_now = tf.slice(order, [e, 0, i * batch], [1, together, batch])[0]
                    present = tf.cast(i * batch + tf.range(batch) < rows, tf.float32)
                    present = tf.broadcast_to(present, (together, batch))
                    error, gradient = self.over_starts(
                        self.one_step,
                        now(),
                        tf.gather(x, rows_now),
                        tf.gather(y, rows_now),
                        present,
                    )
                    self.optimizer.apply([gradient], [self.flat])
                    return i + 1, total + error

                def test(i: Any, total: Any) -> tuple[Any, Any]:
                    first = i * batch
                    shown = tf.slice(test_x, [first, 0, 0], [batch, *test_x.shape[1:]])
                    wanted = tf.slice(test_y, [first, 0], [batch, test_y.shape[1]])
                    present = tf.cast(first + tf.range(batch) < test_rows, tf.float32)
                    same = [tf.stack([part] * together) for part in (shown, wanted, present)]
                    return i + 1, total + self.over_starts(self.one_test, now(), *same)

                nothing = (0, tf.zeros((together,)))
                _, error = tf.while_loop(lambda i, _: i < steps, step, nothing)
                batches = (test_rows + batch - 1) // batch
                _, test_error = tf.while_loop(lambda i, _: i < batches, test, nothing)
                return (
                    e + 1,
                    losses.write(e, error / tf.cast(rows, tf.float32)),
                    val_losses.write(e, test_error / tf.cast(test_rows, tf.float32)),
                    history.write(e, now()),
                )

            def outputs(shape: tuple[int, ...]) -> Any:
                return tf.TensorArray(tf.float32, EPOCHS_PER_CALL, element_shape=shape)

            _, losses, val_losses, history = tf.while_loop(
                lambda e, *_: e < epochs,
                epoch,
                (
                    0,
                    outputs((together,)),
                    outputs((together,)),
                    outputs(self.flat.shape),
                ),
            )
            after = [tf.convert_to_tensor(variable) for variable in self.moments]
            return losses.stack(), val_losses.stack(), history.stack(), after

        return train

    def _forward(self, weights: list[Any], x: Any) -> tuple[Any, Any]:
        y, attention = self.outputs(weights, x)
        return (y[:, 0] if self.architecture.horizon == 1 else y), attention

    @cached_property
    def forward(self) -> Callable:
        """The function from one network's weights and windows to its outputs.

        Returns the predictions (windows,) or (windows, horizon) and the attention (windows,
        time_steps or 0), of a recurrent decoder (windows, horizon, time_steps). Not compiled: it
        is called once for each start, and compiling takes longer.
        """
        weights = [tf.TensorSpec(shape) for shape in self.shapes]
        shape = (None, self.architecture.time_steps, self.architecture.features)
        any_number = tf.TensorSpec(shape)
        return tf.function(self._forward, autograph=False, input_signature=[weights, any_number])

    @cached_property
    def forward_one(self) -> Callable:
        """The same for a single window, compiled: it is called for every epoch and start."""
        return tf.function(self._forward, autograph=False, jit_compile=True)


@dataclass(frozen=True, eq=False)
class _Padded:
    """A dataset as float32, filled up to a capacity that few datasets exceed.

    x, test_x: (capacity, time_steps, features); y, test_y: (capacity, horizon).
    """

    x: Any
    y: Any
    rows: int
    test_x: Any
    test_y: Any
    test_rows: int

    @property
    def capacity(self) -> int:
        return len(self.x)


def _padded(data: Dataset) -> _Padded:
    """Fill a dataset up, so that all of one capacity share a compiled program."""

    def fill(array: np.ndarray, capacity: int) -> Any:
        full = np.zeros((capacity, *array.shape[1:]), np.float32)
        full[: len(array)] = array
        return tf.constant(full)

    most = max(len(data.train_y), len(data.test_y))
    capacity = 2048
    while capacity < most:
        capacity *= 2
    return _Padded(
        fill(data.train_x, capacity),
        fill(data.train_y.reshape(len(data.train_y), -1), capacity),
        len(data.train_y),
        fill(data.test_x, capacity),
        fill(data.test_y.reshape(len(data.test_y), -1), capacity),
        len(data.test_y),
    )


@lru_cache(maxsize=PROGRAMS)
def _initial_weights(architecture: Architecture, seed: int, repeats: int) -> list[np.ndarray]:
    """Return for each variable its initial values in all random starts, (repeats, *shape)."""
    model = program(architecture).model
    starts = [models.initial_weights(model, seed, repeat) for repeat in range(repeats)]
    return [np.stack(variable) for variable in zip(*starts, strict=True)]


def _side_by_side(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Return the variables of all starts, each (repeats, *its shape), as one: (repeats, all)."""
    return np.concatenate([array.reshape(len(array), -1) for array in arrays], axis=-1)


def _apart(flat: np.ndarray, like: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return what stands side by side as arrays (*flat's first axes, *shape), shaped as `like`'s.

    flat: (epochs, repeats, all variables side by side); like: for each (epochs, repeats, *shape).
    """
    sizes = [math.prod(array.shape[2:]) for array in like]
    parts = np.split(flat, np.cumsum(sizes)[:-1], axis=-1)
    return [
        part.reshape(*flat.shape[:2], *array.shape[2:])
        for part, array in zip(parts, like, strict=True)
    ]


def _beginning(experiment: Experiment) -> Chunk:
    """Return the initial weights of all random starts, no epoch trained."""
    weights = _initial_weights(experiment.architecture, experiment.seed, experiment.repeats)
    moments = tuple(np.zeros_like(_side_by_side(weights)) for _ in range(2))
    none_yet = np.empty((0, experiment.repeats), np.float32)
    return Chunk(none_yet, none_yet, tuple(array[None] for array in weights), moments)


def _train_epochs(
    experiment: Experiment, data: _Padded, start: Chunk, epoch: int, epochs: int
) -> Chunk:
    """Train all random starts for `epochs` epochs, at most EPOCHS_PER_CALL."""
    architecture = experiment.architecture
    train_program = program(architecture).train
    parts = []
    for first in range(0, experiment.repeats, architecture.together):
        starts = range(first, first + architecture.together)
        here = slice(starts.start, starts.stop)
        order = np.zeros((EPOCHS_PER_CALL, len(starts), data.capacity), np.int32)
        for e in range(epochs):
            for place, repeat in enumerate(starts):
                windows = sample_order(experiment, repeat, epoch + e)
                order[e, place, : len(windows)] = windows
        loss, val_loss, history, moments = train_program(
            tf.constant(_side_by_side([array[-1, here] for array in start.weights])),
            [tf.constant(array[here]) for array in start.moments],
            tf.constant(experiment.learning_rate, tf.float32),
            tf.constant(epoch),
            data.x,
            data.y,
            tf.constant(data.rows),
            data.test_x,
            data.test_y,
            tf.constant(data.test_rows),
            tf.constant(order),
            tf.constant(epochs),
        )
        parts.append(
            Chunk(
                loss.numpy()[:epochs],
                val_loss.numpy()[:epochs],
                tuple(
                    np.concatenate([before[-1:, here], after])
                    for before, after in zip(
                        start.weights, _apart(history.numpy()[:epochs], start.weights), strict=True
                    )
                ),
                tuple(moment.numpy() for moment in moments),
            )
        )
    return Chunk(
        np.concatenate([part.loss for part in parts], axis=1),
        np.concatenate([part.val_loss for part in parts], axis=1),
        tuple(
            np.concatenate(arrays, axis=1)
            for arrays in zip(*(part.weights for part in parts), strict=True)
        ),
        tuple(
            np.concatenate(arrays) for arrays in zip(*(part.moments for part in parts), strict=True)
        ),
    )
