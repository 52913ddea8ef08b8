"""One picture on a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from fibattn.figures import Picture
from fibattn.figures.hall import for_a_hall
from fibattn.ui import style


def chart(
    picture: Picture, key: str, on_click: Callable[[dict[str, Any]], None] | None = None
) -> None:
    """Draw a picture; a click on a point calls `on_click` with that point."""
    more: dict[str, Any] = {}
    if on_click:

        def clicked() -> None:
            points = st.session_state[key].selection.points
            if points and "customdata" in points[0]:
                on_click(points[0])

        more = {"on_select": clicked, "selection_mode": "points"}
    config = {"displayModeBar": False}
    if style.is_talk():
        picture = for_a_hall(picture)
    st.plotly_chart(picture.figure, key=key, alt=picture.alt, config=config, **more)
