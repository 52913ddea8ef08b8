"""A new task, or a new attention layer, touches one file: tried on a copy of the package."""

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

@attention_layer("first", label="Only the first step", score_bound=None)
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
for name, text in QUERY.items():
    page.query_params[name] = text
page.run()
for _ in range(200):
    if any("Trained:" in str(bar.proto.text) for bar in page.get("progress")):
        break
    shared_trainer().wait(0.3)
    page.run()
assert not page.exception and not page.error, page.error
words = chr(10).join(each.value for each in (*page.markdown, *page.warning, *page.caption))
assert "could not be used" not in words, words
assert "Trained:" in str(page.get("progress")[0].proto.text)
used = page.session_state["choice"][1]
for name, text in QUERY.items():
    assert text in (str(getattr(used, name, text)),), (name, used)
assert QUERY.get("task", "fibonacci") in page.selectbox(key="task").options
assert QUERY.get("attention", "article") in page.selectbox(key="attention").options
run = train(used.replace(epochs=1, repeats=1))
shared_trainer().close()
"""


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
