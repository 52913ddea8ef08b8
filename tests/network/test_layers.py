"""The attention layers: the formula against NumPy, the ceiling, masks, saving, gradients."""

import dataclasses
import inspect
import json
import math
import os
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fibattn.network import runtime  # noqa: F401  (before TensorFlow starts)
from fibattn.network.catalogue import attention_layers
from tests.parameters import mostly_long

# isort: split
import keras
import tensorflow as tf

from fibattn.network import layers as layers_module
from fibattn.network import models
from fibattn.network.choices import NetworkChoices
from fibattn.network.layers import ATTENTION_LAYERS, ArticleAttention

ROOT = Path(__file__).parents[2]
ENTRIES = attention_layers()
every_layer = pytest.mark.parametrize("name", ATTENTION_LAYERS)


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


@settings(max_examples=60)
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


def masked_softmax(scores, mask):
    return softmax(scores if mask is None else np.where(mask, scores, -np.inf))


def last_state(states, mask):
    """The query: the last state of each window that is not masked."""
    steps = range(states.shape[1])
    if mask is None:
        mask = np.ones(states.shape[:2], bool)
    last = [max(step for step in steps if row[step]) for row in mask]
    return np.stack([window[step] for window, step in zip(states, last, strict=True)])


def article_scores(states, mask, kernel, bias):
    return np.tanh(np.einsum("btf,fo->bt", states, kernel) + bias[:, 0])


def additive_scores(states, mask, kernel, bias, vector):
    hidden = np.tanh(np.einsum("btf,fu->btu", states, kernel) + bias)
    return np.einsum("btu,uo->bt", hidden, vector)


def uniform_scores(states, mask):
    return np.zeros(states.shape[:2])


def additive_query_scores(query, states, query_kernel, kernel, vector):
    asked = np.einsum("bqf,fu->bqu", query, query_kernel)[:, :, None]
    hidden = np.tanh(asked + np.einsum("btf,fu->btu", states, kernel)[:, None])
    return np.einsum("bqtu,uo->bqt", hidden, vector)


def dot_scores(query, states):
    return np.einsum("bqf,btf->bqt", query, states)


def scaled_dot_scores(query, states):
    return dot_scores(query, states) / math.sqrt(states.shape[-1])


def keras_additive_scores(query, states, scale):
    return np.einsum("f,bqtf->bqt", scale, np.tanh(query[:, :, None] + states[:, None]))


# The scores of each layer without a query, `(states, mask, *its variables)` to `(batch, time)` …
SCORES = {
    "article": article_scores,
    "additive": additive_scores,
    "additive-content": additive_scores,
    "uniform": uniform_scores,
}
# … and of each with one, `(query, states, *its variables)` to `(batch, queries, time)`.
QUERY_SCORES = {
    "additive-query": additive_query_scores,
    "dot": dot_scores,
    "scaled-dot": scaled_dot_scores,
    "keras-additive": keras_additive_scores,
}


def require_oracle(name):
    """Fail with a sentence if nothing here says independently what the layer must compute."""
    if name == "self" or name in (QUERY_SCORES if ENTRIES[name].query else SCORES):
        return
    form = (
        "QUERY_SCORES, a function (query, states, *variables) to (batch, queries, time)"
        if ENTRIES[name].query
        else "SCORES, a function (states, mask, *variables) to (batch, time)"
    )
    pytest.fail(
        f"The attention layer {name!r} has no oracle. Write its scores before the softmax in NumPy "
        f"in tests/network/test_layers.py and add them as {name!r} to {form}. Of a layer that is "
        "not a sum of weighted states write the whole output, as `self_attention` does."
    )


