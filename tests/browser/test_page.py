"""The page in a real browser, as a visitor meets it."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import expect

from fibattn.ui.page_state import VIEWS
from tests.browser.server import Visit, chromium, running_app, running_browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        chromium() is None and not os.environ.get("CI"),
        reason="No Chromium on this machine: install it to run the browser tests.",
    ),
]

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
# Small enough for a test, large enough to have something to show.
QUICK = "?series_length=200&time_steps=8&epochs=3&repeats=2"
HIGHEST_CHART = 700
# A loaded machine draws slowly.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def app():
    assert chromium(), "CI must have a Chromium."
    with running_app() as app:
        yield app


@pytest.fixture(scope="module")
def browser():
    with running_browser() as browser:
        yield browser


@pytest.fixture
def visit(app, browser):
    context = browser.new_context(viewport=DESKTOP)
    visit = Visit(context.new_page(), app.url)
    yield visit
    visit.check()
    context.close()


def expect_charts(visit: Visit, count: int) -> None:
    expect(visit.page.locator(".js-plotly-plot:visible")).to_have_count(count)


def test_a_newcomer_sees_the_article_s_experiment_trained(visit):
    visit.open()
    visit.wait_for_title()
    visit.wait_for_result("5 starts of each network, 30 epochs, 2 units, 20 time steps")
    expect(visit.page.get_by_text("of 5 starts").first).to_be_visible()
    expect_charts(visit, 3)
    visit.turn_to("Where attention looks")
    expect_charts(visit, 6)
    visit.turn_to("Data and models")
    expect(visit.page.get_by_text("ArticleAttention").first).to_be_visible()


def test_every_chart_has_a_name_for_those_who_cannot_see_it(visit):
    visit.open(QUICK)
    visit.wait_for_result()
    views = {
        "Loss and predictions": ("scores", "losses", "predictions"),
        "Where attention looks": ("heatmap", "window_chart", "over_epochs", "occlusion", "swapped"),
        "Data and models": ("series",),
    }
    for view, keys in views.items():
        visit.turn_to(view)
        for key in keys:
            chart = visit.page.locator(f".st-key-{key}")
            name = chart.locator("[aria-label]").first.get_attribute("aria-label")
            assert name
            assert len(name) > 20, (key, name)


@pytest.mark.parametrize(
    ("label", "key", "result"),
    [
        ("Series length", "ArrowLeft", "195 numbers"),
        ("Time steps", "ArrowRight", "9 time steps"),
        ("Units", "ArrowRight", "3 units"),
        ("Epochs", "ArrowRight", "4 epochs"),
    ],
)
def test_moving_a_slider_trains_anew_without_another_click(visit, label, key, result):
    visit.open(QUICK)
    visit.wait_for_result()
    visit.move(label, key)
    visit.wait_for_result(result)


def test_a_preset_is_one_click(visit):
    visit.open(QUICK)
    visit.wait_for_result()
    visit.page.get_by_text("Short and quick").click()
    visit.wait_for_result("300 numbers")
    assert "series_length=300" in visit.page.url


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


def test_the_address_is_the_whole_state(visit):
    visit.open(QUICK)
    visit.wait_for_result()
    visit.move("Units", "ArrowRight")
    visit.move("Test window", "ArrowLeft", 3)
    visit.wait_for_result("3 units")
    visit.page.wait_for_url(re.compile("units=3.*window=|window=.*units=3"))
    sentence = visit.page.locator("h4").first.inner_text()
    visit.page.reload()
    visit.wait_for_result("3 units")
    assert visit.page.locator("h4").first.inner_text() == sentence
    assert visit.page.get_by_role("slider", name="Units").input_value() == "3"


def test_a_wrong_address_falls_back_and_says_so(visit):
    visit.open("?units=999&epochs=3&repeats=2&series_length=200&time_steps=8")
    visit.page.get_by_text("units is 999, but it must lie between 1 and 32").wait_for()
    visit.wait_for_result("2 units")


def test_settings_that_contradict_keep_the_page_alive(visit):
    visit.open("?series_length=30&time_steps=40")
    visit.page.get_by_text("there must be at least two of each").wait_for()
    visit.move("Time steps", "PageDown", 6)
    visit.wait_for_result("30 numbers")


def test_a_view_stays_open_and_stands_in_the_address(visit):
    visit.open(QUICK)
    visit.wait_for_result()
    visit.turn_to("Where attention looks")
    visit.move("Units", "ArrowRight")
    visit.wait_for_result("3 units")
    visit.page.reload()
    visit.wait_for_result("3 units")
    expect(visit.page.locator(".st-key-heatmap")).to_be_visible()
    assert not visit.page.get_by_text("could not be used").count()


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


def test_long_training_can_be_stopped_and_continued(visit):
    visit.open("?cell=LSTM&units=32&epochs=100&repeats=20&seed=77")
    visit.page.get_by_text("Training: epoch").wait_for(timeout=60_000)
    visit.page.get_by_role("button", name="Stop training").click()
    visit.page.get_by_text("Stopped. What came of the training").wait_for()
    visit.page.get_by_role("button", name="Continue").click()
    visit.page.get_by_text("Training: epoch").wait_for(timeout=60_000)
    visit.page.get_by_role("button", name="Start over").click()
    visit.wait_for_result("30 epochs")


def test_a_task_is_one_choice_and_shows_the_steps_its_rule_needs(visit):
    visit.open("?task=sum-of-last-two&windows=200&time_steps=6&epochs=3&repeats=2")
    visit.wait_for_result()
    visit.turn_to("Where attention looks")
    visit.page.get_by_text("Weight on the true steps").wait_for()
    visit.page.locator(".st-key-occlusion .barlayer").first.wait_for()


@pytest.mark.parametrize(
    ("query", "key", "words"),
    [
        ("&horizon=3&decoder=recurrent&attention=dot&cell=GRU", "over_horizon", "asks anew"),
        pytest.param(
            "&head=conv&attention=additive&bidirectional=true",
            "occlusion",
            "The conv head keeps",
            marks=pytest.mark.long,
        ),
        ("&placement=before&attention=scaled-dot", "occlusion", "a step's input is let through"),
        pytest.param(
            "&attention=self&horizon=2",
            "occlusion",
            "does not sum the states themselves",
            marks=pytest.mark.long,
        ),
    ],
    ids=["decoder", "conv", "before", "self"],
)
def test_every_way_to_build_a_network_has_its_heatmaps(visit, query, key, words):
    visit.open(QUICK + query)
    visit.wait_for_result()
    visit.turn_to("Where attention looks")
    expect(visit.page.locator(f".st-key-{key} .js-plotly-plot")).to_be_visible()
    expect(visit.page.get_by_text(words).first).to_be_visible()
    expect(visit.page.locator(".st-key-heatmap .js-plotly-plot")).to_be_visible()


def test_another_layer_is_one_choice(visit):
    visit.open(QUICK)
    visit.wait_for_result()
    visit.page.get_by_role("combobox", name="Attention layer").click()
    visit.page.get_by_role("option", name="additive-content", exact=True).click()
    visit.page.wait_for_url(re.compile("attention=additive-content"))
    visit.wait_for_result()
    visit.turn_to("Data and models")
    expect(visit.page.get_by_text("AdditiveContentAttention").first).to_be_visible()


def test_a_lesson_is_one_click_and_says_what_is_seen(visit):
    visit.open(QUICK)
    visit.wait_for_result()
    visit.page.get_by_test_id("stButtonGroup").get_by_text("Find the maximum").click()
    visit.wait_for_result("2000 windows")
    expect(visit.page.get_by_text("Attention earns its keep").first).to_be_visible()
    assert "task=find-max" in visit.page.url


def give_file(visit: Visit, text: bytes) -> None:
    visit.open("?task=csv&time_steps=6&epochs=3&repeats=2")
    visit.page.get_by_text("Choose a CSV file in the sidebar").wait_for()
    file = {"name": "mine.csv", "mimeType": "text/csv", "buffer": text}
    visit.page.locator("input[type=file]").set_input_files(file)


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


def test_gaps_in_a_file_are_named_and_can_be_filled(visit):
    numbers = [str((i * i) % 13) if i != 20 else "" for i in range(80)]
    give_file(visit, ("a,b\n" + "\n".join(f"{i},{n}" for i, n in enumerate(numbers))).encode())
    expect(visit.page.get_by_text("has gaps: 1 in").first).to_be_visible()
    visit.page.get_by_text("interpolate", exact=True).click()
    visit.wait_for_result("80 numbers")


def test_a_visitor_s_own_file(visit):
    rows = "\n".join(f"2020-{i},{i % 7},{10 + (i * i) % 13}" for i in range(150))
    give_file(visit, f"day,a,b\n{rows}\n".encode())
    visit.wait_for_result("150 numbers")
    assert "mine" not in visit.page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_light_and_dark_and_on_a_phone_nothing_is_cut_off(app, browser, scheme, size):
    context = browser.new_context(viewport=size, color_scheme=scheme)
    visit = Visit(context.new_page(), app.url)
    visit.open(QUICK)
    visit.wait_for_result()
    background = visit.page.evaluate(
        "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    )
    red = int(re.findall(r"\d+", background)[0])
    assert (red > 128) == (scheme == "light")
    sideways = visit.page.evaluate(
        "document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth"
    )
    assert sideways <= 0
    for view in VIEWS:
        visit.turn_to(view)
        for chart in visit.page.locator(".js-plotly-plot:visible").all():
            box = chart.bounding_box()
            assert box["width"] <= size["width"]
            assert 100 < box["height"] < HIGHEST_CHART
    visit.check()
    context.close()


def test_nothing_jumps_when_the_result_arrives(visit):
    """Headings stand where they stood while the networks were being trained."""
    tops = (
        "[...document.querySelectorAll('h3')].map(h => Math.round(h.getBoundingClientRect().top))"
    )
    visit.open("?seed=4242&epochs=100&repeats=15")
    visit.page.get_by_text("Training:").wait_for()
    visit.page.locator(".st-key-predictions .main-svg").first.wait_for()
    before = visit.page.evaluate(tops)
    visit.wait_for_result()
    after = visit.page.evaluate(tops)
    assert len(before) == 4
    moved = [abs(a - b) for a, b in zip(before, after, strict=True)]
    assert max(moved) <= 30, moved
