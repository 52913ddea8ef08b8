"""One figure on a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st


def chart(
    figure: go.Figure, key: str, alt: str, on_click: Callable[[dict[str, Any]], None] | None = None
) -> None:
    """Draw a figure; a click on a point calls `on_click` with that point."""
    more: dict[str, Any] = {}
    if on_click:

        def clicked() -> None:
            points = st.session_state[key].selection.points
            if points and "customdata" in points[0]:
                on_click(points[0])

        more = {"on_select": clicked, "selection_mode": "points"}
    st.plotly_chart(figure, key=key, alt=alt, config={"displayModeBar": False}, **more)
