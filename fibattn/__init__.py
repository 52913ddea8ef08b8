"""fibattn: what does an attention layer do to a recurrent network, and does it help?

    >>> from fibattn import Experiment, train
    >>> run = train(Experiment(attention="article", repeats=5))

Importing this package does not import TensorFlow; the first use of `train` does. A saved model
loads after `import fibattn`: the layers are registered as soon as Keras is imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fibattn.experiment import KNOBS, Experiment
from fibattn.registration import register_with_keras
from fibattn.run import Run

if TYPE_CHECKING:
    from fibattn.network.training import train

__all__ = ["KNOBS", "Experiment", "Run", "train"]


def __getattr__(name: str) -> Any:
    if name == "train":
        from fibattn.network.training import train

        return train
    raise AttributeError(f"module 'fibattn' has no attribute {name!r}")


register_with_keras()
