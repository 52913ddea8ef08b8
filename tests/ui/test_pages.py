"""The page's logic, without a browser: Streamlit's AppTest, real workers behind it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from fibattn.experiment import KNOBS
from fibattn.lessons.presets import PRESETS
from fibattn.tasks import TASKS
from fibattn.trainer.trainer import close_shared_trainer, shared_trainer
from fibattn.ui import live, sidebar
from fibattn.ui.page_state import VIEWS
from tests.parameters import mostly_long

QUICK = {"series_length": "120", "time_steps": "5", "epochs": "2", "repeats": "2"}


def visit(**query: str) -> AppTest:
    """Open the page and run it twice, as Streamlit does whenever something is touched."""
    page = AppTest.from_file("../../app.py", default_timeout=60)
    for name, text in query.items():
        page.query_params[name] = text
    page.run()
    return page.run()


def finished(page: AppTest) -> AppTest:
    """Run the page until both networks are trained."""
    for _ in range(200):
        page.run()
        if any("Trained:" in each.value for each in page.caption):
            assert not page.get("progress"), "what is finished needs no bar"
            return page
        shared_trainer().wait(0.2)
    raise AssertionError("not trained")


def texts(page: AppTest) -> str:
    return "\n".join(element.value for element in (*page.markdown, *page.warning, *page.caption))


def charts(page: AppTest) -> int:
    return len(page.get("plotly_chart"))


@pytest.fixture(scope="module", autouse=True)
def _close_workers():
    # Most of these pages need not be finished: do not wait for them.
    wait, live.WAIT_IN_PLACE = live.WAIT_IN_PLACE, 0.3
    yield
    live.WAIT_IN_PLACE = wait
    close_shared_trainer()


@pytest.mark.parametrize(
    ("view", "count"), [(VIEWS[0], 3 - 1), (VIEWS[1], 2), (VIEWS[2], 2)], ids=VIEWS
)
def test_the_page_is_full_before_anything_is_trained(view, count):
    page = visit(seed="77", repeats="20", view=view)
    assert not page.exception
    assert charts(page) >= count  # the loss is drawn by a fragment of its own
    assert "Always 0" in texts(page)  # the trivial baselines need no TensorFlow
    assert "Linear scaling drowns this data" in texts(page)


def test_the_answer_is_a_sentence_computed_from_the_run():
    page = finished(visit(**QUICK))
    assert not page.exception
    assert "of 2 starts" in texts(page)
    assert "the sum of the last two" in texts(page).lower()


def test_the_model_tables_are_keras_s():
    page = finished(visit(**QUICK, view=VIEWS[2]))
    words = texts(page)
    assert "def call" in page.code[0].value
    assert "| SimpleRNN | (None, 5, 2) | 8 |" in words
    assert "| ArticleAttention | (None, 2) | 7 |" in words


def test_every_knob_has_a_control():
    page = visit()
    assert wanted_controls("fibonacci") <= controls(page)
    page = visit(task="fibonacci-mod-m", windows="200")
    assert wanted_controls("fibonacci-mod-m") <= controls(page)
    assert "modulus" in controls(page)
    assert "scaling" not in controls(page)


def controls(page: AppTest) -> set[str]:
    return {
        widget.key
        for kind in (
            page.slider,
            page.select_slider,
            page.selectbox,
            page.number_input,
            page.toggle,
        )
        for widget in kind
    } | {widget.key for widget in page.get("button_group")}


def wanted_controls(task: str) -> set[str]:
    names = {
        knob.name
        for knob in KNOBS.values()
        if knob.place != "task" or knob.name in TASKS[task].knobs
    }
    return names if task == "fibonacci" else names - {"series_length"} | {"windows"}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_sets_every_control(name):
    page = visit(units="7")
    wanted = sidebar.DEFAULTS | PRESETS[name].changes
    page.pills(key="preset").set_value(name).run()
    assert not page.exception
    used = page.session_state["choice"][1]
    for name in wanted:
        assert getattr(used, name) == wanted[name], name


def test_one_click_goes_to_the_log_scale_and_leaves_the_rest():
    page = visit(units="3")
    button = next(b for b in page.button if b.label == "Use the log scale")
    button.click().run()
    assert page.session_state["scaling"] == "log"
    assert page.session_state["units"] == 3
    assert "drowns" not in texts(page)


def test_settings_that_contradict_are_made_to_agree_and_the_page_says_so():
    page = visit(series_length="40", time_steps="40")
    assert not page.exception
    assert charts(page) >= 2
    assert page.session_state["series_length"] == 45
    assert "fewer than two windows would be left" in texts(page)
    page.slider(key="time_steps").set_value(10).run()
    assert "fewer than two windows" not in " ".join(each.value for each in page.caption)
    page.slider(key="time_steps").set_value(60).run()
    assert page.session_state["series_length"] == 65
    assert charts(page) >= 2


def test_what_cannot_be_combined_is_disabled_with_the_reason():
    page = visit(task="find-max", windows="200")
    assert page.slider(key="horizon").disabled
    assert "has a single target" in texts(page)
    page = visit(attention="dot", horizon="2", head="conv")
    buttons = {group.key: group for group in page.get("button_group")}
    assert buttons["placement_shown"].disabled
    assert buttons["decoder_shown"].disabled
    assert not page.slider(key="horizon").disabled


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (
            {"units": "999"},
            "“Units” cannot be `999`: it is a whole number from 1 to 32. “2” is used instead.",
        ),
        ({"units": "two"}, "“Units” cannot be `two`: it is a whole number from 1 to 32."),
        (
            {"cell": "Transformer"},
            "it is one of “SimpleRNN”, “LSTM”, “GRU”. “SimpleRNN” is used instead.",
        ),
        ({"series_length": "1476"}, "overflows float64"),
        ({"colour": "red"}, "“Fibonacci numbers” has no setting `colour`"),
        (
            {"bidirectional": "maybe"},
            "“Both directions” cannot be `maybe`: it is one of “No”, “Yes”. “No” is used instead.",
        ),
        ({"windows": "500"}, "“Fibonacci numbers” has no setting “Windows”, but “Series length”"),
        (
            {"view": "Elsewhere"},
            "“View” cannot be `Elsewhere`: it is one of “Loss and predictions”",
        ),
        ({"attention": "elsewhere"}, "it is one of “The tutorial's”, “Additive, a bias for"),
        ({"decoder": "recurrent"}, "choose a horizon of at least 2. “Direct” is used instead."),
        ({"series_length": "30", "time_steps": "40"}, "be left to train or to test on. “45” is"),
        (
            {"window": "9999"},
            "cannot be `9999`: it is a whole number from 1 to 354. “354” is shown instead.",
        ),
    ],
)
def test_a_wrong_address_falls_back_to_the_default_and_says_so(query, words):
    page = visit(**query)
    assert not page.exception
    assert words in texts(page)
    name = next(iter(query))
    if name in sidebar.DEFAULTS and len(query) == 1:
        assert page.session_state[name] == sidebar.DEFAULTS[name]
    next(b for b in page.button if b.label == "Understood").click().run()
    assert words not in texts(page)


def test_the_chosen_window_survives_a_shorter_series():
    page = visit(window="300")
    page.slider(key="series_length").set_value(100).run()
    assert not page.exception
    assert page.session_state["window"] == 24


# Those that differ in what controls they have; every task's page is drawn in test_every_choice.
DIFFERENT = ("sunspots", "find-max", "fibonacci-mod-m")


@pytest.mark.parametrize("name", mostly_long((name for name in TASKS if name != "csv"), DIFFERENT))
def test_every_task_is_a_choice_that_brings_its_own_settings(name):
    page = visit(**QUICK, view=VIEWS[1])
    page.selectbox(key="task_shown").set_value(name).run()
    assert not page.exception
    assert "This page failed" not in texts(page)
    used = page.session_state["choice"][1]
    for setting, value in TASKS[name].suggested.items():
        assert getattr(used, setting) == value
    assert used.repeats == 2


def test_every_option_is_shown_by_its_label():
    page = visit()
    shown = {box.key: box.options for box in page.selectbox}
    assert shown["task_shown"] == [task.label for task in TASKS.values()]
    labels = KNOBS["attention"].options
    assert shown["attention_shown"] == [labels[name] for name in labels if name is not None]
    assert page.selectbox(key="task_shown").value == "fibonacci"


def test_a_series_longer_than_the_task_has_is_cut_to_what_there_is():
    page = visit(task="sunspots")
    assert not page.exception
    assert page.session_state["series_length"] == 309
    assert "contradict" not in texts(page)


@pytest.mark.parametrize("more", [{}, {"rows": "50"}])
def test_without_a_file_the_page_asks_for_one(more):
    page = visit(task="csv", **more)
    assert not page.exception
    assert "Choose a CSV file in the sidebar" in page.info[0].value
    assert ("“Rows” has no place in the address" in texts(page)) == bool(more)


def uploaded(text: str, **query: str) -> AppTest:
    """Open the page of a visitor's own file, and give it one."""
    page = visit(task="csv", **QUICK | query)
    page.get("file_uploader")[0].set_value(("mine.csv", text.encode(), "text/csv")).run()
    assert not page.exception
    return page


