"""What a task is, and the table of all tasks."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fibattn.tasks.choices import DataChoices
from fibattn.tasks.dataset import Dataset


@dataclass(frozen=True)
class Predictor:
    """A predictor that learns nothing: windows (windows, time_steps, features) to (windows,).

    It sees scaled windows and answers scaled. `exact` marks the task's true rule. To predict
    several steps it is given its own answers as the last numbers of the window.
    """

    label: str
    predict: Callable[[np.ndarray, Dataset], np.ndarray]
    exact: bool = False


ALWAYS_ZERO = Predictor("always 0", lambda x, data: np.zeros(len(x)))
ALWAYS_MEAN = Predictor("always the mean", lambda x, data: np.full(len(x), data.train_y.mean()))
LAST_VALUE = Predictor("the last value", lambda x, data: x[:, -1, 0])


@dataclass(frozen=True)
class Length:
    """What a task calls its series_length, and the control that stands for it.

    key: the control's, and the name in the address. A slider whose bounds change is a new one to
        Streamlit and forgets where it stood, so tasks of different lengths have different ones.
    high: the end of the slider, None for the task's own `longest`.
    """

    key: str
    label: str
    help: str
    high: int | None = None
    in_address: bool = True


NUMBERS = Length("series_length", "Series length", "How many numbers there are.", high=1475)
WINDOWS = Length("windows", "Windows", "How many windows there are to train and test on.")
# Bounds and default are the file's, so it has no place in the address.
ROWS = Length("rows", "Rows", "How many of the file's last rows are used.", in_address=False)


@dataclass(frozen=True)
class Task:
    """A task: its words, its bounds, what it is compared with, and how its windows are made.

    teaches: a sentence on what can be learned from it.
    shape: in words, what a window and its target are.
    features: how many numbers there are at each step; one for a visitor's file, and one more for
        each feature column.
    windows: how many windows there are for some choices.
    length: what it calls its series_length.
    longest, limit: the largest series_length, and the sentence that says why.
    shortest_window: the fewest time steps in which the rule can work.
    baselines: trivial predictors, and the exact rule where there is one.
    is_series: whether windows are cut from one series, so that several steps can be predicted.
    own_file: whether it is trained on a table that the user gives.
    knobs: the names of the knobs that only some tasks have.
    suggested: settings under which the task shows what it teaches.
    """

    name: str
    label: str
    teaches: str
    shape: str
    make: Callable[[DataChoices], Dataset]
    baselines: tuple[Predictor, ...]
    windows: Callable[[DataChoices], int] = lambda choices: choices.series_length
    features: int = 1
    length: Length = WINDOWS
    longest: int = 8000
    limit: str = ""
    shortest_window: int = 2
    is_series: bool = False
    own_file: bool = False
    knobs: tuple[str, ...] = ()
    suggested: dict[str, Any] = dataclasses.field(default_factory=dict, hash=False)


TASKS: dict[str, Task] = {}


def task(name: str, **words: Any) -> Callable:
    """Register the decorated function as a task; `words` are the fields of `Task`."""

    def register(make: Callable[[DataChoices], Dataset]) -> Callable[[DataChoices], Dataset]:
        TASKS[name] = Task(name, make=make, **words)
        return make

    return register
