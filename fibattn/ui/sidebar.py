"""The sidebar: one control for each knob, all in the URL, and the presets over them."""

from __future__ import annotations

import dataclasses
from typing import Any

import streamlit as st

from fibattn.experiment import KNOBS, Experiment, Knob
from fibattn.tasks import TASKS

# On the page every result comes with its spread, so there it starts from several random starts, and
# the network with attention stands beside the plain one.
DEFAULTS: dict[str, Any] = {knob.name: knob.default for knob in KNOBS.values()} | {
    "repeats": 5,
    "attention": "article",
}

PRESETS: dict[str, dict[str, Any]] = {
    "As the article": {},
    "Log scale": {"scaling": "log"},
    "Short and quick": {
        "series_length": 300,
        "time_steps": 10,
        "epochs": 10,
        "repeats": 3,
        "scaling": "log",
        "batch_size": 4,
        "learning_rate": 0.003,
    },
}

# The playground's views, as they are called on their tabs and in the address.
VIEWS = ("Loss and predictions", "Where attention looks", "Data and models")

Pair = tuple[Experiment, Experiment]


def first_pair() -> Pair:
    """Return what the page shows first: the plain network and the one with attention."""
    return _pair(DEFAULTS)


def presets() -> None:
    """Show the presets; the one the controls agree with is lit. Call after `choose`."""
    lit = [name for name, changes in PRESETS.items() if _values() == DEFAULTS | changes]
    st.session_state["preset"] = lit[0] if lit else None
    st.pills(
        "Presets",
        list(PRESETS),
        key="preset",
        on_change=_use_preset,
        label_visibility="collapsed",
    )


def choose() -> Pair | str:
    """Show the controls; return the two experiments, or a sentence if they contradict."""
    places: dict[str, list[Knob]] = {"top": [], "main": [], "task": [], "more": []}
    for knob in KNOBS.values():
        places[knob.where].append(knob)
    with st.sidebar:
        for knob in places["top"]:
            _control(knob)
        task = TASKS[st.session_state["task"]]
        if st.session_state.get("series_length", 0) > task.longest:  # it has no more: use them all
            st.session_state["series_length"] = task.longest
        for knob in [*places["main"], *places["task"]]:
            if knob.name == "series_length":
                _control(dataclasses.replace(knob, high=task.longest))
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
    try:
        return _pair(_values())
    except ValueError as problem:
        return str(problem)


def use(changes: dict[str, Any], start_from_defaults: bool = True) -> None:
    """Set the controls: to the defaults with some changes, or only these changes."""
    for name, value in ((DEFAULTS if start_from_defaults else {}) | changes).items():
        st.session_state[name] = value


def use_experiment(experiment: Experiment) -> None:
    """Set the controls to those of an experiment."""
    use({name: getattr(experiment, name) for name in KNOBS})


def remember_url() -> None:
    """Remember what the address asked for, before the controls are drawn for the first time.

    Streamlit falls back to the default silently, and takes what it cannot use out of the address.
    """
    st.session_state.setdefault("url", dict(st.query_params.items()))


def url_problems(choice: Pair | str) -> list[str]:
    """Return a sentence for everything in the first address that could not be used."""
    return [
        problem
        for name, text in st.session_state["url"].items()
        if (problem := _url_problem(name, text, choice))
    ]


def _url_problem(name: str, text: str, choice: Pair | str) -> str:
    if name == "window":
        if isinstance(choice, str):
            return ""
        last = choice[0].test_windows
        if text.isdecimal() and 1 <= int(text) <= last:
            return ""
        return f"window is {text}, but it must lie between 1 and {last}. The last is shown instead."
    if name == "view":
        views = ", ".join(f"“{view}”" for view in VIEWS)
        return "" if text in VIEWS else f"There is no view “{text}”, only {views}."
    knob = KNOBS.get(name)
    if knob is None or (knob.where == "task" and not _has(knob)):
        return f"There is no setting “{name}”."
    try:
        knob.check(_read(knob, text))
    except ValueError as problem:
        return f"{problem} The default, {DEFAULTS[name]}, is used instead."
    return ""


def forget_url_problems() -> None:
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
    }


def _pair(values: dict[str, Any]) -> Pair:
    return Experiment(**values | {"attention": None}), Experiment(**values)


def _use_task() -> None:
    """Set the controls to what the chosen task shows best; seed and starts stay."""
    kept = {name: st.session_state[name] for name in ("task", "seed", "repeats")}
    use(TASKS[kept["task"]].suggested | kept)


def _use_preset() -> None:
    name = st.session_state["preset"]
    if name is not None:
        use(PRESETS[name])


def _control(knob: Knob) -> None:
    """Draw one knob."""
    name, default = knob.name, DEFAULTS[knob.name]
    if name == "series_length":
        default = min(default, int(knob.high or default))
    common: dict[str, Any] = {"key": name, "help": knob.help, "bind": "query-params"}
    if name == "task":
        common["on_change"] = _use_task
    if name == "attention":  # the plain network stands beside it anyway
        knob = dataclasses.replace(knob, options=tuple(filter(None, knob.options or ())))
    if knob.options is not None and all(isinstance(o, (int, float)) for o in knob.options):
        st.select_slider(knob.label, knob.options, value=default, **common)
    elif knob.options is not None and len(knob.options) <= 3:
        st.segmented_control(knob.label, knob.options, default=default, required=True, **common)
    elif knob.options is not None:
        st.selectbox(knob.label, knob.options, index=knob.options.index(default), **common)
    elif name == "seed":
        st.number_input(knob.label, int(knob.low or 0), int(knob.high or 0), default, **common)
    else:
        st.slider(knob.label, knob.low, knob.high, default, knob.step, **common)


def _read(knob: Knob, text: str) -> Any:
    """Return the value a text in the address stands for; a text if it stands for none."""
    for kind in (int, float):
        if isinstance(knob.default, kind):
            try:
                return kind(text)
            except ValueError:
                return text
    return text
