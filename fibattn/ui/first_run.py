"""A visitor's first run: it ends before the figures, so that the browser draws the controls first.

Plotly's program alone keeps a browser busy for half a second, a phone for several, and what was
sent before it is drawn only after it if it comes too soon.
"""

from __future__ import annotations

import streamlit as st

# Then the browser asks for the next run, in seconds. It comes to that only when it has nothing else
# to do, so a slow one takes the time it needs.
NEXT_AFTER = 1.0


def ends_here() -> None:
    """End the run if it is the visitor's first; the next one, in a moment, goes on from here."""
    if "first_run_over" in st.session_state:
        return
    was_asked = False

    @st.fragment(run_every=NEXT_AFTER)
    def go_on() -> None:
        nonlocal was_asked
        if was_asked:
            is_over()
            st.rerun()
        was_asked = True

    go_on()
    st.stop()


def is_over() -> None:
    """Register that the browser has had time to draw the controls."""
    st.session_state["first_run_over"] = True
