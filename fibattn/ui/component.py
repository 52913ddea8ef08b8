"""A component that runs in the visitor's browser, and what stands there where it cannot run.

A host may forbid what Streamlit starts a component's code by, and the code may fail. Streamlit then
puts a box in its place, with words for its developer; `style` hides that, and shows what is here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

# Begins the keys of the places of both together.
PLACE = "runs_"


def show(
    component: Callable[..., Any], key: str, instead: Callable[[], object], **given: Any
) -> None:
    """Show a component of `st.components.v2`.

    Args:
        component: as `st.components.v2.component` returns it.
        key: of the component.
        instead: draws what needs no code in the browser.
        given: to the component.
    """
    with st.container(key=PLACE + key):
        component(key=key, **given)
        with st.container():
            instead()
