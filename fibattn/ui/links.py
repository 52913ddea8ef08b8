"""Ways between pages: links to a question from where it arises, and to any page by its path."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from fibattn.experiment import KNOBS, Experiment
from fibattn.lessons.questions import arising
from fibattn.tasks import TASKS
from fibattn.ui import controls

QUESTIONS, PLAYGROUND = "questions", "playground"


def ask(place: str) -> None:
    """Draw a link to each question that arises at a place; nothing where none does.

    Not inside a fragment: a click there would run the fragment alone, and stay on the page.
    """
    if not (asked := arising(place)):
        return
    with st.container(horizontal=True, key=f"asked_{place}"):
        for each in asked:
            st.button(
                each.question,
                key=f"link_{place}_{each.id}",
                type="tertiary",
                icon=":material/help:",
                on_click=go,
                args=(QUESTIONS, {"ask": each.id, "q": ""}),
            )


def go(path: str, settings: dict[str, Any]) -> None:
    """Go to a page, and set controls of it. For callbacks.

    Streamlit writes into the address what is set, but not for a control that has never been drawn:
    so of these the address is told.
    """
    kept = controls.kept()
    new = {name: str(value) for name, value in settings.items() if name not in kept and value}
    for name, value in settings.items():
        controls.put(name, value)
    st.session_state["go_to"] = path, new


def wanted() -> tuple[str, dict[str, str]] | None:
    """Return the page that `go` has asked for, once, and its parameters; None if it has not."""
    asked: tuple[str, dict[str, str]] | None = st.session_state.pop("go_to", None)
    return asked


def address(experiment: Experiment) -> str:
    """Return the playground's address with the settings of an experiment, from another page."""
    values = {name: getattr(experiment, name) for name in KNOBS}
    changed = {name: each for name, each in values.items() if each != KNOBS[name].at_start}
    changed.pop("series_length", None)
    length = TASKS[experiment.task].length.key
    return f"{PLAYGROUND}?{urlencode(changed | {length: experiment.series_length})}"
