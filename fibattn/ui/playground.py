"""The main page: both networks trained live on the article's data, and what came of it."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fibattn import figures
from fibattn.experiment import Experiment
from fibattn.judge.baselines import baselines
from fibattn.judge.comparison import paired
from fibattn.judge.drowning import drowning
from fibattn.judge.errors import test_mse
from fibattn.judge.pinned import Pinned
from fibattn.network.catalogue import attention_layers
from fibattn.run import Run
from fibattn.tasks import TASKS, Dataset
from fibattn.ui import (
    address,
    atlas_note,
    attention_view,
    controls,
    explained,
    first_run,
    links,
    live,
    metrics_view,
    page_state,
    pin,
    sidebar,
    stage_view,
    take_away_view,
    upload,
)
from fibattn.ui.chart import chart
from fibattn.ui.live import Answer, Standings
from fibattn.words import notices, tables
from fibattn.words.notation import counted
from fibattn.words.verdict import against_baselines, verdict

INTRO = (
    "A well-known tutorial teaches a small network to predict the next Fibonacci number, once "
    ":blue[**plain**] and once with an :orange[**attention**] layer. Both are trained here, "
    "from several random starts, on its data and on others. Move a slider and see."
)
INTRO_TO_OWN_FILE = (
    "Here your own series is the data: two small networks learn to predict its next value from "
    "the rows before, one :blue[**plain**] and one with an :orange[**attention**] layer. Both are "
    "trained here, now, from several random starts, and tested on the end of your file."
)

# What is seen first is sent first: what follows waits so many seconds. Otherwise the browser draws
# all of it in one go, and the figures, which cost it most, before the stage.
BELOW_WAITS = 0.25


def page(choice: sidebar.Pair | str) -> None:
    """The page, from top to bottom."""
    st.title("Does attention help a recurrent network?", help=INTRO)
    if sidebar.is_own_file():
        st.markdown(INTRO_TO_OWN_FILE)
    sidebar.presets()
    address.say_problems(None if isinstance(choice, str) else choice[1])
    upload.show_reading()
    pinned = pin.chosen()
    if isinstance(choice, str):
        sidebar.ask_for_file(choice)
    else:
        _results(choice, pinned)


def _results(choice: sidebar.Pair, pinned: Experiment | None) -> None:
    """Everything that depends on the runs; while a long one is trained, with empty figures."""
    whole = choice[0].dataset()
    answer, card = live.answer_place(), st.container()
    atlas_note.show(choice[1])
    stage = st.container(key="stage_place")
    scores, drowned = st.container(), st.container()
    ahead = attention_view.choose_step_ahead(choice[0])
    data = whole.at_step(ahead)
    chosen = stage_view.chosen_window(whole)
    training, attention, models = st.tabs(page_state.VIEWS, key="view", bind="query-params")
    view = controls.kept()["view"] = st.session_state["view"]
    stage_view.prepare(choice)
    standings = live.answer(answer, choice, answer_in_words, figures=view)
    with card:
        beside = pin.show(pinned, standings)
    is_early = stage_view.is_ready(standings)
    if is_early:
        _stage(stage, standings, whole, ahead, beside)
    first_run.ends_here()
    if is_early:
        live.pause(BELOW_WAITS)
    with scores:
        _diverged(standings)
        _scores(standings, beside)
    with drowned:
        _drowning(choice[0], data)
    if training.open:
        with training:
            _training(standings, data, chosen, ahead, beside)
    if attention.open:
        with attention:
            attention_view.show(standings, data, ahead, beside)
    if models.open:
        with models:
            _data(choice[0], data, beside)
            _layers(standings)
            _model_code(choice[1])
    live.figures_are_drawn(standings, view)
    if not is_early:
        _stage(stage, standings, whole, ahead, beside)


def _stage(
    place: DeltaGenerator,
    standings: Standings,
    data: Dataset,
    ahead: int,
    pinned: Pinned | None,
) -> None:
    with place:
        stage_view.show(standings, data, ahead, pinned)
        take_away_view.show(standings, pinned)


def answer_in_words(standings: Standings) -> Answer:
    """Return the answer, and what the baselines say beside it."""
    plain, attention = standings
    if plain.run and attention.run:
        errors = test_mse(plain.run), test_mse(attention.run)
        beside = against_baselines(*errors, baselines(plain.experiment))
        return Answer(verdict(paired(*errors)), beside)
    if failed := plain.error or attention.error:
        return Answer(failed)
    if live.is_stopped((plain.experiment, attention.experiment)):
        return Answer(
            "Stopped. What came of the training so far is below; “Continue” trains the rest."
        )
    starts = counted(plain.experiment.repeats, "random start")
    return Answer(
        f"Training two networks from {starts} each. How many times lower attention's test error "
        "is, in how many starts, and whether that is more than chance, will stand here."
    )


def _diverged(standings: Standings) -> None:
    """Link to what helps when training diverged, which the answer above says."""
    if any(each.run and test_mse(each.run).count_diverged for each in standings):
        links.ask("diverged")


def _scores(standings: Standings, pinned: Pinned | None) -> None:
    """Every random start's error, beside the trivial baselines."""
    plain, attention = standings[0].run, standings[1].run
    beside = baselines(standings[0].experiment)
    left, right = st.columns([4, 5])
    with left:
        explained.subheader("Test error of every random start", "mse", "start", "baseline")
        chart(figures.scores(plain, attention, beside, pinned), key="scores")
    with right:
        st.markdown(tables.scores(plain, attention, beside, pinned), unsafe_allow_html=True)
        links.ask("scores")


