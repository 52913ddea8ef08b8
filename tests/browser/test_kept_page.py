"""The page to keep, opened from a file with the network cut."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from fibattn.judge.pinned import Pinned
from fibattn.take_away.page import page
from tests.browser.server import DESKTOP, IN_A_BROWSER, PHONE
from tests.take_away.pairs import graphs, new, own_file, pair

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    made = {"article": pair(), "own": own_file(), "long": pair(epochs=100, series_length=600)}
    for name, each in made.items():
        (folder / f"{name}.html").write_bytes(page(each, graphs(each), new(each)))
    beside = pair(units=3, epochs=4)
    pinned = Pinned(None, beside.attention, same_data=True)
    kept = page(pair(), graphs(pair()), new(pair()), pinned, graphs(beside)[1])
    (folder / "pinned.html").write_bytes(kept)
    return folder


@pytest.fixture
def opened(browser, files):
    """Returns what opens a kept page offline, and fails if anything goes wrong on it."""
    problems, contexts = [], []

    def open_it(name="article", size=DESKTOP, before="", **options):
        context = browser.new_context(viewport=size, offline=True, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.add_init_script(before)
        tab.on("pageerror", lambda error: problems.append(str(error)))
        tab.on("console", lambda said: problems.append(said.text))
        tab.on("request", lambda asked: problems.append(asked.url))
        tab.goto((files / f"{name}.html").as_uri())
        tab.get_by_role("group", name="Stage").wait_for()
        return tab

    yield open_it
    for context in contexts:
        context.close()
    assert not [each for each in problems if not each.startswith(("file:", "blob:"))]


def test_a_value_moved_by_keyboard_moves_the_prediction(opened):
    tab = opened()
    prediction = tab.get_by_label("Prediction", exact=True)
    before = prediction.get_attribute("data-scaled")
    step = tab.locator(".step").last
    step.focus()
    for _ in range(5):
        step.press("ArrowDown")
    expect(prediction).not_to_have_attribute("data-scaled", before)


def test_epochs_windows_and_starts_are_in_it(opened):
    tab = opened()
    prediction = tab.get_by_label("Prediction", exact=True)
    for name in ("epoch", "window"):
        before = prediction.get_attribute("data-scaled")
        tab.get_by_role("slider", name=name).first.press("ArrowLeft")
        expect(prediction).not_to_have_attribute("data-scaled", before)
    tab.get_by_role("button", name="Open up").click()
    expect(tab.locator(".opened code").first).to_be_visible()


def test_a_pinned_run_stands_beside_also_when_it_has_trained_again(opened):
    tab = opened("pinned")
    expect(tab.locator("#stage .pinned")).to_be_visible()
    expect(tab.get_by_text("Pinned → now: ")).to_be_visible()
    trained(tab)
    expect(tab.locator("#stage .pinned")).to_be_visible()


def trained(tab) -> None:
    """Click “Train again” and wait for the end."""
    tab.get_by_role("button", name="Train again").click()
    expect(tab.get_by_text("Trained in")).to_be_visible(timeout=60_000)


def test_it_trains_again_and_the_stage_shows_what_came_of_it(opened):
    tab = opened()
    prediction = tab.get_by_label("Prediction", exact=True)
    kept = prediction.get_attribute("data-scaled")
    trained(tab)
    expect(tab.get_by_role("status").filter(has_text="Trained in")).to_contain_text(
        "With attention it is lower in"
    )
    curves = tab.get_by_role("img", name="Test loss of 2 random starts of each network")
    assert curves.locator("path").count() == 6, "two starts and a median, of two networks"
    expect(prediction).not_to_have_attribute("data-scaled", kept)
    first = prediction.get_attribute("data-scaled")
    assert Axe().run(tab).response["violations"] == []

    trained(tab)
    expect(prediction).not_to_have_attribute("data-scaled", first)
    tab.get_by_role("button", name="Show the kept run").click()
    expect(prediction).to_have_attribute("data-scaled", kept)
    expect(tab.get_by_role("button", name="Train again")).to_be_focused()


def test_without_workers_it_trains_all_the_same(opened):
    tab = opened(before="delete globalThis.Worker")
    trained(tab)


def test_training_can_be_stopped(opened):
    tab = opened("long")
    tab.get_by_role("button", name="Train again").click()
    tab.get_by_role("button", name="Stop").click()
    expect(tab.get_by_text("Stopped.")).to_be_visible()
    expect(tab.get_by_role("button", name="Train again")).to_be_visible()


@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        pytest.param(DESKTOP, "light", id="desktop-light"),
        pytest.param(DESKTOP, "dark", id="desktop-dark", marks=pytest.mark.long),
        pytest.param(PHONE, "light", id="phone-light", marks=pytest.mark.long),
        pytest.param(PHONE, "dark", id="phone-dark"),
    ],
)
def test_axe_finds_nothing_and_nothing_passes_the_window(opened, scheme, size):
    tab = opened(size=size, color_scheme=scheme)
    found = Axe().run(tab).response["violations"]
    assert not [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]
    assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"]
    back = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, back[4:-1].split(","))) > 384) == (scheme == "light")


def test_in_print_it_is_light_and_has_no_controls(opened):
    tab = opened(color_scheme="dark")
    tab.emulate_media(media="print")
    expect(tab.locator(".controls")).to_be_hidden()
    expect(tab.get_by_role("button", name="Train again")).to_be_hidden()
    back = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, back[4:-1].split(","))) > 700
    assert tab.pdf().startswith(b"%PDF")


def test_a_visitors_names_run_nothing(opened):
    tab = opened("own")
    assert tab.title() == "Your own file: does attention help?"
    assert tab.locator("img").count() == 0


def test_without_scripts_the_answer_and_a_picture_are_there(browser, files):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((files / "article.html").as_uri())
    expect(tab.get_by_text("This picture stands still")).to_be_visible()
    expect(tab.get_by_role("heading", name="Settings")).to_be_visible()
    context.close()
