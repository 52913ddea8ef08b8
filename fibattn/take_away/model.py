"""Both trained networks as `.keras` files in a ZIP, with the layer's source and an example.

Only a worker has Keras: it makes the files (`trainer`), here they are put beside what loads them.
"""

from __future__ import annotations

import io
import zipfile

import numpy as np

from fibattn.network.catalogue import attention_layers
from fibattn.take_away.pair import Pair, versions

EXAMPLE = """\
import keras
import numpy as np
import layer  # the attention layer's source: importing it tells Keras of it
prediction, weights = keras.models.load_model("attention.keras").predict(np.load("window.npy"))
print(prediction, weights)  # scaled; a share of each step, the oldest first
"""
README = """\
Two networks, random start {start}, after epoch {epochs}; made on {day} with {versions}.

plain.keras      (windows, {steps}, {features}) to predictions (windows, {horizon})
attention.keras  the same, and the weights as a second output
layer.py         the attention layer; Keras can load attention.keras once this is imported
window.npy       one test window, scaled
example.py       prints its prediction and its weights: python example.py, in this folder{own}
"""
OWN_NUMBERS = "\n\nThe window is from a visitor's own file, and the networks were trained on it."


def model(pair: Pair, plain: bytes, attention: bytes) -> bytes:
    """Return the ZIP.

    Args:
        pair: the finished runs.
        plain, attention: the `.keras` files of `pair.start` of both networks.
    """
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("README.txt", _readme(pair))
        file.writestr("plain.keras", plain)
        file.writestr("attention.keras", attention)
        file.writestr("layer.py", _layer(pair))
        file.writestr("window.npy", _window(pair))
        file.writestr("example.py", EXAMPLE)
    return held.getvalue()


def _readme(pair: Pair) -> str:
    experiment = pair.attention.experiment
    return README.format(
        start=pair.start + 1,
        epochs=experiment.epochs,
        day=pair.day,
        versions=", ".join(f"{name} {each}" for name, each in versions().items()),
        steps=experiment.time_steps,
        features=experiment.features,
        horizon=experiment.horizon,
        own=OWN_NUMBERS if pair.has_own_file else "",
    )


def _layer(pair: Pair) -> str:
    """Return the layer's source, registered under the name that the file has for it."""
    entry = attention_layers()[pair.attention.experiment.attention or ""]
    # The advice to import this package is in the saved files, and means nothing here.
    kept = [line for line in entry.source.splitlines() if '"to_load":' not in line]
    before, head, after = "\n".join(kept).rpartition(f"class {entry.class_name}(")
    if "import keras" not in before.splitlines():
        before = f"import keras\n{before}"
    return f'{before}@keras.saving.register_keras_serializable("fibattn")\n{head}{after}\n'


def _window(pair: Pair) -> bytes:
    """Return the window that was looked at, (1, time_steps, features), as a .npy file."""
    data = pair.attention.dataset()
    index = pair.window
    held = io.BytesIO()
    np.save(held, data.test_x[index : index + 1].astype(np.float32))
    return held.getvalue()