def _drowning(experiment: Experiment, data: Dataset) -> None:
    """What linear scaling does to the data, and the way out, where there is one."""
    if "scaling" not in TASKS[experiment.task].knobs:
        return
    found = drowning(data)
    if not found.drowned:
        if data.scaled_on_test:
            st.caption(notices.LEAK)
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(notices.drowning(found, leaks=data.scaled_on_test))
        st.button(
            "Use the log scale",
            icon=":material/show_chart:",
            on_click=sidebar.use,
            args=({"scaling": "log"}, False),
        )
    links.ask("drowned")


def _training(
    standings: Standings, data: Dataset, chosen: int, ahead: int, pinned: Pinned | None
) -> None:
    """How training went and what came of it; the loss is drawn anew until training rests."""
    left, right = st.columns(2)
    with left:
        explained.subheader("Loss", "loss", "epoch")
        if live.at_rest(standings):
            _losses(standings, pinned)
        else:
            _live_losses(standings, pinned)
        links.ask("losses")
    with right:
        st.subheader("Predicted against true")
        plain, attention = (each.run.at_step(ahead) if each.run else None for each in standings)
        before = pinned and pinned.at_step(ahead)
        chart(
            figures.predicted_against_true(plain, attention, data, chosen, before),
            key="predictions",
            on_click=lambda point: stage_view.choose(data, int(point["customdata"][0])),
        )
        st.caption("A click on a point chooses its window.")
        links.ask("predictions")
    runs: dict[str, Run | None] = {":blue[Plain]": standings[0].run}
    if pinned and pinned.plain:
        runs[":blue[Plain], pinned"] = pinned.plain
    runs[":orange[Attention]"] = standings[1].run
    if pinned:
        runs[":orange[Attention], pinned"] = pinned.attention
    metrics_view.show(runs)


def _live_losses(standings: Standings, pinned: Pinned | None) -> None:
    choice = tuple(each.experiment for each in standings)
    still = live.starting(standings) or live.is_crowded()

    @st.fragment(run_every=None if still else live.DRAW_EVERY)
    def look_at_losses() -> None:
        _losses(live.look(choice), pinned)

    look_at_losses()


def _losses(standings: Standings, pinned: Pinned | None) -> None:
    plain, attention = ((standing.loss, standing.val_loss) for standing in standings)
    epochs = standings[0].experiment.epochs
    chart(figures.loss_curves(plain, attention, epochs, pinned), key="losses")


def _data(experiment: Experiment, data: Dataset, pinned: Pinned | None) -> None:
    st.subheader("The data")
    task = TASKS[experiment.task]
    st.markdown(f"**{task.label}.** {task.shape} {task.teaches}")
    if data.series is not None:
        before = pinned.attention.dataset() if pinned and not pinned.same_data else None
        chart(figures.series(data, before), key="series")


def _layers(standings: Standings) -> None:
    """Both models' layers, as `model.summary()` shows them."""
    st.subheader("The models")
    for column, standing, name in zip(
        st.columns(2), standings, (":blue[Plain]", ":orange[With attention]"), strict=True
    ):
        with column:
            st.markdown(f"**{name}**")
            st.markdown(tables.layers(standing.run))
    links.ask("models")


def _model_code(experiment: Experiment) -> None:
    layer = attention_layers()[experiment.attention or ""]
    with st.expander("The attention layer's source code, as it runs", icon=":material/code:"):
        st.code(f"{layer.source}\n\n\n{layer.usage}", language="python")
    links.ask("code")
