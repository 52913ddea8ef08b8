"""The article's names give the article's values."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fibattn import Experiment, article
from fibattn.article import (
    attention,
    create_RNN,
    create_RNN_with_attention,
    get_fib_seq,
    get_fib_XY,
)
from fibattn.judge.starts import over_starts
from fibattn.network import models

ROOT = Path(__file__).parents[1]


def shapes(model) -> list[tuple[int | None, ...]]:
    return [row.output_shape for row in models.layer_rows(model)]


def parameters(model) -> list[int]:
    return [row.parameters for row in models.layer_rows(model)]


def test_the_first_ten_numbers():
    sequence, scaler = get_fib_seq(10, False)
    assert sequence.tolist() == [1, 2, 3, 5, 8, 13, 21, 34, 55, 89]
    assert sequence.dtype == np.float64
    assert scaler == []


def test_scaled_the_sequence_goes_from_0_to_1_and_back():
    sequence, scaler = get_fib_seq(10)
    assert sequence.shape == (10,)
    assert sequence[0] == 0 and sequence[-1] == 1
    np.testing.assert_allclose(sequence, (get_fib_seq(10, False)[0] - 1) / 88, rtol=1e-14)
    back = scaler.inverse_transform(sequence[:, None])[:, 0]
    np.testing.assert_allclose(back, get_fib_seq(10, False)[0], rtol=1e-14)


def test_a_sequence_shorter_than_an_experiment_allows():
    assert get_fib_seq(3, False)[0].tolist() == [1, 2, 3]


def test_the_windows_of_twelve_numbers():
    train_x, train_y, test_x, test_y, scaler = get_fib_XY(12, 3, 0.7, False)
    assert train_x[:, :, 0].tolist() == [
        [8, 13, 21],
        [5, 8, 13],
        [2, 3, 5],
        [13, 21, 34],
        [21, 34, 55],
        [34, 55, 89],
    ]
    assert train_y.tolist() == [34, 21, 8, 55, 89, 144]
    assert test_x[:, :, 0].tolist() == [[55, 89, 144], [1, 2, 3], [3, 5, 8]]
    assert test_y.tolist() == [233, 5, 13]
    assert train_x.shape == (6, 3, 1) and test_x.shape == (3, 3, 1)
    assert scaler == []


def test_the_samples_at_the_articles_settings():
    train_x, train_y, test_x, test_y, _ = get_fib_XY(1200, 20, 0.7)
    assert train_x.shape == (826, 20, 1) and train_y.shape == (826,)
    assert test_x.shape == (354, 20, 1) and test_y.shape == (354,)


def test_the_app_trains_on_the_articles_windows():
    data = Experiment().dataset()
    train_x, train_y, test_x, test_y, scaler = get_fib_XY(1200, 20, 0.7)
    for its, mine in (
        (train_x, data.train_x),
        (train_y, data.train_y),
        (test_x, data.test_x),
        (test_y, data.test_y),
    ):
        np.testing.assert_array_equal(its, mine)
    back = scaler.inverse_transform(test_y[:, None])[:, 0]
    np.testing.assert_allclose(data.unscale(data.test_y), back, rtol=1e-14)


def test_the_plain_network_has_the_articles_shape():
    model = create_RNN(2, 1, (20, 1), ["tanh", "tanh"])
    assert shapes(model) == [(None, 20, 1), (None, 2), (None, 1)]
    assert parameters(model) == [0, 8, 3]
    assert model.count_params() == 11


def test_the_network_with_attention_has_the_articles_shape():
    model = create_RNN_with_attention(2, 1, (20, 1), "tanh")
    assert shapes(model) == [(None, 20, 1), (None, 20, 2), (None, 2), (None, 1)]
    assert parameters(model) == [0, 8, 22, 3]
    assert model.count_params() == 33
    assert isinstance(model.layers[2], attention)
    kernel, bias = model.layers[2].weights
    assert kernel.shape == (2, 1) and bias.shape == (20, 1)


def test_other_sizes_and_features():
    model = create_RNN_with_attention(7, 4, (9, 3), "tanh")
    assert shapes(model) == [(None, 9, 3), (None, 9, 7), (None, 7), (None, 4)]


def test_the_plain_networks_activations_are_a_pair():
    model = create_RNN(2, 1, (20, 1), ["relu", "linear"])
    assert [layer.activation.__name__ for layer in model.layers[1:]] == ["relu", "linear"]


def test_the_other_networks_activation_is_one_for_both():
    model = create_RNN_with_attention(2, 1, (20, 1), "relu")
    recurrent, dense = model.layers[1], model.layers[3]
    assert [recurrent.activation.__name__, dense.activation.__name__] == ["relu", "relu"]


@pytest.mark.parametrize(
    "model",
    [
        lambda: create_RNN(2, 1, (3, 1), ["tanh", "tanh"]),
        lambda: create_RNN_with_attention(2, 1, (3, 1), "tanh"),
    ],
)
def test_both_are_compiled_with_mse_and_adam_and_train_in_fit(model):
    model = model()
    assert model.loss == "mean_squared_error"
    assert type(model.optimizer).__name__ == "Adam"
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-3)
    x, y, *_ = get_fib_XY(12, 3, 0.7)
    before = model.get_weights()
    history = model.fit(x, y, epochs=1, batch_size=1, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert any((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))


def test_bad_options_are_a_sentence(capsys):
    with pytest.raises(SystemExit):
        article.main(["--epochs", "0"])
    assert "epochs is 0, but it must lie between 1 and 100." in capsys.readouterr().err


@pytest.mark.slow
def test_the_article_runs_in_the_terminal():
    done = subprocess.run(
        [sys.executable, "-m", "fibattn.article", "--epochs", "1", "--repeats", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    lines = done.stdout.splitlines()
    results = lines[next(i for i, line in enumerate(lines) if "squared errors" in line) :]
    rows = {line[:26].strip(): line[26:].split() for line in results if line[26:27].isdigit()}
    assert {"RNN", "RNN + attention", "always 0"} <= set(rows)
    assert len(rows) == 5, "two networks and three baselines"
    for train_mse, test_mse in rows.values():
        assert 0 < float(train_mse) < 1 and 0 < float(test_mse) < 1
    assert float(rows["always 0"][0]) == pytest.approx(1.42e-3, rel=5e-3)
    assert float(rows["always 0"][1]) == pytest.approx(1.26e-3, rel=5e-3)
    for count in ("826 to train on", "354 to test on", "Total params: 11", "Total params: 33"):
        assert count in done.stdout
    assert done.stderr == "", "TensorFlow's log noise"


@pytest.mark.parametrize(
    ("errors", "words"),
    [
        ([0.5, 0.25, 1.0], "5.00e-01 (2.50e-01 – 1.00e+00)"),
        ([0.5], "5.00e-01"),
        ([0.5, float("nan"), 0.25], "3.75e-01 (2.50e-01 – 5.00e-01, 1 of 3 starts diverged)"),
        ([float("inf"), 2.0], "2.00e+00 (1 of 2 starts diverged)"),
        ([float("nan")] * 2, "every start diverged"),
    ],
)
def test_the_spread_in_the_terminal_leaves_diverged_starts_out_and_counts_them(errors, words):
    assert article._spread(over_starts(errors)) == words


# --- the weights


def test_the_weights_of_ones_own_windows_can_be_seen():
    model = article.create_RNN_with_attention(2, 1, (5, 1), "tanh")
    x = np.random.default_rng(0).uniform(size=(7, 5, 1)).astype("float32")
    weights = article.attention_weights(model, x)
    recurrent, layer = model.layers[1], model.layers[2]
    states = np.asarray(recurrent(x))
    scores = np.tanh(states @ np.asarray(layer.kernel) + np.asarray(layer.bias))[:, :, 0]
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(weights, expected, rtol=1e-5)
    before = model.predict(x, verbose=0)
    model.fit(x, x[:, 0], epochs=1, verbose=0)
    assert not np.allclose(article.attention_weights(model, x), expected, rtol=1e-6)
    assert not np.allclose(model.predict(x, verbose=0), before)


def test_a_model_without_weights_or_other_windows_are_refused_with_a_sentence():
    with pytest.raises(ValueError, match="has no attention layer: make it with create_RNN_with"):
        article.attention_weights(
            article.create_RNN(2, 1, (5, 1), ["tanh", "tanh"]), np.ones((1, 5, 1))
        )
    model = article.create_RNN_with_attention(2, 1, (5, 1), "tanh")
    for shape in ((5, 1), (2, 6, 1), (2, 5, 3)):
        with pytest.raises(ValueError, match=r"x has the shape .* takes \(windows, 5, 1\)"):
            article.attention_weights(model, np.ones(shape))


# --- what cannot be meant


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((100, 20, 70), "train_percent is 70, but it is the share of the windows .* 0.7 for 70 %"),
        ((100, 20, 0), "train_percent is 0"),
        ((100, 20, 1.0), "train_percent is 1.0"),
        ((100, 20, -0.5), "train_percent is -0.5"),
        ((100, 20, float("nan")), "train_percent is nan"),
        ((100, 0, 0.7), "time_steps is 0, but it must be a whole number from 1 on"),
        ((100, 2.5, 0.7), "time_steps is 2.5"),
        ((10, 20, 0.7), "10 Fibonacci numbers leave 0 windows of 20 time steps, too few"),
        ((10, 9, 0.7), "leave 1 windows"),
        ((10, 8, 0.4), "leave 2 windows"),
        ((0, 3, 0.7), "n is 0"),
        ((10.5, 3, 0.7), "n is 10.5"),
        ((1476, 3, 0.7), "float64 holds 1 to 1475"),
    ],
)
def test_windows_that_cannot_be_are_refused_with_a_sentence(arguments, words):
    with pytest.raises(ValueError, match=words):
        article.get_fib_XY(*arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, 1, (5, 1), ["tanh", "tanh"]), "hidden_units is 0"),
        ((2, 1.5, (5, 1), ["tanh", "tanh"]), "dense_units is 1.5"),
        ((2, 1, (5,), ["tanh", "tanh"]), r"input_shape is \(5,\), but it must be a pair"),
        ((2, 1, 5, ["tanh", "tanh"]), "input_shape is 5"),
        ((2, 1, (0, 1), ["tanh", "tanh"]), "time_steps in input_shape is 0"),
        ((2, 1, (5, None), ["tanh", "tanh"]), "features in input_shape is None"),
        ((2, 1, (5, 1), "tanh"), "activation is 'tanh', but it must be a pair"),
        ((2, 1, (5, 1), ["tanh"]), r"activation is \['tanh'\]"),
    ],
)
def test_networks_that_cannot_be_are_refused_with_a_sentence(arguments, words):
    with pytest.raises(ValueError, match=words):
        article.create_RNN(*arguments)
    if "activation" in words:
        return
    with pytest.raises(ValueError, match=words):
        article.create_RNN_with_attention(*arguments[:3], "tanh")


def test_the_network_with_attention_takes_one_activation():
    with pytest.raises(ValueError, match="must be the name of one activation, for both layers"):
        article.create_RNN_with_attention(2, 1, (5, 1), ["tanh", "tanh"])
