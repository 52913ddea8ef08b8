"""The article's five names and one to see the weights, and the article itself as a program.

    python -m fibattn.article

runs it from start to end: the sequence, the windows, both networks, their training, and their
four errors with the trivial baselines beside them. It trains from several random starts where the
article has one, since the errors of one start are a coin flip.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.preprocessing import MinMaxScaler

from fibattn.experiment import Experiment
from fibattn.network import models  # before Keras: it prepares the environment
from fibattn.network.choices import NetworkChoices, TrainingChoices
from fibattn.network.layers import ArticleAttention, AttentionLayer
from fibattn.tasks import fibonacci_numbers, split_rows, windows
from fibattn.words.notation import counted

# isort: split
import keras

if TYPE_CHECKING:
    from fibattn.judge.starts import OverStarts
    from fibattn.network.training import Progress
    from fibattn.run import Run

__all__ = [
    "attention",
    "attention_weights",
    "create_RNN",
    "create_RNN_with_attention",
    "get_fib_XY",
    "get_fib_seq",
]

PLAIN, WITH_ATTENTION = "RNN", "RNN + attention"

attention = ArticleAttention


def get_fib_seq(n: int, scale_data: bool = True) -> tuple[np.ndarray, Any]:
    """Return n Fibonacci numbers, 1, 2, 3, 5, …, and the scaler that was fitted on them.

    Args:
        n: how many, at most 1475.
        scale_data: bring them into [0, 1] by min-max over the whole sequence.

    Returns: the sequence (n,), float64, and the MinMaxScaler; unscaled an empty list in its place.
    """
    _check_whole("n", n)
    sequence = fibonacci_numbers(n)
    if not scale_data:
        # The article starts from `scaler = []` and leaves it so. Code written after it may test
        # the scaler for truth, so this is neither None nor a scaler that was never fitted.
        return sequence, []
    scaler = MinMaxScaler(feature_range=(0, 1))
    return scaler.fit_transform(sequence[:, None])[:, 0], scaler


def get_fib_XY(
    total_fib_numbers: int, time_steps: int, train_percent: float, scale_data: bool = True
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, Any]:
    """Return windows of the Fibonacci numbers to train and to test on.

    Args:
        total_fib_numbers: how many numbers there are, at most 1475.
        time_steps: how many numbers a window has; the one after it is the target.
        train_percent: which share of the windows is trained on, between 0 and 1 despite its name.
        scale_data: as in `get_fib_seq`.

    Returns: trainX (windows, time_steps, 1), trainY (windows,), testX, testY and the scaler.

    Raises ValueError with a sentence where there would be no window to train or to test on.
    """
    _check_whole("time_steps", time_steps)
    if not 0 < train_percent < 1:
        raise ValueError(
            f"train_percent is {train_percent}, but it is the share of the windows to train on, "
            "between 0 and 1: 0.7 for 70 %."
        )
    sequence, scaler = get_fib_seq(total_fib_numbers, scale_data)
    count = len(sequence) - time_steps
    if not 0 < int(train_percent * count) < count:
        raise ValueError(
            f"{total_fib_numbers} Fibonacci numbers leave {max(count, 0)} windows of {time_steps} "
            f"time steps, too few to train and to test on: make total_fib_numbers larger or "
            f"time_steps smaller."
        )
    x, y = windows(sequence, time_steps)
    train, test = split_rows(len(y), train_percent, "shuffled")
    return x[train], y[train], x[test], y[test], scaler


def create_RNN(
    hidden_units: int,
    dense_units: int,
    input_shape: tuple[int, int],
    activation: Sequence[str],
) -> keras.Model:
    """Return the plain network, SimpleRNN then Dense, compiled with MSE and Adam.

    `input_shape` is (time_steps, features); `activation` is a pair, of the recurrent and of the
    dense layer.
    """
    if isinstance(activation, str) or len(activation) != 2:
        raise ValueError(
            f"activation is {activation!r}, but it must be a pair: the recurrent layer's and the "
            "dense layer's, such as ['tanh', 'tanh']."
        )
    recurrent, dense = activation
    return _network(hidden_units, dense_units, input_shape, recurrent, dense, None)


def create_RNN_with_attention(
    hidden_units: int, dense_units: int, input_shape: tuple[int, int], activation: str
) -> keras.Model:
    """Return the network with attention, SimpleRNN, attention, Dense, compiled like the other.

    `input_shape` is (time_steps, features); `activation` is one for both layers.
    `attention_weights` shows its weights.
    """
    if not isinstance(activation, str):
        raise ValueError(
            f"activation is {activation!r}, but it must be the name of one activation, for both "
            "layers."
        )
    return _network(hidden_units, dense_units, input_shape, activation, activation, "article")


def attention_weights(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """Return the weights that a model's attention layer gives the time steps of some windows.

    Args:
        model: of `create_RNN_with_attention`, trained or not.
        x: windows (windows, time_steps, features).

    Returns: (windows, time_steps), each row with the sum 1.

    Raises ValueError where the model has no layer of `attention`, or the windows another shape.
    """
    layers = [layer for layer in model.layers if isinstance(layer, AttentionLayer)]
    if not layers:
        raise ValueError(
            f"The model “{model.name}” has no attention layer: make it with "
            "create_RNN_with_attention."
        )
    wanted = model.input_shape[1:]
    if np.ndim(x) != 3 or np.shape(x)[1:] != wanted:
        raise ValueError(
            f"x has the shape {np.shape(x)}, but this model takes (windows, {wanted[0]}, "
            f"{wanted[1]})."
        )
    before = keras.Model(model.inputs, layers[0].input)
    return np.asarray(layers[0](before.predict(x, verbose=0), return_attention_scores=True)[1])


def _check_whole(name: str, value: Any) -> None:
    """Raise ValueError with a sentence unless a number is whole and at least 1."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{name} is {value!r}, but it must be a whole number from 1 on.")