def self_attention(states, mask, wq, bq, wk, bk, wv, bv, wo, bo):
    """Multi-head attention written out: context, attended sequence, mean weights."""
    query = np.einsum("bif,fhd->bhid", states, wq) + bq[:, None]
    key = np.einsum("bjf,fhd->bhjd", states, wk) + bk[:, None]
    value = np.einsum("bjf,fhd->bhjd", states, wv) + bv[:, None]
    # Keras rounds this factor to float32, also in a float64 layer.
    factor = float(np.float32(1 / math.sqrt(wq.shape[-1])))
    scores = np.einsum("bhid,bhjd->bhij", query, key) * factor
    if mask is None:
        mask = np.ones(states.shape[:2], bool)
    weights = masked_softmax(scores, mask[:, None, None])
    attended = np.einsum("bhij,bhjd,hdf->bif", weights, value, wo) + bo
    attended[~mask] = 0
    asking = mask.sum(axis=1)
    context = attended.sum(axis=1) / asking[:, None]
    mean = np.where(mask[:, None, :, None], weights, 0).sum(axis=2) / asking[:, None, None]
    return context, attended, mean.mean(axis=1)


def expected_of(name, layer, states, mask=None):
    """What a layer must give by its formula: context, sequence and weights, in float64."""
    require_oracle(name)
    values = layer.get_weights()
    if name == "self":
        return self_attention(states, mask, *values)
    if ENTRIES[name].query:
        query = last_state(states, mask)[:, None]
        scores = QUERY_SCORES[name](query, states, *values)[:, 0]
    else:
        scores = SCORES[name](states, mask, *values)
    weights = masked_softmax(scores, mask)
    sequence = states * weights[:, :, None]
    return sequence.sum(axis=1), sequence, weights


@every_layer
def test_every_layer_has_an_oracle(name):
    require_oracle(name)


@pytest.mark.parametrize(
    ("query", "place"), [(False, r"'new' to SCORES, a function"), (True, "'new' to QUERY_SCORES")]
)
def test_a_layer_without_an_oracle_is_told_what_to_add_and_where(monkeypatch, query, place):
    entry = dataclasses.replace(ENTRIES["dot"], name="new", query=query)
    monkeypatch.setitem(ENTRIES, "new", entry)
    with pytest.raises(pytest.fail.Exception, match=rf"tests/network/test_layers\.py.*{place}"):
        expected_of("new", keras.layers.Layer(), random_states(1, 2, 1))


def random_one(name, time_steps, features, seed=0, **options):
    """A layer of that name with weights of its own, in float64."""
    layer = ATTENTION_LAYERS[name](dtype="float64", **options)
    layer.build((None, time_steps, features))
    generator = np.random.default_rng(seed)
    layer.set_weights([generator.normal(size=weight.shape) for weight in layer.weights])
    return layer


def assert_close(value, expected):
    np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize(("batch", "time_steps", "features"), SIZES)
@every_layer
def test_every_layer_is_its_formula(name, batch, time_steps, features, return_sequences):
    layer = random_one(name, time_steps, features, return_sequences=return_sequences)
    states = random_states(batch, time_steps, features)
    output, weights = layer(states, return_attention_scores=True)
    context, sequence, expected_weights = expected_of(name, layer, states)
    assert_close(output, sequence if return_sequences else context)
    assert_close(weights, expected_weights)
    assert_close(np.sum(weights, axis=1), 1)
    assert (np.asarray(weights) >= 0).all()
    np.testing.assert_array_equal(layer(states), output)


@cache
def kept(name, return_sequences):
    return random_one(name, 7, 3, return_sequences=return_sequences)


some_mask = arrays(bool, (3, 7)).filter(lambda mask: mask.any(axis=1).all())


@pytest.mark.parametrize("return_sequences", [False, True])
@every_layer
@settings(max_examples=12)
@given(mask=some_mask)
def test_masked_steps_get_nothing_in_every_layer(name, return_sequences, mask):
    layer, states = kept(name, return_sequences), random_states(3, 7, 3)
    output, weights = layer(states, mask=mask, return_attention_scores=True)
    context, sequence, expected_weights = expected_of(name, layer, states, mask)
    assert_close(output, sequence if return_sequences else context)
    assert_close(weights, expected_weights)
    assert not np.asarray(weights)[~mask].any()
    if return_sequences:
        assert not np.asarray(output)[~mask].any()
    other = np.where(mask[:, :, None], states, 1e6)
    np.testing.assert_array_equal(layer(other, mask=mask), output)


