"""fibattn: what does an attention layer do to a recurrent network, and does it help?

    >>> from fibattn import Experiment, model_of, train
    >>> run = train(Experiment(attention="article", repeats=5))
    >>> model_of(run).save("attention.keras")

Importing this package does not import TensorFlow; the first use of `train`, `model_of` or
`at_every_epoch` does. To load a saved model again, register the attention layers with Keras first:

    >>> import keras
    >>> import fibattn.network.layers
    >>> model = keras.models.load_model("attention.keras")
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from fibattn.experiment import KNOBS, Experiment
from fibattn.run import Run

if TYPE_CHECKING:
    from fibattn.network.models import model_of
    from fibattn.network.probing import at_every_epoch
    from fibattn.network.training import train

__all__ = ["KNOBS", "Experiment", "Run", "at_every_epoch", "model_of", "train"]

# The functions that need TensorFlow, and the modules they are imported from at their first use.
_WITH_KERAS = {
    "at_every_epoch": "fibattn.network.probing",
    "model_of": "fibattn.network.models",
    "train": "fibattn.network.training",
}


def __getattr__(name: str) -> Any:
    if name in _WITH_KERAS:
        return getattr(importlib.import_module(_WITH_KERAS[name]), name)
    raise AttributeError(f"module 'fibattn' has no attribute {name!r}")
