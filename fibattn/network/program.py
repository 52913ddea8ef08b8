"""The compiled functions of one architecture: whole epochs of Keras's training in one XLA program.

`model.fit` with a batch of one spends a thousandth of its time on arithmetic. Here the loop over
the windows, the Keras model's forward pass, its gradient and Keras's Adam are one XLA program, so
that an epoch is one function call. It is the same training: from equal weights and in equal
order, every epoch's loss equals `fit`'s within float32 rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np

from fibattn.network import models  # before Keras: it prepares the environment

# isort: split
import keras
import tensorflow as tf

from fibattn.network.architecture import Architecture
from fibattn.network.numbering import numbered

# The most epochs one call of the compiled program trains: its outputs have this fixed length.
EPOCHS_PER_CALL = 10
# Programs kept in memory. Each holds a few megabytes.
PROGRAMS = 24


class Windows(NamedTuple):
    """Windows and their targets, filled with zeros up to a capacity that few datasets exceed.

    x: (capacity, time_steps, features), float32.
    y: (capacity, horizon), float32.
    rows: how many of them are windows of the dataset.
    """

    x: Any
    y: Any
    rows: Any


class State(NamedTuple):
    """Where training stands, of all random starts that one program trains at once.

    weights: (together, size), the variables of a start one after the other, size elements in all.
    moments: Adam's first and second moments, each (together, size).
    """

    weights: Any
    moments: list[Any]


@lru_cache(maxsize=PROGRAMS)
def program_of(architecture: Architecture) -> Program:
    """Return the compiled program of an architecture; the last PROGRAMS of them are kept."""
    return Program(architecture)


class Program:
    """The compiled functions of one architecture: one that trains, and two that predict.

    The number of windows, of epochs and the learning rate are arguments, so that nothing is
    compiled anew when they change.

    seconds_per_window: what training has taken for each window of each start and epoch, at best.
    """

    def __init__(self, architecture: Architecture) -> None:
        self.architecture = architecture
        self.together = architecture.together
        self.seconds_per_window = math.inf
        # XLA compiles no vectorised loop over time, so there the recurrent layer is unrolled. XLA
        # leaves out of the training what only the attention weights need.
        attends = architecture.network.attention is not None
        self.model = models.build(architecture, show_weights=attends, unroll=self.together > 1)
        self.shapes = [tuple(variable.shape) for variable in self.model.trainable_variables]
        # Adam is elementwise, so all variables of all starts can be one variable to it. That is a
        # third less to compile than one variable after the other.
        size = sum(map(math.prod, self.shapes))
        self.flat = keras.Variable(np.zeros((self.together, size), np.float32))
        self.optimizer = models.make_optimizer()
        self.optimizer.build([self.flat])
        # Its variables are its iterations, its learning rate, and then the moments.
        self.moments = self.optimizer.variables[2:]

    @cached_property
    def train(self) -> Callable:
        """The compiled function that trains up to EPOCHS_PER_CALL epochs.

        Arguments:
            start: the `State` to continue from.
            rate: the learning rate.
            before: how many epochs have been trained before.
            windows, test: the training `Windows` and the test `Windows`.
            order: (EPOCHS_PER_CALL, together, capacity), int32, in which order each start is
                trained on the windows in each of these epochs.
            epochs: how many epochs to train.

        Returns: loss and val_loss (EPOCHS_PER_CALL, together), the weights after each epoch
        (EPOCHS_PER_CALL, together, size), and the moments after the last.
        """
        compiled = tf.function(self._train, jit_compile=True, autograph=False)
        return numbered(compiled, f"train {self.architecture}")

    @cached_property
    def forward(self) -> Callable:
        """The function from one network's variables and windows to its outputs.

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
        compiled = tf.function(self._forward, autograph=False, jit_compile=True)
        return numbered(compiled, f"forward one {self.architecture}")

    def _forward(self, weights: list[Any], x: Any) -> tuple[Any, Any]:
        y, attention = self._outputs(weights, x)
        return (y[:, 0] if self.architecture.horizon == 1 else y), attention

    def _train(
        self,
        start: State,
        rate: Any,
        before: Any,
        windows: Windows,
        test: Windows,
        order: Any,
        epochs: Any,
    ) -> tuple[Any, ...]:
        """Train; the arguments and what is returned are those of `train`."""
        self._resume(start, rate, before * self._batches(windows))

        def epoch(e: Any, losses: Any, val_losses: Any, history: Any) -> tuple[Any, ...]:
            loss = self._train_epoch(windows, order, e)
            val_loss = self._test(test)
            return (
                e + 1,
                losses.write(e, loss),
                val_losses.write(e, val_loss),
                history.write(e, self._now()),
            )

        def outputs(shape: tuple[int, ...]) -> Any:
            return tf.TensorArray(tf.float32, EPOCHS_PER_CALL, element_shape=shape)

        each = (self.together,)
        _, losses, val_losses, history = tf.while_loop(
            lambda e, *_: e < epochs,
            epoch,
            (0, outputs(each), outputs(each), outputs(self.flat.shape)),
        )
        moments = [tf.convert_to_tensor(variable) for variable in self.moments]
        return losses.stack(), val_losses.stack(), history.stack(), moments

    def _resume(self, start: State, rate: Any, steps: Any) -> None:
        """Set the weights and the optimizer as they are after that many steps of Adam."""
        variables = [self.flat, *self.moments]
        for variable, value in zip(variables, [start.weights, *start.moments], strict=True):
            variable.assign(value)
        self.optimizer.learning_rate.assign(rate)
        self.optimizer.iterations.assign(tf.cast(steps, tf.int64))

    def _train_epoch(self, windows: Windows, order: Any, e: Any) -> Any:
        """Train one epoch, batch by batch; return each start's mean squared error, (together,)."""
        batch, together = self.architecture.training.batch_size, self.together
        batches = self._batches(windows)

        def step(i: Any, total: Any) -> tuple[Any, Any]:
            chosen = tf.slice(order, [e, 0, i * batch], [1, together, batch])[0]
            present = tf.broadcast_to(self._present(windows, i), (together, batch))
            error, gradient = self._over_starts(
                self._error_and_gradient,
                self._now(),
                tf.gather(windows.x, chosen),
                tf.gather(windows.y, chosen),
                present,
            )
            self.optimizer.apply([gradient], [self.flat])
            return i + 1, total + error

        nothing = (0, tf.zeros((together,)))
        _, error = tf.while_loop(lambda i, _: i < batches, step, nothing)
        return error / tf.cast(windows.rows, tf.float32)

    def _test(self, windows: Windows) -> Any:
        """Return each start's mean squared error on the test windows, (together,)."""
        batch, together = self.architecture.training.batch_size, self.together
        batches = self._batches(windows)

        def step(i: Any, total: Any) -> tuple[Any, Any]:
            first = i * batch
            x = tf.slice(windows.x, [first, 0, 0], [batch, *windows.x.shape[1:]])
            y = tf.slice(windows.y, [first, 0], [batch, windows.y.shape[1]])
            same = [tf.stack([part] * together) for part in (x, y, self._present(windows, i))]
            return i + 1, total + self._over_starts(self._error, self._now(), *same)

        nothing = (0, tf.zeros((together,)))
        _, error = tf.while_loop(lambda i, _: i < batches, step, nothing)
        return error / tf.cast(windows.rows, tf.float32)

    def _batches(self, windows: Windows) -> Any:
        """Return how many batches the windows make, the last perhaps a smaller one."""
        batch = self.architecture.training.batch_size
        return (windows.rows + batch - 1) // batch

    def _present(self, windows: Windows, i: Any) -> Any:
        """Return (batch,), 1 where batch number i has a window, 0 where it has padding."""
        batch = self.architecture.training.batch_size
        return tf.cast(i * batch + tf.range(batch) < windows.rows, tf.float32)

    def _now(self) -> Any:
        """Return the weights as they are at this point of the program, (together, size)."""
        return tf.convert_to_tensor(self.flat)

    def _over_starts(self, function: Callable, *arguments: Any) -> Any:
        """Call `function` for each random start, along the first axis of every argument."""
        if self.together > 1:
            return tf.vectorized_map(function, arguments)
        alone = tf.nest.map_structure(lambda array: array[0], arguments)
        return tf.nest.map_structure(lambda array: array[None], function(alone))

    def _error_and_gradient(self, arguments: tuple[Any, Any, Any, Any]) -> tuple[Any, Any]:
        """Return the summed squared error of one batch and the gradient of its mean.

        The arguments are those of `_error`; the gradient is (size,).
        """
        flat, *_, present = arguments
        with tf.GradientTape() as tape:
            tape.watch(flat)
            error = self._error(arguments)
            loss = error / tf.reduce_sum(present)
        return error, tape.gradient(loss, flat)

    def _error(self, arguments: tuple[Any, Any, Any, Any]) -> Any:
        """Return the squared error, the mean over the horizon, summed over one batch's windows.

        The arguments, as one tuple: the variables of one start (size,); x (batch, time_steps,
        features); y (batch, horizon); present (batch,), 0 where the batch has padding.
        """
        flat, x, y, present = arguments
        predictions, _ = self._outputs(self._split(flat), x)
        return tf.reduce_sum(present * keras.losses.get(models.LOSS)(y, predictions))

    def _split(self, flat: Any) -> list[Any]:
        """Split one start's elements, (size,), into its variables, each in its shape."""
        parts = tf.split(flat, [math.prod(shape) for shape in self.shapes])
        return [tf.reshape(part, shape) for part, shape in zip(parts, self.shapes, strict=True)]

    def _outputs(self, weights: list[Any], x: Any) -> tuple[Any, Any]:
        """Return the model's predictions for `x` with these variables, and its attention.

        The shapes are (batch, horizon) and (batch, time_steps or 0), of a recurrent decoder
        (batch, horizon, time_steps).
        """
        unused = self.model.non_trainable_variables  # the recurrent layer's dropout seed
        outputs, _ = self.model.stateless_call(weights, unused, x)
        if self.architecture.network.attention is None:
            return outputs, tf.zeros((tf.shape(x)[0], 0))
        y, attention = outputs
        return y, attention


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
