"""The attention layers: each with its formula, its shapes and its source.

Importing this module registers them with Keras. A saved model with one of them loads only after
that:

    import fibattn.network.layers

    model = keras.models.load_model("attention.keras")
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras
from keras import ops

ATTENTION_LAYERS: dict[str, type[keras.layers.Layer]] = {}


def attention_layer(
    name: str,
    *,
    label: str,
    short: str,
    does: str,
    kind: str,
    query_key_value: str,
    origin: str,
    score_bound: float | None = None,
    query: bool = False,
    any_length: bool = True,
    sums_states: bool = True,
) -> Callable:
    """Register the decorated class as an attention layer, here and with Keras.

    The web server reads the arguments without importing this module (`catalogue.py`), so they must
    be literals. `LayerEntry` there says what they mean.
    """

    def register(layer: type[keras.layers.Layer]) -> type[keras.layers.Layer]:
        ATTENTION_LAYERS[name] = layer
        return keras.saving.register_keras_serializable("fibattn")(layer)

    return register


class AttentionLayer(keras.layers.Layer):
    """The base of all attention layers: weights over time, and the sum of the weighted states.

    1. Scores `e_t`, shape `(batch, time)`: each layer has its own.
    2. Weights `alpha = softmax(e)` over time, shape `(batch, time)`.
    3. Context `c = sum_t alpha_t h_t`, shape `(batch, features)`.

    Args:
        return_sequences: return the weighted states `alpha_t h_t`, as a Conv1D or an RNN after
            this layer needs them, instead of their sum.

    Call arguments:
        states: `(batch, time, features)`.
        mask: boolean `(batch, time)`; steps where it is False get weight 0. Where it is False at
            every step of a window, the weights of that window have no meaning, but are finite.
            Without it the mask that Keras carries along with the states holds.
        return_attention_scores: also return the weights, as Keras's own layers do.

    Output: the context `(batch, features)`, with `return_sequences=True` the weighted states
    `(batch, time, features)`; with `return_attention_scores=True` the pair of that and the
    weights `(batch, time)`.

    Raises ValueError with a sentence for sizes that are no positive numbers, and for states, masks
    and queries of other shapes.
    """

    # Called with the title and the tensor of each step that is shown, if anyone watches.
    watcher: Any = None

    def __init__(self, return_sequences: bool = False, **kwargs: Any) -> None:
        kwargs.pop("to_load", None)  # see `get_config`
        super().__init__(**kwargs)
        if not isinstance(return_sequences, bool):
            raise ValueError(
                f"return_sequences is {return_sequences!r}, but it must be True or False."
            )
        self.return_sequences = return_sequences
        self.supports_masking = True

    def size(self, name: str, value: Any) -> int:
        """Return a size given to the constructor. Raises ValueError unless it is 1 or more."""
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(
                f"{name} of {type(self).__name__} is {value!r}, but it must be a whole number from "
                "1 on."
            )
        return value

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Check the shapes, before Keras builds the layer for them."""
        given = dict(zip(("states", "mask"), args, strict=False)) | kwargs
        self.check_shapes(given.get("states"), given.get("mask"), given.get("query"))
        return super().__call__(*args, **kwargs)

    def check_shapes(self, states: Any, mask: Any = None, query: Any = None) -> None:
        """Raise ValueError with a sentence that names the argument of a wrong shape."""
        name, shape = type(self).__name__, self.shape_of(states)
        if len(shape) != 3:
            raise ValueError(
                f"states has the shape {shape}, but {name} takes (batch, time, features): a "
                "recurrent layer before it needs return_sequences=True."
            )
        if mask is not None and not self.fits(self.shape_of(mask), shape[:2]):
            raise ValueError(
                f"mask has the shape {self.shape_of(mask)}, but for states of shape {shape} {name} "
                "takes (batch, time)."
            )
        asked = (shape[0], None, shape[2])
        if query is not None and not self.fits(self.shape_of(query), asked):
            raise ValueError(
                f"query has the shape {self.shape_of(query)}, but for states of shape {shape} "
                f"{name} takes (batch, queries, {shape[2]})."
            )

    def shape_of(self, tensor: Any) -> tuple[int | None, ...]:
        """Return the shape of a tensor or of what can be made one."""
        shaped = tensor if hasattr(tensor, "shape") else ops.convert_to_tensor(tensor)
        return tuple(shaped.shape)

    def fits(self, shape: tuple[int | None, ...], wanted: tuple[int | None, ...]) -> bool:
        """Return whether a shape is the one wanted, as far as both are known."""
        return len(shape) == len(wanted) and all(
            size == other or size is None or other is None
            for size, other in zip(shape, wanted, strict=True)
        )

    def compute_output_shape(
        self,
        states_shape: tuple[int | None, ...],
        query_shape: tuple[int | None, ...] | None = None,
    ) -> tuple[int | None, ...]:
        """Return the shape of the output without the weights, as `TimeDistributed` asks for it."""
        if query_shape is not None:
            return tuple(query_shape)
        return tuple(states_shape) if self.return_sequences else (states_shape[0], states_shape[2])

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return what a call returns, found by calling: the weights may be a part of it."""
        return keras.Operation.compute_output_spec(self, *args, **kwargs)

    def known_time_steps(self, input_shape: tuple[int | None, ...]) -> int:
        """Return the number of time steps, for a layer with a bias for each of them.

        Raises ValueError if the model's input leaves it open.
        """
        if input_shape[1] is None:
            raise ValueError(
                f"{type(self).__name__} has one bias for each time step, so the number of time "
                "steps must be known: give the model an Input of shape (time_steps, features)."
            )
        return input_shape[1]

    def show(self, title: str, tensor: Any) -> Any:
        """Return `tensor`, the result of the docstring's step of that title, for all to see."""
        if self.watcher is not None:
            self.watcher(title, tensor)
        return tensor

    def scores(self, states: Any) -> Any:
        """Return the scores before the softmax, `(batch, time)`."""
        raise NotImplementedError(f"{type(self).__name__} has no scores of its own.")

    def softmax(self, scores: Any, mask: Any) -> Any:
        """Return the softmax over the steps that are not masked, `(batch, time)`."""
        if mask is not None:
            scores = ops.where(mask, scores, -1e9)
        return ops.softmax(scores, axis=-1)

    def weigh(self, states: Any, mask: Any) -> Any:
        """Return the weights, `(batch, time)`."""
        return self.softmax(self.show("Scores", self.scores(states)), mask)

    def attend(self, states: Any, mask: Any) -> tuple[Any, Any, Any]:
        """Return the context, the weighted states it is the sum of, and the weights."""
        weights = self.show("Weights", self.weigh(states, mask))
        sequence = states * ops.expand_dims(weights, -1)
        return ops.sum(sequence, axis=1), sequence, weights

    def call(self, states: Any, mask: Any = None, return_attention_scores: bool = False) -> Any:
        """Return the context or the weighted states, and on request the weights.

        With `return_sequences`:

        1. Weighted `w_t = alpha_t h_t`, shape `(batch, time, features)`.
        """
        context, sequence, weights = self.attend(states, mask)
        if self.return_sequences:
            output = self.show("Weighted", sequence)
        else:
            output = self.show("Context", context)
        return (output, weights) if return_attention_scores else output

    def refuse_sequences(self) -> None:
        """Raise ValueError if `return_sequences` is set: no layer can do that with a query."""
        if self.return_sequences:
            raise ValueError(
                f"{type(self).__name__} was given a query and return_sequences=True, but each "
                "query has a sum of its own: leave one of them out."
            )

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the mask where the output has a time axis, else None."""
        return previous_mask if self.return_sequences else None

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs, and advice for who loads a model without these layers.

        Keras shows the config in its error if the layer is not registered.
        """
        return {
            "to_load": "import fibattn.network.layers before keras.models.load_model",
            **super().get_config(),
            "return_sequences": self.return_sequences,
        }


