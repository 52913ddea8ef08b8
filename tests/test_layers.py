"""The attention layers: the formula against NumPy, the ceiling, masks, saving, gradients."""

import inspect
import math
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fibattn import runtime  # noqa: F401  (before TensorFlow starts)
from fibattn.catalogue import attention_layers

# isort: split
import keras
import tensorflow as tf

from fibattn.layers import ATTENTION_LAYERS, ArticleAttention

ROOT = Path(__file__).parents[1]


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def oracle(states, kernel, bias, mask=None):
    """The article's formula in NumPy: context and weights."""
    scores = np.tanh(np.einsum("btf,fo->bt", states, kernel) + bias[:, 0])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    weights = softmax(scores)
    return np.einsum("bt,btf->bf", weights, states), weights


def random_layer(time_steps, features, dtype="float64", seed=0):
    """A layer with weights of its own, not those it starts from."""
    layer = ArticleAttention(dtype=dtype)
    layer.build((None, time_steps, features))
    generator = np.random.default_rng(seed)
    layer.set_weights([generator.normal(size=weight.shape) for weight in layer.weights])
    return layer


def random_states(batch, time_steps, features, seed=1):
    return np.random.default_rng(seed).normal(size=(batch, time_steps, features))


SIZES = [(1, 2, 1), (4, 20, 2), (3, 7, 5), (2, 60, 32)]


