"""The page in a real browser, as a visitor meets it."""

from __future__ import annotations

import re
import shutil

import psutil
import pytest
from playwright.sync_api import expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from fibattn.trainer.fork_server import CAN_FORK
from fibattn.ui.page_state import VIEWS
from tests.browser.server import (
    DESKTOP,
    IN_A_BROWSER,
    LONGEST_WAIT,
    QUICK,
    ROOT,
    Visit,
    running_app,
)

pytestmark = IN_A_BROWSER
expect.set_options(timeout=LONGEST_WAIT)


def expect_charts(visit: Visit, count: int) -> None:
    expect(visit.page.locator(".js-plotly-plot:visible")).to_have_count(count)


def heard(visit: Visit) -> list[ForwardMsg]:
    """Return the list of what the server says to the browser, which grows."""
    messages: list[ForwardMsg] = []

    def hear(data: bytes) -> None:
        messages.append(ForwardMsg.FromString(data))

    visit.page.on("websocket", lambda socket: socket.on("framereceived", hear))
    return messages


def test_a_newcomer_sees_the_article_s_experiment_trained(visit):
    visit.open()
    visit.wait_for_title()
    visit.wait_for_result("8 starts of each network, 30 epochs, 2 units, 20 time steps")
    expect(visit.page.get_by_text("of 8 starts").first).to_be_visible()
    expect_charts(visit, 3)
    expect(visit.page.get_by_text("This picture stands still")).to_be_hidden()
    visit.turn_to("Where attention looks")
    expect_charts(visit, 2)
    visit.turn_to("Data and models")
    expect(visit.page.get_by_text("ArticleAttention").first).to_be_visible()


def test_what_the_browser_may_have_forgotten_is_sent_again(visit):
    """A message that only refers to an older one has none to refer to on a slow network."""
    messages = heard(visit)
    visit.open(QUICK)
    visit.wait_for_result()
    for view in reversed(VIEWS[:2]):
        visit.turn_to(view)
    kinds = [each.WhichOneof("type") for each in messages]
    assert kinds.count("new_session") >= 3
    assert "ref_hash" not in kinds


@pytest.mark.parametrize("path", ["", "evidence", "atlas"])
def test_the_figures_come_by_themselves_after_the_first_run(app, browser, path):
    """Their code keeps a browser busy so long that it must not come before the controls."""
    page = browser.new_page(viewport=DESKTOP)
    visit = Visit(page, app.url)
    messages = heard(visit)
    page.goto(f"{app.url}/{path}")
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    ends = [at for at, each in enumerate(messages) if each.WhichOneof("type") == "script_finished"]
    drawn = [
        at
        for at, each in enumerate(messages)
        if each.delta.new_element.WhichOneof("type") == "plotly_chart"
    ]
    assert ends[0] < drawn[0]
    page.close()


SLIDERS = [
    ("Series length", "ArrowLeft", "195 numbers"),
    ("Time steps", "ArrowRight", "9 time steps"),
    ("Units", "ArrowRight", "3 units"),
    ("Epochs", "ArrowRight", "4 epochs"),
]


@pytest.mark.long
@pytest.mark.parametrize("slider", SLIDERS, ids="{0[0]}".format)
def test_moving_a_slider_trains_anew_without_another_click(visit, slider):
    label, key, result = slider
    visit.open(QUICK)
    visit.wait_for_result()
    visit.move(label, key)
    visit.wait_for_result(result)


@pytest.mark.long
def test_labels_are_shown_and_the_address_keeps_the_values(visit):
    visit.open("?task=find-max&windows=200&time_steps=8&epochs=3&repeats=2")
    visit.wait_for_result()
    assert visit.page.get_by_role("combobox", name="Task").input_value() == "Find the maximum"
    visit.page.get_by_text("More", exact=True).click()
    visit.page.get_by_role("radio", name="GRU").click()
    visit.page.wait_for_url(re.compile("cell=GRU"))
    visit.wait_for_result()
    body = visit.page.locator("body")
    expect(body).not_to_contain_text("find-max", use_inner_text=True)
    visit.choose("Task", "Sum of the last two")
    visit.page.wait_for_url(re.compile("task=sum-of-last-two"))


@pytest.mark.long
def test_a_preset_is_one_click(visit):
    visit.open(QUICK)
    visit.wait_for_result()
    visit.page.get_by_text("3. Short and quick").click()
    visit.wait_for_result("300 numbers")
    assert "series_length=300" in visit.page.url


