"""Changed steps and swapped weights give what the Keras model, and NumPy, say they give."""

import math
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from fibattn import Experiment, Run, model_of, train
from fibattn.judge import errors as errors_module
from fibattn.network import answers, models, probing
from fibattn.network.catalogue import attention_layers

SMALL = Experiment(
    attention="article", series_length=60, time_steps=6, epochs=2, repeats=2, scaling="log"
)
# float32 sums taken in another order.
CLOSE = {"rtol": 2e-5, "atol": 1e-7}


@pytest.fixture(scope="module")
def run() -> Run:
    return train(SMALL)


@cache
def untrained(experiment: Experiment):
    """The weights of an experiment before its first epoch, for what needs no training."""
    model = models.build(experiment.architecture)
    starts = [models.initial_weights(model, 3, repeat) for repeat in range(experiment.repeats)]
    return tuple(np.stack(variable)[None] for variable in zip(*starts, strict=True))


def keras_model(experiment, repeat):
    model = models.build(experiment.architecture)
    model.set_weights([array[-1, repeat] for array in untrained(experiment)])
    return model


def keras_test_mse(experiment):
    data, starts = experiment.dataset(), range(experiment.repeats)
    found = [np.asarray(keras_model(experiment, repeat)(data.test_x)) for repeat in starts]
    truth = data.test_y.reshape(len(data.test_y), -1)
    return [np.mean((guess.astype(np.float64) - truth) ** 2) for guess in found]


# --- hidden steps


def test_a_hidden_step_is_the_prediction_for_a_window_with_the_training_mean_there(run):
    data = run.dataset()
    window = data.test_x[4]
    found = probing.occlude(run.experiment, run.weights, window)
    assert found.base.shape == (2,)
    assert found.occluded.shape == (2, 6)
    for repeat in range(2):
        model = model_of(run, repeat)
        np.testing.assert_allclose(
            found.base[repeat], model.predict(window[None], verbose=0)[0, 0], **CLOSE
        )
        for step in (0, 3, 5):
            changed = window.copy()
            changed[step, 0] = sum(each[step, 0] for each in data.train_x) / len(data.train_x)
            (wanted,) = model.predict(changed[None], verbose=0)[0]
            np.testing.assert_allclose(found.occluded[repeat, step], wanted, **CLOSE)
    moved = np.abs(found.occluded - found.base[:, None])
    assert moved.max() > 1e-3, "hiding that changes nothing proves nothing"


def test_only_the_last_epoch_counts_and_one_feature_needs_no_axis(run):
    window = run.dataset().test_x[0]
    last = tuple(array[-1:] for array in run.weights)
    whole = probing.occlude(run.experiment, run.weights, window)
    np.testing.assert_array_equal(
        whole.occluded, probing.occlude(run.experiment, last, window[:, 0]).occluded
    )


def test_every_feature_of_a_hidden_step_is_replaced():
    experiment = Experiment(task="adding-problem", series_length=60, time_steps=6)
    data, weights = experiment.dataset(), untrained(experiment)
    found = probing.occlude(experiment, weights, data.test_x[0])
    changed = data.test_x[:1].copy()
    changed[0, 2] = data.train_x[:, 2].mean(axis=0)
    wanted = np.asarray(keras_model(experiment, 0)(changed))
    np.testing.assert_allclose(found.occluded[0, 2], wanted[0, 0], **CLOSE)


@pytest.mark.parametrize("decoder", ["direct", "recurrent"])
def test_of_several_steps_ahead_each_has_its_prediction(decoder):
    experiment = SMALL.replace(attention="dot", horizon=3, decoder=decoder)
    found = probing.occlude(experiment, untrained(experiment), experiment.dataset().test_x[0])
    assert found.base.shape == (2, 3)
    assert found.occluded.shape == (2, 6, 3)
    moved = found.occluded - found.base[:, None, :]
    assert np.abs(moved).max(axis=(0, 1)).min() > 0, "each step ahead changes"


# --- swapped weights


def test_the_trained_weights_give_the_test_error_of_the_run(run):
    found = probing.swap_weights(run.experiment, run.weights)
    np.testing.assert_allclose(found.trained, errors_module.test_mse(run).values, **CLOSE)


