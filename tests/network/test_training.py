"""The fused program is Keras's own training: the oracle is `model.fit`."""

import os
import random
import subprocess
import sys
import threading
from functools import cache
from math import inf
from pathlib import Path

import numpy as np
import pytest

from fibattn import Experiment, Run, at_every_epoch, model_of, train
from fibattn.network import models, program, training
from fibattn.network.catalogue import attention_layers
from fibattn.run import Chunk
from tests.parameters import mostly_long

# isort: split
import keras

ROOT = Path(__file__).parents[2]
# 62 windows: 43 to train on, so that 16 leave a last batch of 11, and 19 to test on.
SHORT = Experiment(series_length=70, time_steps=8, scaling="log", epochs=2)
CELLS = ["SimpleRNN", "LSTM", "GRU"]
ATTENTION = [None, "article"]
# 37 windows to train on, with a horizon of 3 steps 36: 4 leave a last batch of one or none.
SMALL = Experiment(series_length=60, time_steps=6, scaling="log", epochs=2, repeats=2, batch_size=4)
# What is compared with `fit`: every attention layer, and every way to build a network.
LAYERS = [
    {"attention": name, "cell": CELLS[i % 3]}
    for i, name in enumerate(attention_layers())
    if name not in ATTENTION
]
BUILT = [
    {"bidirectional": True, "attention": "article"},
    {"bidirectional": True, "cell": "LSTM", "horizon": 2},
    {"placement": "before", "attention": "additive", "cell": "GRU"},
    {"head": "conv", "cell": "GRU"},
    {"head": "conv", "attention": "additive-content", "activation": "relu"},
    {"horizon": 3, "attention": "dot", "cell": "LSTM"},
]
DECODERS = [
    {"decoder": "recurrent", "horizon": 3, "attention": name, "cell": cell}
    for name, cell in [
        (None, "LSTM"),
        ("additive-query", "LSTM"),
        ("dot", "GRU"),
        ("scaled-dot", "SimpleRNN"),
        ("keras-additive", "SimpleRNN"),
        ("self", "SimpleRNN"),
    ]
]
# float32 has 1.2e-7; a hundred steps of Adam, which divides by the size of the gradient, add up.
LOSS = {"rtol": 2e-5}
WEIGHTS = {"rtol": 1e-4, "atol": 1e-5}


@cache
def compiled(experiment: Experiment, **compiling) -> tuple[keras.Model, list[np.ndarray]]:
    """One Keras model for all starts of an experiment, so that `fit` is compiled once."""
    model = model_of(untrained(experiment), 0, 0)
    if compiling:
        model.compile(loss="mse", optimizer=model.optimizer, **compiling)
    model.optimizer.build(model.trainable_variables)
    return model, [variable.numpy() for variable in model.optimizer.variables]


@cache
def untrained(experiment: Experiment) -> Run:
    """A run of no epoch at all: for its initial model."""
    start = training._beginning(experiment)
    nothing = np.empty((0, experiment.repeats))
    return Run(experiment, nothing, nothing, start.weights, *[nothing] * 3, ())


def fit(run: Run, repeat: int, **compiling) -> tuple[list[float], list[float], keras.Model]:
    """Train one start of a run anew with `model.fit`, from its weights and in its order.

    `jit_compile=False` has TensorFlow run it operation by operation: another way to the numbers,
    and the shorter one for few steps.
    """
    experiment, data = run.experiment, run.dataset()
    model, optimizer = compiled(experiment.replace(repeats=1, epochs=1, seed=0), **compiling)
    model.set_weights(model_of(run, repeat, 0).get_weights())
    for variable, value in zip(model.optimizer.variables, optimizer, strict=True):
        variable.assign(value)
    losses, val_losses = [], []
    for order in run.sample_order(repeat):
        history = model.fit(
            data.train_x[order],
            data.train_y[order],
            batch_size=experiment.batch_size,
            shuffle=False,
            validation_data=(data.test_x, data.test_y),
            validation_batch_size=64,
            verbose=0,
        ).history
        losses += history["loss"]
        val_losses += history["val_loss"]
    return losses, val_losses, model


