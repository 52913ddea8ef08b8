"""The main page: both networks trained live on the article's data, and what came of it."""

from __future__ import annotations

import platform
import uuid
from collections.abc import Hashable
from functools import lru_cache, partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fibattn import evaluation, figures, tables
from fibattn.catalogue import attention_layers
from fibattn.experiment import Experiment
from fibattn.tasks import Dataset
from fibattn.trainer import Standing, Trainer, shared_trainer
from fibattn.ui import sidebar

# How often a page looks at a run that is not finished, in seconds, and how long it stays for the
# end each time; while TensorFlow is starting there is less to see.
LOOK_EVERY, STAY = 0.8, 0.3
LOOK_EVERY_AT_START = 1.0
# A run whose program is compiled is mostly finished after this long: better to wait for it than to
# have the browser draw the page twice.
WAIT_FOR_QUICK = 1.2
# Drawing a figure again costs the visitor's browser more than looking.
DRAW_EVERY = 1.0

Pair = tuple[Standing, Standing]


def page() -> None:
    """The page, from top to bottom."""
    sidebar.remember_url()
    st.title("Does attention help a recurrent network?")
    st.markdown(
        "A well-known tutorial teaches a small network to predict the next Fibonacci number, "
        "once :blue[**plain**] and once with an :orange[**attention**] layer. Both are trained "
        "here, now, from several random starts. Move a slider and see."
    )
    choice = sidebar.choose()
    sidebar.presets()
    _say_problems(sidebar.url_problems(choice))
    if isinstance(choice, str):
        _contradiction(choice)
    else:
        st.session_state["choice"] = choice
        _results(choice)
    _model_code()
    _versions()


def _say_problems(problems: list[str]) -> None:
    if problems:
        st.warning(" ".join(problems), title="Part of the address could not be used")
        st.button("Understood", on_click=sidebar.forget_url_problems)


def _contradiction(sentence: str) -> None:
    st.warning(sentence, title="These settings contradict each other")
    st.button(
        "Back to the settings before",
        on_click=sidebar.use_experiment,
        args=(st.session_state.get("choice", sidebar.first_pair())[0],),
    )


def _look(choice: sidebar.Pair, wait: float = 0.0) -> Pair:
    """Ask where the two experiments stand; asking is also what keeps them going."""
    plain, attention = _trainer().watch(_visitor(), choice, wait=wait)
    return plain, attention


def _starting(standings: Pair) -> bool:
    return any(standing.stage == "starting" for standing in standings)


def _finished(standings: Pair) -> bool:
    return all(standing.run is not None or standing.error for standing in standings)


@st.fragment
def _results(choice: sidebar.Pair) -> None:
    """Everything that depends on the runs.

    While a run is on its way only the answer's place and the loss look again by themselves; once
    it is finished the whole page is run once more.
    """
    standings = _look(choice)
    if not _finished(standings) and all(each.compiled or each.run for each in standings):
        standings = _look(choice, wait=WAIT_FOR_QUICK)
    data = _dataset(choice[0])
    answer, scores, drowned = st.container(), st.container(), st.container()
    left, right = st.columns(2)
    attention, epochs, rest = st.container(), st.container(), st.container()
    with attention:  # drawn before the figure above it, which rings the window chosen here
        st.subheader("Where attention looks")
        chosen = _choose_window(data)
        _attention(standings, data, chosen)
    if _finished(standings):
        _verdict(answer, standings)
        _losses(left, standings)
    else:
        _live(choice, answer, left, starting=_starting(standings))
    with scores:
        _scores(standings)
    with drowned:
        _drowning(data)
    with right:
        _predictions(standings, data, chosen)
    with rest:
        _data(data)
        _layers(standings)
    with epochs:  # last: it may have to wait for a worker
        _over_epochs(standings[1], chosen)


def _live(
    choice: sidebar.Pair, answer: DeltaGenerator, loss: DeltaGenerator, starting: bool
) -> None:
    """Draw the answer's place and the loss, and draw them again until training is finished."""

    @st.fragment(run_every=LOOK_EVERY_AT_START if starting else LOOK_EVERY)
    def look_at_answer() -> None:
        standings = _look(choice, wait=STAY)
        if _finished(standings) or _starting(standings) != starting:
            st.rerun()
        _verdict(answer, standings)

    @st.fragment(run_every=None if starting else DRAW_EVERY)
    def look_at_losses() -> None:
        _losses(loss, _look(choice))

    look_at_answer()
    look_at_losses()


