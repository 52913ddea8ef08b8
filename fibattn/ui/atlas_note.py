"""What the atlas has stored of the networks that a page trains now."""

from __future__ import annotations

import streamlit as st

from fibattn.atlas import plan
from fibattn.atlas.file import shipped
from fibattn.experiment import Experiment
from fibattn.words import atlas as words


def show(experiment: Experiment) -> None:
    """Say it where the atlas has the same network with attention; otherwise nothing."""
    task, attention, cell = experiment.task, experiment.attention, experiment.cell
    if task not in plan.TASK_NAMES or experiment != plan.network(task, attention, cell):
        return
    if entry := shipped().entry(task, attention, cell):
        st.caption(words.stored(entry, shipped().made.date))
