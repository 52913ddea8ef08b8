"""The attention layers: each with its formula, its shapes and its source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

ATTENTION_LAYERS: dict[str, type[keras.layers.Layer]] = {}


def attention_layer(name: str, *, label: str, score_bound: float | None = None) -> Callable:
    """Enter the decorated class as an attention layer, and register it with Keras.

    The web server reads these entries without importing this module (`catalogue.py`), so the
    arguments must be literals.
    """

    def enter(layer: type[keras.layers.Layer]) -> type[keras.layers.Layer]:
        ATTENTION_LAYERS[name] = layer
        return keras.saving.register_keras_serializable("fibattn")(layer)

    return enter


@attention_layer("article", label="The article's", score_bound=1.0)
class ArticleAttention(keras.layers.Layer):
    """The article's attention: a weighted sum of the states, scored by content and step.

    1. Scores `e_t = tanh(h_t · W + b_t)`, shape `(batch, time)`.
    2. Weights `alpha = softmax(e)` over time, shape `(batch, time)`.
    3. Context `c = sum_t alpha_t h_t`, shape `(batch, features)`.

    It has no query: it is the feed-forward attention of Raffel & Ellis 2015 (arXiv 1512.08756)
    with one more bias `b_t` for each time step, not Bahdanau's (arXiv 1409.0473), whose score
    is `vᵀ tanh(W s + U h)`. The bias for each step ties the layer to one window length.

    It has a ceiling. The tanh keeps every score within [-1, 1], so that of T steps one can get at
    most `e² / (e² + T - 1)` of the weight: 0.280 at T = 20, 0.111 at T = 60.

    Call arguments:
        states: `(batch, time, features)`.
        mask: boolean `(batch, time)`; steps where it is False get weight 0.
        return_attention_scores: also return the weights, as Keras's own layers do.

    Output: the context `(batch, features)`; with `return_attention_scores=True` the pair of the
    context and the weights `(batch, time)`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make W `(features, 1)` and b `(time, 1)`."""
        _, time_steps, features = input_shape
        if time_steps is None:
            raise ValueError(
                "The article's attention has one bias for each time step, so the number of time "
                "steps must be known: give the model an Input of shape (time_steps, features)."
            )
        self.kernel = self.add_weight(
            name="att_weight", shape=(features, 1), initializer="random_normal"
        )
        self.bias = self.add_weight(name="att_bias", shape=(time_steps, 1), initializer="zeros")

    def call(self, states: Any, mask: Any = None, return_attention_scores: bool = False) -> Any:
        """Return the context, and on request the weights."""
        scores = ops.squeeze(ops.tanh(ops.matmul(states, self.kernel) + self.bias), axis=-1)
        if mask is not None:
            scores = ops.where(mask, scores, -1e9)
        weights = ops.softmax(scores, axis=-1)
        context = ops.sum(states * ops.expand_dims(weights, -1), axis=1)
        return (context, weights) if return_attention_scores else context

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """Return None: there is no time axis left to mask."""
        return None

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs: nothing beyond a layer's own."""
        return super().get_config()
