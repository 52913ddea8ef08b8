"""Scripts and notebooks, run where fibattn is not: every epoch's losses are the page's."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fibattn.network.catalogue import attention_layers
from fibattn.take_away.pair import Pair
from fibattn.take_away.script import is_article, notebook, script
from fibattn.tasks import TASKS
from tests.take_away import fresh
from tests.take_away.pairs import NASTY, own_file, pair, untrained

# As in tests/network/test_training.py: float32, and Adam's steps add up.
LOSS = {"rtol": 2e-5}

SERIES = {"attention": "additive", "time_steps": 12, "series_length": 80}
DECODER = {"decoder": "recurrent", "horizon": 2}
LAYERS = [{"attention": name, "cell": "GRU"} for name in attention_layers()]
OF_TASKS = [{"task": name, **SERIES} for name, task in TASKS.items() if not task.own_file]
# Each group is run in one fresh process.
GROUPS = {
    "article and find-max": [{}, {"task": "find-max", "attention": "additive-content"}],
    "layers": LAYERS[:4],
    "more layers": LAYERS[4:8],
    "the other layers": LAYERS[8:],
    "tasks": OF_TASKS[:3],
    "more tasks": OF_TASKS[3:6],
    "the other tasks": OF_TASKS[6:],
    "networks": [
        {"bidirectional": True, "cell": "LSTM", "units": 3},
        {"placement": "before", "attention": "additive", "cell": "LSTM"},
        {"head": "conv", "attention": "additive-content", "activation": "relu"},
    ],
    "other data": [
        {"horizon": 3, "attention": "dot", "batch_size": 4, "learning_rate": 1e-2},
        {"scaling": "log", "split": "chronological", "train_fraction": 0.6, "seed": 7},
        {"scaling": "linear-train", "output_activation": "linear"},
    ],
    "decoders": [
        {**DECODER, "attention": "additive-query", "cell": "LSTM"},
        {**DECODER, "attention": "dot", "cell": "GRU"},
    ],
    "more decoders": [
        {**DECODER, "attention": "self"},
        {**DECODER, "attention": "keras-additive"},
    ],
}
# The first is run by -m long, the others by -m heavy: each trains several networks by `fit`.
RUN = [
    pytest.param(group, id=name, marks=pytest.mark.heavy if k else pytest.mark.long)
    for k, (name, group) in enumerate(GROUPS.items())
]


def made(changes: dict, start: int = 1) -> Pair:
    both = pair(**changes)
    return Pair(both.plain, both.attention, view={"start": start}, day=both.day)


def check_losses(which: Pair, printed: str) -> None:
    """Check that what was printed are the page's losses, and that the script computed the same."""
    rows = [line.split() for line in printed.splitlines() if re.match(r"\s*\d+ \d\.", line)]
    computed = np.array([[float(cell) for cell in row[1:]] for row in rows])
    runs = [which.plain, which.attention]
    for column, name in ((0, "loss"), (2, "val_loss")):
        page = np.concatenate([getattr(run, name)[:, which.start] for run in runs])
        np.testing.assert_allclose(computed[:, column + 1], page, rtol=1e-6)
        np.testing.assert_allclose(computed[:, column], page, **LOSS)
    assert "other initial weights" not in printed


@pytest.mark.timeout(900)
@pytest.mark.parametrize("group", RUN)
def test_scripts_compute_the_pages_losses(group, tmp_path):
    pairs = {f"{k}.py": made(changes) for k, changes in enumerate(group)}
    for name, which in pairs.items():
        (tmp_path / name).write_bytes(script(which))
    printed = fresh.run(tmp_path, *([name] for name in pairs))
    assert list(printed) == list(pairs)
    for name, which in pairs.items():
        check_losses(which, printed[name])
        last = np.array(printed[name].splitlines()[-1].split(), float)
        weights = which.attention.test_attention[which.start, 0].ravel()
        np.testing.assert_allclose(last, weights, atol=2e-4)


def code_of(held: bytes) -> str:
    cells = json.loads(held)["cells"]
    return "\n\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code")


@pytest.mark.heavy
def test_notebooks_compute_them_too_and_show_a_heatmap(tmp_path):
    pairs = {"article.py": made({}), "decoder.py": made(GROUPS["decoders"][0])}
    for name, which in pairs.items():
        code, _, last = code_of(notebook(which)).rpartition("\n")
        text = f"{code}\npicture = {last}._repr_svg_()\nprint('SVG', picture.count('<rect'))\n"
        (tmp_path / name).write_text(text, encoding="utf-8")
    printed = fresh.run(tmp_path, *([name] for name in pairs))
    for name, which in pairs.items():
        check_losses(which, printed[name])
        cells = min(40, which.attention.experiment.test_windows) * 5
        assert printed[name].splitlines()[-1] == f"SVG {cells}"


@pytest.mark.long
def test_a_visitors_numbers_are_in_the_script(tmp_path):
    which = own_file()
    (tmp_path / "own.py").write_bytes(script(which))
    printed = fresh.run(tmp_path, ["own.py"])
    check_losses(which, printed["own.py"])


@pytest.mark.parametrize("make", [script, lambda which: code_of(notebook(which)).encode()])
@pytest.mark.parametrize("which", [pair, own_file])
def test_a_script_needs_three_packages_and_no_name_of_a_file_is_code(make, which):
    text = make(which()).decode("utf-8")
    tree = ast.parse(text)
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    assert imported - set(sys.stdlib_module_names) <= {"keras", "numpy", "sklearn"}
    assert "import fibattn" not in text
    strings = [each.value for each in ast.walk(tree) if isinstance(each, ast.Constant)]
    assert (NASTY in strings) == which().has_own_file


def test_the_articles_run_has_the_articles_own_functions():
    assert is_article(untrained().attention.experiment)
    defined = {node.name for node in ast.parse(script(untrained())).body if hasattr(node, "name")}
    own = {"get_fib_seq", "get_fib_XY", "create_RNN", "attention", "create_RNN_with_attention"}
    assert own <= defined
    assert not is_article(untrained(attention="dot", cell="GRU").attention.experiment)


@pytest.mark.parametrize("group", GROUPS.values(), ids=list(GROUPS))
def test_scripts_are_clean(group, tmp_path):
    """No name is undefined or unused, and no import stands where it does not belong."""
    for k, changes in enumerate(group):
        Path(tmp_path / f"{k}.py").write_bytes(script(untrained(**changes)))
    done = subprocess.run(
        ["ruff", "check", "--isolated", "--select=E4,E7,E9,F,B", "--ignore=E402", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
