"""All metrics of some networks, and whether they have learned the training windows by heart."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from fibattn.judge.metrics import METRICS, overfitting_notice
from fibattn.run import Run
from fibattn.words import tables


def show(runs: Mapping[str, Run | None]) -> None:
    """Show the table, and a sentence for each network that overfits."""
    st.subheader("All metrics")
    st.markdown(tables.metrics(runs), unsafe_allow_html=True)
    st.caption("Median over the starts, of scaled values unless a line says otherwise.")
    for name, run in runs.items():
        if run is not None and (notice := _overfitting(run)):
            st.caption(f"**{name}**: {notice}")


def _overfitting(run: Run) -> str:
    data, mse = run.dataset(), METRICS["mse"].compute
    return overfitting_notice(
        mse(run.train_predictions, data.train_y),
        mse(run.test_predictions, data.test_y),
        chronological=run.experiment.split == "chronological",
    )
