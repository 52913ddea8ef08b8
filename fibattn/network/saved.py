"""A trained network as the bytes of a `.keras` file."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fibattn.network import models  # before Keras: it prepares the environment

# isort: split
import keras

from fibattn.experiment import Experiment
from fibattn.run import Arrays


def keras_file(experiment: Experiment, weights: Arrays, repeat: int) -> bytes:
    """Return the `.keras` file of one random start of an experiment, after its last epoch.

    The model takes (batch, time_steps, features) to (batch, horizon); with attention its second
    output are the weights, (batch, time_steps), of a recurrent decoder (batch, horizon,
    time_steps). It is not compiled.

    Args:
        experiment: what was trained.
        weights: for each variable (any epochs, repeats, *its shape); the last epoch's are saved.
        repeat: which random start, from 0.
    """
    attends = experiment.attention is not None
    model: keras.Model = models.build(experiment.architecture, show_weights=attends)
    model.set_weights([array[-1, repeat] for array in weights])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return path.read_bytes()
