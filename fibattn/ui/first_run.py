"""A visitor's first run: it ends before the figures, so that the browser draws the controls first.

Plotly's program alone keeps a browser busy for half a second, a phone for several, and what was
sent before it is drawn only after it if it comes too soon.
"""

from __future__ import annotations

import streamlit as st

from fibattn.ui import again

NEXT_AFTER = 1.0  # then the browser asks for the next run, in seconds


def ends_here() -> None:
    """End the run if it is the visitor's first; the next one, in a moment, goes on from here."""
    if "first_run_over" not in st.session_state:
        again.in_a_moment("first_run", NEXT_AFTER, is_over)
        st.stop()


def is_over() -> None:
    """Register that the browser has had time to draw the controls."""
    st.session_state["first_run_over"] = True
