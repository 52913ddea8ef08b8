"""Python that scripts and notebooks have in common, as text: nothing of it runs in this process."""

from __future__ import annotations

# The article's own five functions, on Keras 3; `alphas` beside them, to see the weights.
ARTICLE_DATA = '''\
def get_fib_seq(n, scale_data=True):
    """Return n Fibonacci numbers and the scaler that was fitted on them."""
    seq = np.zeros(n)
    fib_n1, fib_n = 0.0, 1.0
    for i in range(n):
        seq[i] = fib_n1 + fib_n
        fib_n1, fib_n = fib_n, seq[i]
    scaler = []
    if scale_data:
        scaler = MinMaxScaler(feature_range=(0, 1))
        seq = scaler.fit_transform(np.reshape(seq, (n, 1))).flatten()
    return seq, scaler


def get_fib_XY(total_fib_numbers, time_steps, train_percent, scale_data=True):
    """Return windows of the sequence and the number after each, to train and to test on."""
    dat, scaler = get_fib_seq(total_fib_numbers, scale_data)
    Y = dat[time_steps:]
    rows_x = len(Y)
    X = np.column_stack([dat[i : rows_x + i] for i in range(time_steps)])
    # Random permutation with fixed seed
    idx = np.random.RandomState(seed=13).permutation(rows_x)
    split = int(train_percent * rows_x)
    train_ind, test_ind = idx[:split], idx[split:]
    trainX = np.reshape(X[train_ind], (len(train_ind), time_steps, 1))
    testX = np.reshape(X[test_ind], (len(test_ind), time_steps, 1))
    return trainX, Y[train_ind], testX, Y[test_ind], scaler'''

ARTICLE_LAYER = '''\
class attention(keras.layers.Layer):
    """A weighted sum of the states, scored by their content and their step."""

    def build(self, input_shape):
        self.W = self.add_weight(
            name="att_weight", shape=(input_shape[-1], 1), initializer="random_normal"
        )
        self.b = self.add_weight(
            name="att_bias", shape=(input_shape[1], 1), initializer="zeros"
        )

    def alphas(self, x):
        e = ops.tanh(ops.matmul(x, self.W) + self.b)
        return ops.softmax(ops.squeeze(e, axis=-1))

    def call(self, x):
        return ops.sum(x * ops.expand_dims(self.alphas(x), axis=-1), axis=1)'''

ARTICLE_NETWORKS = '''\
def create_RNN(hidden_units, dense_units, input_shape, activation):
    """Return the plain network: SimpleRNN, then Dense."""
    model = keras.Sequential()
    model.add(keras.Input(input_shape))
    model.add(keras.layers.SimpleRNN(hidden_units, activation=activation[0]))
    model.add(keras.layers.Dense(units=dense_units, activation=activation[1]))
    return model


def create_RNN_with_attention(hidden_units, dense_units, input_shape, activation):
    """Return the network with attention, and what gives the weights of its steps."""
    x = keras.Input(shape=input_shape)
    RNN_layer = keras.layers.SimpleRNN(
        hidden_units, return_sequences=True, activation=activation
    )(x)
    layer = attention()
    attention_layer = layer(RNN_layer)
    outputs = keras.layers.Dense(dense_units, activation=activation)(attention_layer)
    states = keras.Model(x, RNN_layer)
    model = keras.Model(x, outputs)
    return model, lambda windows: layer.alphas(states.predict(windows, verbose=0))


def plain_network():
    return create_RNN({units}, 1, ({steps}, 1), ["{activation}", "{output_activation}"])


def attention_network():
    return create_RNN_with_attention({units}, 1, ({steps}, 1), "{activation}")'''

TABLE = '''\
class Table(NamedTuple):
    """The chosen columns of a file as the page has read them, the target first."""

    values: np.ndarray
    columns: tuple[str, ...]'''

TRAINING = '''\
def train(name, model, initial):
    """Train a network as the page did, and print its losses beside the page's."""
    drawn = [np.abs(weight).sum() for weight in model.get_weights()]
    if not np.allclose(drawn, initial, rtol=1e-4):
        print("This Keras draws other initial weights than the page's: losses will differ.")
    model.compile(loss="mse", optimizer=keras.optimizers.Adam(LEARNING_RATE))
    print(f"{name}: epoch, training loss, the page's, test loss, the page's")
    for epoch in range(EPOCHS):
        order = np.random.default_rng((SEED, START, epoch)).permutation(len(train_x))
        seen = model.fit(
            train_x[order],
            train_y[order],
            batch_size=BATCH_SIZE,
            shuffle=False,
            validation_data=(test_x, test_y),
            verbose=0,
        ).history
        losses = (seen["loss"][0], PAGE[name][0][epoch], seen["val_loss"][0], PAGE[name][1][epoch])
        print(f"{epoch + 1:>3}", *(f"{loss:.7e}" for loss in losses), flush=True)'''

HEATMAP = '''\
class Heatmap:
    """Weights as a picture: a row for each window, a column for each step, darker for more."""

    def __init__(self, weights):
        self.weights = np.asarray(weights)

    def _repr_svg_(self):
        size, top = 14, max(float(self.weights.max()), 1e-9)
        rows, steps = self.weights.shape
        cells = "".join(
            f'<rect x="{step * size}" y="{row * size}" width="{size}" height="{size}" '
            f'fill="#D9700F" fill-opacity="{self.weights[row, step] / top:.3f}"/>'
            for row in range(rows)
            for step in range(steps)
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{steps * size}" '
            f'height="{rows * size}">{cells}</svg>'
        )'''
