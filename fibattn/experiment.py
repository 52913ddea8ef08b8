"""One experiment: a task, a network, and how it is trained.

Each choice is declared once: those of the data in `tasks.choices`, those of the network and of its
training in `network.choices`, the task here. `KNOBS` are all of them.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fibattn import tasks
from fibattn.knobs import Knob, knob, knobs_of, part_of
from fibattn.network.architecture import Architecture, starts_together
from fibattn.network.catalogue import attention_layers
from fibattn.network.choices import NetworkChoices, TrainingChoices
from fibattn.tasks import TASKS, Dataset, Task
from fibattn.tasks.choices import DataChoices


@dataclass(frozen=True, kw_only=True)
class Experiment(TrainingChoices, NetworkChoices, DataChoices):
    """One experiment: a task, a network, and how it is trained.

    Frozen and hashable. Raises ValueError, with a sentence that says what would be right, when a
    value is out of its bounds or when values contradict each other. The defaults are the
    article's plain network; see `KNOBS` for what each field means and may be.
    """

    task: str = knob(
        "fibonacci",
        "Task",
        "What is predicted.",
        options={name: task.label for name, task in TASKS.items()},
        control="list",
        place="top",
    )

    def __post_init__(self) -> None:
        for name, declared in KNOBS.items():
            declared.check(getattr(self, name))
        task = TASKS[self.task]
        self._check_table(task)
        self._check_data(task)
        self._check_network()
        self._check_windows(task)

    def _check_table(self, task: Task) -> None:
        """Raise ValueError with a sentence if the task and the visitor's file do not fit."""
        if task.own_file and self.table is None:
            raise ValueError(
                f"The task “{self.task}” is trained on a file of your own: choose one first."
            )
        if self.table is None:
            return
        if not task.own_file:
            own = ", ".join(repr(name) for name, each in TASKS.items() if each.own_file)
            raise ValueError(f"A table is given, but the task is {self.task!r}: it must be {own}.")
        if self.series_length > self.table.rows:
            raise ValueError(
                f"series_length is {self.series_length}, but the file has {self.table.rows} rows: "
                f"use at most as many."
            )

    def _check_data(self, task: Task) -> None:
        """Raise ValueError with a sentence if the task has no such data."""
        for name, declared in KNOBS.items():
            value = getattr(self, name)
            unknown = declared.place == "task" and name not in task.knobs
            if unknown and value != declared.default:
                raise ValueError(
                    f"{name} is {value!r}, but “{task.label}” has no such choice: leave it at "
                    f"{declared.default!r}."
                )
        if self.series_length > task.longest:
            raise ValueError(
                f"series_length is {self.series_length}, but for “{task.label}” it must be at most "
                f"{task.longest}. {task.limit}".strip()
            )
        if self.time_steps < task.shortest_window:
            raise ValueError(
                f"time_steps is {self.time_steps}, but “{task.label}” looks further back: it must "
                f"be at least {task.shortest_window}."
            )
        if self.horizon > 1 and not task.is_series:
            raise ValueError(
                f"horizon is {self.horizon}, but “{task.label}” has a single target: it must be 1."
            )

    def _check_network(self) -> None:
        """Raise ValueError with a sentence if some choices of the network make no sense together.

        Also where the horizon does not go with them.
        """
        if self.attention is None and self.placement == "before":
            raise ValueError(
                "placement is 'before', but there is no attention layer to place: choose one, or "
                "set placement to 'after'."
            )
        if self.placement == "before" and self.head == "conv":
            raise ValueError(
                "The conv head takes weighted states, but with placement 'before' attention weighs "
                "the inputs: set head to 'dense' or placement to 'after'."
            )
        if self.decoder == "recurrent":
            self._check_decoder()

    def _check_decoder(self) -> None:
        """Raise ValueError with a sentence if a recurrent decoder cannot be built."""
        if self.horizon == 1:
            raise ValueError(
                "A recurrent decoder writes several steps, but horizon is 1: make it at least 2, "
                "or set decoder to 'direct'."
            )
        if self.bidirectional or self.head == "conv" or self.placement == "before":
            raise ValueError(
                "A recurrent decoder continues from the last state and has a head of its own: set "
                "bidirectional to False, head to 'dense' and placement to 'after', or decoder to "
                "'direct'."
            )
        layers = attention_layers()
        if self.attention is not None and not layers[self.attention].query:
            asking = ", ".join(f"'{name}'" for name, each in layers.items() if each.query)
            raise ValueError(
                f"A recurrent decoder asks anew at each step, but “{layers[self.attention].label}” "
                f"takes no query: set attention to {asking}, or decoder to 'direct'."
            )

    def _check_windows(self, task: Task) -> None:
        """Raise ValueError with a sentence if there are too few windows to train or to test on."""
        if min(self.train_windows, self.test_windows) >= 2:
            return
        if task.is_series:
            counted = (
                f"{self.series_length} numbers leave {max(self.windows, 0)} windows of "
                f"{self.time_steps} time steps"
            )
            remedy = "Make the series longer or time_steps smaller."
        else:
            counted = f"There are {self.windows} windows"
            remedy = "Make more windows, or the training share smaller or larger."
        raise ValueError(
            f"{counted}, {max(self.train_windows, 0)} to train on and "
            f"{max(self.test_windows, 0)} to test on; there must be at least two of each. {remedy}"
        )

    @property
    def data(self) -> DataChoices:
        """What the windows depend on, beside the task."""
        return part_of(self, DataChoices)

    @property
    def network(self) -> NetworkChoices:
        """How the network is built."""
        return part_of(self, NetworkChoices)

    @property
    def training(self) -> TrainingChoices:
        """How the network is trained."""
        return part_of(self, TrainingChoices)

    @property
    def windows(self) -> int:
        """How many windows there are."""
        return TASKS[self.task].windows(self)

    @property
    def features(self) -> int:
        """How many numbers there are at each step."""
        return len(self.table.columns) if self.table else TASKS[self.task].features

    @property
    def train_windows(self) -> int:
        """How many windows are trained on."""
        return int(self.train_fraction * self.windows)

    @property
    def test_windows(self) -> int:
        """How many windows are tested on."""
        return self.windows - self.train_windows

    @property
    def steps_per_epoch(self) -> int:
        """How many steps Adam takes in one epoch."""
        return math.ceil(self.train_windows / self.batch_size)

    @cached_property
    def architecture(self) -> Architecture:
        """What the compiled training program of this experiment depends on."""
        return Architecture(
            network=self.network,
            training=self.training.compiled(),
            time_steps=self.time_steps,
            features=self.features,
            horizon=self.horizon,
            together=starts_together(self.network, self.time_steps, self.repeats),
        )

    def dataset(self) -> Dataset:
        """Return the windows to train and to test on.

        Experiments with equal data share one, however their networks differ.
        """
        return tasks.dataset(self.task, self.data)

    def replace(self, **changes: Any) -> Experiment:
        """Return this experiment with some fields changed."""
        return dataclasses.replace(self, **changes)


# The task first, as on the page: it decides which others there are.
KNOBS: dict[str, Knob] = {"task": knobs_of(Experiment)["task"]} | knobs_of(Experiment)

# Which part of an experiment each choice belongs to.
PARTS: dict[str, dict[str, Knob]] = {
    "data": {"task": KNOBS["task"]} | knobs_of(DataChoices),
    "network": knobs_of(NetworkChoices),
    "training": knobs_of(TrainingChoices),
}
