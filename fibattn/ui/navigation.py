"""The pages, and what is around all of them."""

from __future__ import annotations

import streamlit as st

from fibattn.ui import playground


def show() -> None:
    """Run the page the visitor has chosen."""
    st.set_page_config(
        page_title="fibattn: does attention help?",
        page_icon="🎯",
        layout="wide",
    )
    page = st.navigation(
        [
            st.Page(
                playground.page,
                title="Does attention help?",
                icon=":material/center_focus_strong:",
                default=True,
            )
        ],
        position="top",
    )
    page.run()
