"""The models, loaded where fibattn is not: they give the run's predictions and weights."""

from __future__ import annotations

import io
import re
import zipfile

import numpy as np
import pytest

from fibattn.network.catalogue import attention_layers
from fibattn.take_away.model import OWN_NUMBERS, model
from fibattn.take_away.pair import Pair
from fibattn.trainer import jobs
from tests.take_away import fresh
from tests.take_away.pairs import own_file, pair

DECODER = {"decoder": "recurrent", "horizon": 2, "attention": "dot", "cell": "GRU"}
MADE = [*({"attention": name, "cell": "GRU"} for name in attention_layers()), DECODER]


def taken(which: Pair) -> zipfile.ZipFile:
    files = [
        jobs.keras_file(run.experiment, run.weights, which.start) for run in which.runs.values()
    ]
    return zipfile.ZipFile(io.BytesIO(model(which, *files)))


def looked_at(which: Pair) -> Pair:
    return Pair(which.plain, which.attention, view={"start": 1, "window": 3}, day=which.day)


@pytest.mark.long
def test_the_example_prints_the_runs_weights_without_this_package(tmp_path):
    program = tmp_path / "all.py"
    program.write_text(
        "import os, sys, runpy\n"
        "for folder in sys.argv[1:]:\n"
        "    os.chdir(folder); sys.path.insert(0, folder); sys.modules.pop('layer', None)\n"
        "    print('#', folder); runpy.run_path('example.py'); sys.path.pop(0)\n"
    )
    folders = {}
    for k, changes in enumerate(MADE):
        folder = tmp_path / str(k)
        folders[str(folder)] = looked_at(pair(**changes))
        taken(folders[str(folder)]).extractall(folder)
    printed = fresh.run(tmp_path, [str(program), *folders])[str(program)]
    parts = printed.split("# ")[1:]
    assert len(parts) == len(MADE)
    for part in parts:
        folder, _, text = part.partition("\n")
        run = folders[folder].attention
        found = [float(each) for each in re.findall(r"-?\d\.?\d*(?:e-?\d+)?", text.split("\r")[-1])]
        expected = [*run.test_predictions[1, 3].ravel(), *run.test_attention[1, 3].ravel()]
        np.testing.assert_allclose(found[-len(expected) :], expected, rtol=1e-4, atol=1e-6)


def test_the_example_has_five_lines_and_the_readme_names_every_file():
    with taken(looked_at(pair())) as file:
        assert len(file.read("example.py").decode().splitlines()) == 5
        readme = file.read("README.txt").decode()
        assert all(name in readme for name in file.namelist() if name != "README.txt")
        assert "random start 2" in readme and OWN_NUMBERS not in readme
        assert "import fibattn" not in file.read("layer.py").decode()
    with taken(own_file()) as file:
        assert OWN_NUMBERS in file.read("README.txt").decode()
