"""How long the stage works for one frame in Chromium: a value dragged, an epoch further.

    python -m tests.benchmarks.frames

Of the default run, and of the largest network that the page's sliders reach, both written to a
file and opened from there. A frame's work is all the stage does for it: computing both networks
and drawing; the browser's own painting comes after it. 16.7 ms is one frame of 60 in a second.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from fibattn import Experiment, train
from fibattn.network.graph import graph_of
from fibattn.network.training_graph import new_starts
from fibattn.take_away.page import page
from fibattn.take_away.pair import Pair
from tests.browser.server import running_browser

SHAPES = {
    "the default run": Experiment(attention="article", repeats=8),
    "32 units, 60 steps": Experiment(
        attention="additive-content", units=32, time_steps=60, epochs=10, repeats=2
    ),
}
FRAMES = 120
# Moves one of the stage's sliders back and forth, once in each frame; returns each frame's work.
MOVE = """async ([name, keys, frames]) => {
  const root = document.querySelector(".stage");
  const slider = root.querySelector(`[aria-label="${name}"]`);
  const work = [];
  for (let k = 0; k < frames; k++) {
    if (slider.tagName === "INPUT") {
      slider.value = k % (Number(slider.max) + 1);
      slider.dispatchEvent(new Event("input"));
    } else {
      slider.dispatchEvent(new KeyboardEvent("keydown", { key: keys[k % 2], bubbles: true }));
    }
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    work.push(Number(root.dataset.work));
  }
  return work;
}"""


def work_of(opened: Page, name: str) -> str:
    """Return the median and the 95th percentile of a frame's work, in milliseconds."""
    opened.evaluate(MOVE, [name, ["Home", "End"], 20])  # until the engine has made fast code
    work = opened.evaluate(MOVE, [name, ["Home", "End"], FRAMES])
    return f"{np.median(work):.1f} | {np.percentile(work, 95):.1f}"


def main() -> None:
    """Measure both and print a table."""
    print("| run | file | dragged: median, ms | 95th | epoch: median, ms | 95th |")
    print("|---|---|---|---|---|---|")
    with running_browser() as browser, tempfile.TemporaryDirectory() as folder:
        for name, experiment in SHAPES.items():
            plain = experiment.replace(attention=None)
            graphs = graph_of(plain.architecture), graph_of(experiment.architecture)
            file = Path(folder) / "kept.html"
            new = new_starts(plain), new_starts(experiment)
            file.write_bytes(page(Pair(train(plain), train(experiment)), graphs, new))
            opened = browser.new_page(viewport={"width": 1280, "height": 720})
            opened.goto(file.as_uri())
            opened.locator(".stage").wait_for()
            dragged, epoch = work_of(opened, "t−1"), work_of(opened, "Epoch")
            size = file.stat().st_size // 1000
            print(f"| {name} | {size} kB | {dragged} | {epoch} |", flush=True)
            opened.close()


if __name__ == "__main__":
    main()
