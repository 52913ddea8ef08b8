"""The sidebar: one control for each knob, all in the URL, and the presets over them."""

from __future__ import annotations

import dataclasses
from typing import Any

import streamlit as st

from fibattn.experiment import KNOBS, Experiment, Knob
from fibattn.lessons.presets import PRESETS
from fibattn.tasks import TASKS, Task
from fibattn.tasks.file import Table
from fibattn.ui import upload

# On the page every result comes with its spread, so there it starts from several random starts, and
# the network with attention stands beside the plain one.
DEFAULTS: dict[str, Any] = {knob.name: knob.default for knob in KNOBS.values()} | {
    "repeats": 5,
    "attention": "article",
}

# How many random starts "Does it help?" offers.
STARTS = (20, 40, 60, 80, 100)

# The playground's views, as they are called on their tabs and in the address.
VIEWS = ("Loss and predictions", "Where attention looks", "Data and models")

# The bounds of the slider for tasks on one series.
LONGEST_SERIES = TASKS["fibonacci"].longest
# What the control for series_length is called, see `_length_key`.
LENGTHS = ("series_length", "windows", "rows")

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
    places: dict[str, list[Knob]] = {"top": [], "main": [], "task": [], "more": []}
    for knob in KNOBS.values():
        places[knob.where].append(knob)
    with st.sidebar:
        for knob in places["top"]:
            _control(knob)
        task = TASKS[st.session_state["task"]]
        table = upload.choose_table() if task.own_file else None
        st.session_state["file_lacks"] = table if isinstance(table, str) else None
        if isinstance(table, Table):
            task = dataclasses.replace(task, longest=table.rows, limit="")
        for knob in [*places["main"], *places["task"]]:
            if knob.name == "series_length":
                if not isinstance(table, str):
                    _length_control(task)
            elif knob.where == "main" or knob.name in task.knobs:
                _control(knob)
        with st.expander("More"):
            for knob in places["more"]:
                _control(knob)
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
        # On the way to another page no control has a value but those given here.
        task = TASKS[values["task"] if "task" in values else st.session_state["task"]]
        length = values.pop("series_length")
        if not task.own_file:  # a file is used whole, unless the visitor says otherwise
            values[_length_key(task)] = length
    for name, value in values.items():
        st.session_state[name] = value


def use_experiment(experiment: Experiment) -> None:
    """Set the controls to those of an experiment."""
    use({name: getattr(experiment, name) for name in KNOBS})


def keep() -> None:
    """Keep the controls where they are on the way to another page.

    The new page's address has none of them, and Streamlit would put all back to their defaults.
    """
    choice = st.session_state.get("choice")
    if choice is not None:
        use_experiment(choice[1])


def remember_url() -> None:
    """Remember what the address asked for, before the controls are drawn for the first time.

    Streamlit falls back to the default silently, and takes what it cannot use out of the address.
    """
    st.session_state.setdefault("url", dict(st.query_params.items()))


def say_url_problems(choice: Pair | str) -> None:
    """Say everything in the first address that could not be used."""
    problems = [
        problem
        for name, text in st.session_state["url"].items()
        if (problem := _url_problem(name, text, choice))
    ]
    if problems:
        st.warning(" ".join(problems), title="Part of the address could not be used")
        st.button("Understood", on_click=_forget_url_problems)


def _url_problem(name: str, text: str, choice: Pair | str) -> str:
    if name == "window":
        if isinstance(choice, str):
            return ""
        last = choice[0].test_windows
        if text.isdecimal() and 1 <= int(text) <= last:
            return ""
        return f"window is {text}, but it must lie between 1 and {last}. The last is shown instead."
    if name == "starts":
        allowed = [str(count) for count in STARTS]
        return (
            ""
            if text in allowed
            else f"starts is {text}, but it must be one of {', '.join(allowed)}."
        )
    if name == "view":
        views = ", ".join(f"“{view}”" for view in VIEWS)
        return "" if text in VIEWS else f"There is no view “{text}”, only {views}."
    task = TASKS[st.session_state["task"]]
    knob = KNOBS.get("series_length" if name in LENGTHS else name)
    if knob is None or (knob.where == "task" and not _has(knob)):
        return f"There is no setting “{name}”."
    if name == "rows":
        return "rows has no place in the address: a file is used whole."
    if name in LENGTHS:
        if name != _length_key(task):
            return f"“{task.label}” has no setting “{name}”, but “{_length_key(task)}”."
        knob = dataclasses.replace(knob, name=name, high=task.longest)
    try:
        knob.check(_read(knob, text))
    except ValueError as problem:
        limit = task.limit if name == "series_length" and task.limit else ""
        used = st.session_state[name]
        return " ".join(filter(None, [str(problem), limit, f"{used} is used instead."]))
    return ""


