"""The page "Does it help?": many random starts of a layer and its controls, compared in pairs."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fibattn import figures
from fibattn.experiment import Experiment
from fibattn.judge.evaluation import baselines, test_mse
from fibattn.judge.evidence import Comparison, paired, sentence
from fibattn.run import Run
from fibattn.ui import live, metrics_view, sidebar
from fibattn.ui.chart import chart
from fibattn.words import tables

PLAIN, UNIFORM, ATTENTION = "Plain", "Uniform weights", "Attention"
# As they are called in a sentence.
IN_WORDS = {PLAIN: "the plain network", UNIFORM: "uniform weights", ATTENTION: "attention"}

Runs = dict[str, Run | None]


def page(choice: sidebar.Pair | str) -> None:
    """The page, from top to bottom."""
    st.title("Does it help?")
    st.markdown(
        "One start proves nothing. Here the network with :orange[**attention**] is trained from "
        "many random starts, beside the :blue[**plain**] one and, as a control, one that gives "
        "every step the same weight, and compared start by start."
    )
    sidebar.say_url_problems(choice)
    if isinstance(choice, str):
        sidebar.contradiction(choice)
        return
    starts = st.select_slider(
        "Random starts of each network",
        sidebar.STARTS,
        key="starts",
        bind="query-params",
        help="More starts narrow the intervals.",
    )
    _results(_networks(choice, starts))


def _networks(choice: sidebar.Pair, starts: int) -> dict[str, Experiment]:
    """Return the networks to compare; without the control where it makes no sense."""
    plain, attention = (experiment.replace(repeats=starts) for experiment in choice)
    try:
        uniform = {UNIFORM: attention.replace(attention="uniform")}
    except ValueError:  # a decoder that asks anew at each step
        uniform = {}
    if attention.attention == "uniform":
        uniform = {}
    return {PLAIN: plain, **uniform, ATTENTION: attention}


def _results(networks: dict[str, Experiment]) -> None:
    """Train, and show what came of it; until then everything stands in its place, empty."""
    wanted = tuple(networks.values())
    with st.container(border=True):
        words = st.empty()
        progress, button = live.progress_row()
    place = st.empty()
    standings = live.look(wanted)
    if not live.finished(standings):
        stopped = live.is_stopped(wanted)
        words.markdown(
            "#### Stopped."
            if stopped
            else f"#### Training {len(networks)} networks from {wanted[0].repeats} random starts "
            "each. Whether attention has the lower test error, by how much and how surely, will "
            "stand here."
        )
        live.stop_or_go_on(button, wanted)
        # The last comparison stays, faded, while a short one is waited for.
        if stopped or not st.session_state.get("compared"):
            _evidence(place, networks, dict.fromkeys(networks))
        else:
            standings = live.wait_in_place(wanted, progress)
            if not live.finished(standings):
                _evidence(place, networks, dict.fromkeys(networks))
        if stopped:
            st.session_state["compared"] = False
            return
        while not live.finished(standings):
            live.progress(progress, standings)
            standings = live.look(wanted, wait=live.LOOK_EVERY)
        button.empty()
    live.progress(progress, standings)
    runs = {name: standing.run for name, standing in zip(networks, standings, strict=True)}
    failed = next((standing.error for standing in standings if standing.error), "")
    compared = _compare(runs)
    words.markdown("#### " + (failed or "  \n".join(_sentences(compared))))
    _evidence(place, networks, runs)
    st.session_state["compared"] = True


def _compare(runs: Runs) -> dict[str, Comparison | None]:
    """Compare attention with each control by the test MSE."""
    attention = runs[ATTENTION]
    return {
        name: paired(test_mse(run).values, test_mse(attention).values)
        if run is not None and attention is not None
        else None
        for name, run in runs.items()
        if name != ATTENTION
    }


def _sentences(compared: dict[str, Comparison | None]) -> list[str]:
    return [
        sentence(found, IN_WORDS[name], IN_WORDS[ATTENTION])
        for name, found in compared.items()
        if found is not None
    ]


def _evidence(place: DeltaGenerator, networks: dict[str, Experiment], runs: Runs) -> None:
    """Draw everything below the answer."""
    ready = all(run is not None for run in runs.values())
    experiment = networks[ATTENTION]
    with place.container():
        if UNIFORM not in networks and experiment.attention != "uniform":
            st.caption(
                "There is no control with uniform weights: the recurrent decoder asks anew at each "
                "step, and uniform weights ask nothing."
            )
        left, right = st.columns(2)
        with left:
            st.subheader("Every random start")
            st.caption("A line joins the networks of one start.")
            chart(
                figures.paired_starts(runs, baselines(experiment)),
                key="paired" if ready else "paired_waiting",
            )
        with right:
            st.subheader("In pairs")
            st.markdown(tables.comparisons(_compare(runs)), unsafe_allow_html=True)
            st.caption(
                "Difference of test MSE, attention minus the other: below 0 attention is better. "
                "Intervals: bootstrap of the median, and Clopper–Pearson; the Wilcoxon test is "
                "two-sided."
            )
        left, right = st.columns(2)
        with left:
            metrics_view.show(runs)
        with right:
            st.subheader("How good is the heatmap?")
            data, run = experiment.dataset().at_step(0), runs[ATTENTION]
            table = tables.heatmap(run.at_step(0) if run else None, data)
            st.markdown(table, unsafe_allow_html=True)
            if experiment.horizon > 1:
                st.caption("Of the first step ahead.")
            st.caption(
                "A heatmap that finds the true steps need not lower the error, and one that misses "
                "them need not raise it."
                if data.test_steps is not None
                else "Which steps matter in this task is not known, or not unique."
            )
