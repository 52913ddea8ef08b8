"""What is taken away: the finished runs of both networks, settings, versions."""

from __future__ import annotations

import datetime
import platform
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fibattn.experiment import KNOBS
from fibattn.judge.windows import window_order
from fibattn.run import Run
from fibattn.tasks import TASKS

# What the numbers depend on, by the names of the packages.
PACKAGES = ("fibattn", "keras", "tensorflow-cpu", "tensorflow", "numpy", "scikit-learn")


@dataclass(frozen=True, eq=False)
class Pair:
    """The finished runs of a plain network and of one with attention, on the same windows.

    view: what was looked at, as the stage takes it.
    day: when it was made, such as 2026-01-31.
    """

    plain: Run
    attention: Run
    view: dict[str, Any] = field(default_factory=dict)
    day: str = field(default_factory=lambda: datetime.date.today().isoformat())

    @property
    def runs(self) -> dict[str, Run]:
        """Both runs, by the names that files and columns have."""
        return {"plain": self.plain, "attention": self.attention}

    @property
    def has_own_file(self) -> bool:
        """Whether the windows are cut from a visitor's file."""
        return self.attention.experiment.table is not None

    @property
    def start(self) -> int:
        """The random start that was looked at, from 0."""
        start = self.view.get("start", 0)
        return start if isinstance(start, int) and 0 <= start < self.starts else 0

    @property
    def window(self) -> int:
        """The index of the test window that was looked at; otherwise of the largest target."""
        data = self.attention.dataset().at_step(0)
        window = self.view.get("window")
        if isinstance(window, int) and 0 <= window < len(data.test_y):
            return window
        return int(window_order(data)[-1])

    @property
    def starts(self) -> int:
        """How many random starts each network has."""
        return self.attention.experiment.repeats

    @property
    def name(self) -> str:
        """What files are called, without their ending: fibattn-find-max."""
        return f"fibattn-{self.attention.experiment.task}"


def settings(pair: Pair) -> dict[str, str]:
    """Return every choice of the network with attention, label and value as people read them.

    Without those that the task does not have. What is said of a visitor's file is their own text.
    """
    experiment = pair.attention.experiment
    task = TASKS[experiment.task]
    said = {}
    for name, knob in KNOBS.items():
        if knob.place == "task" and name not in task.knobs:
            continue
        label = task.length.label if name == "series_length" else knob.label
        said[label] = knob.shown(getattr(experiment, name))
    if experiment.table is not None:
        said["File"] = experiment.table.name
        said["Target column"] = experiment.table.target
        said["Feature columns"] = ", ".join(experiment.table.features) or "none"
    return said


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that the numbers depend on."""
    found = {"Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run in place, or the other TensorFlow
            continue
    return found
