"""Where attention looks: how good its heatmap is, and whether a weight is a reason."""

from __future__ import annotations

import dataclasses

import streamlit as st

from fibattn import figures
from fibattn.experiment import Experiment
from fibattn.judge.pinned import Pinned
from fibattn.network.answers import swappable
from fibattn.network.catalogue import attention_layers
from fibattn.run import Run
from fibattn.tasks import Dataset
from fibattn.ui import again, controls, explained, links, page_state
from fibattn.ui.chart import chart
from fibattn.ui.live import LOOK_EVERY, Standings, trainer
from fibattn.words import notices, tables


def show(standings: Standings, data: Dataset, ahead: int = 0, pinned: Pinned | None = None) -> None:
    """Show the view from top to bottom, for the prediction `ahead` steps after the first."""
    run, experiment = standings[1].run, standings[1].experiment
    run = run.at_step(ahead) if run else None
    known = " Steps that the true rule needs are shaded and ringed." * (data.test_steps is not None)
    what = "input" if experiment.placement == "before" else "state"
    explained.markdown(
        f"The stage shows where attention looks. A weight says how much of a step's {what} is let "
        "through. It is not the reason for the prediction. "
        f"{notices.sharpness(_ceiling(experiment), experiment.time_steps)}{known}",
        "weight",
        "ceiling",
    )
    links.ask("weights")
    left, right = st.columns(2)
    with left:
        explained.subheader("How good is the heatmap?", "weight", "window", "start", "entropy")
        explained.markdown(tables.heatmap(run, data), "weight", "entropy")
    with right:
        answered = _reasons(run, experiment, pinned)
    if run and not answered:
        again.in_a_moment("swapped", LOOK_EVERY)  # a worker is still at it


def _reasons(run: Run | None, experiment: Experiment, pinned: Pinned | None) -> bool:
    """Is the weight a reason? Return whether all of it could be shown."""
    explained.subheader("Is the weight a reason?", "weight", "occlusion")
    explained.markdown(
        "A weight says where the network looked, not why it answered: a state has already mixed in "
        "the steps before it, and what is done with it comes after. So hide a step on the stage "
        "(its mean takes its place) and see what the answer does. Or leave the states alone and "
        "change the weights, as here: the error of all test windows with other weights on the same "
        "states. Jain & "
        "Wallace ([1902.10186](https://arxiv.org/abs/1902.10186)) and Serrano & Smith "
        "([1906.03731](https://arxiv.org/abs/1906.03731)) found that weights often do not explain; "
        "Wiegreffe & Pinter ([1908.04626](https://arxiv.org/abs/1908.04626)) and Vashishth et al. "
        "([1909.11218](https://arxiv.org/abs/1909.11218)) discuss when they may.",
        "occlusion",
    )
    if cannot := swappable(experiment):
        st.info(cannot)
        return True
    errors = _errors(run) if run else None
    other = pinned.attention if pinned and not swappable(pinned.attention.experiment) else None
    its = _errors(other) if other else None
    chart(
        figures.swapped_errors(run, errors, (other, its) if other and its else None), key="swapped"
    )
    return bool(errors) and (other is None or bool(its))


def _errors(run: Run) -> dict[str, tuple[float, ...]] | None:
    """Return the errors of each row, None while no worker has answered."""
    swapped = trainer().swapped(run)
    return dataclasses.asdict(swapped) if swapped else None


def choose_step_ahead(experiment: Experiment) -> int:
    """Return which of several steps ahead is looked at, counted from 0."""
    if experiment.horizon == 1:
        return 0
    return controls.draw_moving(page_state.ahead(experiment)) - 1


def _ceiling(experiment: Experiment) -> float:
    """Return the most weight one step can get."""
    assert experiment.attention is not None
    return attention_layers()[experiment.attention].ceiling(experiment.time_steps)