class QueryAttention(AttentionLayer):
    """The base of layers whose scores depend on a query: by default, the last state.

    A decoder gives its own states as queries, `layer(states, query=decoder_states)`. Then there
    are weights and a context for each query.

    Call arguments, besides those of every attention layer:
        query: `(batch, queries, features)`, or None for the last state that is not masked.

    Output with a query: the contexts `(batch, queries, features)`; with
    `return_attention_scores=True` the pair of them and the weights `(batch, queries, time)`.
    """

    def last_state(self, states: Any, mask: Any) -> Any:
        """Return the last state that is not masked, `(batch, 1, features)`."""
        if mask is None:
            return ops.expand_dims(states[:, -1], 1)
        # The last step that is not masked is the one where the count of such steps is full.
        count = ops.cumsum(ops.cast(mask, "int32"), axis=1)
        last = ops.logical_and(mask, ops.equal(count, count[:, -1:]))
        return ops.sum(ops.where(ops.expand_dims(last, -1), states, 0), axis=1, keepdims=True)

    def weigh_for(self, query: Any, states: Any, mask: Any) -> Any:
        """Return the weights for each query, `(batch, queries, time)`."""
        raise NotImplementedError(f"{type(self).__name__} has no weights of its own.")

    def weigh(self, states: Any, mask: Any) -> Any:
        """Return the weights with the last state as query, `(batch, time)`."""
        query = self.show("Query", self.last_state(states, mask))
        return self.weigh_for(query, states, mask)[:, 0]

    def weights_of(self, layer: Any, query: Any, states: Any, mask: Any) -> Any:
        """Return the weights that a layer of Keras's computes, `(batch, queries, time)`."""
        if self.watcher is not None:  # Keras's layer returns its weights alone
            self.show("Scores", layer._calculate_scores(query, states))
        masks = None if mask is None else [None, mask]
        return layer([query, states], mask=masks, return_attention_scores=True)[1]

    def call(
        self,
        states: Any,
        mask: Any = None,
        return_attention_scores: bool = False,
        query: Any = None,
        states_mask: Any = None,
    ) -> Any:
        """Return the context or the weighted states, and on request the weights."""
        if query is None:
            return super().call(states, mask, return_attention_scores)
        self.refuse_sequences()
        # With two tensors Keras gives the mask that the states carry under this name.
        mask = states_mask if mask is None else mask
        weights = self.show("Weights", self.weigh_for(query, states, mask))
        context = self.show("Context", ops.matmul(weights, states))
        return (context, weights) if return_attention_scores else context