@pytest.mark.long
def test_presets_are_gone_through_by_two_buttons_and_start_over_puts_all_back(visit):
    visit.open(QUICK + "&window=12")
    visit.wait_for_result()
    visit.page.get_by_role("button", name="Next").click()
    expect(visit.page.get_by_text("1. As the tutorial.")).to_be_visible()
    visit.page.wait_for_url(re.compile(r"^[^?]*\??$"))
    visit.page.get_by_role("button", name="Next").click()
    visit.page.wait_for_url(re.compile("scaling=log"))
    visit.page.wait_for_url(re.compile("window=177"))
    window = visit.page.get_by_role("slider", name="Window", exact=True)
    expect(window).to_have_attribute("aria-valuetext", "177 of 354")
    visit.page.get_by_role("button", name="Previous").click()
    expect(window).to_have_attribute("aria-valuetext", "354 of 354")
    assert "window" not in visit.page.url
    visit.wait_for_result("1200 numbers")
    visit.move_on_stage("Window", "ArrowLeft", 3)
    visit.page.wait_for_url(re.compile("window=351"))
    visit.turn_to("Data and models")
    visit.page.get_by_role("button", name="Start over").click()
    visit.page.wait_for_url(re.compile(r"^[^?]*\??$"))
    expect(window).to_have_attribute("aria-valuetext", "354 of 354")
    expect(visit.page.get_by_role("tab", name="Loss and predictions")).to_have_attribute(
        "aria-selected", "true"
    )


@pytest.mark.long
def test_a_click_on_a_point_chooses_its_window(visit):
    visit.open(QUICK + "&scaling=log")
    visit.wait_for_result()
    chart = visit.page.locator(".st-key-predictions .js-plotly-plot")
    chart.scroll_into_view_if_needed()
    point = visit.page.locator(".st-key-predictions .scatterlayer .points path").nth(40)
    box = point.bounding_box()
    visit.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    visit.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    visit.page.wait_for_url(re.compile(r"window=\d+"))
    visit.wait_for_rest()
    visit.turn_to("Where attention looks")  # the choice stays
    assert re.search(r"window=\d+", visit.page.url)


@pytest.mark.long
def test_the_address_is_the_whole_state(visit):
    visit.open(QUICK)
    visit.wait_for_result()
    visit.move("Units", "ArrowRight")
    visit.wait_for_result("3 units")
    visit.move_on_stage("Window", "ArrowLeft", 3)
    visit.page.wait_for_url(re.compile("units=3.*window=|window=.*units=3"))
    sentence = visit.page.locator("h4").first.inner_text()
    visit.page.reload()
    visit.wait_for_result("3 units")
    assert visit.page.locator("h4").first.inner_text() == sentence
    assert visit.page.get_by_role("slider", name="Units").input_value() == "3"


@pytest.mark.long
def test_a_wrong_address_falls_back_and_says_so(visit):
    visit.open("?units=999&epochs=3&repeats=2&series_length=200&time_steps=8")
    visit.page.get_by_text("“Units” cannot be 999").wait_for()
    visit.wait_for_result("2 units")


@pytest.mark.long
def test_settings_that_contradict_keep_the_page_alive(visit):
    visit.open("?series_length=30&time_steps=40&epochs=3&repeats=2")
    visit.wait_for_result("45 numbers")
    expect(visit.page.get_by_text("fewer than two windows").first).to_be_visible()
    visit.move("Time steps", "PageDown", 2)
    visit.wait_for_result("45 numbers")
    assert not visit.page.get_by_text("fewer than two windows").count()


@pytest.mark.long
def test_a_view_stays_open_and_stands_in_the_address(visit):
    visit.open(QUICK)
    visit.wait_for_result()
    visit.turn_to("Where attention looks")
    visit.move("Units", "ArrowRight")
    visit.wait_for_result("3 units")
    visit.page.reload()
    visit.wait_for_result("3 units")
    expect(visit.page.get_by_text("How good is the heatmap?")).to_be_visible()
    assert not visit.page.get_by_text("could not be used").count()


@pytest.mark.long
def test_does_it_help_compares_many_starts_and_can_be_stopped(visit):
    visit.open("?series_length=200&time_steps=6&epochs=100")
    visit.wait_for_title()
    visit.page.get_by_role("link", name="Does it help?").click()
    visit.page.get_by_role("heading", name="Does it help?").wait_for()
    visit.page.get_by_role("button", name="Stop training").click()
    visit.page.get_by_text("Stopped.").first.wait_for()
    visit.page.get_by_role("button", name="Continue").click()
    visit.wait_for_result("20 starts of each network, 100 epochs, 2 units, 6 time steps, 200")
    expect(visit.page.locator(".st-key-paired .js-plotly-plot")).to_be_visible()
    expect(visit.page.get_by_text("Wilcoxon").first).to_be_visible()
    expect(visit.page.get_by_text("95 % interval")).not_to_have_count(0)


@pytest.mark.long
def test_long_training_can_be_stopped_and_continued(visit):
    visit.open("?cell=LSTM&units=32&epochs=100&repeats=20&seed=77")
    visit.page.get_by_text("Training: epoch").wait_for()
    visit.page.get_by_role("button", name="Stop training").click()
    visit.page.get_by_text("Stopped. What came of the training").wait_for()
    visit.page.get_by_role("button", name="Continue").click()
    visit.page.get_by_text("Training: epoch").wait_for()
    visit.page.get_by_role("button", name="Start over").click()
    visit.wait_for_result("30 epochs")