def assert_trained_as_keras_does(run: Run, repeat: int, **compiling) -> None:
    losses, val_losses, model = fit(run, repeat, **compiling)
    np.testing.assert_allclose(run.loss[:, repeat], losses, **LOSS)
    np.testing.assert_allclose(run.val_loss[:, repeat], val_losses, **LOSS)
    for mine, variable in zip(run.weights, model.trainable_variables, strict=True):
        # The softmax over the keys does not feel their bias: its gradient is rounding alone, and
        # Adam makes steps of it.
        exact = {**WEIGHTS, "atol": 1e-3} if variable.path.endswith("key/bias") else WEIGHTS
        np.testing.assert_allclose(
            mine[-1, repeat], variable.numpy(), **exact, err_msg=variable.path
        )
    moved = max(np.abs(array[-1, repeat] - array[0, repeat]).max() for array in run.weights)
    assert moved > 1e-3, "training that does not move proves nothing"


def assert_same_bits(one: Run, other: Run) -> None:
    for name in ("loss", "val_loss", "train_predictions", "test_predictions", "test_attention"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    for mine, its in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(mine, its)


@pytest.mark.slow
@pytest.mark.parametrize("repeats", mostly_long([1, 5], [5]))
@pytest.mark.parametrize("batch_size", [1, 16])
@pytest.mark.parametrize("attention", ATTENTION)
@pytest.mark.parametrize(
    "cell", ["SimpleRNN", *(pytest.param(cell, marks=pytest.mark.long) for cell in CELLS[1:])]
)
def test_each_epoch_is_fits(cell, attention, batch_size, repeats):
    run = train(
        SHORT.replace(cell=cell, attention=attention, batch_size=batch_size, repeats=repeats)
    )
    for repeat in range(repeats):
        assert_trained_as_keras_does(run, repeat, jit_compile=False)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("attention", mostly_long(attention_layers(), {"self"}))
def test_large_batches_train_as_fit_does(attention):
    """Of arrays so large XLA compiles some sums otherwise."""
    experiment = Experiment(
        task="find-max", attention=attention, batch_size=64, time_steps=20, series_length=400
    )
    assert_trained_as_keras_does(
        train(experiment.replace(epochs=2, learning_rate=0.01)), 0, jit_compile=False
    )


@pytest.mark.slow
@pytest.mark.parametrize(("attention", "batch_size"), [(None, 1), ("article", 16)])
def test_each_epoch_is_fits_when_all_starts_train_at_once(attention, batch_size):
    experiment = SHORT.replace(attention=attention, batch_size=batch_size, repeats=20)
    assert experiment.architecture.together == 20
    run = train(experiment)
    for repeat in (0, 7, 19):
        assert_trained_as_keras_does(run, repeat)


def words(change: dict) -> str:
    return "-".join(str(value) for value in change.values())


@pytest.mark.long
@pytest.mark.parametrize("change", LAYERS + BUILT + DECODERS, ids=words)
def test_every_network_trains_as_keras_does_and_is_its_model(change):
    run = train(SMALL.replace(**change))
    assert_trained_as_keras_does(run, 1, jit_compile=False)
    assert_is_its_model(run, 1)
    assert_same_bits(train(run.experiment), run)


def assert_is_its_model(run: Run, repeat: int) -> None:
    """The predictions are `predict`'s, and the weights are shares of one whole."""
    experiment, data, model = run.experiment, run.dataset(), model_of(run, repeat)
    x = np.concatenate([data.train_x, data.test_x])
    predictions = np.concatenate([run.train_predictions, run.test_predictions], axis=1)
    attention = run.test_attention
    steps = (experiment.horizon,) if experiment.horizon > 1 else ()
    assert predictions.shape == (experiment.repeats, len(x), *steps)
    expected = model.predict(x, batch_size=len(x), verbose=0).reshape(len(x), *steps)
    np.testing.assert_allclose(predictions[repeat], expected, rtol=1e-5, atol=1e-6)
    if experiment.attention is None:
        assert attention.shape == (experiment.repeats, len(data.test_x), 0)
    else:
        rows = steps if experiment.decoder == "recurrent" else ()
        assert attention.shape == (
            experiment.repeats,
            len(data.test_x),
            *rows,
            experiment.time_steps,
        )
        np.testing.assert_allclose(attention.sum(axis=-1), 1, rtol=1e-5)
        assert (attention >= 0).all()
    shown = models.build(experiment.architecture, show_weights=experiment.attention is not None)
    for one, other in zip(model.trainable_variables, shown.trainable_variables, strict=True):
        assert (one.path, one.shape) == (other.path, other.shape)


@pytest.mark.long
@pytest.mark.parametrize(
    "change", [{**BUILT[2], "cell": "SimpleRNN"}, {**BUILT[5], "cell": "SimpleRNN"}], ids=words
)
def test_networks_built_otherwise_train_at_once_too(change):
    run = train(SMALL.replace(repeats=20, **change))
    assert run.experiment.architecture.together == 20
    for repeat in (0, 19):
        assert_trained_as_keras_does(run, repeat, jit_compile=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", mostly_long([DECODERS[1], {**BUILT[0], "horizon": 2}], DECODERS[1:2]), ids=words
)
def test_a_window_at_every_epoch_has_the_axes_of_the_run(change):
    run = train(SMALL.replace(**change))
    x = run.dataset().test_x[5]
    predictions, attention = at_every_epoch(run, x)
    assert predictions.shape == (3, 2, run.experiment.horizon)
    np.testing.assert_allclose(predictions[-1], run.test_predictions[:, 5], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(attention[-1], run.test_attention[:, 5], rtol=1e-5, atol=1e-7)
    expected = model_of(run, 1, 1).predict(x[None], verbose=0)[0]
    np.testing.assert_allclose(predictions[1, 1], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("change", [*BUILT, *DECODERS], ids=words)
def test_equal_seeds_give_equal_weights_and_others_do_not(change):
    model = models.build(SMALL.replace(**change).architecture)
    one, same, other = (models.initial_weights(model, *seed) for seed in ((1, 2), (1, 2), (1, 3)))
    assert [array.shape for array in one] == [tuple(v.shape) for v in model.trainable_variables]
    for array, again in zip(one, same, strict=True):
        np.testing.assert_array_equal(array, again)
    drawn = [i for i, array in enumerate(one) if len(np.unique(array)) > 2]  # not zeros and ones
    assert len({one[i].tobytes() for i in drawn}) == len(drawn)
    assert all((one[i] != other[i]).any() for i in drawn)


def test_attention_before_the_recurrent_layer_weighs_the_inputs():
    run = train(SMALL.replace(attention="article", placement="before", epochs=1))
    model, x = model_of(run, 1), run.dataset().test_x.astype(np.float32)
    kernel, bias = model.get_layer("attention").get_weights()
    powers = np.exp(np.tanh(x @ kernel + bias))
    weights = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(run.test_attention[1], weights[:, :, 0], rtol=1e-5)
    rest = keras.Sequential([keras.Input((6, 1)), *model.layers[2:]])
    expected = rest.predict(x * weights, verbose=0)[:, 0]
    np.testing.assert_allclose(run.test_predictions[1], expected, rtol=1e-5, atol=1e-6)


def test_the_recurrent_decoder_is_the_formula():
    """A SimpleRNN encoder–decoder with a dot product, written out in NumPy."""
    run = train(SMALL.replace(**{**DECODERS[2], "cell": "SimpleRNN"}, epochs=1))
    (wx, wh, b, ux, uh, d, v, c), x = model_of(run, 1).get_weights(), run.dataset().test_x
    state, encoded = np.zeros((len(x), 2)), []
    for t in range(6):
        state = np.tanh(x[:, t] @ wx + state @ wh + b)
        encoded.append(state)
    h, read = np.stack(encoded, axis=1), state
    for i in range(3):
        state = np.tanh(read @ ux + state @ uh + d)
        powers = np.exp(np.einsum("btf,bf->bt", h, state))
        weights = powers / powers.sum(axis=1, keepdims=True)
        context = np.einsum("bt,btf->bf", weights, h)
        expected = np.tanh(np.concatenate([context, state], axis=1) @ v + c)[:, 0]
        np.testing.assert_allclose(run.test_attention[1, :, i], weights, rtol=1e-4)
        np.testing.assert_allclose(run.test_predictions[1, :, i], expected, rtol=1e-4, atol=1e-6)


@pytest.mark.slow
def test_a_saved_recurrent_decoder_predicts_the_same_in_a_fresh_process(tmp_path):
    run = train(SMALL.replace(**DECODERS[1], epochs=1))
    model_of(run, 1).save(tmp_path / "mine.keras")
    np.save(tmp_path / "x.npy", run.dataset().test_x)
    program = """
import fibattn.network.layers
import keras
import numpy as np
model = keras.models.load_model("mine.keras")
np.save("y.npy", model.predict(np.load("x.npy"), verbose=0))
"""
    subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
        timeout=120,
    )
    np.testing.assert_allclose(
        np.load(tmp_path / "y.npy"), run.test_predictions[1], rtol=1e-5, atol=1e-6
    )


@pytest.mark.slow
@pytest.mark.parametrize("change", [{"learning_rate": 0.02}, {"units": 5, "activation": "sigmoid"}])
def test_each_epoch_is_fits_with_another_rate_size_and_activation(change):
    assert_trained_as_keras_does(train(SHORT.replace(attention="article", **change)), 0)


@pytest.mark.slow
def test_the_articles_own_settings_are_fits():
    run = train(Experiment(attention="article", epochs=1))
    assert_trained_as_keras_does(run, 0)


@pytest.fixture(scope="module", params=ATTENTION)
def run(request) -> Run:
    return train(SHORT.replace(attention=request.param, repeats=3, epochs=4))


def test_predictions_are_keras_predict(run):
    data = run.dataset()
    for repeat in range(3):
        model = model_of(run, repeat)
        for mine, x in (
            (run.train_predictions, data.train_x),
            (run.test_predictions, data.test_x),
        ):
            np.testing.assert_allclose(
                mine[repeat], model.predict(x, verbose=0)[:, 0], rtol=1e-5, atol=1e-6
            )


def test_attention_is_the_layers_own(run):
    if run.experiment.attention is None:
        assert run.test_attention.shape == (3, run.experiment.test_windows, 0)
        return
    data = run.dataset()
    for repeat in range(3):
        model = model_of(run, repeat)
        layer, recurrent = model.get_layer("attention"), model.get_layer("recurrent")
        states = recurrent(data.test_x.astype(np.float32))
        _, weights = layer(states, return_attention_scores=True)
        np.testing.assert_allclose(run.test_attention[repeat], weights, rtol=1e-5, atol=1e-7)


def test_a_window_at_every_epoch_is_that_epochs_model(run):
    x = run.dataset().test_x[5]
    predictions, attention = at_every_epoch(run, x)
    steps = run.experiment.time_steps if run.experiment.attention else 0
    assert predictions.shape == (5, 3) and attention.shape == (5, 3, steps)
    np.testing.assert_allclose(predictions[-1], run.test_predictions[:, 5], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(attention[-1], run.test_attention[:, 5], rtol=1e-5, atol=1e-7)
    for epoch in (0, 2):
        expected = model_of(run, 1, epoch).predict(x[None], verbose=0)[0, 0]
        assert predictions[epoch, 1] == pytest.approx(expected, rel=1e-5, abs=1e-6)
    np.testing.assert_array_equal(at_every_epoch(run, x[:, 0])[0], predictions)


def test_val_loss_is_the_mse_of_the_test_predictions(run):
    errors = run.test_predictions - run.dataset().test_y
    np.testing.assert_allclose(run.val_loss[-1], np.mean(errors**2, axis=1), rtol=1e-4)


def test_the_first_model_is_the_untrained_one(run):
    for array, start in zip(run.weights, training._beginning(run.experiment).weights, strict=True):
        np.testing.assert_array_equal(array[0], start[0])


def test_the_same_seed_gives_the_same_bits(run):
    assert_same_bits(train(run.experiment), run)


def test_the_same_seed_gives_the_same_bits_when_compiled_anew(run):
    program.program_of.cache_clear()
    assert_same_bits(train(run.experiment), run)


def test_each_start_is_the_same_however_many_there_are(run):
    alone = train(run.experiment.replace(repeats=1))
    np.testing.assert_array_equal(alone.loss, run.loss[:, :1])
    for one, all_ in zip(alone.weights, run.weights, strict=True):
        np.testing.assert_array_equal(one, all_[:, :1])


def test_starts_and_seeds_differ(run):
    other = train(run.experiment.replace(seed=1))
    for a, b in ((run.loss[:, 0], run.loss[:, 1]), (run.loss, other.loss)):
        assert (a != b).all()
    kernels = [start.weights[0][0, repeat] for start in (run, other) for repeat in range(3)]
    assert len({kernel.tobytes() for kernel in kernels}) == 6


def test_fewer_epochs_are_the_beginning_of_more(run):
    short = train(run.experiment.replace(epochs=2))
    np.testing.assert_array_equal(short.loss, run.loss[:2])
    np.testing.assert_array_equal(short.val_loss, run.val_loss[:2])
    for few, more in zip(short.weights, run.weights, strict=True):
        np.testing.assert_array_equal(few, more[:3])


@pytest.mark.parametrize("epochs", [4, 23])
def test_training_in_chunks_gives_the_same_bits(run, epochs):
    experiment = run.experiment.replace(epochs=epochs)
    so_far, calls = None, 0
    while so_far is None or so_far.epochs < epochs:
        start = so_far and so_far.last()
        chunk = training.advance(experiment, start, so_far.epochs if so_far else 0, seconds=0)
        assert chunk.epochs == 1
        so_far, calls = (so_far.then(chunk) if so_far else chunk), calls + 1
    assert calls == epochs
    whole = training.advance(experiment, None, 0, seconds=60)
    assert whole.epochs == epochs
    assert_same_bits(training.finish(experiment, so_far), train(experiment))
    assert_same_bits(training.finish(experiment, so_far), training.finish(experiment, whole))


def test_a_busy_machine_is_not_asked_for_one_epoch_at_a_time(monkeypatch):
    """A call takes 0.02 s and 0.01 for each epoch; then four times that, as others compute."""
    experiment = Experiment(series_length=120, time_steps=4, units=3, epochs=100)
    monkeypatch.setattr(training.program_of(experiment.architecture), "seconds_per_window", inf)
    now, slower, calls = [0.0], [1.0], []

    def train_epochs(experiment, data, start, epochs):
        now[0] += slower[0] * (0.02 + 0.01 * len(epochs))
        calls.append(len(epochs))
        none = np.zeros((len(epochs), experiment.repeats))
        weights = [np.zeros((len(epochs) + 1, *each.shape[1:])) for each in start.weights]
        return Chunk(none, none, tuple(weights), start.moments)

    monkeypatch.setattr(training, "_train_epochs", train_epochs)
    monkeypatch.setattr(training.time, "monotonic", lambda: now[0])
    start = training.advance(experiment.replace(epochs=1), None, 0, seconds=0.0)
    calls.clear()
    training.advance(experiment, start, 1, seconds=0.25)
    # At 0.03 s an epoch, as the first took, then at 0.0125 and 0.012.
    assert calls == [8, 10, 2]
    slower[0], calls[:] = 4.0, []
    training.advance(experiment, start, 1, seconds=0.25)
    assert calls == [10]


def test_a_run_can_be_cut_from_a_longer_training(run):
    longer = training.advance(run.experiment.replace(epochs=7), None, 0, seconds=60)
    assert_same_bits(training.finish(run.experiment, longer), run)


def test_the_global_random_states_are_left_alone_and_do_not_matter(run):
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002 (it is the global state that is watched)
    before = random.getstate(), np.random.get_state()  # noqa: NPY002
    assert_same_bits(train(run.experiment), run)
    assert random.getstate() == before[0]
    for now, then in zip(np.random.get_state(), before[1], strict=True):  # noqa: NPY002
        np.testing.assert_array_equal(now, then)


def test_progress_is_told_from_compiling_to_the_last_epoch(run):
    told = []
    again = train(run.experiment, told.append)
    assert [progress.stage for progress in told[:1]] == ["compiling"]
    assert {progress.stage for progress in told[1:]} == {"training"}
    epochs = [progress.epoch for progress in told]
    assert epochs[0] == 0 and epochs[-1] == 4 and epochs == sorted(set(epochs))
    assert told[-1].seconds_left == 0
    for progress in told:
        assert progress.epochs == 4
        np.testing.assert_array_equal(progress.loss, again.loss[: progress.epoch])
        np.testing.assert_array_equal(progress.val_loss, again.val_loss[: progress.epoch])


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("run", ["article"], indirect=True)
def test_a_fresh_process_that_trained_something_else_gives_the_same_bits(run, tmp_path):
    program = """
import sys
from fibattn import Experiment, Run, at_every_epoch, model_of, train
train(Experiment(series_length=50, time_steps=4, units=3, epochs=1, seed=9))
train(Run.load(sys.argv[1]).experiment).save(sys.argv[2])
"""
    run.save(tmp_path / "here.npz")
    subprocess.run(
        [sys.executable, "-c", program, tmp_path / "here.npz", tmp_path / "there.npz"],
        # Without the cache on disk, so that the program is compiled there once more.
        env=os.environ | {"PYTHONPATH": str(ROOT), "FIBATTN_COMPILE_CACHE": ""},
        check=True,
        timeout=120,
    )
    assert_same_bits(Run.load(tmp_path / "there.npz"), run)


def test_an_epoch_in_parts_is_the_epoch_of_all_starts():
    experiment = Experiment(series_length=60, time_steps=4, units=3, repeats=3, epochs=2)
    whole = training.advance(experiment, None, 0, seconds=0.0)
    parts: list[Chunk] = []
    while sum(part.loss.shape[1] for part in parts) < experiment.repeats:
        first = sum(part.loss.shape[1] for part in parts)
        parts.append(training.advance_starts(experiment, None, 0, first, seconds=0.0))
    assert len(parts) == 3
    joined = Chunk.of_all_starts(parts)
    np.testing.assert_array_equal(joined.loss, whole.loss)
    for one, other in zip(joined.weights, whole.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    after = training.advance_starts(experiment, joined, 1, 0, seconds=60.0)
    np.testing.assert_array_equal(after.loss, training.advance(experiment, whole, 1).loss)


def test_initial_weights_do_not_depend_on_what_other_threads_draw():
    """As those of a cluster's worker do, and of a notebook."""
    model = program.program_of(SHORT.replace(attention="article").architecture).model
    quiet = [models.initial_weights(model, 1, repeat) for repeat in range(5)]
    ends, state = threading.Event(), random.getstate()

    def draw() -> None:
        while not ends.wait(0.0001):
            random.random()

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        for repeat, weights in enumerate(quiet):
            again = models.initial_weights(model, 1, repeat)
            assert all(np.array_equal(*pair) for pair in zip(weights, again, strict=True))
    finally:
        ends.set()
        thread.join()
        random.setstate(state)