@every_layer
def test_a_window_masked_throughout_gives_no_nan(name):
    states = tf.constant(random_states(2, 7, 3))
    mask = np.array([[False] * 7, [True] * 7])
    layer = kept(name, False)
    with tf.GradientTape() as tape:
        tape.watch(states)
        context, weights = layer(states, mask=mask, return_attention_scores=True)
        total = tf.reduce_sum(context)
    gradients = tape.gradient(total, [*(weight.value for weight in layer.weights), states])
    for value in (context, weights, *gradients):
        assert np.isfinite(value).all()
    assert_close(weights[1], expected_of(name, layer, states.numpy()[1:])[2][0])


@every_layer
def test_the_mask_goes_on_where_the_time_axis_does_and_stays_on_the_states(name):
    window = keras.Input((6, 2))
    states = keras.layers.Masking(mask_value=-9.0)(window)
    pooled = ATTENTION_LAYERS[name]()(states)
    sequence, weights = ATTENTION_LAYERS[name](return_sequences=True)(
        states, return_attention_scores=True
    )
    mean = keras.layers.GlobalAveragePooling1D()
    model = keras.Model(window, [pooled, sequence, mean(sequence), mean(states), weights])
    x = random_states(3, 6, 2).astype(np.float32)
    mask = np.ones((3, 6), bool)
    mask[1, :2] = mask[2, 3] = False
    x[~mask] = -9
    _, sequence, mean_sequence, mean_states, weights = (np.asarray(y) for y in model(x))
    assert not weights[~mask].any()
    for mean_value, steps in ((mean_sequence, sequence), (mean_states, x)):
        masked = np.where(mask[:, :, None], steps, 0).sum(axis=1) / mask.sum(axis=1)[:, None]
        np.testing.assert_allclose(mean_value, masked, rtol=1e-5, atol=1e-6)