def _verdict(place: DeltaGenerator, standings: Pair) -> None:
    """The answer in one sentence, and under it how far training is."""
    plain, attention = standings
    with place.container(border=True):
        if plain.run and attention.run:
            baselines = _baselines(plain.experiment)
            sentence = evaluation.verdict(plain.run, attention.run, baselines)
            st.markdown(f"#### {sentence}")
        elif failed := plain.error or attention.error:
            st.markdown(f"#### {failed}")
        else:
            starts = _counted(plain.experiment.repeats, "random start")
            st.markdown(  # about as long as the answer, so that nothing jumps when it comes
                f"#### Training two networks from {starts} each. In how many of them attention "
                "has the lower test error, whether that is more than chance, and how both compare "
                "with simply adding the last two numbers, will stand here."
            )
        st.progress(_share_done(standings), text=_stage_in_words(standings))
        for notice in {standing.notice for standing in standings if standing.notice}:
            st.caption(notice)


def _scores(standings: Pair) -> None:
    """Every random start's error, beside the trivial baselines."""
    plain, attention = standings[0].run, standings[1].run
    baselines = _baselines(standings[0].experiment)
    left, right = st.columns([4, 5])
    with left:
        st.subheader("Test error of every random start")
        _chart(
            figures.scores(plain, attention, baselines),
            key="scores",
            alt=figures.scores_alt(plain, attention, baselines),
        )
    with right:
        st.markdown(tables.scores(plain, attention, baselines), unsafe_allow_html=True)


def _drowning(data: Dataset) -> None:
    """What linear scaling does to the data, and the way out."""
    drowned = evaluation.drowning(data)
    if not drowned.drowned:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/water_drop: **Linear scaling drowns this data.** Of {drowned.inputs:,} "
            f"inputs {drowned.zero_inputs:,} are exactly 0 in float32, and of "
            f"{drowned.targets:,} targets {drowned.zero_targets:,}. "
            f"{drowned.train_carriers} training and {drowned.test_carriers} test windows carry "
            "99 % of the squared signal."
        )
        st.button(
            "Use the log scale",
            icon=":material/show_chart:",
            on_click=sidebar.use,
            args=({"scaling": "log"}, False),
        )


def _losses(place: DeltaGenerator, standings: Pair) -> None:
    plain, attention = ((standing.loss, standing.val_loss) for standing in standings)
    with place.container():
        st.subheader("Loss")
        _chart(
            figures.loss_curves(plain, attention, standings[0].experiment.epochs),
            key="losses",
            alt=figures.loss_curves_alt(plain, attention),
        )


def _predictions(standings: Pair, data: Dataset, chosen: int) -> None:
    plain, attention = standings[0].run, standings[1].run
    st.subheader("Predicted against true")
    _chart(
        figures.predicted_against_true(plain, attention, data, chosen),
        key="predictions",
        alt=figures.predicted_against_true_alt(plain, attention, data),
        clickable=True,
    )


def _attention(standings: Pair, data: Dataset, chosen: int) -> None:
    """Where attention looks: in all windows, and in the chosen one."""
    run = standings[1].run
    steps = standings[1].experiment.time_steps
    st.markdown(
        "A weight is how much of a step's state goes into the prediction. It is not the reason "
        "for the prediction. This layer cannot look sharply: of "
        f"{steps} steps one can get at most {_ceiling(standings[1].experiment):.3f} of the "
        f"weight, and {1 / steps:.3f} is an equal share."
    )
    left, right = st.columns(2)
    with left:
        st.markdown("**All test windows**, median over the starts")
        _chart(
            figures.attention_windows(run, data, chosen),
            key="windows",
            alt=figures.attention_windows_alt(run, data),
        )
    with right:
        st.markdown("**The chosen window**, and its weights in all starts")
        _chart(
            figures.chosen_window(standings[0].run, run, data, chosen),
            key="window_chart",
            alt=figures.chosen_window_alt(standings[0].run, run, data, chosen),
        )


def _choose_window(data: Dataset) -> int:
    """Show the control for the test window; return the window's index among the test windows.

    Windows are counted by the size of their target, so that the last is the largest.
    """
    last = len(data.test_y)
    if st.session_state.get("window", last) > last:
        st.session_state["window"] = last
    rank = st.slider(
        "Test window, counted by the size of its target",
        1,
        last,
        last,
        key="window",
        bind="query-params",
        help="The window whose values and weights are shown. A click on a point in “Predicted "
        "against true” chooses one too.",
    )
    return int(evaluation.window_order(data)[rank - 1])


