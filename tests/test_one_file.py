"""A new task, layer or metric touches one file, a choice two: tried on a copy of the package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

TASK = '''

@task(
    "throw-away",
    label="Throw-away",
    teaches="Nothing at all.",
    shape="Independent numbers; the target is the first.",
    baselines=(ALWAYS_MEAN, exact("the first number", lambda x: x[:, 0, 0])),
)
def throw_away(experiment: Experiment) -> Dataset:
    """Report the first number."""
    size = (experiment.series_length, experiment.time_steps, 1)
    x = generator().uniform(0, 0.5, size)
    return made(experiment, x, x[:, 0, 0], None)
'''

LAYER = '''

@attention_layer(
    "first",
    label="Only the first step",
    short="First step",
    does="Looks at the first step alone.",
    kind="A rule.",
    query_key_value="There is no query.",
    origin="This test.",
)
class FirstStepAttention(AttentionLayer):
    """All weight on the first step."""

    def scores(self, states: Any) -> Any:
        """Return scores that only the first step can win."""
        steps = ops.arange(ops.shape(states)[1], dtype=states.dtype)
        return ops.zeros_like(states[:, :, 0]) - 1000 * steps
'''

VISIT = """
from streamlit.testing.v1 import AppTest
from fibattn import Experiment, train
from fibattn.trainer.trainer import shared_trainer

QUERY = QUERY_HERE
page = AppTest.from_file("app.py", default_timeout=120)
page.session_state["first_run_over"] = True  # no browser asks for the next one
for name, text in QUERY.items():
    page.query_params[name] = text
page.run()
for _ in range(200):
    if any("Trained:" in each.value for each in page.caption):
        break
    shared_trainer().wait(0.3)
    page.run()
assert not page.exception and not page.error, page.error
words = chr(10).join(each.value for each in (*page.markdown, *page.warning, *page.caption))
assert "could not be used" not in words, words
assert "Trained:" in words
used = page.session_state["choice"][1]
for name, text in QUERY.items():
    assert text in (str(getattr(used, name, text)),), (name, used)
