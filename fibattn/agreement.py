"""Settings that agree: which choices rule out others, and which of two follows the other.

An `Experiment` refuses what contradicts itself. A page must not: whoever moves one slider has not
touched the others. So there the earlier choice stands, in the order task, data, network, and the
later one follows it, with a sentence that says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fibattn.experiment import KNOBS
from fibattn.network.catalogue import attention_layers
from fibattn.tasks import TASKS
from fibattn.tasks.choices import DataChoices

TOO_FEW = "Otherwise fewer than two windows would be left to train or to test on."


@dataclass(frozen=True)
class Agreement:
    """Settings of an experiment that do not contradict each other.

    values: by the names of the fields of `Experiment`.
    reasons: for each that was changed to agree with the others, why.
    """

    values: dict[str, Any]
    reasons: dict[str, str]


def unavailable(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the choices that under these settings have one value only, their default, and why."""
    found = {}
    task = TASKS[values["task"]]
    if not task.is_series:
        found["horizon"] = f"“{task.label}” has a single target, so there is one step ahead."
    if values["attention"] is None:
        found["placement"] = "There is no attention layer to place."
    elif values["head"] == "conv":
        found["placement"] = (
            "The Conv1D head takes weighted states, so attention stands after the recurrent layer."
        )
    if no_decoder := _no_decoder(values):
        found["decoder"] = no_decoder
    return found


def _no_decoder(values: Mapping[str, Any]) -> str:
    """Return why there can be no recurrent decoder, '' if there can."""
    layer = values["attention"] and attention_layers()[values["attention"]]
    if values["horizon"] == 1:
        return "The recurrent decoder writes several steps ahead: choose a horizon of at least 2."
    if values["bidirectional"]:
        return "The recurrent decoder continues from the last state: not with both directions."
    if values["head"] == "conv":
        return "The recurrent decoder has a head of its own: choose the dense head for it."
    if values["placement"] == "before":
        return "The recurrent decoder attends to states: let attention stand “After” for it."
    if layer and not layer.query:
        return f"The recurrent decoder asks anew at each step, and “{layer.label}” has no query."
    return ""


def agree(values: Mapping[str, Any]) -> Agreement:
    """Return settings without contradictions, as near to the given ones as the order allows.

    Args:
        values: a value for each field of `Experiment`, each within its own bounds. `table` may be
            left out.

    Settings that agree are returned as they are. A file with too few rows for any window still
    makes `Experiment` raise.
    """
    agreed, reasons = dict(values), {}

    def follow(name: str, value: Any, why: str) -> None:
        if agreed[name] != value:
            agreed[name], reasons[name] = value, why

    task, table = TASKS[agreed["task"]], agreed.get("table")
    longest = table.rows if table else task.longest
    if agreed["series_length"] > longest:
        follow("series_length", longest, task.limit or f"There are no more than {longest}.")
    for name, declared in KNOBS.items():
        if declared.place == "task" and name not in task.knobs:
            follow(name, declared.default, f"“{task.label}” has no such choice.")
    if agreed["time_steps"] < task.shortest_window:
        why = f"“{task.label}” looks back over at least {task.shortest_window} steps."
        follow("time_steps", task.shortest_window, why)
    for name in ("horizon", "placement", "decoder"):  # each depends on those before it
        if name in (ruled_out := unavailable(agreed)):
            follow(name, KNOBS[name].default, ruled_out[name])
    for changes in _with_more_windows(agreed, longest):
        if _enough_windows(agreed | changes):
            for name, value in changes.items():
                follow(name, value, TOO_FEW)
            break
    return Agreement(agreed, reasons)


def _enough_windows(values: Mapping[str, Any]) -> bool:
    """Return whether there are two windows to train on, and two to test on."""
    fields = [field.name for field in dataclasses.fields(DataChoices)]
    choices = DataChoices(**{name: values[name] for name in fields if name in values})
    windows = TASKS[values["task"]].windows(choices)
    train = int(choices.train_fraction * windows)
    return min(train, windows - train) >= 2


def _with_more_windows(values: Mapping[str, Any], longest: int) -> Iterator[dict[str, Any]]:
    """Yield changes that give more and more windows, the least change first, none before all."""
    step = 1 if values.get("table") else int(KNOBS["series_length"].step or 1)
    yield {}
    for length in (*range(values["series_length"] + step, longest, step), longest):
        yield {"series_length": length}
    shortest = max(int(KNOBS["time_steps"].low or 0), TASKS[values["task"]].shortest_window)
    changes = {"series_length": longest}
    for time_steps in range(values["time_steps"] - 1, shortest - 1, -1):
        changes = changes | {"time_steps": time_steps}
        yield changes
    for horizon in range(values["horizon"] - 1, 0, -1):
        changes = changes | {"horizon": horizon}
        yield changes
    yield changes | {"train_fraction": KNOBS["train_fraction"].default}