def _choose_clicked(chart: str) -> None:
    """Choose the window whose point was clicked."""
    points = st.session_state[chart].selection.points
    if points and "customdata" in points[0]:
        data = _dataset(st.session_state["choice"][0])
        index = int(points[0]["customdata"][0])
        order = evaluation.window_order(data).tolist()
        st.session_state["window"] = order.index(index) + 1


def _over_epochs(standing: Standing, chosen: int) -> None:
    """How the chosen window's weights came about."""
    history = _trainer().window(standing.run, chosen) if standing.run else None
    weights = history[1] if history else None
    experiment = standing.experiment
    st.markdown("**The chosen window's weights over the epochs**")
    _chart(
        figures.weights_over_epochs(
            weights, experiment.time_steps, experiment.epochs, _ceiling(experiment)
        ),
        key="over_epochs",
        alt=figures.weights_over_epochs_alt(weights),
    )
    if standing.run and history is None:
        _look_again()


@st.fragment(run_every=LOOK_EVERY_AT_START)
def _look_again() -> None:
    """Run the page once more in a moment: a worker is still at the chosen window."""
    if st.session_state.pop("looked", False):
        st.rerun()
    st.session_state["looked"] = True


def _chart(figure: go.Figure, key: str, alt: str, clickable: bool = False) -> None:
    """Draw a figure; a click on a point of a clickable one chooses its window."""
    more: dict[str, Any] = {}
    if clickable:
        more = {"on_select": partial(_choose_clicked, key), "selection_mode": "points"}
    st.plotly_chart(figure, key=key, alt=alt, config={"displayModeBar": False}, **more)


def _trainer() -> Trainer:
    return shared_trainer()


def _visitor() -> Hashable:
    return st.session_state.setdefault("visitor", uuid.uuid4().hex)


@lru_cache(maxsize=64)
def _dataset(experiment: Experiment) -> Dataset:
    return experiment.dataset()


@lru_cache(maxsize=64)
def _baselines(experiment: Experiment) -> tuple[evaluation.Baseline, ...]:
    return evaluation.baselines(_dataset(experiment))


def _ceiling(experiment: Experiment) -> float:
    """Return the most weight one step can get."""
    assert experiment.attention is not None
    return attention_layers()[experiment.attention].ceiling(experiment.time_steps)


def _share_done(standings: Pair) -> float:
    shares = [
        1.0 if standing.run else 0.95 * standing.epoch / standing.experiment.epochs
        for standing in standings
    ]
    return sum(shares) / len(shares)


def _stage_in_words(standings: Pair) -> str:
    """Return how far training is, for the slower of the two networks."""
    stages = {standing.stage for standing in standings}
    experiment = standings[0].experiment
    if "failed" in stages:
        return "Stopped."
    if "starting" in stages:
        return "Starting TensorFlow: a few seconds, once."
    if "compiling" in stages:
        return "Compiling the training programs."
    if "waiting" in stages:
        return "Waiting for a turn."
    if stages == {"done"}:
        return (
            f"Trained: {_counted(experiment.repeats, 'start')} of each network, "
            f"{_counted(experiment.epochs, 'epoch')}, {_counted(experiment.units, 'unit')}, "
            f"{experiment.time_steps} time steps, {experiment.series_length} numbers."
        )
    slower = min(standings, key=lambda standing: standing.epoch)
    left = slower.seconds_left
    ending = f", about {left:.0f} s left" if left is not None and left >= 1 else ""
    return f"Training: epoch {slower.epoch} of {experiment.epochs}{ending}."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _data(data: Dataset) -> None:
    st.subheader("The data")
    _chart(figures.series(data), key="series", alt=figures.series_alt(data))


def _layers(standings: Pair) -> None:
    """Both models' layers, as `model.summary()` shows them."""
    st.subheader("The models")
    for column, standing, name in zip(
        st.columns(2), standings, (":blue[Plain]", ":orange[With attention]"), strict=True
    ):
        with column:
            st.markdown(f"**{name}**")
            st.markdown(tables.layers(standing.run))


def _model_code() -> None:
    layer = attention_layers()["article"]
    with st.expander("The attention layer's source code, as it runs", icon=":material/code:"):
        st.code(layer.source, language="python")


def _versions() -> None:
    names = ("streamlit", "tensorflow-cpu", "tensorflow", "keras", "numpy", "plotly")
    installed = [f"Python {platform.python_version()}"]
    for name in names:
        try:
            installed.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    st.caption(" · ".join(installed))
