"""The main page: both networks trained live on the article's data, and what came of it."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fibattn import figures
from fibattn.experiment import Experiment
from fibattn.judge import evaluation
from fibattn.network.catalogue import attention_layers
from fibattn.tasks import TASKS, Dataset
from fibattn.ui import attention_view, live, metrics_view, sidebar
from fibattn.ui.chart import chart
from fibattn.ui.live import Standings
from fibattn.words import tables
from fibattn.words.verdict import verdict

# While TensorFlow is starting there is less to see: seconds between two looks.
LOOK_EVERY_AT_START = 1.0
# Drawing a figure again costs the visitor's browser more than looking.
DRAW_EVERY = 1.0

LEAK = (
    "The scaling was fitted on all numbers, as in the article: what the test windows hold leaks "
    "into training."
)


def page(choice: sidebar.Pair | str) -> None:
    """The page, from top to bottom."""
    st.title("Does attention help a recurrent network?")
    st.markdown(
        "A well-known tutorial teaches a small network to predict the next Fibonacci number, "
        "once :blue[**plain**] and once with an :orange[**attention**] layer. Both are trained "
        "here, now, from several random starts, on its data and on others. Move a slider and see."
    )
    sidebar.presets()
    sidebar.say_url_problems(choice)
    if isinstance(choice, str):
        sidebar.contradiction(choice)
    else:
        _results(choice)


def _results(choice: sidebar.Pair) -> None:
    """Everything that depends on the runs.

    A short run is waited for, with the figures of the last one still there. In a longer one the
    figures stand empty, and only the answer and the loss look again by themselves; once it is
    finished the whole page is run once more.
    """
    whole = choice[0].dataset()
    answer = st.empty()
    scores, drowned = st.container(), st.container()
    ahead = attention_view.choose_step_ahead(choice[0])
    data = whole.at_step(ahead)
    chosen = attention_view.choose_window(data)
    training, attention, models = st.tabs(sidebar.VIEWS, key="view", bind="query-params")
    view = st.session_state["view"]
    standings = live.look(choice)
    if st.session_state.pop("drawn", None) == view and not live.finished(standings):
        with answer.container(border=True):
            progress = _answer(standings, button=False)
        standings = live.wait_in_place(choice, progress)
    at_rest = live.finished(standings) or live.is_stopped(choice)
    with answer.container(border=True):
        if at_rest:
            _answer(standings)
        else:
            _look_again(choice, starting=live.starting(standings))
    with scores:
        _scores(standings)
    with drowned:
        _drowning(choice[0], data)
    if training.open:
        with training:
            _training(standings, data, chosen, ahead, at_rest)
    if attention.open:
        with attention:
            attention_view.show(standings, data, chosen, ahead)
    if models.open:
        with models:
            _data(choice[0], data)
            _layers(standings)
            _model_code(choice[1])
    if live.finished(standings):
        st.session_state["drawn"] = view


def _look_again(choice: sidebar.Pair, starting: bool) -> None:
    """Draw the answer's place, again and again, until training is finished.

    A fragment that wrote to places outside of itself would lose messages under load.
    """

    @st.fragment(run_every=LOOK_EVERY_AT_START if starting else live.LOOK_EVERY)
    def look_at_answer() -> None:
        standings = live.look(choice)
        if (
            live.finished(standings)
            or live.is_stopped(choice)
            or live.starting(standings) != starting
        ):
            st.rerun()
        _answer(standings)

    look_at_answer()


def _answer(standings: Standings, button: bool = True) -> DeltaGenerator:
    """Draw the answer in one sentence, and under it how far training is; return that place.

    With a `button` that stops unfinished training: it can be drawn once in a run of the page.
    """
    plain, attention = standings
    if plain.run and attention.run:
        words = verdict(plain.run, attention.run, evaluation.baselines(plain.experiment))
    elif failed := plain.error or attention.error:
        words = failed
    elif live.is_stopped((plain.experiment, attention.experiment)):
        words = "Stopped. What came of the training so far is below; “Go on” trains the rest."
    else:  # about as long as the answer, so that nothing jumps when it comes
        starts = live.counted(plain.experiment.repeats, "random start")
        words = (
            f"Training two networks from {starts} each. In how many of them attention has the "
            "lower test error, whether that is more than chance, and how both compare with "
            "predictors that learn nothing, will stand here."
        )
    st.markdown(f"#### {words}")
    progress, beside = live.progress_row()
    live.progress(progress, standings)
    if button and not live.finished(standings):
        live.stop_or_go_on(beside, tuple(each.experiment for each in standings))
    return progress


def _scores(standings: Standings) -> None:
    """Every random start's error, beside the trivial baselines."""
    plain, attention = standings[0].run, standings[1].run
    baselines = evaluation.baselines(standings[0].experiment)
    left, right = st.columns([4, 5])
    with left:
        st.subheader("Test error of every random start")
        chart(figures.scores(plain, attention, baselines), key="scores")
    with right:
        st.markdown(tables.scores(plain, attention, baselines), unsafe_allow_html=True)