def test_a_file_is_tested_on_its_end_and_used_whole_also_the_next_one():
    page = uploaded("a\n" + "\n".join(str(i % 7) for i in range(40)))
    used = page.session_state["choice"][1]
    assert (used.split, used.series_length) == ("chronological", 40)
    longer = ("b.csv", ("a\n" + "\n".join(str(i % 5) for i in range(90))).encode(), "text/csv")
    page.get("file_uploader")[0].set_value(longer).run()
    assert page.session_state["choice"][1].series_length == 90


@pytest.mark.parametrize("rows", [2, 5, 9])
def test_a_file_that_is_too_short_is_said_to_be(rows):
    page = uploaded("a\n" + "\n".join(str(i) for i in range(rows)))
    assert f"too short: it has {rows} row" in page.info[0].value


def test_a_file_of_zeros_is_not_said_to_be_drowned():
    page = uploaded("a\n" + "\n".join(str(max(0, i % 9 - 6)) for i in range(60)))
    assert "drowns" not in texts(page)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    "choice",
    [
        {"horizon": "3"},
        pytest.param(
            {"horizon": "3", "decoder": "recurrent", "attention": "dot", "cell": "GRU"},
            marks=pytest.mark.long,
        ),
        pytest.param(
            {"head": "conv", "attention": "additive", "bidirectional": "true"},
            marks=pytest.mark.long,
        ),
        {"placement": "before", "attention": "scaled-dot"},
        pytest.param({"attention": "self"}, marks=pytest.mark.long),
    ],
    ids=lambda choice: "-".join(choice.values()),
)
def test_every_head_has_all_its_views(choice, view):
    page = finished(visit(**QUICK, **choice, view=view))
    assert not page.exception
    assert not page.error
    used = page.session_state["choice"][1]
    for name, text in choice.items():
        assert str(getattr(used, name)).lower() == text.lower()