assert page.selectbox(key="task").value == QUERY.get("task", "fibonacci")
assert page.selectbox(key="attention").value == QUERY.get("attention", "article")
run = train(used.replace(epochs=1, repeats=1))
shared_trainer().close()
"""


METRIC = (
    """        Metric("r2",""",
    """        Metric("worst", "Largest error", worst, _always),
        Metric("r2",""",
)
MEASURE = '''

def worst(predictions: np.ndarray, truth: np.ndarray) -> tuple[float, ...]:
    """Return the largest absolute error of each start."""
    return tuple(np.abs(_errors(predictions, truth)).max(axis=1).tolist())
'''

CHOICE = (
    "    table: Table | None = None",
    """    level: float = knob(0.0, "Level", "Added to all.", low=0, high=1, step=0.5, place="main")
    table: Table | None = None""",
)
ITS_USE = ("    return made(choices, x", "    x = x + choices.level\n    return made(choices, x")

# A page whose networks wait for ever, so that it needs no TensorFlow.
LOOK = """
import sys
import numpy as np
from streamlit.testing.v1 import AppTest
from fibattn import Experiment
from fibattn.trainer.standing import Standing
from fibattn.ui import live

class Waiting:
    visitors = 1

    def watch(self, visitor, experiments, **_):
        none = np.empty((0, 1))
        return [Standing(each, "waiting", 0, none, none) for each in experiments]

    def standings(self, experiments):
        return self.watch(None, experiments)

    def prepare_graph(self, experiment):
        pass

live.trainer, live.WAIT_IN_PLACE = Waiting, 0.0

def look(**query):
    page = AppTest.from_file("app.py", default_timeout=60)
    page.session_state["first_run_over"] = True
    for name, text in query.items():
        page.query_params[name] = text
    page.run()
    assert not page.exception and not page.error, page
    words = chr(10).join(each.value for each in (*page.markdown, *page.warning, *page.caption))
    return page, page.session_state["choice"][1], words

"""


def looked_at(tmp_path: Path, statements: str) -> None:
    """Run some statements beside the copy, with `look` to open its page; without TensorFlow."""
    for each in (".streamlit", "app.py"):
        copy = shutil.copytree if each == ".streamlit" else shutil.copy
        copy(ROOT / each, tmp_path / each)
    done = subprocess.run(
        [sys.executable, "-c", LOOK + statements + "\nassert 'tensorflow' not in sys.modules\n"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture
def package(tmp_path) -> Path:
    """A copy of the package, to be changed."""
    return Path(shutil.copytree(ROOT / "fibattn", tmp_path / "fibattn"))


def append(file: Path, addition: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + addition, encoding="utf-8")


def put(file: Path, change: tuple[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    assert change[0] in text
    file.write_text(text.replace(*change), encoding="utf-8")


def test_one_file_makes_a_task(tmp_path, package):
    append(package / "tasks/synthetic.py", TASK)
    looked_at(
        tmp_path,
        """
data = Experiment(task="throw-away", series_length=40, time_steps=4).dataset()
assert (data.train_y == data.train_x[:, 0, 0]).all()
page, used, words = look(task="throw-away", windows="100", time_steps="4")
assert (used.task, used.series_length) == ("throw-away", 100)
assert "could not be used" not in words
assert "The first number" in words, "its predictor stands in the table"
""",
    )


def test_one_file_makes_a_layer(tmp_path, package):
    append(package / "network/layers.py", LAYER)
    looked_at(
        tmp_path,
        """
page, used, words = look(attention="first")
assert used.attention == "first"
assert "could not be used" not in words
page, _, _ = look(attention="first", view="Data and models")
assert "FirstStepAttention" in page.code[0].value
""",
    )


def test_one_file_makes_a_metric(tmp_path, package):
    file = package / "judge/metrics.py"
    put(file, METRIC)
    put(file, ("def _always(", MEASURE.strip() + "\n\n\ndef _always("))
    looked_at(tmp_path, "assert '| Largest error, test' in look()[2]\n")


def test_a_declaration_and_its_use_make_a_choice(tmp_path, package):
    put(package / "tasks/choices.py", CHOICE)
    put(package / "tasks/synthetic.py", ITS_USE)
    looked_at(
        tmp_path,
        """
small = Experiment(task="find-max", series_length=40, time_steps=4)
moved = small.replace(level=0.5)
assert np.allclose(moved.dataset().train_x, small.dataset().train_x + 0.5)
page, used, words = look(task="find-max", level="0.5")
assert used.level == 0.5
assert page.slider(key="level").value == 0.5
_, used, words = look(level="7")
assert used.level == 0, used
assert "“Level” cannot be `7`: it is a number from 0 to 1." in words, words
""",
    )


def tried(tmp_path: Path, file: str, addition: str, query: dict[str, str], after: str) -> None:
    """Append to one file of a copy, and visit its page there."""
    shutil.copytree(ROOT / "fibattn", tmp_path / "fibattn")
    shutil.copytree(ROOT / ".streamlit", tmp_path / ".streamlit")
    shutil.copy(ROOT / "app.py", tmp_path)
    with open(tmp_path / "fibattn" / file, "a", encoding="utf-8") as copy:
        copy.write(addition)
    script = VISIT.replace("QUERY_HERE", repr(query)) + after
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.long
def test_a_new_task_is_on_the_page_in_the_address_and_in_a_run(tmp_path):
    query = {"task": "throw-away", "windows": "100", "time_steps": "4", "epochs": "2"}
    after = "assert run.test_predictions.shape == (1, 30)\n"
    tried(tmp_path, "tasks/synthetic.py", TASK, query, after)


@pytest.mark.long
def test_a_new_layer_is_on_the_page_in_the_address_and_in_a_run(tmp_path):
    query = {"attention": "first", "series_length": "100", "time_steps": "4", "epochs": "2"}
    after = "assert run.test_attention[..., 0].min() > 0.999\n"
    tried(tmp_path, "network/layers.py", LAYER, query, after)
