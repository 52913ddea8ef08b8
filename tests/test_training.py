"""The fused program is Keras's own training: the oracle is `model.fit`."""

import os
import random
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from fibattn import Experiment, Run, train, training

# isort: split
import keras

ROOT = Path(__file__).parents[1]
# 62 windows: 43 to train on, so that 16 leave a last batch of 11, and 19 to test on.
SHORT = Experiment(series_length=70, time_steps=8, scaling="log", epochs=2)
CELLS = ["SimpleRNN", "LSTM", "GRU"]
ATTENTION = [None, "article"]
# float32 has 1.2e-7; a hundred steps of Adam, which divides by the size of the gradient, add up.
LOSS = {"rtol": 2e-5}
WEIGHTS = {"rtol": 1e-4, "atol": 1e-5}


@cache
def compiled(experiment: Experiment) -> tuple[keras.Model, list[np.ndarray]]:
    """One Keras model for all starts of an experiment, so that `fit` is compiled once."""
    model = Run.model(untrained(experiment), 0, 0)
    model.optimizer.build(model.trainable_variables)
    return model, [variable.numpy() for variable in model.optimizer.variables]


@cache
def untrained(experiment: Experiment) -> Run:
    """A run of no epoch at all: for its initial model."""
    start = training._beginning(experiment)
    nothing = np.empty((0, experiment.repeats))
    return Run(experiment, nothing, nothing, start.weights, *[nothing] * 4, ())


def fit(run: Run, repeat: int) -> tuple[list[float], list[float], keras.Model]:
    """Train one start of a run anew with `model.fit`, from its weights and in its order."""
    experiment, data = run.experiment, run.dataset()
    model, optimizer = compiled(experiment.replace(repeats=1, epochs=1, seed=0))
    model.set_weights(run.model(repeat, 0).get_weights())
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


def assert_trained_as_keras_does(run: Run, repeat: int) -> None:
    losses, val_losses, model = fit(run, repeat)
    np.testing.assert_allclose(run.loss[:, repeat], losses, **LOSS)
    np.testing.assert_allclose(run.val_loss[:, repeat], val_losses, **LOSS)
    for mine, keras_own in zip(run.weights, model.get_weights(), strict=True):
        np.testing.assert_allclose(mine[-1, repeat], keras_own, **WEIGHTS)
    moved = max(np.abs(array[-1, repeat] - array[0, repeat]).max() for array in run.weights)
    assert moved > 1e-3, "training that does not move proves nothing"


def assert_same_bits(one: Run, other: Run) -> None:
    for name in ("loss", "val_loss", "train_predictions", "test_predictions", "test_attention"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    for mine, its in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(mine, its)


@pytest.mark.slow
@pytest.mark.parametrize("repeats", [1, 5])
@pytest.mark.parametrize("batch_size", [1, 16])
@pytest.mark.parametrize("attention", ATTENTION)
@pytest.mark.parametrize("cell", CELLS)
def test_each_epoch_is_fits(cell, attention, batch_size, repeats):
    run = train(
        SHORT.replace(cell=cell, attention=attention, batch_size=batch_size, repeats=repeats)
    )
    for repeat in range(repeats):
        assert_trained_as_keras_does(run, repeat)


@pytest.mark.slow
@pytest.mark.parametrize(("attention", "batch_size"), [(None, 1), ("article", 16)])
def test_each_epoch_is_fits_when_all_starts_train_at_once(attention, batch_size):
    experiment = SHORT.replace(attention=attention, batch_size=batch_size, repeats=16)
    assert experiment.architecture.together == 16
    run = train(experiment)
    for repeat in (0, 7, 15):
        assert_trained_as_keras_does(run, repeat)


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
        model = run.model(repeat)
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
        model = run.model(repeat)
        layer, recurrent = model.get_layer("attention"), model.get_layer("recurrent")
        for mine, x in ((run.train_attention, data.train_x), (run.test_attention, data.test_x)):
            _, weights = layer(recurrent(x.astype(np.float32)), return_attention_scores=True)
            np.testing.assert_allclose(mine[repeat], weights, rtol=1e-5, atol=1e-7)


def test_a_window_at_every_epoch_is_that_epochs_model(run):
    x = run.dataset().test_x[5]
    predictions, attention = run.at_every_epoch(x)
    steps = run.experiment.time_steps if run.experiment.attention else 0
    assert predictions.shape == (5, 3) and attention.shape == (5, 3, steps)
    np.testing.assert_allclose(predictions[-1], run.test_predictions[:, 5], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(attention[-1], run.test_attention[:, 5], rtol=1e-5, atol=1e-7)
    for epoch in (0, 2):
        expected = run.model(1, epoch).predict(x[None], verbose=0)[0, 0]
        assert predictions[epoch, 1] == pytest.approx(expected, rel=1e-5, abs=1e-6)
    np.testing.assert_array_equal(run.at_every_epoch(x[:, 0])[0], predictions)


def test_val_loss_is_the_mse_of_the_test_predictions(run):
    errors = run.test_predictions - run.dataset().test_y
    np.testing.assert_allclose(run.val_loss[-1], np.mean(errors**2, axis=1), rtol=1e-4)


def test_the_first_model_is_the_untrained_one(run):
    for array, start in zip(run.weights, training._beginning(run.experiment).weights, strict=True):
        np.testing.assert_array_equal(array[0], start[0])


def test_the_same_seed_gives_the_same_bits(run):
    assert_same_bits(train(run.experiment), run)


def test_the_same_seed_gives_the_same_bits_when_compiled_anew(run):
    training.program.cache_clear()
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


@pytest.mark.slow
@pytest.mark.parametrize("run", ["article"], indirect=True)
def test_a_fresh_process_that_trained_something_else_gives_the_same_bits(run, tmp_path):
    program = """
import sys
from fibattn import Experiment, Run, train
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