@pytest.mark.parametrize(("batch", "time_steps", "features"), SIZES)
def test_context_and_weights_are_the_articles_formula(batch, time_steps, features):
    layer = random_layer(time_steps, features)
    states = random_states(batch, time_steps, features)
    context, weights = layer(states, return_attention_scores=True)
    expected_context, expected_weights = oracle(states, *layer.get_weights())
    assert context.shape == (batch, features) and weights.shape == (batch, time_steps)
    np.testing.assert_allclose(weights, expected_weights, rtol=1e-12)
    np.testing.assert_allclose(context, expected_context, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(np.sum(weights, axis=1), 1, rtol=1e-12)
    np.testing.assert_array_equal(layer(states), context)


def test_untrained_it_has_the_articles_weights():
    keras.utils.set_random_seed(0)
    layer = ArticleAttention()
    layer.build((None, 20, 500))
    kernel, bias = layer.get_weights()
    assert kernel.shape == (500, 1) and bias.shape == (20, 1)
    assert not bias.any()
    assert abs(kernel.mean()) < 0.01 and kernel.std() == pytest.approx(0.05, rel=0.15)


def test_a_window_of_unknown_length_is_refused_with_a_sentence():
    with pytest.raises(ValueError, match="one bias for each time step"):
        ArticleAttention()(keras.Input((None, 2)))


def test_masked_steps_get_nothing_and_the_others_share_it():
    layer = random_layer(7, 3)
    states = random_states(4, 7, 3)
    mask = np.array([[1] * 7, [0, 0, 0, 1, 1, 1, 1], [0] * 6 + [1], [1, 0] * 3 + [1]], bool)
    context, weights = layer(states, mask=mask, return_attention_scores=True)
    expected_context, expected_weights = oracle(states, *layer.get_weights(), mask)
    np.testing.assert_allclose(weights, expected_weights, rtol=1e-12, atol=0)
    np.testing.assert_allclose(context, expected_context, rtol=1e-10, atol=1e-12)
    assert not np.asarray(weights)[~mask].any()


def test_what_a_masked_step_holds_does_not_matter():
    layer = random_layer(7, 3)
    states = random_states(2, 7, 3)
    mask = np.array([[0, 1, 1, 1, 0, 1, 1]] * 2, bool)
    other = np.where(mask[:, :, None], states, 1e6)
    np.testing.assert_array_equal(layer(states, mask=mask), layer(other, mask=mask))


@pytest.mark.parametrize("recurrent", [False, True])
def test_a_masking_layer_before_it_masks(recurrent):
    window = keras.Input((6, 2))
    states = keras.layers.Masking(mask_value=-9.0)(window)
    if recurrent:
        states = keras.layers.SimpleRNN(2, return_sequences=True)(states)
    layer = ArticleAttention()
    context, weights = layer(states, return_attention_scores=True)
    model = keras.Model(window, [states, context, weights])
    x = random_states(3, 6, 2).astype(np.float32)
    mask = np.ones((3, 6), bool)
    mask[1, :2] = mask[2, 3] = False
    x[~mask] = -9
    seen, context, weights = model.predict(x, verbose=0)
    expected_context, expected_weights = oracle(seen, *layer.get_weights(), mask)
    assert not weights[~mask].any() and (weights[mask] > 0).all()
    np.testing.assert_allclose(weights, expected_weights, rtol=1e-5)
    np.testing.assert_allclose(context, expected_context, rtol=1e-4, atol=1e-5)


def test_the_mask_ends_here():
    assert ArticleAttention().supports_masking
    assert ArticleAttention().compute_mask(random_states(1, 3, 2), np.ones((1, 3), bool)) is None


def test_gradients_are_the_central_differences():
    layer, states = random_layer(5, 3), random_states(2, 5, 3)
    towards = random_states(2, 1, 3, seed=2)[:, 0]
    values = [*layer.get_weights(), states]

    def loss(kernel, bias, states):
        layer.set_weights([kernel, bias])
        return float(np.sum(np.asarray(layer(states)) * towards))

    with tf.GradientTape() as tape:
        x = tf.constant(states)
        tape.watch(x)
        total = tf.reduce_sum(layer(x) * towards)
    gradients = tape.gradient(total, [*(weight.value for weight in layer.weights), x])
    width = 1e-6
    for place, gradient in enumerate(gradients):
        for index in np.ndindex(values[place].shape):
            sides = []
            for side in (1, -1):
                moved = [value.copy() for value in values]
                moved[place][index] += side * width
                sides.append(loss(*moved))
            difference = (sides[0] - sides[1]) / (2 * width)
            assert float(gradient[index]) == pytest.approx(difference, rel=1e-6, abs=1e-8)


def test_its_weights_can_be_an_output_and_be_trained_in_fit():
    window = keras.Input((6, 1))
    states = keras.layers.SimpleRNN(3, return_sequences=True)(window)
    context, weights = ArticleAttention()(states, return_attention_scores=True)
    assert context.shape == (None, 3) and weights.shape == (None, 6)
    model = keras.Model(window, [keras.layers.Dense(1)(context), weights])
    model.compile(loss=["mse", "mse"], optimizer=keras.optimizers.Adam(0.03))
    x = random_states(32, 6, 1)
    last = np.zeros((32, 6))
    last[:, -1] = 1
    losses = model.fit(x, [x[:, -1], last], epochs=8, batch_size=8, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    prediction, weights = model.predict(x, verbose=0)
    assert prediction.shape == (32, 1) and weights.shape == (32, 6)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)
    assert (weights[:, -1] > 1 / 6).all(), "fit taught it to look at the last step"


@cache
def layer_of(time_steps):
    layer = ArticleAttention()
    layer.build((None, time_steps, 2))
    return layer


@st.composite
def extremes(draw):
    """A window length, states, and a layer's weights, all up to absurd sizes."""
    time_steps = draw(st.sampled_from([2, 3, 20, 60]))

    def some(*shape):
        return draw(arrays(np.float32, shape, elements=st.floats(-(2.0**50), 2.0**50, width=32)))

    return time_steps, some(1, time_steps, 2), some(2, 1), some(time_steps, 1)


@settings(max_examples=60, deadline=None)
@given(extremes())
def test_no_step_gets_more_than_the_ceiling(extreme):
    time_steps, states, kernel, bias = extreme
    layer = layer_of(time_steps)
    layer.set_weights([kernel, bias])
    _, weights = layer(states, return_attention_scores=True)
    ordered = np.sort(np.asarray(weights)[0])[::-1]
    assert ordered.sum() == pytest.approx(1, rel=1e-5)
    for steps, together in enumerate(np.cumsum(ordered), start=1):
        ceiling = steps * math.e**2 / (steps * math.e**2 + time_steps - steps)
        assert together <= ceiling * (1 + 1e-5)


@pytest.mark.parametrize(
    ("time_steps", "steps", "ceiling"),
    [(20, 1, 0.280), (60, 1, 0.111), (20, 2, 0.451), (2, 1, 0.881), (20, 20, 1)],
)
def test_the_ceiling_is_reached_in_the_limit_and_the_catalogue_knows_it(time_steps, steps, ceiling):
    layer = layer_of(time_steps)
    bias = np.full((time_steps, 1), -50.0)
    bias[-steps:] = 50
    layer.set_weights([np.zeros((2, 1)), bias])
    _, weights = layer(random_states(1, time_steps, 2), return_attention_scores=True)
    reached = float(np.sum(weights[0, -steps:]))
    assert reached == pytest.approx(ceiling, abs=5e-4)
    assert attention_layers()["article"].ceiling(time_steps, steps) == pytest.approx(
        reached, rel=1e-6
    )


@pytest.mark.parametrize("name", ATTENTION_LAYERS)
def test_a_layer_gives_its_weights_as_kerass_own_do(name):
    layer = ATTENTION_LAYERS[name]()
    states = random_states(3, 9, 4).astype(np.float32)
    context, weights = layer(states, return_attention_scores=True)
    assert context.shape == (3, 4) and weights.shape == (3, 9)
    np.testing.assert_allclose(np.sum(weights, axis=1), 1, rtol=1e-5)
    assert (np.asarray(weights) >= 0).all()
    np.testing.assert_allclose(
        context, np.einsum("bt,btf->bf", weights, states), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("name", ATTENTION_LAYERS)
def test_a_layer_comes_back_from_its_config(name):
    layer = ATTENTION_LAYERS[name](name="look", dtype="float64", trainable=False)
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert (again.name, again.dtype, again.trainable) == ("look", "float64", False)


def test_the_catalogue_says_what_the_layers_are():
    entries = attention_layers()
    assert list(entries) == list(ATTENTION_LAYERS)
    for name, layer in ATTENTION_LAYERS.items():
        entry = entries[name]
        assert entry.name == name
        assert entry.class_name == layer.__name__
        assert entry.doc == inspect.getdoc(layer)
        assert inspect.getsource(layer).rstrip().endswith(entry.source.rstrip())
        assert entry.source.startswith(f"class {layer.__name__}(")
        assert entry.label


@pytest.mark.slow
@pytest.mark.parametrize("first", ["import fibattn, keras", "import keras, fibattn"])
@pytest.mark.parametrize("name", ATTENTION_LAYERS)
def test_a_saved_model_loads_in_a_fresh_process_after_import_fibattn(tmp_path, name, first):
    window = keras.Input((6, 1))
    states = keras.layers.GRU(3, return_sequences=True)(window)
    context, weights = ATTENTION_LAYERS[name]()(states, return_attention_scores=True)
    model = keras.Model(window, [keras.layers.Dense(1)(context), weights])
    x = random_states(4, 6, 1).astype(np.float32)
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "x.npy", x)
    program = f"""{first}
import numpy as np
model = keras.models.load_model("model.keras")
y, weights = model.predict(np.load("x.npy"), verbose=0)
np.savez("result.npz", y=y, weights=weights)
"""
    subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
        timeout=120,
    )
    result = np.load(tmp_path / "result.npz")
    y, weights = model.predict(x, verbose=0)
    np.testing.assert_allclose(result["y"], y, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(result["weights"], weights, rtol=1e-5)
