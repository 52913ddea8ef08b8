"""Runs with made-up numbers, and what the tests read from a figure."""

import dataclasses
import json
import math
import re

import numpy as np

from fibattn import figures
from fibattn.experiment import Experiment
from fibattn.judge import baselines as baselines_module
from fibattn.judge import matrix
from fibattn.judge.measured import measure, row_of
from fibattn.run import Run


def a_run(attention=None, fill=None, seed=0, **choices):
    """Return a run of random numbers; a third of them are out of `fill`, if that is given."""
    experiment = Experiment(attention=attention, **choices)
    random = np.random.default_rng(seed)
    repeats, epochs, horizon = experiment.repeats, experiment.epochs, experiment.horizon
    ahead = () if horizon == 1 else (horizon,)

    def some(*shape):
        values = random.normal(0.2, 0.3, size=shape).astype(np.float32)
        if fill:
            odd = random.random(shape) < 0.3
            values[odd] = random.choice(np.array(fill, np.float32), size=int(odd.sum()))
        return values

    def weights(windows):
        if not attention:
            return np.zeros((repeats, windows, 0), np.float32)
        each = ahead if experiment.decoder == "recurrent" else ()
        shape = (repeats, windows, *each, experiment.time_steps)
        scores = np.exp(random.uniform(-1, 1, shape))
        return (scores / scores.sum(-1, keepdims=True)).astype(np.float32)

    return Run(
        experiment,
        loss=np.abs(some(epochs, repeats)),
        val_loss=np.abs(some(epochs, repeats)),
        weights=(),
        train_predictions=some(repeats, experiment.train_windows, *ahead),
        test_predictions=some(repeats, experiment.test_windows, *ahead),
        test_attention=weights(experiment.test_windows),
        layers=(),
    )


def changed(run, **arrays):
    """Return the run with other arrays."""
    return dataclasses.replace(run, **arrays)


SMALL = {"series_length": 60, "time_steps": 6, "epochs": 4, "repeats": 5}
PLAIN, ATTENTION = a_run(**SMALL), a_run("article", seed=1, **SMALL)
DATASET = PLAIN.dataset()
BASELINES = baselines_module.baselines(PLAIN.experiment)

# A decoder that attends anew at each of three steps ahead.
AHEAD = SMALL | {"horizon": 3, "decoder": "recurrent"}
DECODER = a_run("dot", seed=2, **AHEAD)


def losses(run):
    return None if run is None else (run.loss, run.val_loss)


def swapped(run, seed=7):
    """Return errors with three kinds of weights, each (repeats,)."""
    random = np.random.default_rng(seed)
    kinds = ("trained", "permuted", "uniform")
    return {kind: tuple(random.uniform(1e-4, 1e-1, run.experiment.repeats)) for kind in kinds}


def cells(plain, attention):
    """Return the cells of the atlas with these runs, none if one is None."""
    if plain is None or attention is None:
        return []
    task, measured = plain.experiment.task, measure(attention)
    networks = {None: measure(plain), "article": measured, "uniform": measured}
    return matrix.matrix({task: networks}, {task: row_of(plain)})


def all_pictures(plain, attention, experiment, chosen=0):
    """Return every picture of two runs, either of which may be None, by name."""
    dataset, epochs = experiment.dataset(), experiment.epochs
    baselines = baselines_module.baselines(experiment)
    found = {
        "losses": figures.loss_curves(losses(plain), losses(attention), epochs),
        "scores": figures.scores(plain, attention, baselines),
        "paired": figures.paired_starts(
            {"Plain": plain, "Uniform weights": plain, "Attention": attention}, baselines
        ),
        "predictions": figures.predicted_against_true(plain, attention, dataset, chosen),
        "atlas": figures.atlas(
            {experiment.task: cells(plain, attention)}, ("article", "uniform"), "plain"
        ),
        "swapped": figures.swapped_errors(attention, attention and swapped(attention)),
    }
    return found if dataset.series is None else found | {"series": figures.series(dataset)}


def axes(figure):
    layout = figure.to_plotly_json()["layout"]
    return {name: axis for name, axis in layout.items() if re.match("[xy]axis", name)}


def check_sound(figure):
    """Its axes are fixed, finite and not empty, its height is set, and it is valid JSON."""
    json.loads(figure.to_json())
    assert figure.layout.height
    for axis in axes(figure).values():
        assert axis["fixedrange"]
        low, high = axis["range"]
        assert math.isfinite(low)
        assert math.isfinite(high)
        assert low < high
        assert len(axis.get("tickvals", [0])) <= 14


def words_on(figure):
    return " ".join(note.text for note in figure.layout.annotations).replace("<br>", " ")


def traces(figure, name):
    return [trace for trace in figure.data if trace.name == name]


def trace(figure, name):
    (found,) = traces(figure, name)
    return found


def ticks(axis):
    """Return an axis's ticks: its labels by their places."""
    return dict(zip(axis.tickvals, axis.ticktext, strict=True))
