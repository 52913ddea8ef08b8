"""What there is to predict: each task makes the windows to train and to test on.

A new task is one function with its `@task` entry in one of the modules imported here.
"""

from fibattn.tasks import series, synthetic  # noqa: F401  (they register their tasks)
from fibattn.tasks.dataset import Dataset, MinMax, split_rows, windows
from fibattn.tasks.registry import TASKS, Predictor, Task, task
from fibattn.tasks.series import fibonacci_numbers
from fibattn.tasks.shared import dataset

__all__ = [
    "TASKS",
    "Dataset",
    "MinMax",
    "Predictor",
    "Task",
    "dataset",
    "fibonacci_numbers",
    "split_rows",
    "task",
    "windows",
]