def states_and_weights(run, repeat):
    """The SimpleRNN and the article's attention written out, in float64."""
    kernel, recurrent, bias, att, att_bias, dense, dense_bias = (
        array[-1, repeat].astype(np.float64) for array in run.weights
    )
    x = run.dataset().test_x
    state, states = np.zeros((len(x), 2)), []
    for step in range(x.shape[1]):
        state = np.tanh(x[:, step] @ kernel + state @ recurrent + bias)
        states.append(state)
    states = np.stack(states, axis=1)
    scores = np.exp(np.tanh(states @ att + att_bias))[..., 0]
    return states, scores / scores.sum(axis=1, keepdims=True), dense, dense_bias


def mse(run, states, weights, dense, bias):
    context = sum(weights[:, [step]] * states[:, step] for step in range(states.shape[1]))
    return np.mean((np.tanh(context @ dense + bias)[:, 0] - run.dataset().test_y) ** 2)


def test_swapped_weights_give_what_numpy_computes(run):
    found = probing.swap_weights(run.experiment, run.weights)
    for repeat in range(2):
        states, alpha, *layer = states_and_weights(run, repeat)
        np.testing.assert_allclose(found.trained[repeat], mse(run, states, alpha, *layer), **CLOSE)
        same = np.full_like(alpha, 1 / 6)
        np.testing.assert_allclose(found.uniform[repeat], mse(run, states, same, *layer), **CLOSE)
        # Other shuffles, but the mean of some lies within what many give.
        random = np.random.default_rng(9)
        several = [
            mse(run, states, random.permuted(alpha, axis=1), *layer)
            for _ in range(probing.PERMUTATIONS * 10)
        ]
        assert min(several) <= found.permuted[repeat] <= max(several)
        assert found.permuted[repeat] != found.trained[repeat]


def test_the_seed_decides_how_the_weights_are_permuted(run):
    first, again, other = (
        probing.swap_weights(run.experiment, run.weights, seed) for seed in (0, 0, 1)
    )
    assert first == again
    assert first.permuted != other.permuted
    assert (first.trained, first.uniform) == (other.trained, other.uniform)


def test_permuting_equal_weights_changes_nothing():
    experiment = SMALL.replace(attention="uniform")
    found = probing.swap_weights(experiment, untrained(experiment))
    np.testing.assert_allclose(found.permuted, found.trained, rtol=1e-12)
    np.testing.assert_allclose(found.uniform, found.trained, rtol=1e-6)


@pytest.mark.parametrize("name", attention_layers())
def test_a_layer_can_be_swapped_where_its_context_is_the_weighted_sum(name):
    """Also a layer that is added later: where the sum is not the context, this fails."""
    experiment = SMALL.replace(attention=name)
    if answers.swappable(experiment):
        assert not attention_layers()[name].sums_states
        return
    found = probing.swap_weights(experiment, untrained(experiment))
    np.testing.assert_allclose(found.trained, keras_test_mse(experiment), **CLOSE)


@pytest.mark.parametrize(
    "choices",
    [{"cell": "LSTM"}, {"cell": "GRU"}, {"bidirectional": True}, {"horizon": 3}],
)
def test_other_networks_can_be_swapped_too(choices):
    experiment = SMALL.replace(**choices)
    found = probing.swap_weights(experiment, untrained(experiment))
    np.testing.assert_allclose(found.trained, keras_test_mse(experiment), **CLOSE)


@pytest.mark.parametrize(
    "choices",
    [
        {"attention": None},
        {"attention": "self"},
        {"placement": "before"},
        {"head": "conv"},
        {"attention": "dot", "horizon": 2, "decoder": "recurrent"},
    ],
)
def test_what_cannot_be_swapped_is_said_in_a_sentence(choices):
    experiment = SMALL.replace(**choices)
    words = answers.swappable(experiment)
    assert words.endswith(".")
    with pytest.raises(ValueError, match=words):
        probing.swap_weights(experiment, ())


@pytest.mark.filterwarnings("error")
def test_a_start_that_diverged_is_infinitely_bad(run):
    broken = tuple(np.full_like(array, np.nan) for array in run.weights)
    found = probing.swap_weights(run.experiment, broken)
    for values in (found.trained, found.permuted, found.uniform):
        assert values == (math.inf, math.inf)
    occluded = probing.occlude(run.experiment, broken, run.dataset().test_x[0]).occluded
    assert np.isnan(occluded).all()


def test_whether_weights_can_be_swapped_is_known_without_tensorflow():
    program = (
        "import sys\n"
        "from fibattn import Experiment\nfrom fibattn.network import answers\n"
        "assert not answers.swappable(Experiment(attention='dot'))\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=True)