@attention_layer(
    "article",
    label="The tutorial's",
    short="Tutorial's",
    does="Scores each state by its content and its step, then takes the weighted mean.",
    kind="Feed-forward attention, with a bias for each step.",
    query_key_value="There is no query; states are keys and values.",
    origin="Raffel & Ellis 2015 (arXiv 1512.08756), with the tutorial's biases.",
    score_bound=1.0,
    any_length=False,
)
class ArticleAttention(AttentionLayer):
    """The article's attention: a weighted sum of the states, scored by content and step.

    1. Scores `e_t = tanh(h_t · W + b_t)`, shape `(batch, time)`.
    2. Weights `alpha = softmax(e)` over time, shape `(batch, time)`.
    3. Context `c = sum_t alpha_t h_t`, shape `(batch, features)`.

    Variables: W `(features, 1)`, b `(time, 1)`.

    It has no query: it is the feed-forward attention of Raffel & Ellis 2015 (arXiv 1512.08756)
    with an additional bias `b_t` for each time step, not Bahdanau's (arXiv 1409.0473), whose score
    is `vᵀ tanh(W s + U h)`. With a bias for each step the layer takes windows of one length only.

    Its weights have a ceiling. The tanh keeps every score within [-1, 1], so that one of T steps
    gets a weight of at most `e² / (e² + T - 1)`: 0.280 at T = 20, 0.111 at T = 60.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make W `(features, 1)` and b `(time, 1)`."""
        time_steps, features = self.known_time_steps(input_shape), input_shape[-1]
        self.kernel = self.add_weight(
            name="att_weight", shape=(features, 1), initializer="random_normal"
        )
        self.bias = self.add_weight(name="att_bias", shape=(time_steps, 1), initializer="zeros")

    def scores(self, states: Any) -> Any:
        """Return `tanh(h_t · W + b_t)`."""
        return ops.squeeze(ops.tanh(ops.matmul(states, self.kernel) + self.bias), axis=-1)