def _network(
    units: int,
    outputs: int,
    input_shape: tuple[int, int],
    activation: str,
    output_activation: str,
    attention: str | None,
) -> keras.Model:
    _check_whole("hidden_units", units)
    _check_whole("dense_units", outputs)
    if not isinstance(input_shape, Sequence) or len(input_shape) != 2:
        raise ValueError(
            f"input_shape is {input_shape!r}, but it must be a pair: (time_steps, features)."
        )
    for name, size in zip(("time_steps", "features"), input_shape, strict=True):
        _check_whole(f"{name} in input_shape", size)
    network = NetworkChoices(
        units=units,
        activation=activation,
        output_activation=output_activation,
        attention=attention,
    )
    model = models.recurrent_network(network, outputs, input_shape)
    return models.compile_for(model, TrainingChoices())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the article in the terminal."""
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    plain = _experiment(arguments)
    both = {PLAIN: plain, WITH_ATTENTION: plain.replace(attention="article")}
    _show_data(plain)
    _show_models(plain)
    _title(f"Training: {plain.epochs} epochs, {counted(plain.repeats, 'random start')} each")
    _show_results({name: _train(name, experiment) for name, experiment in both.items()})


def _experiment(arguments: Sequence[str] | None) -> Experiment:
    """Return the plain network's experiment from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m fibattn.article",
        description="The tutorial's experiment from start to end, from several random starts.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--epochs", type=int, default=30, help="how often to go through the data")
    parser.add_argument("--repeats", type=int, default=5, help="random starts of each network")
    parser.add_argument("--seed", type=int, default=0, help="of the random starts")
    options = parser.parse_args(arguments)
    try:
        return Experiment(epochs=options.epochs, repeats=options.repeats, seed=options.seed)
    except ValueError as problem:
        parser.error(str(problem))


