"""Puts CSS into one page, in time."""

from __future__ import annotations

import streamlit as st


def add(text: str) -> None:
    """Add CSS, as an HTML element `<style>`, to the page.

    As Markdown, since that is the first that a browser can draw. The code for `st.html` it loads
    together with that for the figures: for two seconds a page would stand there without its looks.
    """
    st.markdown(text.strip(), unsafe_allow_html=True)
