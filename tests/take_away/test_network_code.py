"""The Keras code of a script draws the run's initial weights, variable by variable."""

from __future__ import annotations

import random

import keras
import numpy as np
import pytest

from fibattn.experiment import Experiment
from fibattn.network import models
from fibattn.network.catalogue import attention_layers
from fibattn.network.layers import ATTENTION_LAYERS
from fibattn.take_away.network_code import attention_code, plain_code

CELLS = ("SimpleRNN", "LSTM", "GRU")
DECODER = {"decoder": "recurrent", "horizon": 3}
NETWORKS = [
    {"cell": cell, "bidirectional": both, "head": head, "units": 3}
    for cell in CELLS
    for both in (False, True)
    for head in ("dense", "conv")
]
NETWORKS += [{"cell": cell, "placement": "before", "attention": "additive"} for cell in CELLS]
NETWORKS += [{"cell": cell, "attention": "dot", **DECODER} for cell in CELLS]
NETWORKS += [{"attention": name} for name in attention_layers()]
NETWORKS += [{"horizon": 3, "activation": "relu", "bidirectional": True, "placement": "before"}]


@pytest.mark.parametrize("changes", NETWORKS, ids=lambda each: " ".join(map(str, each.values())))
def test_the_code_draws_the_runs_initial_weights(changes):
    experiment = Experiment(**{"attention": "article", "time_steps": 4} | changes)
    plain = experiment.replace(attention=None, placement="after")
    for each, code, name in (
        (plain, plain_code, "plain_network"),
        (experiment, attention_code, "attention_network"),
    ):
        wanted = models.initial_weights(models.build(each.architecture), 5, 2)
        shape = each.architecture.time_steps, each.architecture.features
        names = {"keras": keras} | {layer.__name__: layer for layer in ATTENTION_LAYERS.values()}
        exec(code(each.architecture.network, shape, each.horizon), names)
        random.seed(repr((5, 2)))
        made = names[name]()
        model = made[0] if isinstance(made, tuple) else made
        found = model.get_weights()
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(one, other)