def _forget_url_problems() -> None:
    """Take the notice about the address away."""
    st.session_state["url"] = {}


def _has(knob: Knob) -> bool:
    """Whether the task has a knob that only some tasks have."""
    return knob.name in TASKS[st.session_state["task"]].knobs


def _values() -> dict[str, Any]:
    """Return what the controls are at; the default for those the task does not have."""
    return {
        name: DEFAULTS[name] if knob.where == "task" and not _has(knob) else st.session_state[name]
        for name, knob in KNOBS.items()
        if name != "series_length"
    } | {"series_length": st.session_state.get(_length_key(TASKS[st.session_state["task"]]), 0)}


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


def _control(knob: Knob) -> None:
    """Draw one knob."""
    name, default = knob.name, DEFAULTS.get(knob.name, knob.default)
    common: dict[str, Any] = {"key": name, "help": knob.help, "bind": "query-params"}
    if name == "task":
        common["on_change"] = _use_task
    if name == "attention":  # the plain network stands beside it anyway
        knob = dataclasses.replace(knob, options=tuple(filter(None, knob.options or ())))
    if knob.options == (False, True):
        st.toggle(knob.label, default, **common)
    elif knob.options is not None and all(isinstance(o, (int, float)) for o in knob.options):
        st.select_slider(knob.label, knob.options, value=default, **common)
    elif knob.options is not None and len(knob.options) <= 3:
        st.segmented_control(knob.label, knob.options, default=default, required=True, **common)
    elif knob.options is not None:
        st.selectbox(knob.label, knob.options, index=knob.options.index(default), **common)
    elif name == "rows":  # bounds and default are the file's, so it has no place in the address
        high = int(knob.high or 0)
        st.slider(knob.label, int(knob.low or 0), high, key=name, help=knob.help)
    elif name == "seed":
        st.number_input(knob.label, int(knob.low or 0), int(knob.high or 0), default, **common)
    else:
        st.slider(knob.label, knob.low, knob.high, default, knob.step, **common)


def _length_key(task: Task) -> str:
    """Return the name of the control for series_length, which is another for long tasks.

    A slider whose bounds change is a new one to Streamlit: it would forget where it stood.
    """
    if task.own_file:
        return "rows"
    return "series_length" if task.longest <= LONGEST_SERIES else "windows"


def _length_control(task: Task) -> None:
    """Draw the knob for series_length, with the bounds and the name that suit the task."""
    knob, key = KNOBS["series_length"], _length_key(task)
    if key == "windows":
        text = "How many windows there are to train and test on."
        _control(dataclasses.replace(knob, name=key, high=task.longest, label="Windows", help=text))
        return
    if key == "rows":
        text = "How many of the file's last rows are used."
        if task.longest <= (knob.low or 0):  # nothing to slide
            st.session_state[key] = task.longest
            return
        st.session_state[key] = min(st.session_state.get(key, task.longest), task.longest)
        _control(dataclasses.replace(knob, name=key, high=task.longest, label="Rows", help=text))
        return
    if st.session_state.get(key, 0) > task.longest:  # it has no more: use them all
        st.session_state[key] = task.longest
    _control(dataclasses.replace(knob, high=LONGEST_SERIES))


def _read(knob: Knob, text: str) -> Any:
    """Return the value a text in the address stands for; a text if it stands for none."""
    if isinstance(knob.default, bool):
        return {"true": True, "false": False}.get(text, text)
    for kind in (int, float):
        if isinstance(knob.default, kind):
            try:
                return kind(text)
            except ValueError:
                return text
    return text