@every_layer
def test_gradients_of_every_layer_are_the_central_differences(name):
    layer, states = random_one(name, 5, 3), random_states(2, 5, 3)
    generator = np.random.default_rng(2)
    towards = generator.normal(size=(2, 3)), generator.normal(size=(2, 5))
    values = [*layer.get_weights(), states]

    def loss(x):
        outputs = layer(x, return_attention_scores=True)
        return sum(tf.reduce_sum(y * way) for y, way in zip(outputs, towards, strict=True))

    with tf.GradientTape() as tape:
        x = tf.constant(states)
        tape.watch(x)
        total = loss(x)
    gradients = tape.gradient(total, [*(weight.value for weight in layer.weights), x])
    width = 1e-6
    for place, gradient in enumerate(gradients):
        direction = generator.normal(size=values[place].shape)
        sides = []
        for side in (1, -1):
            moved = [*values]
            moved[place] = values[place] + side * width * direction
            layer.set_weights(moved[:-1])
            sides.append(float(loss(tf.constant(moved[-1]))))
        difference = (sides[0] - sides[1]) / (2 * width)
        along = float(np.sum(np.asarray(gradient) * direction))
        assert along == pytest.approx(difference, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("name", mostly_long(ATTENTION_LAYERS, {"article", "self"}))
def test_compiled_by_xla_a_layer_is_the_same_and_so_is_its_gradient(name):
    window = keras.Input((6, 2))
    states = keras.layers.Masking(mask_value=-9.0)(window)
    states = keras.layers.SimpleRNN(3, return_sequences=True, unroll=True)(states)
    layer = ATTENTION_LAYERS[name]()
    context, weights = layer(states, return_attention_scores=True)
    model = keras.Model(window, [keras.layers.Dense(1)(context), weights])
    x = random_states(4, 6, 2).astype(np.float32)
    x[1, :2] = x[2, 3] = x[3, -1] = -9
    unused = [variable.value for variable in model.non_trainable_variables]

    def outputs(variables, x):
        with tf.GradientTape() as tape:
            tape.watch(variables)
            (y, weights), _ = model.stateless_call(variables, unused, x)
            total = tf.reduce_sum(y) + tf.reduce_sum(weights[:, 2] * y[:, 0])
        return [y, weights, *tape.gradient(total, variables)]

    variables = [tf.constant(variable) for variable in model.trainable_variables]
    compiled = tf.function(outputs, jit_compile=True, autograph=False)(variables, tf.constant(x))
    for ours, eager in zip(compiled, outputs(variables, x), strict=True):
        np.testing.assert_allclose(ours, eager, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", mostly_long(ATTENTION_LAYERS, {"article", "dot"}))
def test_a_layer_stands_before_an_rnn_and_before_a_conv1d_and_learns_in_fit(name):
    layer = ATTENTION_LAYERS[name]
    parts = [layer(return_sequences=True), layer(return_sequences=True), layer()]
    model = keras.Sequential(
        [
            keras.Input((6, 2)),
            parts[0],
            keras.layers.SimpleRNN(3, return_sequences=True, unroll=True),
            parts[1],
            keras.layers.Conv1D(4, 3, padding="same"),
            parts[2],
            keras.layers.Dense(1),
        ]
    )
    assert [part.output.shape for part in parts] == [(None, 6, 2), (None, 6, 3), (None, 4)]
    before = [part.get_weights() for part in parts]
    x = random_states(8, 6, 2).astype(np.float32)
    model.compile(loss="mse", optimizer=keras.optimizers.Adam(0.03), jit_compile=False)
    (loss,) = model.fit(x, x[:, -1, :1], batch_size=8, verbose=0).history["loss"]
    assert np.isfinite(loss)
    for part, old in zip(parts, before, strict=True):
        moved = [np.any(a != b) for a, b in zip(part.get_weights(), old, strict=True)]
        assert all(np.isfinite(a).all() for a in part.get_weights())
        assert any(moved) or not old


@every_layer
def test_equal_states_get_equal_weights_unless_each_step_has_its_bias(name):
    layer = random_one(name, 6, 3)
    states = np.tile(random_states(2, 1, 3), (1, 6, 1))
    _, weights = layer(states, return_attention_scores=True)
    assert np.allclose(weights, 1 / 6, atol=1e-9) == ENTRIES[name].any_length


@every_layer
def test_a_layer_takes_any_length_or_says_why_not(name):
    cls = ATTENTION_LAYERS[name]
    if not ENTRIES[name].any_length:
        with pytest.raises(ValueError, match=rf"{cls.__name__}.*one bias for each time step"):
            cls()(keras.Input((None, 2)))
        return
    layer = random_one(name, None, 2)
    assert layer(keras.Input((None, 2), dtype="float64")).shape == (None, 2)
    for time_steps in (3, 11):
        states = random_states(2, time_steps, 2)
        assert_close(layer(states), expected_of(name, layer, states)[0])


@every_layer
def test_a_query_changes_how_the_other_steps_compare(name):
    layer = random_one(name, 5, 3)
    states = random_states(1, 5, 3)
    other = states.copy()
    other[0, -1] = random_states(1, 1, 3, seed=3)[0, 0]
    shares = []
    for x in (states, other):
        weights = np.asarray(layer(x, return_attention_scores=True)[1])
        shares.append(weights[0, :-1] / weights[0, :-1].sum())
    assert np.allclose(*shares, rtol=1e-9) != ENTRIES[name].query


asking = pytest.mark.parametrize("name", [n for n in ATTENTION_LAYERS if ENTRIES[n].query])


@pytest.mark.parametrize("masked", [False, True])
@asking
def test_a_decoders_states_ask_one_by_one(name, masked):
    layer = random_one(name, 5, 3)
    states, query = random_states(4, 5, 3), random_states(4, 2, 3, seed=5)
    mask = np.arange(5) < np.array([[5], [3], [1], [4]]) if masked else None
    contexts, weights = layer(states, mask=mask, query=query, return_attention_scores=True)
    if name == "self":
        wq, bq, wk, bk, wv, bv, wo, bo = layer.get_weights()
        asked = np.einsum("bif,fhd->bhid", query, wq) + bq[:, None]
        key = np.einsum("bjf,fhd->bhjd", states, wk) + bk[:, None]
        value = np.einsum("bjf,fhd->bhjd", states, wv) + bv[:, None]
        factor = float(np.float32(1 / math.sqrt(wq.shape[-1])))
        scores = np.einsum("bhid,bhjd->bhij", asked, key) * factor
        by_head = masked_softmax(scores, None if mask is None else mask[:, None, None])
        assert_close(weights, by_head.mean(axis=1))
        assert_close(contexts, np.einsum("bhij,bhjd,hdf->bif", by_head, value, wo) + bo)
    else:
        require_oracle(name)
        scores = QUERY_SCORES[name](query, states, *layer.get_weights())
        expected = masked_softmax(scores, None if mask is None else mask[:, None])
        assert_close(weights, expected)
        assert_close(contexts, np.einsum("bqt,btf->bqf", expected, states))
    assert_close(layer(states, mask=mask, query=query), contexts)


@asking
def test_a_query_and_return_sequences_are_refused_with_a_sentence(name):
    layer = random_one(name, 5, 3, return_sequences=True)
    with pytest.raises(ValueError, match="each query has a sum of its own"):
        layer(random_states(1, 5, 3), query=random_states(1, 2, 3))


WAYS_TO_CALL = {
    "with a mask": lambda layer, states, mask, query: layer(
        states, mask=mask, return_attention_scores=True, **query
    ),
    "carried by the states": lambda layer, states, mask, query: layer(
        keras.layers.Masking(-9.0)(np.where(mask[:, :, None], states, -9.0)),
        return_attention_scores=True,
        **query,
    ),
    "in a model": lambda layer, states, mask, query: _in_a_model(layer, states, mask, query),
}


def _in_a_model(layer, states, mask, query):
    window = keras.Input(states.shape[1:])
    inputs, asked = [window], {}
    if query:
        inputs.append(keras.Input(query["query"].shape[1:]))
        asked = {"query": inputs[1]}
    masked = keras.layers.Masking(-9.0)(window)
    model = keras.Model(inputs, layer(masked, return_attention_scores=True, **asked))
    return model([np.where(mask[:, :, None], states, -9.0), *query.values()])


@pytest.mark.parametrize("way", WAYS_TO_CALL)
@pytest.mark.parametrize("asked", [False, True])
@every_layer
def test_masked_steps_get_nothing_in_every_way_of_calling(name, asked, way):
    if asked and not ENTRIES[name].query:
        return
    layer = ATTENTION_LAYERS[name]()
    states = random_states(2, 6, 3).astype("float32")
    mask = np.array([[True, True, False, True, True, True], [True, True, True, False, True, False]])
    query = {"query": random_states(2, 2, 3, seed=3).astype("float32")} if asked else {}
    weights = np.asarray(WAYS_TO_CALL[way](layer, states, mask, query)[1])
    at = mask[:, None] if asked else mask
    assert weights.shape == ((2, 2, 6) if asked else (2, 6))
    assert not weights[~np.broadcast_to(at, weights.shape)].any()
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-5)


@pytest.mark.parametrize("return_sequences", [False, True])
@every_layer
def test_time_distributed_gives_each_window_what_the_layer_does(name, return_sequences):
    layer = random_one(name, 5, 3, return_sequences=return_sequences)
    windows = random_states(2 * 4, 5, 3).reshape(2, 4, 5, 3)
    # TimeDistributed has a dtype of its own, but calls the layer as it is.
    found = keras.layers.TimeDistributed(layer, dtype="float64")(windows)
    expected = np.stack([np.asarray(layer(each)) for each in windows])
    assert_close(found, expected)
    symbolic = keras.layers.TimeDistributed(ATTENTION_LAYERS[name]())(keras.Input((4, 5, 3)))
    assert symbolic.shape == (None, 4, 3)


@every_layer
def test_an_output_with_weights_keeps_its_shapes_in_a_model(name):
    states = keras.Input((5, 3))
    context, weights = ATTENTION_LAYERS[name]()(states, return_attention_scores=True)
    assert (context.shape, weights.shape) == ((None, 3), (None, 5))
    assert ATTENTION_LAYERS[name](return_sequences=True)(states).shape == (None, 5, 3)
    if ENTRIES[name].query:
        assert ATTENTION_LAYERS[name]()(states, query=keras.Input((2, 3))).shape == (None, 2, 3)
        assert ATTENTION_LAYERS[name]().compute_output_shape((4, 5, 3), (4, 2, 3)) == (4, 2, 3)


@pytest.mark.parametrize(
    ("states", "more", "words"),
    [
        ((4, 3), {}, r"states has the shape \(4, 3\), but .* takes \(batch, time, features\)"),
        ((4, 2, 5, 3), {}, r"states has the shape \(4, 2, 5, 3\)"),
        ((4, 5, 3), {"mask": (4, 6)}, r"mask has the shape \(4, 6\), but .* \(batch, time\)"),
        ((4, 5, 3), {"mask": (4, 5, 3)}, "mask has the shape"),
        ((4, 5, 3), {"query": (4, 3)}, r"query has the shape \(4, 3\), .* \(batch, queries, 3\)"),
        ((4, 5, 3), {"query": (4, 2, 7)}, "query has the shape"),
        ((4, 5, 3), {"query": (2, 2, 3)}, "query has the shape"),
    ],
)
@every_layer
def test_wrong_shapes_are_refused_with_a_sentence_that_names_the_argument(
    name, states, more, words
):
    if "query" in more and not ENTRIES[name].query:
        return
    layer = ATTENTION_LAYERS[name]()
    for_real = {
        key: np.ones(shape, bool if key == "mask" else float) for key, shape in more.items()
    }
    with pytest.raises(ValueError, match=words):
        layer(np.ones(states), **for_real)
    symbolic = {key: keras.Input(shape[1:], shape[0]) for key, shape in more.items()}
    with pytest.raises(ValueError, match=words.split(" has")[0]):
        layer(keras.Input(states[1:], states[0]), **symbolic)


@every_layer
def test_sizes_that_are_none_are_refused_with_a_sentence(name):
    cls = ATTENTION_LAYERS[name]
    sizes = [
        key
        for key, parameter in inspect.signature(cls.__init__).parameters.items()
        if type(parameter.default) is int
    ]
    for key in sizes:
        for bad in (0, -1, 2.5, "8", True, None):
            with pytest.raises(ValueError, match=f"{key} of {cls.__name__} is .* from 1 on"):
                cls(**{key: bad})
    with pytest.raises(ValueError, match="return_sequences is 'no', but it must be True or False"):
        cls(return_sequences="no")


PASTED = """
import contextlib, io, sys
import numpy as np
for text in sys.stdin.read().split("=" * 40):
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(text, {"__name__": "__main__"})
    rows = shown.getvalue()
    rows = rows[rows.index("[["):]
    weights = np.array(rows.replace("[", " ").replace("]", " ").split(), float)
    assert weights.size == 60, rows
    assert np.allclose(weights.reshape(3, 20).sum(axis=1), 1, atol=1e-3), rows
assert not any(name.startswith("fibattn") for name in sys.modules)
"""


@pytest.mark.long
def test_the_source_on_the_page_runs_where_it_is_pasted_and_prints_the_weights():
    texts = [f"{each.source}\n\n\n{each.usage}\n" for each in ENTRIES.values()]
    assert len(ENTRIES["dot"].usage.splitlines()) == 4
    done = subprocess.run(
        [sys.executable, "-c", PASTED],
        input=("=" * 40).join(texts),
        capture_output=True,
        text=True,
        timeout=300,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr[-2000:]


@every_layer
def test_a_layer_comes_back_from_its_config(name):
    cls = ATTENTION_LAYERS[name]
    numbers = {
        key: parameter.default + 1
        for key, parameter in inspect.signature(cls.__init__).parameters.items()
        if type(parameter.default) is int
    }
    layer = cls(name="look", dtype="float64", trainable=False, return_sequences=True, **numbers)
    config = layer.get_config()
    assert set(config) == {
        *("name", "trainable", "dtype", "return_sequences", "to_load"),
        *inspect.signature(cls.__init__).parameters.keys() - {"self", "kwargs"},
    }
    earlier = {key: value for key, value in config.items() if key != "to_load"}
    window = keras.Input((5, 3), dtype="float64")
    cloned = keras.models.clone_model(keras.Model(window, layer(window))).layers[1]
    for again in (cls.from_config(config), cls(**config), cls.from_config(earlier), cloned):
        assert type(again) is cls and again is not layer
        assert again.get_config() == config
        assert (again.name, again.dtype, again.trainable) == ("look", "float64", False)
        assert {key: getattr(again, key) for key in numbers} == numbers
        assert again.return_sequences
        if not again.built:
            again.build((None, 5, 3))
        assert [(one.path, one.shape) for one in again.variables] == [
            (one.path, one.shape) for one in layer.variables
        ]


@every_layer
def test_initial_weights_are_those_of_the_model_made_anew(name):
    model = models.recurrent_network(NetworkChoices(attention=name), 1, (4, 1))
    first, again, other = (
        models.initial_weights(model, *seed) for seed in ((1, 2), (1, 2), (1, 3))
    )
    assert [w.shape for w in first] == [tuple(v.shape) for v in model.trainable_variables]
    for ours, theirs in zip(first, again, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert any((ours != theirs).any() for ours, theirs in zip(first, other, strict=True))
    kernels = [w.ravel()[:2].tolist() for w in first if w.any()]
    assert all(kernels.count(kernel) == 1 for kernel in kernels), "no two draw the same numbers"


def source_of(layer):
    """The class's source, without its decorator."""
    source = inspect.getsource(layer).rstrip()
    return source[source.index(f"class {layer.__name__}(") :]


def test_the_catalogue_says_what_the_layers_are():
    assert list(ENTRIES) == list(ATTENTION_LAYERS)
    for name, layer in ATTENTION_LAYERS.items():
        entry = ENTRIES[name]
        assert entry.name == name
        assert entry.class_name == layer.__name__
        lineage = [c for c in reversed(layer.__mro__) if c.__module__ == layers_module.__name__]
        imports, *classes = entry.source.split("\n\n\nclass ")
        assert "\n\n\n".join(f"class {each}" for each in classes) == "\n\n\n".join(
            source_of(part) for part in lineage
        )
        assert "import keras\nfrom keras import ops" in imports
        for words in (entry.does, entry.kind, entry.query_key_value, entry.origin):
            assert words.endswith(".")
        assert entry.label
    assert len({entry.label for entry in ENTRIES.values()}) == len(ENTRIES)


def test_the_catalogue_knows_the_ceilings():
    assert ENTRIES["article"].ceiling(20) == pytest.approx(math.e**2 / (math.e**2 + 19))
    assert ENTRIES["uniform"].ceiling(20) == pytest.approx(1 / 20)
    assert ENTRIES["uniform"].ceiling(20, 3) == pytest.approx(3 / 20)
    assert ENTRIES["additive"].ceiling(20) == 1


@pytest.mark.parametrize(
    "name", [n for n in ATTENTION_LAYERS if ENTRIES[n].score_bound is not None]
)
def test_a_layer_with_a_bound_keeps_to_its_ceiling(name):
    layer = random_one(name, 7, 3)
    layer.set_weights([1e3 * weight for weight in layer.get_weights()])
    states = 1e3 * random_states(50, 7, 3)
    _, weights = layer(states, return_attention_scores=True)
    assert np.max(weights) <= ENTRIES[name].ceiling(7) * (1 + 1e-9)


@pytest.mark.parametrize("name", ["additive", "additive-content"])
def test_the_additive_score_passes_the_articles_ceiling(name):
    layer = ATTENTION_LAYERS[name](score_units=1)
    layer.build((None, 20, 1))
    kernel, bias, vector = layer.get_weights()
    layer.set_weights([np.ones_like(kernel), bias, np.full_like(vector, 30)])
    states = np.zeros((1, 20, 1))
    states[0, 7] = 1
    _, weights = layer(states, return_attention_scores=True)
    assert float(weights[0, 7]) > 0.999


def two_layers_of(name):
    """A model with two layers of that name, one that keeps the time axis and one that does not."""
    layer = ATTENTION_LAYERS[name]
    window = keras.Input((6, 1))
    states = layer(return_sequences=True)(window)
    states = keras.layers.GRU(3, return_sequences=True)(states)
    context, weights = layer()(states, return_attention_scores=True)
    return keras.Model(window, [keras.layers.Dense(1)(context), weights])


def without_advice(config):
    """A saved config as earlier versions wrote it: no `to_load`, the layers in another module."""
    if isinstance(config, list):
        return [without_advice(each) for each in config]
    if not isinstance(config, dict):
        return config
    config = {key: without_advice(value) for key, value in config.items() if key != "to_load"}
    if str(config.get("registered_name")).startswith("fibattn>"):
        config["module"] = "fibattn.layers"
    return config


def as_saved_earlier(path, earlier):
    """Copy a .keras file with its config as earlier versions wrote it."""
    with zipfile.ZipFile(path) as file, zipfile.ZipFile(earlier, "w") as copy:
        for name in file.namelist():
            content = file.read(name)
            if name == "config.json":
                config = json.loads(content)
                assert without_advice(config) != config
                content = json.dumps(without_advice(config)).encode()
            copy.writestr(name, content)


def in_a_fresh_process(folder, program, *arguments):
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "first",
    [
        "import fibattn.network.layers, keras",
        pytest.param(
            "import fibattn, importlib.util; importlib.util.find_spec('keras')\n"
            "import keras, fibattn.network.layers",
            marks=pytest.mark.long,
        ),
    ],
)
def test_saved_models_load_in_a_fresh_process_that_imports_the_layers(tmp_path, first):
    x = random_states(4, 6, 1).astype(np.float32)
    models_saved = {name: two_layers_of(name) for name in ATTENTION_LAYERS}
    for name, model in models_saved.items():
        model.save(tmp_path / f"{name}.keras")
        as_saved_earlier(tmp_path / f"{name}.keras", tmp_path / f"{name}-earlier.keras")
    np.save(tmp_path / "x.npy", x)
    program = f"""{first}
import sys
import numpy as np
x = np.load("x.npy")
for name in sys.argv[1:]:
    y, weights = keras.models.load_model(name + ".keras")(x)
    np.savez(name + ".npz", y=y, weights=weights)
"""
    files = [f"{name}{version}" for name in models_saved for version in ("", "-earlier")]
    done = in_a_fresh_process(tmp_path, program, *files)
    assert done.returncode == 0, done.stderr
    for name, model in models_saved.items():
        y, weights = model(x)
        for version in ("", "-earlier"):
            result = np.load(tmp_path / f"{name}{version}.npz")
            np.testing.assert_allclose(result["y"], y, rtol=1e-5, atol=1e-6)
            np.testing.assert_allclose(result["weights"], weights, rtol=1e-5)


@pytest.mark.slow
def test_keras_s_error_says_what_to_import_where_the_layers_are_not_registered(tmp_path):
    program = """import keras, sys
for name in sys.argv[1:]:
    try:
        keras.models.load_model(name + ".keras")
    except TypeError as error:
        print(str(error).replace("\\n", " "))
"""
    for name in ATTENTION_LAYERS:
        two_layers_of(name).save(tmp_path / f"{name}.keras")
    said = in_a_fresh_process(tmp_path, program, *ATTENTION_LAYERS).stdout.splitlines()
    assert len(said) == len(ATTENTION_LAYERS)
    for (name, layer), error in zip(ATTENTION_LAYERS.items(), said, strict=True):
        assert layer.__name__ in error, name
        assert "import fibattn.network.layers before keras.models.load_model" in error, name
