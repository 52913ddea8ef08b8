"""The address a visitor came with, and what in it could not be used."""

from __future__ import annotations

import dataclasses

import streamlit as st

from fibattn.experiment import KNOBS, Experiment
from fibattn.knobs import Knob
from fibattn.quoting import quoted
from fibattn.tasks import TASKS
from fibattn.tasks.registry import NUMBERS, ROWS, WINDOWS
from fibattn.ui import page_state, pin_address, sidebar

# Of an address with more that cannot be used, so many are said.
MOST_PROBLEMS = 6
LENGTHS = {length.key: length for length in (NUMBERS, WINDOWS, ROWS)}


def remember() -> None:
    """Remember what the address asked for, before the controls are drawn for the first time.

    Streamlit falls back to the default silently, and takes what it cannot use out of the address.
    """
    st.session_state.setdefault("url", dict(st.query_params.items()))


def say_problems(experiment: Experiment | None) -> None:
    """Say everything in the first address that could not be used.

    experiment: None if there is none, for want of a file.
    """
    problems = [
        problem
        for name, text in st.session_state["url"].items()
        if (problem := _problem(name, text, experiment))
    ]
    if len(problems) > MOST_PROBLEMS:
        more = len(problems) - MOST_PROBLEMS
        problems[MOST_PROBLEMS:] = [f"There are {more} more like these."]
    if problems:
        st.warning(" ".join(problems), title="Part of the address could not be used")
        st.button("Understood", on_click=_forget)


def _forget() -> None:
    st.session_state["url"] = {}


def _problem(name: str, text: str, experiment: Experiment | None) -> str:
    """Return in a sentence why one part of the address could not be used, '' if it could."""
    if name == "pin":
        return pin_address.problem(text)
    if name in page_state.PAGE_KNOBS:
        return "" if experiment is None else _page_problem(name, text, experiment)
    if name in LENGTHS:
        return _length_problem(name, text)
    task, knob = TASKS[st.session_state["task"]], KNOBS.get(name)
    if knob is None or (knob.place == "task" and name not in task.knobs):
        return f"“{task.label}” has no setting {f'“{knob.label}”' if knob else quoted(name)}."
    problem = _not_offered(sidebar.offered(knob), text) or sidebar.why_followed(name)
    return problem and f"{problem} “{knob.shown(sidebar.value_of(knob))}” is used instead."


def _not_offered(knob: Knob, text: str) -> str:
    """Return that a control cannot stand at what the address says, '' if it can."""
    offers = knob.not_offered(knob.read(text))
    return offers and f"“{knob.label}” cannot be {quoted(text)}: it {offers}."


def _page_problem(name: str, text: str, experiment: Experiment) -> str:
    knob = page_state.bounded(name, experiment)
    if knob.options is None and knob.low is None:  # a text: the page it is for says what is wrong
        return ""
    if not knob.in_address:
        return f"“{knob.label}” has no place in the address: it belongs to a file."
    problem = _not_offered(knob, text)
    return problem and f"{problem} “{knob.shown(knob.at_start)}” is shown instead."


def _length_problem(name: str, text: str) -> str:
    """Return the problem with the length, whose name and bounds depend on the task."""
    task = TASKS[st.session_state["task"]]
    if name == ROWS.key:
        return "“Rows” has no place in the address: a file is used whole."
    if name != task.length.key:
        return f"“{task.label}” has no setting “{LENGTHS[name].label}”, but “{task.length.label}”."
    knob = dataclasses.replace(
        KNOBS["series_length"], name=name, label=task.length.label, high=task.longest
    )
    problem = _not_offered(knob, text)
    if problem:
        problem = f"{problem} {task.limit}".strip()
    else:
        problem = sidebar.why_followed("series_length")
    return problem and f"{problem} “{st.session_state[name]}” is used instead."
