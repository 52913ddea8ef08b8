"""The sidebar: one control for each choice, and the presets over them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import streamlit as st

from fibattn.agreement import Agreement, agree, unavailable
from fibattn.experiment import KNOBS, Experiment
from fibattn.knobs import Knob, Place, knobs_of
from fibattn.lessons.presets import PRESETS
from fibattn.network.catalogue import attention_layers
from fibattn.tasks import TASKS, Task
from fibattn.tasks.file import Table
from fibattn.ui import controls, explained, links, page_state, upload

# On the page every result comes with its spread, so there it starts from several random starts, and
# the network with attention stands beside the plain one.
DEFAULTS: dict[str, Any] = {name: knob.at_start for name, knob in KNOBS.items()}

# Words under the attention layer that are explained there.
EXPLAINED = ("score", "weight", "query", "key", "value")

Pair = tuple[Experiment, Experiment]


def first_pair(changes: Mapping[str, Any] = MappingProxyType({})) -> Pair:
    """Return what the page shows first: the plain network and the one with attention.

    changes: fields of `Experiment` over what the page starts from.
    """
    return pair_of(Experiment(**{**DEFAULTS, **changes}))


def presets() -> None:
    """Show the presets, and what the one they are at teaches. Call after `choose`."""
    values = _values()
    lit = [name for name, preset in PRESETS.items() if values == DEFAULTS | preset.changes]
    st.session_state["preset"] = lit[0] if lit else None
    if lit:
        st.session_state["last_preset"] = lit[0]
    names = list(PRESETS)
    st.pills(
        "Presets",
        names,
        key="preset",
        format_func=lambda name: PRESETS[name].title,
        on_change=_use_chosen_preset,
        label_visibility="collapsed",
    )
    at = names.index(st.session_state["last_preset"]) if "last_preset" in st.session_state else -1
    with st.container(horizontal=True, vertical_alignment="top", key="lesson"):
        for label, icon, to in (
            ("Previous", ":material/chevron_left:", at - 1),
            ("Next", ":material/chevron_right:", at + 1),
        ):
            name = names[to] if 0 <= to < len(names) else None
            st.button(
                label,
                icon=icon,
                key=f"{label} preset",
                help=f"{PRESETS[name].title}." if name else "There is none.",
                disabled=name is None,
                on_click=use_preset,
                args=(name,),
            )
        st.markdown(
            f"**{PRESETS[lit[0]].title}.** {PRESETS[lit[0]].lesson}"
            if lit
            else "**Your own settings.** A preset shows one lesson each, from the first to the "
            "last, and puts all settings back."
        )


def choose() -> Pair | str:
    """Show the controls; return the two experiments, or what the visitor's file lacks.

    Settings that contradict each other are made to agree, and the controls are drawn once more.
    """
    if agreed := st.session_state.pop("to_agree", None):
        use(agreed, start_from_defaults=False)
    no_choice = st.session_state.setdefault("unavailable", unavailable(DEFAULTS))
    with st.sidebar:
        _controls("top")
        task = TASKS[st.session_state["task"]]
        table = upload.choose_table() if task.own_file else None
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
            on_click=start_over,
        )
    if isinstance(table, str):
        return table
    agreement = agree(_values() | {"table": table})
    _draw_again_if_needed(agreement, no_choice)
    try:
        pair = pair_of(Experiment(**agreement.values))
    except ValueError as problem:  # a file that is too short for any window
        return str(problem)
    st.session_state["choice"] = pair
    return pair


def _draw_again_if_needed(agreement: Agreement, no_choice: dict[str, str]) -> None:
    """Run the page once more if a control has to follow another, or has to be disabled."""
    state, before = st.session_state, st.session_state.get("followed")
    again = unavailable(agreement.values) != no_choice
    state["unavailable"] = unavailable(agreement.values)
    if agreement.reasons:
        # Not twice for the same: a control that cannot follow must not hold the page up.
        again = again or before != agreement
        state["followed"] = agreement
        state["to_agree"] = {name: agreement.values[name] for name in agreement.reasons}
    elif before and before.values != agreement.values:  # what was said of it is no longer so
        again = True
        del state["followed"]
    if again:
        st.rerun()


def why_followed(name: str) -> str:
    """Return why a setting has had to follow another, '' if it has not, or not as it is now."""
    agreement = st.session_state.get("followed")
    length = TASKS[st.session_state["task"]].length.key
    key = length if name == "series_length" else name
    if agreement and st.session_state.get(key) == agreement.values[name]:
        return str(agreement.reasons.get(name, ""))
    return ""


def is_own_file() -> bool:
    """Whether the chosen task is trained on a visitor's own file."""
    return TASKS[st.session_state["task"]].own_file


