"""What a task is, and the table of all tasks."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fibattn.tasks.dataset import Dataset

if TYPE_CHECKING:
    from fibattn.experiment import Experiment


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
class Task:
    """A task: its words, its bounds, what it is compared with, and how its windows are made.

    teaches: a sentence on what can be learned from it.
    shape: in words, what a window and its target are.
    features: how many numbers there are at each step; one for a visitor's file, and one more for
        each feature column.
    windows: how many windows an experiment gets.
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
    make: Callable[[Experiment], Dataset]
    baselines: tuple[Predictor, ...]
    windows: Callable[[Experiment], int] = lambda experiment: experiment.series_length
    features: int = 1
    longest: int = 8000
    limit: str = ""
    shortest_window: int = 2
    is_series: bool = False
    own_file: bool = False
    knobs: tuple[str, ...] = ()
    suggested: dict[str, Any] = dataclasses.field(default_factory=dict, hash=False)


TASKS: dict[str, Task] = {}


def task(name: str, **words: Any) -> Callable:
    """Enter the decorated function, `Experiment -> Dataset`, as a task; `words` as in `Task`."""

    def enter(make: Callable[[Experiment], Dataset]) -> Callable[[Experiment], Dataset]:
        TASKS[name] = Task(name, make=make, **words)
        return make

    return enter