def _drowning(experiment: Experiment, data: Dataset) -> None:
    """What linear scaling does to the data, and the way out, where there is one."""
    if "scaling" not in TASKS[experiment.task].knobs:
        return
    drowned = evaluation.drowning(data)
    if data.scaled_on_test and not drowned.drowned:
        st.caption(LEAK)
    if not drowned.drowned:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/water_drop: **Linear scaling drowns this data.** Of {drowned.inputs:,} "
            f"inputs {drowned.zero_inputs:,} are exactly 0 in float32, and of "
            f"{drowned.targets:,} targets {drowned.zero_targets:,}. "
            f"{drowned.train_carriers} training and {drowned.test_carriers} test windows carry "
            "99 % of the squared signal." + (f" {LEAK}" if data.scaled_on_test else "")
        )
        st.button(
            "Use the log scale",
            icon=":material/show_chart:",
            on_click=sidebar.use,
            args=({"scaling": "log"}, False),
        )


def _training(standings: Standings, data: Dataset, chosen: int, ahead: int, at_rest: bool) -> None:
    """How training went and what came of it; the loss is drawn anew until training rests."""
    left, right = st.columns(2)
    with left:
        st.subheader("Loss")
        if at_rest:
            _losses(standings)
        else:
            _live_losses(standings)
    with right:
        st.subheader("Predicted against true")
        plain, attention = (each.run.at_step(ahead) if each.run else None for each in standings)
        chart(
            figures.predicted_against_true(plain, attention, data, chosen),
            key="predictions",
            on_click=lambda point: attention_view.choose(data, int(point["customdata"][0])),
        )
        st.caption("A click on a point chooses its window.")
    names = (":blue[Plain]", ":orange[Attention]")
    metrics_view.show({name: each.run for name, each in zip(names, standings, strict=True)})


def _live_losses(standings: Standings) -> None:
    choice = tuple(each.experiment for each in standings)

    @st.fragment(run_every=None if live.starting(standings) else DRAW_EVERY)
    def look_at_losses() -> None:
        _losses(live.look(choice))

    look_at_losses()


def _losses(standings: Standings) -> None:
    plain, attention = ((standing.loss, standing.val_loss) for standing in standings)
    chart(figures.loss_curves(plain, attention, standings[0].experiment.epochs), key="losses")


def _data(experiment: Experiment, data: Dataset) -> None:
    st.subheader("The data")
    task = TASKS[experiment.task]
    st.markdown(f"**{task.label}.** {task.shape} {task.teaches}")
    if data.series is not None:
        chart(figures.series(data), key="series")


def _layers(standings: Standings) -> None:
    """Both models' layers, as `model.summary()` shows them."""
    st.subheader("The models")
    for column, standing, name in zip(
        st.columns(2), standings, (":blue[Plain]", ":orange[With attention]"), strict=True
    ):
        with column:
            st.markdown(f"**{name}**")
            st.markdown(tables.layers(standing.run))


def _model_code(experiment: Experiment) -> None:
    layer = attention_layers()[experiment.attention or ""]
    with st.expander("The attention layer's source code, as it runs", icon=":material/code:"):
        st.code(layer.source, language="python")