def ask_for_file(sentence: str) -> None:
    """Say in place of the results what the visitor's file lacks."""
    st.session_state.pop("drawn", None)  # no figures stand on the page: the next are not waited for
    st.info(sentence, icon=":material/upload_file:")
    upload.offer_sample()


def start_over() -> None:
    """Put every setting back, and what the page shows. For callbacks."""
    use(page_state.AT_START)


def use_preset(name: str) -> None:
    """Set all that a preset says, its window and its view too; a pin stays. For callbacks."""
    preset = PRESETS[name]
    st.session_state["last_preset"] = name
    stays = knobs_of(page_state.Beside)
    shown = {name: each for name, each in page_state.AT_START.items() if name not in stays}
    view = page_state.VIEWS[preset.about_weights]
    use(preset.changes | shown | {"window": preset.window, "view": view})


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
        if name in controls.kept():
            controls.kept()[name] = value


def open_playground(changes: dict[str, Any], shown: dict[str, Any]) -> None:
    """Set all that the playground trains and shows, and go there. For callbacks.

    Args:
        changes: fields of `Experiment` over what the page starts from.
        shown: fields of `page_state.Playground` over what it shows first.
    """
    use(changes)
    at_start = {name: page_state.AT_START[name] for name in knobs_of(page_state.Playground)}
    length = TASKS[changes["task"]].length.key  # its control may never have been drawn
    # Where another experiment comes the stage forgets what was set on it, but for the first.
    st.session_state.pop("stage_of", None)
    links.go(links.PLAYGROUND, at_start | shown | {length: st.session_state[length]})


def offered(knob: Knob) -> Knob:
    """Return a choice with the options the page has: the plain network stands there anyway."""
    options = {value: label for value, label in (knob.options or {}).items() if value is not None}
    return dataclasses.replace(knob, options=options or None)


def _has(knob: Knob) -> bool:
    """Whether the chosen task has a choice; only some tasks have those in the place "task"."""
    return knob.place != "task" or knob.name in TASKS[st.session_state["task"]].knobs


def _values() -> dict[str, Any]:
    """Return what the controls are at; the default for those the task does not have."""
    length = TASKS[st.session_state["task"]].length.key
    return {name: value_of(knob) for name, knob in KNOBS.items() if name != "series_length"} | {
        "series_length": st.session_state.get(length, 0)
    }


def value_of(knob: Knob) -> Any:
    """Return what the control of a choice is at; the default if the task does not have it."""
    if not _has(knob):
        return DEFAULTS[knob.name]
    value = st.session_state[knob.name]
    return int(value) if knob.control == "number" else value


def pair_of(attention: Experiment) -> Pair:
    """Return the plain network that stands beside one with attention, and that one."""
    return attention.replace(attention=None, placement="after"), attention


def _use_task() -> None:
    """Set the controls to what the chosen task shows best; seed and starts stay."""
    kept = {name: st.session_state[name] for name in ("task", "seed", "repeats")}
    use(TASKS[kept["task"]].suggested | kept | {"window": None, "ahead": None})


def _use_chosen_preset() -> None:
    name = st.session_state["preset"]
    if name is not None:
        use_preset(name)


def _controls(place: Place) -> None:
    """Draw the controls of one place, the length aside: that depends on the task."""
    for name, knob in KNOBS.items():
        if knob.place != place or name == "series_length" or not _has(knob):
            continue
        why = st.session_state["unavailable"].get(name, "")
        controls.draw(
            offered(knob), on_change=_use_task if name == "task" else None, disabled=bool(why)
        )
        said = why or why_followed(name) or _what_it_is(name)
        if name == "attention":
            explained.caption(said, *EXPLAINED)
        elif said:
            st.caption(said)
        links.ask(name)


def _what_it_is(name: str) -> str:
    """Return what the chosen task or layer does; '' for all other choices."""
    if name == "task":
        return TASKS[st.session_state["task"]].shape
    if name == "attention":
        layer = attention_layers()[st.session_state["attention"]]
        return f"{layer.does} {layer.kind} {layer.query_key_value} From {layer.origin}"
    return ""


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
    if why := why_followed("series_length"):
        st.caption(why)
