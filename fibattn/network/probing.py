"""Is the weight a reason? What a trained network answers when a step, or its weights, are changed.

`occlude` hides one step of a window after the other; `swap_weights` leaves the states alone and
gives them other weights. The weights say where the network looks, these say what it rests on
(Jain & Wallace 2019, arXiv 1902.10186; Wiegreffe & Pinter 2019, arXiv 1908.04626).

Both need TensorFlow and import it when they are called, so that the server can import the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fibattn.experiment import Experiment
from fibattn.judge.heatmap import occlusion_effect
from fibattn.judge.metrics import mse
from fibattn.network.catalogue import attention_layers
from fibattn.run import Arrays

# How often the weights of every window are shuffled; their errors are averaged.
PERMUTATIONS = 5


@dataclass(frozen=True, eq=False)
class Occlusion:
    """What the networks predict for one window, as it is and with each step hidden in turn.

    base: (repeats,), scaled, of the unchanged window.
    occluded: (repeats, time_steps), the same with that step hidden.

    With a horizon above 1 both have it as one more, last axis.
    """

    base: np.ndarray
    occluded: np.ndarray

    @property
    def effect(self) -> np.ndarray:
        """By how much hiding each step changes the prediction: (repeats, time_steps), >= 0.

        With a horizon above 1 the mean over the steps ahead.
        """
        repeats, steps = self.occluded.shape[:2]
        hidden = self.occluded.reshape(repeats, steps, -1).swapaxes(1, 2)
        return occlusion_effect(self.base.reshape(repeats, -1), hidden).mean(axis=1)


@dataclass(frozen=True)
class Swapped:
    """The test MSE of every random start, scaled: as trained, and with other weights.

    Of a start that diverged it is inf.

    trained: with the network's own weights.
    permuted: with the same weights dealt out to the steps anew, at random for each window; the
        mean over PERMUTATIONS of them.
    uniform: with 1/T for every step.
    """

    trained: tuple[float, ...]
    permuted: tuple[float, ...]
    uniform: tuple[float, ...]


def swappable(experiment: Experiment) -> str:
    """Return in a sentence why the weights cannot be swapped, '' if they can.

    They can where the weighted sum of the states is all that goes to the output. Needs no
    TensorFlow.
    """
    if experiment.attention is None:
        return "There is no attention layer, so there are no weights to swap."
    if not attention_layers()[experiment.attention].sums_states:
        return (
            "This layer does not sum the states themselves, so other weights on them would make "
            "another layer."
        )
    if experiment.placement == "before":
        return (
            "Attention stands before the recurrent layer, so other weights would change the "
            "states too."
        )
    if experiment.head == "conv":
        return "The conv head keeps the weighted states in order, so there is no context to change."
    if experiment.decoder == "recurrent":
        return (
            "A recurrent decoder asks anew at each step and also hands on its own state, so there "
            "is not one set of weights."
        )
    return ""


def occlude(experiment: Experiment, weights: Arrays, window: np.ndarray) -> Occlusion:
    """Return what the networks predict for one window with each of its steps hidden in turn.

    A hidden step has the mean of that step over the training windows, in all its features: it says
    nothing about this window, and is as near to what the network has met as one value can be.

    Args:
        experiment: what was trained.
        weights: for each variable (epochs + 1, repeats, *its shape); only the last epoch counts.
        window: (time_steps, features), scaled; (time_steps,) will do for one feature.
    """
    from fibattn.network import training

    steps = experiment.time_steps
    unchanged = np.asarray(window, np.float32).reshape(1, steps, -1)
    # First the window as it is, then with step 0 hidden, with step 1 …
    x = np.repeat(unchanged, steps + 1, axis=0)
    hidden = np.arange(steps)
    x[1 + hidden, hidden] = experiment.dataset().train_x.mean(axis=0)
    forward = training.program(experiment.architecture).forward
    predictions, _ = training.predict(forward, _final(experiment, weights), x)
    return Occlusion(predictions[:, 0], predictions[:, 1:])


def swap_weights(experiment: Experiment, weights: Arrays, seed: int = 0) -> Swapped:
    """Return the test MSE with the trained, with permuted and with uniform attention weights.

    The states are those of the trained network, and so is the output layer: only what the states
    are multiplied by changes.

    Args:
        experiment: what was trained.
        weights: for each variable (epochs + 1, repeats, *its shape); only the last epoch counts.
        seed: of the permutations.

    Raises ValueError where `swappable` says why not.
    """
    from fibattn.network import models

    if why_not := swappable(experiment):
        raise ValueError(why_not)
    model = models.build(experiment.architecture, show_weights=True)
    attention, output = model.get_layer("attention"), model.get_layer("output")
    # A Keras model of the same variables, as far as the states and the weights. It is called
    # too seldom for XLA to pay.
    inner = type(model)(model.input, [attention.input, model.output[1]])
    inner.compile(jit_compile=False)
    data = experiment.dataset()
    x = data.test_x.astype(np.float32)
    errors = []
    for repeat, variables in enumerate(_final(experiment, weights)):
        model.set_weights(variables)
        states, own = inner.predict_on_batch(x)
        random = np.random.default_rng((seed, repeat))
        uniform = np.full_like(own, 1 / experiment.time_steps)
        tried = [own, uniform, *(random.permuted(own, axis=1) for _ in range(PERMUTATIONS))]
        with np.errstate(over="ignore", invalid="ignore"):
            # The context, sum_t alpha_t h_t: all windows for each of the weights tried.
            contexts = [(alpha[:, None, :] @ states)[:, 0] for alpha in tried]
        guesses = np.asarray(output(np.concatenate(contexts)))
        found = mse(guesses.reshape(len(tried), *data.test_y.shape), data.test_y)
        errors.append((found[0], float(np.mean(found[2:])), found[1]))
    trained, permuted, same = zip(*errors, strict=True)
    return Swapped(trained, permuted, same)


def _final(experiment: Experiment, weights: Arrays) -> list[list[np.ndarray]]:
    """Return for each random start its variables after the last epoch."""
    return [[array[-1, repeat] for array in weights] for repeat in range(experiment.repeats)]
