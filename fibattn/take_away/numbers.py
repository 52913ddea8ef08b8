"""The numbers of a run as a ZIP of CSV and JSON, with a README that names columns and units."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from fibattn.experiment import KNOBS, Experiment
from fibattn.judge.windows import step_labels
from fibattn.network.operations import Graph
from fibattn.run import Run
from fibattn.take_away.pair import Pair, versions
from fibattn.tasks import TASKS

README = """\
{task}: the numbers of {starts} random starts of each network, made on {day}.{own}

Networks are "plain" and "attention". Starts, epochs and windows count from 1. A number that is
nan or inf comes from a start that diverged. CSV is UTF-8 with commas and decimal points.

losses.csv         one row for each network, start and epoch
  training_loss    mean squared error over the training windows, while the weights change;
                   of the scaled values, so without a unit
  test_loss        the same over the test windows, at the end of the epoch

predictions.csv    one row for each test window and step ahead
  position         {position}
  step_ahead       which of the predicted steps, from 1
  true             the target, on the original scale: {unit}
  plain_1, …       what that network predicts from that start after the last epoch, in the unit
                   of `true`

attention.csv      one row for each start, test window and step ahead (0: one set of weights for
                   all of them)
  {first_step} … t{pad}the weight of each step of the window, oldest first; a share, without a
                   unit; a row's sum is 1

weights.json       the variables of each network after the last epoch, by start: flat lists in
                   the order of `variables`, each with its name and shape; without a unit
settings.json      every choice, by its name in the address of the app and in `Experiment`, for
                   both networks; the versions; how values were scaled: scaled = (x − low) /
                   (high − low), of the natural logarithm of x where `log` is true
"""
OWN_NUMBERS = " They are computed from a visitor's own file, and hold its numbers."


def numbers(pair: Pair, graphs: tuple[Graph | str, Graph | str]) -> bytes:
    """Return the ZIP.

    Args:
        pair: the finished runs.
        graphs: of both networks, for the names of their variables; or why there is none.
    """
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("README.txt", _readme(pair))
        file.writestr("losses.csv", _csv(_losses(pair)))
        file.writestr("predictions.csv", _csv(_predictions(pair)))
        file.writestr("attention.csv", _csv(_attention(pair.attention)))
        file.writestr("weights.json", json.dumps(_weights(pair, graphs)))
        file.writestr("settings.json", json.dumps(_settings(pair), indent=2))
    return held.getvalue()


def _readme(pair: Pair) -> str:
    experiment = pair.attention.experiment
    task, first = TASKS[experiment.task], step_labels(experiment.time_steps)[0]
    return README.format(
        task=task.label,
        starts=pair.starts,
        day=pair.day,
        own=OWN_NUMBERS if pair.has_own_file else "",
        position="where in the series the window's first target stands, from 0"
        if task.is_series
        else "the window's number among all that were made, from 0",
        unit="that of the file's target column" if task.own_file else task.shape,
        first_step=first,
        pad=" " * max(1, 12 - len(first)),
    )


def _losses(pair: Pair) -> Iterator[Iterable[Any]]:
    yield "network", "start", "epoch", "training_loss", "test_loss"
    for name, run in pair.runs.items():
        for start in range(pair.starts):
            both = zip(run.loss[:, start], run.val_loss[:, start], strict=True)
            for epoch, (train, test) in enumerate(both, 1):
                yield name, start + 1, epoch, *_short([train, test])


def _predictions(pair: Pair) -> Iterator[Iterable[Any]]:
    data = pair.attention.dataset()
    names = [f"{name}_{start + 1}" for name in pair.runs for start in range(pair.starts)]
    yield "window", "position", "step_ahead", "true", *names
    windows = len(data.test_y)
    truth = data.unscale(data.test_y).reshape(windows, -1)
    guesses = np.concatenate(
        [
            data.unscale(run.test_predictions).reshape(pair.starts, windows, -1)
            for run in pair.runs.values()
        ]
    )
    for window in range(windows):
        for ahead in range(truth.shape[1]):
            place = window + 1, int(data.test_positions[window]), ahead + 1
            yield *place, repr(float(truth[window, ahead])), *_short(guesses[:, window, ahead])


def _attention(run: Run) -> Iterator[Iterable[Any]]:
    yield "start", "window", "step_ahead", *step_labels(run.experiment.time_steps)
    for start, windows in enumerate(run.test_attention, 1):
        for window, weights in enumerate(windows, 1):
            if weights.ndim == 1:
                yield start, window, 0, *_short(weights)
                continue
            for ahead, row in enumerate(weights, 1):
                yield start, window, ahead, *_short(row)


def _weights(pair: Pair, graphs: tuple[Graph | str, Graph | str]) -> dict[str, Any]:
    found = {}
    for (name, run), graph in zip(pair.runs.items(), graphs, strict=True):
        named = None if isinstance(graph, str) else graph.weights
        found[name] = {
            "variables": [
                {
                    "name": named[k].name if named else f"variable {k + 1}",
                    "shape": array.shape[2:],
                }
                for k, array in enumerate(run.weights)
            ],
            "starts": [
                [list(map(_number, array[-1, start].ravel())) for array in run.weights]
                for start in range(pair.starts)
            ],
        }
    return found


def _settings(pair: Pair) -> dict[str, Any]:
    scaling = pair.attention.dataset().scaling
    return {
        "made_on": pair.day,
        "versions": versions(),
        "scaling": dataclasses.asdict(scaling),
        **{name: _choices(run.experiment) for name, run in pair.runs.items()},
    }


def _choices(experiment: Experiment) -> dict[str, Any]:
    """Return every choice by its name; of a visitor's file its names, not its numbers."""
    choices = {name: getattr(experiment, name) for name in KNOBS}
    if table := experiment.table:
        choices["file"] = {"name": table.name, "columns": table.columns, "rows": table.rows}
    return choices


def _csv(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _short(values: Iterable[Any]) -> list[str]:
    """Return float32 values in as many digits as make them the same float32 again."""
    return [f"{value:.9g}" for value in values]


def _number(value: Any) -> float | None:
    """Return a float32 for JSON, which knows nothing but finite numbers."""
    return float(f"{value:.9g}") if np.isfinite(value) else None
