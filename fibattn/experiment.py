"""Every choice a run depends on, and the one table those choices are described in.

`Experiment` is what is trained. `KNOBS` says of each of its fields what it is called, what it
means, and which values it may take: sliders, URL names, validation and documentation are all
read from it.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from weakref import WeakKeyDictionary

from fibattn.network.catalogue import attention_layers
from fibattn.tasks import TASKS, Dataset
from fibattn.tasks.file import MOST_ROWS, Table

CELLS = ("SimpleRNN", "LSTM", "GRU")
# How many random starts are trained at once, where any are. One number, so that 20 and 100 starts
# share a compiled program.
TOGETHER = 20
ACTIVATIONS = ("tanh", "sigmoid", "relu", "linear")


@dataclass(frozen=True)
class Knob:
    """One field of `Experiment`: its words, and the values it may take.

    A knob with `options` takes one of them; any other takes a number from `low` to `high`.
    `where` is its place on the page; "task" knobs are shown where the task has them.
    """

    name: str
    label: str
    help: str
    default: Any
    low: float | None = None
    high: float | None = None
    step: float | None = None
    options: tuple[Any, ...] | None = None
    where: Literal["top", "main", "more", "task"] = "more"

    def check(self, value: Any) -> None:
        """Raise ValueError with a sentence if `value` is not one this knob may take."""
        if self.options is not None:
            if value not in self.options:
                choices = ", ".join(repr(option) for option in self.options)
                raise ValueError(f"{self.name} is {value!r}, but it must be one of {choices}.")
            return
        assert self.low is not None and self.high is not None
        whole = isinstance(self.default, int)
        if isinstance(value, bool) or not isinstance(
            value, numbers.Integral if whole else numbers.Real
        ):
            kind = "a whole number" if whole else "a number"
            raise ValueError(f"{self.name} is {value!r}, but it must be {kind}.")
        number = float(value)
        if not self.low <= number <= self.high:  # NaN is caught here too
            raise ValueError(
                f"{self.name} is {value}, but it must lie between {self.low:g} and {self.high:g}."
            )


KNOBS: dict[str, Knob] = {
    knob.name: knob
    for knob in (
        Knob(
            "series_length",
            "Series length",
            "How many numbers there are; how many windows, in tasks that make each by itself.",
            1200,
            10,
            MOST_ROWS,
            5,
            where="main",
        ),
        Knob(
            "time_steps",
            "Time steps",
            "How many numbers in a row the network sees before it predicts the next.",
            20,
            2,
            60,
            1,
            where="main",
        ),
        Knob(
            "units",
            "Units",
            "How many hidden units the recurrent layer has.",
            2,
            1,
            32,
            1,
            where="main",
        ),
        Knob(
            "epochs",
            "Epochs",
            "How often the training windows are gone through. More epochs go on from "
            "where the last run stopped.",
            30,
            1,
            100,
            1,
            where="main",
        ),
        Knob(
            "task",
            "Task",
            "What is predicted.",
            "fibonacci",
            options=tuple(TASKS),
            where="top",
        ),
        Knob(
            "scaling",
            "Scaling",
            "Linear is the article's: min-max over the whole series. Log takes the "
            "logarithm first, so that small numbers do not all become 0. The other two are fitted "
            "on the training windows only.",
            "linear",
            options=("linear", "linear-train", "log"),
            where="task",
        ),
        Knob(
            "modulus",
            "Modulus m",
            "The remainder after division by m is taken; there are m² pairs.",
            24,
            3,
            60,
            1,
            where="task",
        ),
        Knob(
            "split",
            "Split",
            "Shuffled is the article's: windows are dealt out at random (always in the same "
            "order). Chronological tests on the end of the series.",
            "shuffled",
            options=("shuffled", "chronological"),
        ),
        Knob(
            "train_fraction",
            "Training share",
            "Which share of the windows is trained on; the rest is the test.",
            0.7,
            0.1,
            0.9,
            0.05,
        ),
        Knob(
            "cell",
            "Recurrent layer",
            "The article uses SimpleRNN.",
            "SimpleRNN",
            options=CELLS,
        ),
        Knob(
            "attention",
            "Attention layer",
            "What stands between the recurrent layer and the output.",
            None,
            options=(None, *attention_layers()),
            where="top",
        ),
        Knob(
            "bidirectional",
            "Both directions",
            "A second recurrent layer reads the window backwards; their states stand side by side.",
            False,
            options=(False, True),
        ),
        Knob(
            "placement",
            "Attention stands",
            "After the recurrent layer it weighs the states; before it, the inputs.",
            "after",
            options=("after", "before"),
        ),
        Knob(
            "head",
            "Head",
            "Dense takes one context. Conv keeps the time axis: the weighted states go through a "
            "Conv1D, and their maximum over time to the output.",
            "dense",
            options=("dense", "conv"),
        ),
        Knob(
            "horizon",
            "Horizon",
            "How many steps ahead are predicted, in tasks on a series.",
            1,
            1,
            12,
            1,
        ),
        Knob(
            "decoder",
            "Decoder",
            "Of several steps ahead: direct predicts all at once (many-to-many); recurrent writes "
            "them one after the other, and attends to the window at each (encoder–decoder).",
            "direct",
            options=("direct", "recurrent"),
        ),
        Knob(
            "activation",
            "Activation",
            "Of the recurrent layer; the article uses tanh.",
            "tanh",
            options=ACTIVATIONS,
        ),
        Knob(
            "output_activation",
            "Output activation",
            "Of the output layer; the article uses tanh.",
            "tanh",
            options=ACTIVATIONS,
        ),
        Knob(
            "batch_size",
            "Batch size",
            "How many windows there are to one step of Adam; the article uses 1.",
            1,
            options=(1, 2, 4, 8, 16, 32, 64),
        ),
        Knob(
            "learning_rate",
            "Learning rate",
            "Of Adam; its default, and the article's, is 0.001.",
            1e-3,
            1e-5,
            1.0,
            options=(1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2),
        ),
        Knob(
            "repeats",
            "Random starts",
            "How many times each network is trained, each time from other random weights "
            "and with the windows in another order.",
            1,
            1,
            100,
            1,
        ),
        Knob(
            "seed",
            "Seed",
            "The same seed gives the same random starts again.",
            0,
            0,
            9999,
            1,
        ),
    )
}


@dataclass(frozen=True)
class Architecture:
    """What a compiled training program depends on: equal architectures share one."""

    cell: str
    units: int
    attention: str | None
    activation: str
    output_activation: str
    time_steps: int
    features: int
    batch_size: int
    together: int
    bidirectional: bool = False
    placement: str = "after"
    head: str = "dense"
    horizon: int = 1
    decoder: str = "direct"


@dataclass(frozen=True)
class Experiment:
    """One experiment: a task, a network, and how it is trained.

    Frozen and hashable. Raises ValueError, with a sentence that says what would be right, when a
    value is out of its bounds or when values contradict each other. The defaults are the
    article's plain network; see `KNOBS` for what each field means and may be.
    """

    task: str = "fibonacci"
    scaling: str = "linear"
    series_length: int = 1200
    time_steps: int = 20
    train_fraction: float = 0.7
    split: str = "shuffled"
    cell: str = "SimpleRNN"
    units: int = 2
    attention: str | None = None
    activation: str = "tanh"
    output_activation: str = "tanh"
    epochs: int = 30
    batch_size: int = 1
    learning_rate: float = 1e-3
    repeats: int = 1
    seed: int = 0
    modulus: int = 24
    bidirectional: bool = False
    placement: str = "after"
    head: str = "dense"
    horizon: int = 1
    decoder: str = "direct"
    table: Table | None = None

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            if field.name == "table":
                self._check_table()
            elif field.name == "learning_rate":  # any rate in code; the page offers a few
                dataclasses.replace(KNOBS["learning_rate"], options=None).check(self.learning_rate)
            else:
                KNOBS[field.name].check(getattr(self, field.name))
        task = TASKS[self.task]
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
        self._check_combination()
        if min(self.train_windows, self.test_windows) < 2:
            counted = (
                f"{self.series_length} numbers leave {max(self.windows, 0)} windows of "
                f"{self.time_steps} time steps"
                if task.is_series
                else f"There are {self.windows} windows"
            )
            remedy = (
                "Make the series longer or time_steps smaller."
                if task.is_series
                else "Make more windows, or the training share smaller or larger."
            )
            raise ValueError(
                f"{counted}, {max(self.train_windows, 0)} to train on and "
                f"{max(self.test_windows, 0)} to test on; there must be at least two of each. "
                f"{remedy}"
            )

    def _check_table(self) -> None:
        """Raise ValueError with a sentence if the task and the visitor's file do not fit."""
        if TASKS[self.task].own_file != (self.table is not None):
            own = ", ".join(repr(name) for name, task in TASKS.items() if task.own_file)
            raise ValueError(
                f"The task “{self.task}” is trained on a file of your own: choose one first."
                if self.table is None
                else f"A table is given, but the task is {self.task!r}: it must be {own}."
            )
        if self.table is not None and self.series_length > self.table.rows:
            raise ValueError(
                f"series_length is {self.series_length}, but the file has {self.table.rows} rows: "
                f"use at most as many."
            )

    def _check_combination(self) -> None:
        """Raise ValueError with a sentence if some choices make no sense together."""
        task, layer = TASKS[self.task], attention_layers().get(self.attention or "")
        for knob in KNOBS.values():
            value = getattr(self, knob.name)
            if knob.where == "task" and knob.name not in task.knobs and value != knob.default:
                raise ValueError(
                    f"{knob.name} is {value!r}, but “{task.label}” has no such choice: leave it at "
                    f"{knob.default!r}."
                )
        if self.horizon > 1 and not task.is_series:
            raise ValueError(
                f"horizon is {self.horizon}, but “{task.label}” has a single target: it must be 1."
            )
        if layer is None and self.placement == "before":
            raise ValueError(
                "placement is 'before', but there is no attention layer to place: choose one, or "
                "set placement to 'after'."
            )
        if self.placement == "before" and self.head == "conv":
            raise ValueError(
                "The conv head takes weighted states, but with placement 'before' attention weighs "
                "the inputs: set head to 'dense' or placement to 'after'."
            )
        if self.decoder == "direct":
            return
        if self.horizon == 1:
            raise ValueError(
                "A recurrent decoder writes several steps, but horizon is 1: make it at least 2, "
                "or set decoder to 'direct'."
            )
        if self.bidirectional or self.head == "conv" or self.placement == "before":
            raise ValueError(
                "A recurrent decoder goes on from the last state and has a head of its own: set "
                "bidirectional to False, head to 'dense' and placement to 'after', or decoder to "
                "'direct'."
            )
        if layer is not None and not layer.query:
            asking = [f"'{name}'" for name, each in attention_layers().items() if each.query]
            raise ValueError(
                f"A recurrent decoder asks anew at each step, but “{layer.label}” takes no query: "
                f"set attention to {', '.join(asking)}, or decoder to 'direct'."
            )

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

    @property
    def architecture(self) -> Architecture:
        """What the compiled training program of this experiment depends on."""
        return Architecture(
            self.cell,
            self.units,
            self.attention,
            self.activation,
            self.output_activation,
            self.time_steps,
            self.features,
            self.batch_size,
            starts_together(self),
            self.bidirectional,
            self.placement,
            self.head,
            self.horizon,
            self.decoder,
        )

    def dataset(self) -> Dataset:
        """Return the windows to train and to test on; equal experiments share them."""
        return _dataset(self) if self.table is None else _private_dataset(self, self.table)

    def replace(self, **changes: Any) -> Experiment:
        """Return this experiment with some fields changed."""
        return dataclasses.replace(self, **changes)


