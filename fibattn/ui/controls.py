"""One control for a choice, drawn as the choice declares it, and kept from page to page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from fibattn.knobs import Control, Knob

# Of a field for a whole number. To Streamlit it holds a fraction: with whole numbers it fails on
# an address with “inf” or hundreds of digits.
WHOLE: dict[str, Any] = {"step": 1.0, "format": "%.0f"}


def draw(knob: Knob, on_change: Callable[[], None] | None = None, disabled: bool = False) -> Any:
    """Draw the control of a choice; return what it is at. `knob.name` is its key.

    Streamlit writes into the address what a control shows. Where people read a label and the
    address holds the value, there are two: one with the values, bound to the address and unseen,
    and one with the labels, whose key is that of `shown`.
    """
    if knob.control in ("buttons", "list"):
        return _draw_labelled(knob, on_change, disabled)
    common: dict[str, Any] = {
        "key": knob.name,
        "help": knob.help,
        "on_change": on_change,
        "disabled": disabled,
    }
    if knob.in_address:
        common["bind"] = "query-params"
    value = _KINDS[knob.control](knob, common)
    kept()[knob.name] = value
    return value


def shown(name: str) -> str:
    """Return the key of the control that is seen, where there is an unseen one too."""
    return f"{name}_shown"


def draw_moving(knob: Knob) -> int:
    """Draw a slider whose bounds move with other choices; return what it is at.

    A slider with other bounds is another control to Streamlit, and starts anew. So the number is
    kept, in the address too, by an unseen control without bounds: None until it is moved.
    """
    low, high, start = int(knob.low or 0), int(knob.high or 0), int(knob.at_start)
    held = unseen_number(knob)
    value = start if held is None else int(held)
    st.session_state[shown(knob.name)] = value
    if high > low:
        on_change = _copy_of(knob.name)
        st.slider(
            knob.label, low, high, step=1, key=shown(knob.name), help=knob.help, on_change=on_change
        )
    return value


def unseen_number(knob: Knob) -> float | None:
    """Keep a number in the address by a control that is not seen; return it, None if unset.

    A number outside the bounds becomes the nearest one inside.
    """
    low, high, held = int(knob.low or 0), int(knob.high or 0), st.session_state.get(knob.name)
    if held is not None and not low <= held <= high:
        put(knob.name, min(max(held, low), high))
    st.number_input(
        knob.label,
        value=None,
        **WHOLE,
        key=knob.name,
        bind="query-params",
        on_change=_as_kept(knob.name),
    )
    held = st.session_state[knob.name]
    kept()[knob.name] = held
    return held


def unseen_text(knob: Knob, longest: int) -> str:
    """Keep a text in the address by a control that is not seen; return it."""
    text = st.text_input(
        knob.label,
        value=knob.at_start,
        max_chars=longest,
        key=knob.name,
        bind="query-params",
        on_change=_as_kept(knob.name),
    )
    kept()[knob.name] = text
    return str(text)


def put(key: str, value: Any) -> None:
    """Set a control, and what it is kept at. For callbacks, and before it is drawn."""
    st.session_state[key] = kept()[key] = value


def _as_kept(key: str) -> Callable[[], None]:
    """Return the callback of a control that is not seen: nobody has moved it.

    With each request the browser says what all controls are at. One that it sent before it has
    heard of a new value would put that back to the old one.
    """

    def put_back_one() -> None:
        if key in kept():
            st.session_state[key] = kept()[key]

    return put_back_one


def unseen(knobs: dict[str, Knob]) -> list[str]:
    """Return the names of those choices whose own control `style` hides."""
    return [name for name, each in knobs.items() if each.control in ("buttons", "list", "unseen")]


def _copy_of(name: str, then: Callable[[], None] | None = None) -> Callable[[], None]:
    """Return the callback of a control that is seen: it tells the unseen one."""

    def chosen() -> None:
        put(name, st.session_state[shown(name)])
        if then:
            then()

    return chosen


def _draw_labelled(knob: Knob, on_change: Callable[[], None] | None, disabled: bool) -> Any:
    options = list(knob.options or ())
    st.selectbox(
        knob.label,
        options,
        index=options.index(knob.at_start),
        key=knob.name,
        bind="query-params" if knob.in_address else None,
        on_change=_as_kept(knob.name),
    )
    value = st.session_state[knob.name]
    st.session_state[shown(knob.name)] = value

    common: dict[str, Any] = {
        "format_func": (knob.options or {}).__getitem__,
        "key": shown(knob.name),
        "help": knob.help,
        "on_change": _copy_of(knob.name, on_change),
        "disabled": disabled,
    }
    if knob.control == "list":
        st.selectbox(knob.label, options, **common)
    else:
        st.segmented_control(knob.label, options, required=True, **common)
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
    # Streamlit takes whole numbers or fractions, not both: a bound of 0 may be either.
    low, high, step = (type(knob.default)(each) for each in (knob.low, knob.high, knob.step))
    return st.slider(knob.label, low, high, knob.at_start, step, **common)


def _steps(knob: Knob, common: dict[str, Any]) -> Any:
    return st.select_slider(knob.label, list(knob.options or ()), value=knob.at_start, **common)


def _switch(knob: Knob, common: dict[str, Any]) -> Any:
    return st.toggle(knob.label, knob.at_start, **common)


def _number(knob: Knob, common: dict[str, Any]) -> Any:
    low, high, start = (float(each or 0) for each in (knob.low, knob.high, knob.at_start))
    return int(st.number_input(knob.label, low, high, start, **WHOLE, **common))


# Those with labels aside.
_KINDS: dict[Control, Callable[[Knob, dict[str, Any]], Any]] = {
    "slider": _slider,
    "steps": _steps,
    "switch": _switch,
    "number": _number,
}
