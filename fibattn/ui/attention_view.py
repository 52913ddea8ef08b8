"""Where attention looks: in all test windows, in a chosen one, and how that came about."""

from __future__ import annotations

import dataclasses

import streamlit as st

from fibattn import figures
from fibattn.experiment import Experiment
from fibattn.judge.heatmap import occlusion_effect
from fibattn.judge.windows import window_order
from fibattn.network.answers import swappable
from fibattn.network.catalogue import attention_layers
from fibattn.run import Run
from fibattn.tasks import Dataset
from fibattn.ui import controls, explained, links, page_state
from fibattn.ui.chart import chart
from fibattn.ui.live import LOOK_EVERY, Standings, trainer
from fibattn.words import notices, tables


def show(standings: Standings, data: Dataset, chosen: int, ahead: int = 0) -> None:
    """Show the view from top to bottom, for the prediction `ahead` steps after the first."""
    every_step, experiment = standings[1].run, standings[1].experiment
    plain, run = (s.run.at_step(ahead) if s.run else None for s in standings)
    steps, ceiling = experiment.time_steps, _ceiling(experiment)
    left, right = st.columns(2)
    with left:
        explained.markdown("**All test windows**, median over the starts", "window", "start")
        chart(figures.attention_windows(run, data, chosen), key="heatmap")
    with right:
        explained.markdown("**The chosen window**, and its weights in all starts", "weight")
        chart(figures.chosen_window(plain, run, data, chosen), key="window_chart")
    known = " Steps the true rule needs are ringed and shaded." * (data.test_steps is not None)
    what = "input" if experiment.placement == "before" else "state"
    explained.markdown(
        f"A weight says how much of a step's {what} is let through. It is not the reason for the "
        f"prediction. {notices.sharpness(ceiling, steps)}{known}",
        "weight",
        "ceiling",
    )
    links.ask("weights", "print-weights", "one-vector")
    explained.markdown("**The chosen window's weights over the epochs**", "epoch")
    history = trainer().window(run, chosen) if run else None
    weights = history[1] if history else None
    if weights is not None and weights.ndim == 4:
        weights = weights[:, :, ahead]
    chart(
        figures.weights_over_epochs(run, weights, steps, experiment.epochs, ceiling),
        key="over_epochs",
    )
    if experiment.decoder == "recurrent":
        st.markdown("**The chosen window's weights for each step ahead**")
        chart(
            figures.weights_over_horizon(every_step, chosen, experiment.horizon, steps),
            key="over_horizon",
        )
    answered = _reasons(run, experiment, data, chosen) and history is not None
    explained.subheader("How good is the heatmap?", "weight", "window", "start")
    explained.markdown(tables.heatmap(run, data), "weight")
    if run and not answered:
        _look_again()


def _reasons(run: Run | None, experiment: Experiment, data: Dataset, chosen: int) -> bool:
    """Is the weight a reason? Return whether all of it could be shown."""
    explained.subheader("Is the weight a reason?", "weight", "occlusion")
    explained.markdown(
        "A weight says where the network looked, not why it answered: a state has already mixed in "
        "the steps before it, and what is done with it comes after. So take a step away (put its "
        "mean in its place) and see what the answer does; or leave the states alone and change the "
        "weights. Jain & "
        "Wallace ([1902.10186](https://arxiv.org/abs/1902.10186)) and Serrano & Smith "
        "([1906.03731](https://arxiv.org/abs/1906.03731)) found that weights often do not explain; "
        "Wiegreffe & Pinter ([1908.04626](https://arxiv.org/abs/1908.04626)) and Vashishth et al. "
        "([1909.11218](https://arxiv.org/abs/1909.11218)) discuss when they may.",
        "occlusion",
    )
    links.ask("reason", "plain-wins", "not-autoencoders")
    occlusion = trainer().occlusion(run, chosen) if run else None
    effect = occlusion_effect(occlusion) if occlusion else None
    if experiment.horizon > 1:
        st.caption("Effects and errors are of all steps ahead together.")
    left, right = st.columns(2)
    with left:
        st.markdown("**The chosen window**: its weights, and what each step is worth")
        ceiling = _ceiling(experiment)
        chart(figures.weight_and_effect(run, effect, data, chosen, ceiling), key="occlusion")
    with right:
        st.markdown("**All test windows**: the error with other weights on the same states")
        if cannot := swappable(experiment):
            st.info(cannot)
            return occlusion is not None
        swapped = trainer().swapped(run) if run else None
        errors = dataclasses.asdict(swapped) if swapped else None
        chart(figures.swapped_errors(run, errors), key="swapped")
    return occlusion is not None and swapped is not None


def choose_step_ahead(experiment: Experiment) -> int:
    """Return which of several steps ahead is looked at, counted from 0."""
    if experiment.horizon == 1:
        return 0
    return controls.draw_moving(page_state.ahead(experiment)) - 1


def choose_window(experiment: Experiment, data: Dataset) -> int:
    """Show the control for the test window; return the window's index among the test windows."""
    rank = controls.draw_moving(page_state.window(experiment))
    index = int(window_order(data)[rank - 1])
    if data.series is not None:
        st.caption(f"Its target is number {data.test_positions[index] + 1:,} of the series.")
    return index


def choose(data: Dataset, index: int) -> None:
    """Choose a window by its index among the test windows. For callbacks."""
    st.session_state["window"] = window_order(data).tolist().index(index) + 1


@st.fragment(run_every=LOOK_EVERY)
def _look_again() -> None:
    """Run the page once more in a moment: a worker is still at the chosen window."""
    if st.session_state.pop("looked", False):
        st.rerun()
    st.session_state["looked"] = True


def _ceiling(experiment: Experiment) -> float:
    """Return the most weight one step can get."""
    assert experiment.attention is not None
    return attention_layers()[experiment.attention].ceiling(experiment.time_steps)
