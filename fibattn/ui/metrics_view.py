"""All metrics of some networks, and whether they have learned the training windows by heart."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from fibattn.judge.errors import test_mse, train_mse
from fibattn.judge.overfitting import gap
from fibattn.run import Run
from fibattn.ui import explained, links
from fibattn.words import notices, tables


def show(runs: Mapping[str, Run | None]) -> None:
    """Show the table, and a sentence for each network that overfits."""
    explained.subheader("All metrics", "mse", "r²", "start")
    st.markdown(tables.metrics(runs), unsafe_allow_html=True)
    explained.caption(
        "Median over the starts, of scaled values unless a line says otherwise.", "start"
    )
    for name, run in runs.items():
        if run is not None and (notice := _overfitting(run)):
            st.caption(f"**{name}**: {notice}")
    links.ask("metrics")


def _overfitting(run: Run) -> str:
    chronological = run.experiment.split == "chronological"
    return notices.overfitting(gap(train_mse(run), test_mse(run)), chronological)