def _show_data(experiment: Experiment) -> None:
    _title("The sequence")
    print("get_fib_seq(10, False):", *(f"{number:.0f}" for number in get_fib_seq(10, False)[0]))
    length = experiment.series_length
    series, _ = get_fib_seq(length, False)
    scaled, _ = get_fib_seq(length)
    print(f"The last of {length}: {series[-1]:.3g}; scaled the median is {np.median(scaled):.2g}.")

    _title("Windows of three numbers, and the number after each")
    train_x, train_y, test_x, test_y, _ = get_fib_XY(12, 3, 0.7, False)
    for name, x, y in (("train", train_x, train_y), ("test", test_x, test_y)):
        for window, target in zip(x[:, :, 0], y, strict=True):
            print(
                f"{name:>6}  " + "".join(f"{number:5.0f}" for number in window), f"→ {target:.0f}"
            )
    print(
        f"\nWith {length} numbers and {experiment.time_steps} time steps: {experiment.windows} "
        f"windows, {experiment.train_windows} to train on and {experiment.test_windows} to test on."
    )


def _show_models(experiment: Experiment) -> None:
    shape = (experiment.time_steps, 1)
    _title(PLAIN)
    create_RNN(experiment.units, 1, shape, ["tanh", "tanh"]).summary()
    _title(WITH_ATTENTION)
    create_RNN_with_attention(experiment.units, 1, shape, "tanh").summary()


def _train(name: str, experiment: Experiment) -> Run:
    from fibattn.network.training import train

    run = train(experiment, _progress_of(name))
    if sys.stdout.isatty():
        print()
    return run


def _progress_of(name: str) -> Callable[[Progress], None]:
    """Return what tells of the training: one line that changes, or in a file a line each time."""
    from fibattn.judge.starts import over_starts
    from fibattn.words.starts import diverged

    start, end = ("\r\033[K", "") if sys.stdout.isatty() else ("", "\n")

    def show(progress: Progress) -> None:
        words = "compiling"
        if progress.stage == "training":
            loss, test = over_starts(progress.loss[-1]), over_starts(progress.val_loss[-1])
            words = (
                f"epoch {progress.epoch:>3} of {progress.epochs}, "
                f"loss {loss.median:.2e}, test {test.median:.2e}"
            )
            if test.count_diverged:
                words += f", {diverged(test)}"
        print(f"{start}{name:>15}  {words}", end=end, flush=True)

    return show


def _show_results(runs: dict[str, Run]) -> None:
    from fibattn.judge.baselines import baselines
    from fibattn.judge.comparison import paired
    from fibattn.judge.errors import test_mse, train_mse
    from fibattn.words.verdict import against_baselines, verdict

    plain, with_attention = runs.values()
    beside = baselines(plain.experiment)
    repeats = plain.experiment.repeats
    of = "median (lowest – highest)" if repeats > 1 else "one start only, a coin flip"
    _title(f"Mean squared errors on the scaled values: {of}")
    print(f"{'':<26}{'train':<33}test")
    for name, run in runs.items():
        print(f"{name:<26}{_spread(train_mse(run)):<33}{_spread(test_mse(run))}")
    for baseline in beside:
        print(f"{baseline.label:<26}{baseline.train_mse:<33.2e}{baseline.test_mse:.2e}")
    errors = test_mse(plain), test_mse(with_attention)
    print(f"\n{verdict(paired(*errors))}\n{against_baselines(*errors, beside)}")


def _spread(errors: OverStarts) -> str:
    """Return the median, and if there is one the range; how many starts diverged."""
    from fibattn.words.starts import diverged

    if errors.all_diverged:
        return diverged(errors)
    span = [f"{errors.low:.2e} – {errors.high:.2e}"] if len(errors.kept) > 1 else []
    notes = ", ".join([*span, *filter(None, [diverged(errors)])])
    return f"{errors.median:.2e}" + (f" ({notes})" if notes else "")


def _title(words: str) -> None:
    print(f"\n{words}\n{'─' * len(words)}")


if __name__ == "__main__":
    main()
