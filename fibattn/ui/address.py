"""The address a visitor came with, and what in it could not be used."""

from __future__ import annotations

import dataclasses

import streamlit as st

from fibattn.experiment import KNOBS, Experiment
from fibattn.tasks import TASKS
from fibattn.tasks.registry import NUMBERS, ROWS, WINDOWS
from fibattn.ui import page_state

LENGTHS = {length.key: length for length in (NUMBERS, WINDOWS, ROWS)}


def remember() -> None:
    """Remember what the address asked for, before the controls are drawn for the first time.

    Streamlit falls back to the default silently, and takes what it cannot use out of the address.
    """
    st.session_state.setdefault("url", dict(st.query_params.items()))


def say_problems(experiment: Experiment | None) -> None:
    """Say everything in the first address that could not be used.

    experiment: None if the settings contradict each other.
    """
    problems = [
        problem
        for name, text in st.session_state["url"].items()
        if (problem := _problem(name, text, experiment))
    ]
    if problems:
        st.warning(" ".join(problems), title="Part of the address could not be used")
        st.button("Understood", on_click=_forget)


def _forget() -> None:
    st.session_state["url"] = {}


def _problem(name: str, text: str, experiment: Experiment | None) -> str:
    """Return in a sentence why one part of the address could not be used, '' if it could."""
    if name in page_state.PAGE_KNOBS:
        return "" if experiment is None else _page_problem(name, text, experiment)
    if name in LENGTHS:
        return _length_problem(name, text)
    task, knob = TASKS[st.session_state["task"]], KNOBS.get(name)
    if knob is None or (knob.place == "task" and name not in task.knobs):
        return f"There is no setting “{name}”."
    try:
        knob.check_offered(knob.read(text))
    except ValueError as problem:
        return f"{problem} {st.session_state[name]} is used instead."
    return ""


def _page_problem(name: str, text: str, experiment: Experiment) -> str:
    knob = page_state.bounded(name, experiment)
    if name == "view":
        views = ", ".join(f"“{view}”" for view in knob.options or ())
        return "" if text in (knob.options or ()) else f"There is no view “{text}”, only {views}."
    try:
        knob.check_offered(knob.read(text))
    except ValueError as problem:
        return f"{problem} {knob.at_start} is shown instead."
    return ""


def _length_problem(name: str, text: str) -> str:
    """Return the problem with the length, whose name and bounds depend on the task."""
    task = TASKS[st.session_state["task"]]
    if name == ROWS.key:
        return "rows has no place in the address: a file is used whole."
    if name != task.length.key:
        return f"“{task.label}” has no setting “{name}”, but “{task.length.key}”."
    knob = dataclasses.replace(KNOBS["series_length"], name=name, high=task.longest)
    try:
        knob.check_offered(knob.read(text))
    except ValueError as problem:
        limit = f" {task.limit}" if task.limit else ""
        return f"{problem}{limit} {st.session_state[name]} is used instead."
    return ""
