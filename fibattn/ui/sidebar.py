"""The sidebar: one control for each choice, and the presets over them."""

from __future__ import annotations

import dataclasses
from typing import Any

import streamlit as st

from fibattn.experiment import KNOBS, Experiment
from fibattn.knobs import Knob, Place
from fibattn.lessons.presets import PRESETS
from fibattn.tasks import TASKS, Task
from fibattn.tasks.file import Table
from fibattn.ui import controls, upload

# On the page every result comes with its spread, so there it starts from several random starts, and
# the network with attention stands beside the plain one.
DEFAULTS: dict[str, Any] = {name: knob.at_start for name, knob in KNOBS.items()}

Pair = tuple[Experiment, Experiment]


def first_pair() -> Pair:
    """Return what the page shows first: the plain network and the one with attention."""
    return _pair(DEFAULTS)


def presets() -> None:
    """Show the presets; the one the controls agree with is lit. Call after `choose`."""
    lit = [name for name, preset in PRESETS.items() if _values() == DEFAULTS | preset.changes]
    st.session_state["preset"] = lit[0] if lit else None
    st.pills(
        "Presets",
        list(PRESETS),
        key="preset",
        on_change=_use_preset,
        label_visibility="collapsed",
    )
    if lit:
        st.caption(PRESETS[lit[0]].lesson)


def choose() -> Pair | str:
    """Show the controls; return the two experiments, or a sentence if they contradict."""
    with st.sidebar:
        _controls("top")
        task = TASKS[st.session_state["task"]]
        table = upload.choose_table() if task.own_file else None
        st.session_state["file_lacks"] = table if isinstance(table, str) else None
        if isinstance(table, Table):
            task = dataclasses.replace(task, longest=table.rows, limit="")
        if not isinstance(table, str):
            _length_control(task)
        _controls("main")
        _controls("task")
        with st.expander("More"):
            _controls("more")
        st.button(
            "Start over",
            icon=":material/restart_alt:",
            help="Put every setting back; the seed too.",
            on_click=use,
            args=({},),
        )
    if isinstance(table, str):
        return table
    try:
        pair = _pair(_values() | {"table": table})
    except ValueError as problem:
        return str(problem)
    st.session_state["choice"] = pair
    return pair


def contradiction(sentence: str) -> None:
    """Say that the controls contradict each other, or what the file lacks; offer the way back."""
    if sentence == st.session_state.get("file_lacks"):
        st.info(sentence, icon=":material/upload_file:")
        return
    st.warning(sentence, title="These settings contradict each other")
    st.button(
        "Back to the settings before",
        on_click=use_experiment,
        args=(st.session_state.get("choice", first_pair())[1],),
    )


def use(changes: dict[str, Any], start_from_defaults: bool = True) -> None:
    """Set the controls: to the defaults with some changes, or only these changes."""
    values = (DEFAULTS if start_from_defaults else {}) | changes
    if "series_length" in values:
        task = TASKS[values["task"] if "task" in values else st.session_state["task"]]
        length = values.pop("series_length")
        if not task.own_file:  # a file is used whole, unless the visitor says otherwise
            values[task.length.key] = length
    for name, value in values.items():
        st.session_state[name] = value


def use_experiment(experiment: Experiment) -> None:
    """Set the controls to those of an experiment."""
    use({name: getattr(experiment, name) for name in KNOBS})


def _has(knob: Knob) -> bool:
    """Whether the chosen task has a choice; only some tasks have those in the place "task"."""
    return knob.place != "task" or knob.name in TASKS[st.session_state["task"]].knobs


def _values() -> dict[str, Any]:
    """Return what the controls are at; the default for those the task does not have."""
    length = TASKS[st.session_state["task"]].length.key
    return {
        name: st.session_state[name] if _has(knob) else DEFAULTS[name]
        for name, knob in KNOBS.items()
        if name != "series_length"
    } | {"series_length": st.session_state.get(length, 0)}


def _pair(values: dict[str, Any]) -> Pair:
    without = {"attention": None, "placement": "after"}
    return Experiment(**values | without), Experiment(**values)


def _use_task() -> None:
    """Set the controls to what the chosen task shows best; seed and starts stay."""
    kept = {name: st.session_state[name] for name in ("task", "seed", "repeats")}
    use(TASKS[kept["task"]].suggested | kept)


def _use_preset() -> None:
    name = st.session_state["preset"]
    if name is not None:
        use(PRESETS[name].changes)


def _controls(place: Place) -> None:
    """Draw the controls of one place, the length aside: that depends on the task."""
    for name, knob in KNOBS.items():
        if knob.place != place or name == "series_length" or not _has(knob):
            continue
        # The plain network stands beside the other anyway.
        options = {
            value: label for value, label in (knob.options or {}).items() if value is not None
        }
        shown = dataclasses.replace(knob, options=options or None)
        controls.draw(shown, on_change=_use_task if name == "task" else None)


def _length_control(task: Task) -> None:
    """Draw the control for series_length, with the bounds and the name that suit the task."""
    length, knob = task.length, KNOBS["series_length"]
    key, low = length.key, int(knob.low or 0)
    standing = st.session_state.get(key, task.longest if task.own_file else 0)
    if standing > task.longest or task.own_file:  # it has no more: use them all
        st.session_state[key] = min(standing, task.longest)
    if task.longest <= low:  # nothing to slide
        return
    high = length.high or task.longest
    controls.draw(
        dataclasses.replace(
            knob,
            name=key,
            label=length.label,
            help=length.help,
            high=high,
            step=1 if task.own_file else knob.step,
            at_start=min(int(knob.at_start), high),
            in_address=length.in_address,
        )
    )
