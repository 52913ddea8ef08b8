"""The source code of an attention layer, its lines marked by what the stage shows of them."""

from __future__ import annotations

import streamlit as st

from fibattn.experiment import Experiment
from fibattn.network.catalogue import attention_layers
from fibattn.network.operations import UnknownOperation
from fibattn.trainer.standing import Standing
from fibattn.ui import css, live

KEY = "source"


def show(standing: Standing) -> None:
    """Show the code of a network's layer; once it is trained the lines are marked."""
    layer = attention_layers()[standing.experiment.attention or ""]
    st.subheader(f"The attention layer “{layer.label}”, as it runs")
    css.add(marks(_shown_at(standing.experiment) if standing.run else {}))
    with st.container(key=KEY):
        st.code(layer.source, language="python", line_numbers=True)


def _shown_at(experiment: Experiment) -> dict[int, str]:
    """Return the titles of the tensors that the stage shows, by the line that computes each."""
    try:
        graph = live.trainer().graph(experiment, wait=0.0)
    except UnknownOperation:
        return {}
    lines: dict[int, list[str]] = {}
    for each in graph.outputs if graph else ():
        if each.line:
            lines.setdefault(each.line, []).append(each.title)
    return {line: ", ".join(titles) for line, titles in lines.items()}


def marks(lines: dict[int, str]) -> str:
    """Return the CSS that marks lines of code, each with words at its right end.

    Streamlit's code has no element for a line. But its lines are of one height: behind them are
    bands of that height, and over them a text of as many lines, with words in the marked ones.
    """
    if not lines:
        return "<style></style>"
    band = "linear-gradient(var(--marked), var(--marked)) no-repeat"
    bands = ", ".join(f"{band} 0 {line - 1}lh / 100% 1lh" for line in lines)
    words = "\\A ".join(lines.get(line, "") for line in range(1, max(lines) + 1))
    return f"""
<style>
.st-key-{KEY} code {{ background: {bands}; }}
.st-key-{KEY} code::after {{ content: "{words}"; }}
</style>
"""