class AdditiveLayer(AttentionLayer):
    """The base of layers that score each state by itself: `e_t = vᵀ tanh(W h_t + b)`.

    Args:
        score_units: how many hidden units the score has, the rows of v.
    """

    def __init__(self, score_units: int = 8, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.score_units = self.size("score_units", score_units)

    def bias_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int, ...]:
        """Return the shape of b: one bias for all steps."""
        return (self.score_units,)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make W `(features, score_units)`, b and v `(score_units, 1)`."""
        self.kernel = self.add_weight(
            name="att_weight",
            shape=(input_shape[-1], self.score_units),
            initializer="glorot_uniform",
        )
        self.bias = self.add_weight(
            name="att_bias", shape=self.bias_shape(input_shape), initializer="zeros"
        )
        self.vector = self.add_weight(
            name="att_vector", shape=(self.score_units, 1), initializer="glorot_uniform"
        )

    def scores(self, states: Any) -> Any:
        """Return `vᵀ tanh(W h_t + b)`."""
        hidden = ops.tanh(ops.matmul(states, self.kernel) + self.bias)
        return ops.squeeze(ops.matmul(hidden, self.vector), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "score_units": self.score_units}


@attention_layer(
    "additive",
    label="Additive, a bias for each step",
    short="Step biases",
    does="Like the tutorial's, but its scores have no bound, so one step can get all weight.",
    kind="Feed-forward attention, with a bias for each step.",
    query_key_value="There is no query; states are keys and values.",
    origin="Raffel & Ellis 2015 (arXiv 1512.08756), with the tutorial's biases.",
    any_length=False,
)
class AdditiveStepAttention(AdditiveLayer):
    """The article's attention with a score that has no bound.

    1. Scores `e_t = vᵀ tanh(W h_t + b_t)`, shape `(batch, time)`.
    2. Weights `alpha = softmax(e)` over time, shape `(batch, time)`.
    3. Context `c = sum_t alpha_t h_t`, shape `(batch, features)`.

    Variables: W `(features, score_units)`, b `(time, score_units)`, v `(score_units, 1)`.

    The product with v comes after the tanh, so the scores grow with v, and one step can get nearly
    all the weight. In the article's layer it cannot. The bias `b_t` of each step lets the layer
    look at positions; with it the layer takes windows of one length only. It has no query.

    Source: the feed-forward attention of Raffel & Ellis 2015 (arXiv 1512.08756), with the
    article's bias for each step.

    Args:
        score_units: how many hidden units the score has, the rows of v.
    """

    def bias_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int, ...]:
        """Return the shape of b: one bias for each step."""
        return (self.known_time_steps(input_shape), self.score_units)


@attention_layer(
    "additive-content",
    label="Additive, content alone",
    short="Content",
    does="Scores each state by its content alone, wherever it stands.",
    kind="Feed-forward attention.",
    query_key_value="There is no query; states are keys and values.",
    origin="Raffel & Ellis 2015 (arXiv 1512.08756).",
)
class AdditiveContentAttention(AdditiveLayer):
    """A score of a state's content alone, whatever its position.

    1. Scores `e_t = vᵀ tanh(W h_t + b)`, shape `(batch, time)`.
    2. Weights `alpha = softmax(e)` over time, shape `(batch, time)`.
    3. Context `c = sum_t alpha_t h_t`, shape `(batch, features)`.

    Variables: W `(features, score_units)`, b `(score_units,)`, v `(score_units, 1)`.

    Equal states get equal scores at every position. The layer can look at a position only if the
    states themselves tell it; it takes windows of any length. It has no query.

    Source: the feed-forward attention of Raffel & Ellis 2015 (arXiv 1512.08756).

    Args:
        score_units: how many hidden units the score has, the rows of v.
    """


@attention_layer(
    "additive-query",
    label="Additive, with a query (Bahdanau)",
    short="Bahdanau",
    does="Scores each state together with the last one, by a small network.",
    kind="Additive attention.",
    query_key_value="The last state, or a decoder's, is the query; states are keys and values.",
    origin="Bahdanau, Cho & Bengio 2014 (arXiv 1409.0473).",
    query=True,
)
class AdditiveQueryAttention(QueryAttention):
    """Bahdanau's attention: each state is scored together with a query.

    1. Query `s`: the last state that is not masked, shape `(batch, features)`.
    2. Scores `e_t = vᵀ tanh(W s + U h_t)`, shape `(batch, time)`.
    3. Weights `alpha = softmax(e)` over time, shape `(batch, time)`.
    4. Context `c = sum_t alpha_t h_t`, shape `(batch, features)`.

    Variables: W `(features, score_units)`, U `(features, score_units)`, v `(score_units, 1)`.

    In the paper the query is the state of a decoder. Without a decoder it is the last state of the
    recurrent layer.

    Source: Bahdanau, Cho & Bengio 2014 (arXiv 1409.0473).

    Args:
        score_units: how many hidden units the score has, the rows of v.
    """

    def __init__(self, score_units: int = 8, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.score_units = self.size("score_units", score_units)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make W and U `(features, score_units)` and v `(score_units, 1)`."""
        shape = (input_shape[-1], self.score_units)
        self.query_kernel = self.add_weight(
            name="att_query_weight", shape=shape, initializer="glorot_uniform"
        )
        self.kernel = self.add_weight(name="att_weight", shape=shape, initializer="glorot_uniform")
        self.vector = self.add_weight(
            name="att_vector", shape=(self.score_units, 1), initializer="glorot_uniform"
        )

    def weigh_for(self, query: Any, states: Any, mask: Any) -> Any:
        """Return the softmax of `vᵀ tanh(W s + U h_t)`."""
        asked = ops.expand_dims(ops.matmul(query, self.query_kernel), 2)
        offered = ops.expand_dims(ops.matmul(states, self.kernel), 1)
        scores = ops.squeeze(ops.matmul(ops.tanh(asked + offered), self.vector), axis=-1)
        self.show("Scores", scores)
        return self.softmax(scores, None if mask is None else ops.expand_dims(mask, 1))

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "score_units": self.score_units}


