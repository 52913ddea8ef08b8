"""One control for a choice, drawn as the choice declares it, and kept from page to page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from fibattn.knobs import Control, Knob


def draw(knob: Knob, on_change: Callable[[], None] | None = None) -> Any:
    """Draw the control of a choice; return what it is at. `knob.name` is its key."""
    common: dict[str, Any] = {"key": knob.name, "help": knob.help, "on_change": on_change}
    if knob.in_address:
        common["bind"] = "query-params"
    value = _KINDS[knob.control](knob, common)
    kept()[knob.name] = value
    return value


def kept() -> dict[str, Any]:
    """Return what every control of this visitor was last at, by key."""
    return st.session_state.setdefault("kept", {})


def put_back() -> None:
    """Put the controls back where they were, on the way to another page.

    The new page's address has none of them, and Streamlit would put all back to their defaults.
    """
    for key, value in kept().items():
        st.session_state[key] = value


def _slider(knob: Knob, common: dict[str, Any]) -> Any:
    return st.slider(knob.label, knob.low, knob.high, knob.at_start, knob.step, **common)


def _steps(knob: Knob, common: dict[str, Any]) -> Any:
    return st.select_slider(knob.label, list(knob.options or ()), value=knob.at_start, **common)


def _buttons(knob: Knob, common: dict[str, Any]) -> Any:
    options = list(knob.options or ())
    return st.segmented_control(knob.label, options, default=knob.at_start, required=True, **common)


def _list(knob: Knob, common: dict[str, Any]) -> Any:
    options = list(knob.options or ())
    return st.selectbox(knob.label, options, index=options.index(knob.at_start), **common)


def _switch(knob: Knob, common: dict[str, Any]) -> Any:
    return st.toggle(knob.label, knob.at_start, **common)


def _number(knob: Knob, common: dict[str, Any]) -> Any:
    low, high = int(knob.low or 0), int(knob.high or 0)
    return st.number_input(knob.label, low, high, knob.at_start, **common)


_KINDS: dict[Control, Callable[[Knob, dict[str, Any]], Any]] = {
    "slider": _slider,
    "steps": _steps,
    "buttons": _buttons,
    "list": _list,
    "switch": _switch,
    "number": _number,
}