@pytest.mark.long
def test_a_task_is_one_choice_and_shows_the_steps_its_rule_needs(visit):
    visit.open("?task=sum-of-last-two&windows=200&time_steps=6&epochs=3&repeats=2")
    visit.wait_for_result()
    visit.turn_to("Where attention looks")
    visit.page.get_by_text("Weight on the true steps").wait_for()
    expect(visit.stage.get_by_text("needed")).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("&horizon=3&decoder=recurrent&attention=dot&cell=GRU", "asks anew"),
        ("&head=conv&attention=additive&bidirectional=true", "The conv head keeps"),
        ("&placement=before&attention=scaled-dot", "a step's input is let through"),
        ("&attention=self&horizon=2", "does not sum the states themselves"),
    ],
    ids=["decoder", "conv", "before", "self"],
)
def test_every_way_to_build_a_network_stands_on_the_stage(visit, query, words):
    visit.open(QUICK + query)
    visit.wait_for_result()
    visit.turn_to("Where attention looks")
    expect(visit.page.get_by_text(words).first).to_be_visible()
    expect(visit.stage.get_by_text("weights").first).to_be_visible()
    expect(visit.stage.get_by_label("Prediction")).to_have_text(re.compile(r"\d"))


@pytest.mark.long
def test_another_layer_is_one_choice(visit):
    visit.open(QUICK)
    visit.wait_for_result()
    visit.choose("Attention layer", "Additive, content alone")
    visit.page.wait_for_url(re.compile("attention=additive-content"))
    visit.wait_for_result()
    visit.turn_to("Data and models")
    expect(visit.page.get_by_text("AdditiveContentAttention").first).to_be_visible()


@pytest.mark.long
def test_a_lesson_is_one_click_and_says_what_is_seen(visit):
    visit.open(QUICK)
    visit.wait_for_result()
    visit.page.get_by_test_id("stButtonGroup").get_by_text("8. Find the maximum").click()
    visit.wait_for_result("2000 windows")
    expect(visit.page.get_by_text("Attention earns its keep").first).to_be_visible()
    assert "task=find-max" in visit.page.url


def give_file(visit: Visit, text: bytes) -> None:
    visit.open("?task=csv&time_steps=6&epochs=3&repeats=2")
    visit.page.get_by_text("Choose a CSV file in the sidebar").wait_for()
    file = {"name": "mine.csv", "mimeType": "text/csv", "buffer": text}
    visit.page.locator("input[type=file]").set_input_files(file)


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"a\n\xfc\n1\n", "is not in UTF-8"),
        (b"day,name\nmonday,x\ntuesday,y\n", "has no column of numbers"),
        (b"a\n" + b"5\n" * 40, "is 5 in every row"),
        (b"a\n1\n2\n3\n", "The file is too short"),
    ],
    ids=["encoding", "no numbers", "constant", "short"],
)
def test_a_file_that_cannot_be_used_is_answered_with_a_sentence(visit, text, words):
    give_file(visit, text)
    expect(visit.page.get_by_text(words).first).to_be_visible()


@pytest.mark.long
def test_gaps_in_a_file_are_named_and_can_be_filled(visit):
    numbers = [str((i * i) % 13) if i != 20 else "" for i in range(80)]
    give_file(visit, ("a,b\n" + "\n".join(f"{i},{n}" for i, n in enumerate(numbers))).encode())
    expect(visit.page.get_by_text("has gaps: 1 in").first).to_be_visible()
    visit.page.get_by_text("interpolate", exact=True).click()
    visit.wait_for_result("80 numbers")


@pytest.mark.long
def test_a_visitor_s_own_file(visit):
    rows = "\n".join(f"2020-{i},{i % 7},{10 + (i * i) % 13}" for i in range(150))
    give_file(visit, f"day,a,b\n{rows}\n".encode())
    visit.wait_for_result("150 numbers")
    assert "mine" not in visit.page.url


@pytest.mark.long
def test_a_source_file_that_changes_under_a_running_server_leaves_one_trainer(browser, tmp_path):
    for name in ("app.py", "fibattn", ".streamlit"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    with running_app(tmp_path, ["--server.fileWatcherType=auto"], FIBATTN_WORKERS="1") as server:
        visit = Visit(browser.new_page(viewport=DESKTOP), server.url)
        visit.open(QUICK)
        visit.wait_for_result()
        before = processes_of(server)
        assert len(before) == 1 + CAN_FORK, "one worker, and what it was forked from"
        with open(tmp_path / "fibattn/words/notation.py", "a", encoding="utf-8") as source:
            source.write("\n# changed\n")
        visit.page.wait_for_timeout(3000)  # Streamlit looks at the files once a second
        visit.move("Units", "ArrowRight")
        visit.wait_for_result("3 units")
        visit.check()
        after = processes_of(server)
        assert len(after) == 1 + CAN_FORK
        assert not after & before, "the old ones run the old code"
        visit.move("Units", "ArrowRight")
        visit.wait_for_result("4 units")


def processes_of(server) -> set[int]:
    """Return the ids of the processes in which the server has TensorFlow loaded."""
    children = psutil.Process(server.process.pid).children(recursive=True)
    return {each.pid for each in children if "popen_loky" in " ".join(each.cmdline())}