@attention_layer(
    "dot",
    label="Dot product (Luong)",
    short="Dot",
    does="Scores each state by its dot product with the last one.",
    kind="Multiplicative attention.",
    query_key_value="The last state, or a decoder's, is the query; states are keys and values.",
    origin="Luong, Pham & Manning 2015 (arXiv 1508.04025).",
    query=True,
)
class DotAttention(QueryAttention):
    """Luong's dot score: the dot product of each state with the query.

    1. Query `q`: the last state that is not masked, shape `(batch, features)`.
    2. Scores `e_t = h_t · q`, shape `(batch, time)`.
    3. Weights `alpha = softmax(e)` over time, shape `(batch, time)`.
    4. Context `c = sum_t alpha_t h_t`, shape `(batch, features)`.

    It has no variables. `keras.layers.Attention` computes the weights.

    Source: Luong, Pham & Manning 2015 (arXiv 1508.04025).
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make Keras's layer."""
        batch, _, features = input_shape
        self.dot = keras.layers.Attention(score_mode="dot", dtype=self.dtype_policy, name="dot")
        self.dot.build([(batch, 1, features), input_shape])

    def weigh_for(self, query: Any, states: Any, mask: Any) -> Any:
        """Return the softmax of `h_t · q`."""
        return self.weights_of(self.dot, query, states, mask)


