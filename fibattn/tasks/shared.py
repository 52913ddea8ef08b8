"""Datasets, made once for equal choices."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from weakref import WeakKeyDictionary

from fibattn.tasks.choices import DataChoices
from fibattn.tasks.dataset import Dataset
from fibattn.tasks.file import Table
from fibattn.tasks.registry import TASKS

# A visitor's file goes when the visitor goes: nothing here may keep it alive, so the choices are
# kept without it.
_private: WeakKeyDictionary[Table, dict[tuple[str, DataChoices], Dataset]] = WeakKeyDictionary()


def dataset(task: str, choices: DataChoices) -> Dataset:
    """Return the windows of a task; equal choices share one dataset."""
    if choices.table is None:
        return _public(task, choices)
    key = task, dataclasses.replace(choices, table=None)
    kept = _private.get(choices.table, {})
    if key not in kept:  # one for each file is enough
        _private[choices.table] = kept = {key: TASKS[task].make(choices)}
    return kept[key]


@lru_cache(maxsize=16)
def _public(task: str, choices: DataChoices) -> Dataset:
    return TASKS[task].make(choices)
