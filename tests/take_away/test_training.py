"""“Train again” trains as Keras's `fit` does: a kept page's own code, in V8, without a page."""

from __future__ import annotations

import base64
import json
import zlib

import numpy as np
import pytest
from py_mini_racer import MiniRacer

from fibattn import Experiment, train
from fibattn.network import models
from fibattn.network.training_graph import new_starts
from fibattn.run import sample_order
from fibattn.stage.packing import graph_words, pack
from fibattn.take_away.page import page
from tests.take_away.pairs import graphs, new, pair
from tests.take_away.test_page import Elements

# 37 windows to train on: batches of 8 leave a last one of 5.
SMALL = Experiment(series_length=60, time_steps=5, scaling="log", epochs=3, repeats=2)
NETWORKS = [
    {"attention": attention, "cell": cell}
    for cell in ("SimpleRNN", "LSTM", "GRU")
    for attention in ("article", "additive-query", "self", "scaled-dot")
]


class Kept:
    """V8 with the script of a kept page; there is no document, as in a worker."""

    def __init__(self) -> None:
        which = pair(epochs=3)
        found = Elements(page(which, graphs(which), new(which)).decode())
        self.elements = {
            attributes.get("id"): text
            for (_, attributes), text in zip(
                [each for each in found.found if each[0] == "script"], found.scripts, strict=True
            )
        }
        self.v8 = MiniRacer()
        self.v8.eval(found.scripts[-1])
        self.v8.eval(
            "let lesson; function learn(run, training) {"
            " lesson = lessonOf(Uint8Array.from(run), Uint8Array.from(training)); return 1; }"
        )

    def train(self, run: bytes, training: bytes, network: str, starts: list[int]) -> list[dict]:
        """Return what is told after each epoch; JSON has no typed arrays and no NaN."""
        self.v8.call("learn", list(run), list(training))
        jobs = json.dumps([{"network": network, "start": start} for start in starts])
        told = f"[...train(lesson, {jobs})].map((e) => ({{...e, weights: Array.from(e.weights)}}))"
        # The weights of all epochs of a start are one array: what is told last is the end.
        found: list[dict] = json.loads(self.v8.eval(f"JSON.stringify({told})"))
        return found


@pytest.fixture(scope="module")
def kept() -> Kept:
    return Kept()


def fit(experiment: Experiment, weights: np.ndarray, start: int) -> tuple[list, list, np.ndarray]:
    """Train with `model.fit` from flat weights, in the order of that start of the run."""
    model = models.compile_for(models.build(experiment.architecture), experiment.training)
    shapes = [variable.shape for variable in model.trainable_variables]
    parts = np.split(weights, np.cumsum([np.prod(shape, dtype=int) for shape in shapes])[:-1])
    model.set_weights([part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)])
    data, losses, val_losses = experiment.dataset(), [], []
    for epoch in range(experiment.epochs):
        order = sample_order(experiment, start, epoch)
        history = model.fit(
            data.train_x[order],
            data.train_y[order],
            batch_size=experiment.batch_size,
            shuffle=False,
            validation_data=(data.test_x, data.test_y),
            verbose=0,
        ).history
        losses += history["loss"]
        val_losses += history["val_loss"]
    return losses, val_losses, np.concatenate([each.ravel() for each in model.get_weights()])


def packed(experiment: Experiment) -> tuple[bytes, bytes]:
    """Return the bytes of a page as far as one network's training needs them."""
    data, made = experiment.dataset(), new_starts(experiment)
    tested = {"windows": data.test_x, "targets": data.test_y.reshape(len(data.test_y), -1)}
    arrays = {"windows": data.train_x, "targets": data.train_y.reshape(len(data.train_y), -1)}
    arrays["attention.weights"] = made.weights
    arrays |= {f"attention.graph.{k}": array for k, array in enumerate(made.step.arrays)}
    said = {
        "networks": {"attention": graph_words(made.step)},
        "epochs": experiment.epochs,
        "batch": experiment.batch_size,
        "rate": experiment.learning_rate,
        "seed": experiment.seed,
        "first": experiment.repeats,
        "adam": dict(made.adam),
    }
    return pack(tested, {}), pack(arrays, said)


def label(choices: dict) -> str:
    return "-".join(choices.values())


@pytest.mark.parametrize(
    ("choices", "batch_size"),
    [
        pytest.param(
            choices,
            batch_size,
            id=f"{label(choices)}-{batch_size}",
            marks=() if (choices, batch_size) == (NETWORKS[0], 8) else pytest.mark.long,
        )
        for choices in NETWORKS
        for batch_size in (1, 8)
    ],
)
def test_each_epochs_loss_is_that_of_fit(kept, choices, batch_size):
    experiment = SMALL.replace(batch_size=batch_size, seed=4, **choices)
    told = kept.train(*packed(experiment), "attention", [1])
    weights = new_starts(experiment).weights[1]
    losses, val_losses, last = fit(experiment, weights, experiment.repeats + 1)
    assert [each["epoch"] for each in told] == [1, 2, 3]
    np.testing.assert_allclose([each["loss"] for each in told], losses, rtol=1e-3)
    np.testing.assert_allclose([each["valLoss"] for each in told], val_losses, rtol=1e-3)
    np.testing.assert_allclose(told[-1]["weights"], last, rtol=1e-2, atol=1e-3)
    assert np.abs(last - weights).max() > 1e-2, "training that does not move proves nothing"


@pytest.mark.parametrize("network", ["plain", "attention"])
def test_a_page_trains_what_the_app_would_with_more_starts(kept, network):
    """From the page's own elements; here the reference is the app's program, not `fit`."""
    run = base64.b64decode(kept.elements["run"])
    training = zlib.decompress(base64.b64decode(kept.elements["training"]))
    told = kept.train(run, training, network, [0, 2])
    experiment = pair(epochs=3).runs[network].experiment
    wanted = train(experiment.replace(repeats=experiment.repeats + 3))
    for each in told:
        start = experiment.repeats + each["start"]
        epoch = each["epoch"] - 1
        assert each["loss"] == pytest.approx(wanted.loss[epoch, start], rel=1e-4)
        assert each["valLoss"] == pytest.approx(wanted.val_loss[epoch, start], rel=1e-4)
    assert len(told) == 2 * 3