@attention_layer(
    "scaled-dot",
    label="Scaled dot product (Vaswani)",
    short="Scaled dot",
    does="The dot product, divided by the root of the number of units.",
    kind="Multiplicative attention, scaled.",
    query_key_value="The last state, or a decoder's, is the query; states are keys and values.",
    origin="Vaswani et al. 2017 (arXiv 1706.03762), with Luong's query.",
    query=True,
)
class ScaledDotAttention(DotAttention):
    """The dot score divided by the root of the number of features.

    1. Query `q`: the last state that is not masked, shape `(batch, features)`.
    2. Scores `e_t = h_t · q / sqrt(features)`, shape `(batch, time)`.
    3. Weights `alpha = softmax(e)` over time, shape `(batch, time)`.
    4. Context `c = sum_t alpha_t h_t`, shape `(batch, features)`.

    A dot product grows with the number of features, and the gradient of a softmax of large scores
    is close to zero; the division keeps the scores of one size. It has no variables.
    `keras.layers.Attention` computes the weights from the divided query.

    Source: Vaswani et al. 2017 (arXiv 1706.03762), with Luong's query.
    """

    def weigh_for(self, query: Any, states: Any, mask: Any) -> Any:
        """Return the softmax of `h_t · q / sqrt(features)`."""
        return super().weigh_for(query / math.sqrt(states.shape[-1]), states, mask)


@attention_layer(
    "self",
    label="Multi-head self-attention",
    short="Self",
    does="Every state asks about every other; their answers are averaged.",
    kind="Multi-head self-attention.",
    query_key_value="Queries, keys and values are projections of the states.",
    origin="Vaswani et al. 2017 (arXiv 1706.03762).",
    query=True,
    sums_states=False,
)
class SelfAttention(AttentionLayer):
    """Self-attention: every state is a query, and their contexts are averaged over time.

    1. For each head `q_i = h_i Wq + bq`, `k_j = h_j Wk + bk`, `v_j = h_j Wv + bv`, shape
       `(batch, time, key_dim)`.
    2. Attention `A_ij = softmax_j(q_i · k_j / sqrt(key_dim))`, shape
       `(batch, heads, time, time)`.
    3. Attended `a_i = sum over heads of (sum_j A_ij v_j) Wo + bo`, shape
       `(batch, time, features)`.
    4. Context `c = mean_i a_i`, shape `(batch, features)`.
    5. Weights `alpha_j = mean over heads and i of A_ij`, shape `(batch, time)`.

    The weight of a step, averaged over the heads and the query positions i, is the share of step
    j's value in the pooled output, averaged over the heads. The values are projections of the
    states, so the context is not the sum of the weighted states.
    With `return_sequences=True` the attended `a_i` are returned. Masked steps get no weight and are
    no queries: their `a_i` are 0 and are left out of the mean.

    With a query `(batch, queries, features)`, such as the states of a decoder, those are the
    queries instead of the states, as in the paper's encoder–decoder attention; see `call`.

    Variables: those of `keras.layers.MultiHeadAttention`, which computes `a` and `A`.

    Source: Vaswani et al. 2017 (arXiv 1706.03762).

    Args:
        num_heads: the number of heads.
        key_dim: the number of features of a head's queries, keys and values.
    """

    def __init__(self, num_heads: int = 2, key_dim: int = 8, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_heads = self.size("num_heads", num_heads)
        self.key_dim = self.size("key_dim", key_dim)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make Keras's layer."""
        self.heads = keras.layers.MultiHeadAttention(
            self.num_heads, self.key_dim, dtype=self.dtype_policy, name="heads"
        )
        self.heads.build(input_shape, input_shape)

    def attend(self, states: Any, mask: Any) -> tuple[Any, Any, Any]:
        """Return the mean of the attended sequence, the sequence, and the mean weights."""
        seen = None if mask is None else ops.expand_dims(mask, 1)
        # A copy, because Keras's layer takes the Keras mask off the tensor it is given.
        states = ops.copy(states)
        sequence, weights = self.heads(
            states, states, attention_mask=seen, return_attention_scores=True
        )
        self.show("Attention", weights)
        if mask is not None:
            sequence = ops.where(ops.expand_dims(mask, -1), sequence, 0)
        self.show("Attended", sequence)
        asking = self.softmax(ops.zeros_like(states[..., 0]), mask)
        context = ops.sum(sequence * ops.expand_dims(asking, -1), axis=1)
        shares = ops.einsum("bi,bhij->bj", asking, weights) / self.num_heads
        return context, sequence, self.show("Weights", shares)

    def call(
        self,
        states: Any,
        mask: Any = None,
        return_attention_scores: bool = False,
        query: Any = None,
        states_mask: Any = None,
    ) -> Any:
        """Return the context or the attended sequence, and on request the weights.

        With a query the context of each is what it attended:

        1. Attention `A_ij = softmax_j(q_i · k_j / sqrt(key_dim))`, shape
           `(batch, heads, queries, time)`.
        2. Context `c_i = sum over heads of (sum_j A_ij v_j) Wo + bo`, shape
           `(batch, queries, features)`.
        3. Weights `alpha_ij = mean over heads of A_ij`, shape `(batch, queries, time)`.
        """
        if query is None:
            return super().call(states, mask, return_attention_scores)
        self.refuse_sequences()
        # With two tensors Keras gives the mask that the states carry under this name.
        mask = states_mask if mask is None else mask
        seen = None if mask is None else ops.expand_dims(mask, 1)
        states, query = ops.copy(states), ops.copy(query)  # see `attend`
        contexts, weights = self.heads(
            query, states, attention_mask=seen, return_attention_scores=True
        )
        self.show("Attention", weights)
        self.show("Context", contexts)
        shares = self.show("Weights", ops.mean(weights, axis=1))
        return (contexts, shares) if return_attention_scores else contexts

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "num_heads": self.num_heads, "key_dim": self.key_dim}


