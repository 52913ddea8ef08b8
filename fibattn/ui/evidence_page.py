"""The page "Does it help?": many random starts of a layer and its controls, compared in pairs."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fibattn import figures
from fibattn.experiment import Experiment
from fibattn.judge.baselines import baselines
from fibattn.judge.comparison import Comparison, paired
from fibattn.judge.errors import test_mse
from fibattn.judge.pinned import apart
from fibattn.run import Run
from fibattn.trainer import Standing
from fibattn.ui import (
    address,
    controls,
    explained,
    first_run,
    links,
    live,
    metrics_view,
    page_state,
    pin,
    sidebar,
    upload,
)
from fibattn.ui.chart import chart
from fibattn.ui.live import Answer, Standings
from fibattn.words import tables, verdict

PLAIN, UNIFORM, PINNED, ATTENTION = "Plain", "Uniform weights", "Pinned", "Attention"
# The controls as they are called in a sentence.
IN_WORDS = {
    PLAIN: verdict.PLAIN,
    UNIFORM: verdict.UNIFORM,
    PINNED: verdict.PINNED,
}

Runs = dict[str, Run | None]


def page(choice: sidebar.Pair | str) -> None:
    """The page, from top to bottom."""
    st.title("Does it help?")
    explained.markdown(
        "One start proves nothing. Here the network with :orange[**attention**] is trained from "
        "many random starts, beside the :blue[**plain**] one and, as a control, one that gives "
        "every step the same weight, and compared start by start.",
        "start",
        "control",
        "weight",
    )
    address.say_problems(None if isinstance(choice, str) else choice[1])
    upload.show_reading()
    if isinstance(choice, str):
        sidebar.ask_for_file(choice)
        return
    starts = controls.draw(page_state.PAGE_KNOBS["starts"])
    networks = _networks(choice, starts)
    if (pinned := pin.chosen()) is not None:
        _put_pinned(networks, pinned.replace(repeats=starts))
    _results(networks)


def _put_pinned(networks: dict[str, Experiment], pinned: Experiment) -> None:
    """Put a pinned network beside attention, if it is another one with the same starts."""
    attention = networks.pop(ATTENTION)
    if pinned != attention:
        pin.say_what_differs(pinned, attention)
        if not apart(attention, pinned):
            networks[PINNED] = pinned
    networks[ATTENTION] = attention


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
    """Everything that depends on the runs; while they are trained, with empty figures."""

    def answer(standings: Standings) -> Answer:
        return _answer(dict(zip(networks, standings, strict=True)))

    place = live.answer_place("answer_with_intervals")
    standings = live.answer(place, tuple(networks.values()), answer, figures="evidence")
    first_run.ends_here()
    runs = {name: standing.run for name, standing in zip(networks, standings, strict=True)}
    _evidence(st.empty(), networks, runs)
    live.figures_are_drawn(standings, "evidence")


def _answer(standings: dict[str, Standing]) -> Answer:
    """Return the answer against the plain network, and beside it those against the others."""
    experiments = tuple(standing.experiment for standing in standings.values())
    if failed := next((each.error for each in standings.values() if each.error), ""):
        return Answer(failed)
    if all(standing.run for standing in standings.values()):
        compared = _compare({name: standing.run for name, standing in standings.items()})
        against_plain, *others = _sentences(compared)
        return Answer(against_plain, " ".join(others))
    if live.is_stopped(experiments):
        return Answer("Stopped. “Continue” trains the rest.")
    return Answer(
        f"Training {len(experiments)} networks from {experiments[0].repeats} random starts each. "
        "How many times lower attention's test error is, and how surely, will stand here."
    )


def _compare(runs: Runs) -> dict[str, Comparison | None]:
    """Compare attention with each other network by the test MSE."""
    attention = runs[ATTENTION]
    return {
        name: paired(test_mse(run), test_mse(attention))
        if run is not None and attention is not None
        else None
        for name, run in runs.items()
        if name != ATTENTION
    }


def _sentences(compared: dict[str, Comparison | None]) -> list[str]:
    return [
        verdict.verdict(found, IN_WORDS[name], intervals=True)
        for name, found in compared.items()
        if found is not None
    ]


def _evidence(place: DeltaGenerator, networks: dict[str, Experiment], runs: Runs) -> None:
    """Draw everything below the answer."""
    experiment = networks[ATTENTION]
    with place.container():
        if UNIFORM not in networks and experiment.attention != "uniform":
            st.caption(
                "There is no control with uniform weights: the recurrent decoder asks anew at each "
                "step, and uniform weights ask nothing."
            )
        left, right = st.columns(2)
        with left:
            _every_start(experiment, runs)
        with right:
            _in_pairs(runs)
        left, right = st.columns(2)
        with left:
            metrics_view.show(runs)
        with right:
            _heatmap(experiment, runs[ATTENTION])


def _every_start(experiment: Experiment, runs: Runs) -> None:
    ready = all(run is not None for run in runs.values())
    explained.subheader("Every random start", "start", "baseline")
    st.caption("A line joins the networks of one start.")
    chart(
        figures.paired_starts(runs, baselines(experiment)),
        key="paired" if ready else "paired_waiting",
    )


def _in_pairs(runs: Runs) -> None:
    st.subheader("In pairs")
    st.markdown(tables.comparisons(_compare(runs)), unsafe_allow_html=True)
    st.caption(
        "First the median, over the starts, of attention's test MSE divided by the other's; then "
        "in how many starts it is lower. Wilcoxon p: how often chance alone would make a "
        "difference at least as clear. The intervals are exact (order statistics; "
        "Clopper–Pearson), the test is the two-sided signed-rank test of the errors' logarithms."
    )
    links.ask("evidence")


def _heatmap(experiment: Experiment, run: Run | None) -> None:
    """How near the weights are to the steps that the task's rule needs."""
    explained.subheader("How good is the heatmap?", "weight", "window", "start", "entropy")
    data = experiment.dataset().at_step(0)
    explained.markdown(tables.heatmap(run.at_step(0) if run else None, data), "weight", "entropy")
    if experiment.horizon > 1:
        st.caption("Of the first step ahead.")
    st.caption(
        "A heatmap that finds the true steps need not lower the error, and one that misses "
        "them need not raise it."
        if data.test_steps is not None
        else "Which steps matter in this task is not known, or not unique."
    )