@lru_cache(maxsize=16)
def _dataset(experiment: Experiment) -> Dataset:
    return TASKS[experiment.task].make(experiment)


# A visitor's file goes when the visitor goes: nothing here may keep it alive.
_private: WeakKeyDictionary[Table, dict[tuple, Dataset]] = WeakKeyDictionary()


def _private_dataset(experiment: Experiment, table: Table) -> Dataset:
    names = ("series_length", "time_steps", "train_fraction", "split", "horizon")
    key = tuple(getattr(experiment, name) for name in names)
    kept = _private.get(table, {})
    if key not in kept:
        _private[table] = kept = {key: TASKS[experiment.task].make(experiment)}
    return kept[key]


def starts_together(experiment: Experiment) -> int:
    """Return how many random starts one program trains at once: one, or twenty.

    Training twenty at once (vectorised, unrolled in time) takes a third of the time for each start,
    but the program takes two to three seconds longer to trace and compile, and far longer for
    gated cells and many units. It pays only for many starts of a tiny SimpleRNN.
    """
    small = (
        experiment.cell == "SimpleRNN"
        and experiment.units <= 4
        and experiment.time_steps <= 30
        and not experiment.bidirectional
        and experiment.head == "dense"
        and experiment.decoder == "direct"
    )
    return TOGETHER if small and experiment.repeats % TOGETHER == 0 else 1