@attention_layer(
    "keras-additive",
    label="Keras's AdditiveAttention",
    short="Keras's",
    does="Keras's own additive layer: a weighted sum of tanh, without matrices.",
    kind="Additive attention.",
    query_key_value="The last state, or a decoder's, is the query; states are keys and values.",
    origin="keras.layers.AdditiveAttention, after Bahdanau, Cho & Bengio 2014 (arXiv 1409.0473).",
    query=True,
)
class KerasAdditiveAttention(QueryAttention):
    """Keras's own additive layer, whose score has neither W nor U.

    1. Query `q`: the last state that is not masked, shape `(batch, features)`.
    2. Scores `e_t = sum over features f of g_f tanh(q_f + h_tf)`, shape `(batch, time)`.
    3. Weights `alpha = softmax(e)` over time, shape `(batch, time)`.
    4. Context `c = sum_t alpha_t h_t`, shape `(batch, features)`.

    Variables: g `(features,)`, Keras's `scale`.

    Source: `keras.layers.AdditiveAttention`, after Bahdanau, Cho & Bengio 2014
    (arXiv 1409.0473). `AdditiveQueryAttention` is the paper's formula, with W and U.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make Keras's layer and its g `(features,)`."""
        batch, _, features = input_shape
        self.additive = keras.layers.AdditiveAttention(dtype=self.dtype_policy, name="additive")
        self.additive.build([(batch, 1, features), input_shape])

    def weigh_for(self, query: Any, states: Any, mask: Any) -> Any:
        """Return the softmax of `sum over f of g_f tanh(q_f + h_tf)`."""
        return self.weights_of(self.additive, query, states, mask)


@attention_layer(
    "uniform",
    label="Uniform (the control)",
    short="Uniform",
    does="Gives every step the same weight: the mean of the states, nothing to learn.",
    kind="A control, not attention.",
    query_key_value="There is no query and no key; states are values.",
    origin="Wiegreffe & Pinter 2019 (arXiv 1908.04626).",
    score_bound=0.0,
)
class UniformAttention(AttentionLayer):
    """The control: every step gets the same weight, and the context is the mean of the states.

    1. Scores `e_t = 0`, shape `(batch, time)`.
    2. Weights `alpha_t = 1 / T`, shape `(batch, time)`; T counts the steps that are not masked.
    3. Context `c = sum_t alpha_t h_t`, shape `(batch, features)`.

    It has no variables and learns nothing. A layer that predicts no better than this one gains
    nothing from its weights.

    Source: Wiegreffe & Pinter 2019 (arXiv 1908.04626), who train with uniform weights to see
    whether a task needs attention at all.
    """

    def scores(self, states: Any) -> Any:
        """Return 0 for every step."""
        return ops.zeros_like(states[..., 0])
