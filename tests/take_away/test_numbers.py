"""The ZIP of numbers, read back without fibattn."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import numpy as np
import pytest

from fibattn.take_away.numbers import OWN_NUMBERS, numbers
from fibattn.take_away.pair import Pair
from tests.parameters import mostly_long
from tests.take_away.pairs import graphs, own_file, pair

MADE = {
    "article": {},
    "several steps": {"horizon": 3},
    "decoder": {"horizon": 2, "decoder": "recurrent", "attention": "dot"},
}


def unzipped(which: Pair) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(numbers(which, graphs(which)))) as file:
        return {name: file.read(name).decode("utf-8") for name in file.namelist()}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("made", mostly_long(MADE, {"article", "decoder"}))
def test_every_number_is_the_runs(made):
    which = pair(**MADE[made])
    files, run = unzipped(which), which.attention
    losses = [r for r in rows(files["losses.csv"]) if (r["network"], r["start"]) == ("plain", "2")]
    read = [np.float32(row["test_loss"]) for row in losses]
    np.testing.assert_array_equal(read, which.plain.val_loss[:, 1])

    data, predicted = run.dataset(), rows(files["predictions.csv"])
    truth = [float(row["true"]) for row in predicted]
    np.testing.assert_array_equal(truth, data.unscale(data.test_y).ravel())
    guesses = [float(row["attention_1"]) for row in predicted]
    np.testing.assert_allclose(guesses, data.unscale(run.test_predictions[0]).ravel(), rtol=1e-8)

    weights = [list(row.values())[3:] for row in rows(files["attention.csv"])]
    read = np.array(weights, np.float32).reshape(run.test_attention.shape)
    np.testing.assert_array_equal(read, run.test_attention)

    kept = json.loads(files["weights.json"])["attention"]
    for k, variable in enumerate(kept["variables"]):
        again = np.array(kept["starts"][1][k], np.float32).reshape(variable["shape"])
        np.testing.assert_array_equal(again, run.weights[k][-1, 1])


def test_the_settings_train_it_again():
    from fibattn import Experiment

    files = unzipped(pair())
    said = json.loads(files["settings.json"])
    assert Experiment(**said["attention"]) == pair().attention.experiment
    assert said["made_on"] == "2026-01-31" and said["versions"]["keras"]


@pytest.mark.parametrize("which", [pair, own_file])
def test_the_readme_names_every_file_and_column(which):
    files = unzipped(which())
    readme = files["README.txt"]
    assert all(name in readme for name in files if name != "README.txt")
    columns = [files[name].splitlines()[0].split(",") for name in ("losses.csv", "predictions.csv")]
    for name in {"training_loss", "test_loss", "position", "step_ahead", "true", "plain_1"}:
        assert name in readme and any(name in each for each in columns)
    assert (OWN_NUMBERS in readme) == which().has_own_file
    assert "{" not in readme


def test_a_files_names_stand_in_the_settings_alone():
    files = unzipped(own_file())
    holding = {name for name, text in files.items() if "onerror" in text}
    assert holding == {"settings.json"}
    assert json.loads(files["settings.json"])["attention"]["file"]["rows"] == 60
