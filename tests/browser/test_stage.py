"""The stage in a real browser: the trained networks are turned in the hand."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.server import IN_A_BROWSER, LONGEST_WAIT, PHONE, PROJECTOR, Visit

pytestmark = IN_A_BROWSER
expect.set_options(timeout=LONGEST_WAIT)

MAXIMUM = (
    "?task=find-max&attention=additive-content&windows=300&time_steps=8&units=4&epochs=6&repeats=3"
)


def prediction(visit: Visit) -> float:
    """Return the prediction on the stage, scaled."""
    shown = visit.stage.get_by_label("Prediction", exact=True)
    return float(shown.get_attribute("data-scaled"))


def a_frame_later(visit: Visit) -> None:
    visit.page.evaluate("() => new Promise((done) => setTimeout(done, 120))")


@pytest.fixture
def stage(visit):
    visit.open(MAXIMUM)
    visit.wait_for_result()
    visit.wait_for_stage()
    expect(visit.stage.get_by_role("slider", name="Epoch", exact=True)).to_have_value("6")
    return visit


def test_a_value_dragged_by_mouse_moves_the_prediction_and_can_be_put_back(stage):
    before = prediction(stage)
    box = stage.stage.get_by_role("slider", name="t−2", exact=True).bounding_box()
    middle = box["x"] + box["width"] / 2
    stage.page.mouse.move(middle, box["y"] + 60)
    stage.page.mouse.down()
    stage.page.mouse.move(middle, box["y"] + 40)
    stage.page.mouse.move(middle, box["y"] + 12)
    stage.page.mouse.up()
    a_frame_later(stage)
    assert prediction(stage) != before
    stage.stage.get_by_role("button", name="Put back").click()
    a_frame_later(stage)
    assert prediction(stage) == before


@pytest.mark.long
def test_by_keys_alone(stage):
    step = stage.stage.get_by_role("slider", name="t−3", exact=True)
    step.focus()
    step.press("End")
    a_frame_later(stage)
    high = float(step.get_attribute("aria-valuenow"))
    assert high == pytest.approx(float(step.get_attribute("aria-valuemax")))
    step.press("PageDown")
    a_frame_later(stage)
    assert float(step.get_attribute("aria-valuenow")) < high
    step.press("ArrowRight")
    expect(stage.stage.get_by_role("slider", name="t−2", exact=True)).to_be_focused()
    start = stage.stage.get_by_role("slider", name="Start", exact=True)
    start.focus()
    start.press("End")
    expect(start).to_have_attribute("aria-valuetext", re.compile("^3 of 3, test error"))
    for key in ("c", "r"):  # Streamlit's own
        start.press(key)
    assert not stage.page.get_by_role("dialog").count()


@pytest.mark.long
def test_epochs_are_played_and_the_first_is_before_training(stage):
    epoch = stage.stage.get_by_role("slider", name="Epoch", exact=True)
    trained = prediction(stage)
    stage.move_on_stage("Epoch", "Home")
    a_frame_later(stage)
    assert prediction(stage) != trained
    stage.stage.get_by_role("button", name="Play").click()
    expect(epoch).to_have_value("6")
    expect(stage.stage.get_by_role("button", name="Play")).to_be_visible()
    assert prediction(stage) == trained


@pytest.mark.long
def test_a_window_is_chosen_by_a_click_and_by_arrows(stage):
    rows = stage.stage.get_by_role("slider", name="test windows, a sample")
    box = rows.bounding_box()
    stage.page.mouse.click(box["x"] + 20, box["y"] + 2)
    expect(rows).to_have_attribute("aria-valuenow", "1")
    rows.press("ArrowDown")
    expect(rows).to_have_attribute("aria-valuenow", "2")
    stage.page.wait_for_url(re.compile(r"window=\d+"))


@pytest.mark.long
def test_all_windows_stand_in_the_heatmap_on_request_and_in_the_address(stage):
    stage.stage.get_by_role("button", name="Show all 90").click()
    rows = stage.stage.get_by_role("slider", name="all test windows")
    expect(rows).to_have_attribute("aria-valuemax", "90")
    stage.page.wait_for_url(re.compile("stage=a"))
    stage.stage.get_by_role("button", name="Show a sample").click()
    expect(stage.stage.get_by_role("slider", name="test windows, a sample")).to_be_visible()


@pytest.mark.long
def test_of_a_large_run_the_other_starts_come_on_request(visit):
    visit.open("?task=find-max&windows=100&time_steps=8&units=32&epochs=100&repeats=3")
    visit.wait_for_result()
    visit.wait_for_stage()
    start = visit.stage.get_by_role("slider", name="Start", exact=True)
    expect(start).to_have_attribute("aria-valuetext", re.compile("^1 of 3, test error"))
    first = prediction(visit)
    start.press("End")
    expect(start).to_have_attribute("aria-valuetext", re.compile("^3 of 3, test error"))
    assert prediction(visit) != first


@pytest.mark.long
def test_while_training_it_shows_the_newest_epoch(visit):
    """A run that nobody waits for in this test: on the slowest machine it is still at it."""
    visit.open("?task=find-max&windows=4000&time_steps=40&units=32&epochs=100&repeats=20&cell=LSTM")
    epoch = visit.stage.get_by_role("slider", name="Epoch", exact=True)
    visit.stage.wait_for()
    assert 1 <= int(epoch.get_attribute("max")) < 100
    visit.page.get_by_role("button", name="Stop training").click()


@pytest.mark.long
def test_what_was_done_stands_in_the_address_and_comes_back(stage):
    stage.move_on_stage("Start", "ArrowRight")
    stage.move_on_stage("Epoch", "ArrowLeft", 2)
    stage.move_on_stage("t−1", "PageUp", 3)
    stage.page.wait_for_url(re.compile("stage=e4~s2~k6~v6_"))
    shown = prediction(stage)
    assert len(stage.page.url) < 2000
    stage.page.reload()
    stage.wait_for_result()
    stage.wait_for_stage()
    expect(stage.stage.get_by_role("slider", name="Epoch", exact=True)).to_have_value("4")
    assert prediction(stage) == pytest.approx(shown, rel=1e-6)


def focused(visit: Visit) -> str | None:
    """Return the text or the name of what has the focus, through shadow roots."""
    return visit.page.evaluate("""() => {
      let active = document.activeElement;
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
      return active?.getAttribute("aria-label") ?? active?.textContent;
    }""")


@pytest.mark.long
def test_what_was_chosen_is_kept_from_page_to_page_and_not_played_again(stage):
    stage.move_on_stage("Window", "ArrowLeft", 3)
    stage.move_on_stage("Epoch", "ArrowLeft", 2)
    stage.move_on_stage("t−3", "ArrowUp", 4)
    expect(stage.page).to_have_url(re.compile("window=.*stage=e4"))
    stage.wait_for_rest()
    before = prediction(stage)
    for page in ("Inside", "Playground"):
        stage.go_to(page)
        expect(stage.page).to_have_url(re.compile("/inside" if page == "Inside" else r"/\?"))
        stage.wait_for_stage()
        stage.wait_for_rest()
        epoch = stage.stage.get_by_role("slider", name="Epoch", exact=True)
        expect(epoch).to_have_value("4")
        stage.page.wait_for_timeout(600)  # played, it would be another epoch by now
        assert epoch.input_value() == "4" and prediction(stage) == before


@pytest.mark.long
def test_what_changed_is_said_and_the_focus_stays(stage):
    said = stage.stage.get_by_role("status").filter(has_text="Prediction")
    stage.move_on_stage("Window", "ArrowLeft")
    expect(said).to_have_text(re.compile(r"^Window 89 of 90\. Prediction .+\.$"))
    stage.stage.get_by_role("slider", name="t−3", exact=True).focus()
    hide = stage.stage.get_by_role("button", name="Hide it")
    hide.press("Enter")
    expect(said).to_have_text(re.compile(r"^t−3 is hidden\. Prediction .+\.$"))
    back = stage.stage.get_by_role("button", name="Put back")
    back.press("Enter")
    expect(said).to_have_text(re.compile(r"^t−3 is shown again\. Prediction .+\.$"))
    expect(back).to_be_disabled()
    assert focused(stage) == "Put back"
    stage.stage.get_by_role("button", name="Show all").press("Enter")
    expect(said).to_have_text(re.compile(r"^All windows are shown\. "))
    assert focused(stage) == "Show a sample"
    stage.move_on_stage("Epoch", "Home")
    stage.page.keyboard.press("Space")
    expect(stage.stage.get_by_role("button", name="Pause")).to_be_visible()


def test_a_run_is_sent_once_and_again_to_a_stage_that_has_lost_it(visit):
    frames: list[bytes | str] = []

    def hear(socket) -> None:
        socket.on("framereceived", lambda frame: frames.append(frame))

    def runs() -> int:
        """Return in how many frames the names of a run's arrays stand."""
        return sum(isinstance(each, bytes) and b"plain.errors" in each for each in frames)

    visit.page.on("websocket", hear)
    visit.open(MAXIMUM)
    visit.wait_for_result()
    visit.wait_for_stage()
    assert runs() > 0
    visit.move_on_stage("Window", "ArrowLeft")  # from now on the server knows that it is there
    expect(visit.page).to_have_url(re.compile("window="))
    visit.wait_for_rest()
    frames.clear()
    visit.move_on_stage("t−3", "ArrowUp", 4)
    expect(visit.page).to_have_url(re.compile("stage="))
    visit.wait_for_rest()
    assert frames and runs() == 0
    before = prediction(visit)
    visit.go_to("Inside")
    expect(visit.page).to_have_url(re.compile("/inside"))
    visit.wait_for_stage()
    assert prediction(visit) == before and runs() == 1


def test_hover_says_window_step_value_and_weight_and_nothing_is_cut_off(stage):
    for size in (PROJECTOR, PHONE):
        stage.page.set_viewport_size(size)
        heatmap = stage.stage.get_by_role("slider", name="test windows")
        a_frame_later(stage)  # it is drawn anew for that size
        heatmap.hover(position={"x": 30, "y": 30})
        said = stage.stage.locator(".hover span")
        expect(said).to_have_text(re.compile(r"^window \d+, t−\d: value .+, weight .+$"))
        box = said.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= size["width"]


@pytest.mark.long
def test_opened_up_each_tensor_says_its_formula_and_numbers(stage):
    stage.stage.get_by_role("button", name="Open up").click()
    expect(stage.stage.get_by_text("e_t = vᵀ tanh(W h_t + b)")).to_be_visible()
    expect(stage.stage.get_by_text(re.compile(r"^at t: [−\d.]+$")).first).to_be_visible()
    stage.page.wait_for_url(re.compile("stage=o"))
    expect(stage.stage.get_by_role("button", name="Close")).to_be_visible()


# The marked lines: the text of each that has words at its end, and where it and its band begin.
MARKED = r"""code => {
  const style = getComputedStyle(code);
  const height = parseFloat(style.lineHeight);
  const words = getComputedStyle(code, "::after").content.slice(1, -1).split("\\a ");
  const numbers = [...code.querySelectorAll(".linenumber")];
  return words.map((said, k) => [said, k + 1]).filter(([said]) => said).map(([said, line]) => {
    const top = numbers.find((each) => each.textContent === String(line))
      .getBoundingClientRect().top - code.getBoundingClientRect().top;
    const band = style.backgroundPosition.split(", ").map((each) => parseFloat(each.split(" ")[1]));
    return [said, line, Math.min(...band.map((each) => Math.abs(each - top)))];
  });
}"""


@pytest.mark.long
def test_inside_the_lines_that_compute_what_the_cards_show_are_marked(stage):
    stage.go_to("Inside")
    stage.wait_for_stage()
    code = stage.page.locator(".st-key-source code")
    code.locator(".linenumber").first.wait_for()
    cards = stage.stage.locator(".tensor:has(.source)")
    expect(cards).not_to_have_count(0)
    said = {
        (card.locator("strong").inner_text(), card.locator(".source").inner_text().split(":")[0])
        for card in cards.all()
    }
    stage.page.wait_for_function(
        "() => getComputedStyle(document.querySelector('.st-key-source code')).backgroundImage"
        " !== 'none'"
    )
    marked = code.evaluate(MARKED)
    assert {
        (title, str(line)) for titles, line, _ in marked for title in titles.split(", ")
    } == said
    assert all(off < 4 for _, _, off in marked), "a line is 22 pixels high"
    stage.check()


@pytest.mark.long
def test_what_it_was_before_stays_as_a_shadow_in_every_row(stage):
    grids = stage.stage.locator("canvas.states")
    sizes = "all => all.map((each) => each.width)"
    before = grids.evaluate_all(sizes)
    stage.move_on_stage("t−1", "End")
    a_frame_later(stage)
    assert grids.evaluate_all(sizes) == [4 * each for each in before]
    expect(stage.stage.locator(".needed.old:visible")).not_to_have_count(0)
    stage.stage.get_by_role("button", name="Put back").click()
    a_frame_later(stage)
    assert grids.evaluate_all(sizes) == before
    expect(stage.stage.locator(".needed.old")).to_have_count(0)


@pytest.mark.long
def test_it_goes_on_without_a_network(stage):
    stage.page.context.set_offline(True)
    before = prediction(stage)
    stage.move_on_stage("t", "End")
    a_frame_later(stage)
    assert prediction(stage) != before
    stage.page.context.set_offline(False)


@pytest.mark.long
def test_another_run_puts_everything_back(stage):
    stage.move_on_stage("t−1", "End")
    stage.page.wait_for_url(re.compile("stage=k6"))
    stage.move("Units", "ArrowRight")
    stage.wait_for_result("5 units")
    expect(stage.stage.get_by_role("button", name="Put back")).to_be_disabled()
    assert "stage=" not in stage.page.url


@pytest.mark.long
def test_on_a_phone_a_value_is_dragged_by_touch_and_everything_is_inside(app, browser):
    context = browser.new_context(viewport=PHONE, has_touch=True)
    visit = Visit(context.new_page(), app.url)
    visit.open(MAXIMUM)
    visit.wait_for_result()
    visit.wait_for_stage()
    top = visit.stage.bounding_box()["y"]
    assert top < 2 * PHONE["height"], "on the second screen at most"
    step = visit.stage.get_by_role("slider", name="t−2", exact=True)
    step.scroll_into_view_if_needed()
    step.tap()
    expect(step).to_be_focused()
    visit.stage.get_by_label("Value of the chosen step").fill("0.9")
    visit.stage.get_by_label("Value of the chosen step").press("Enter")
    expect(step).to_have_attribute("aria-valuetext", re.compile(r"^0\.9, weight"))
    wide = visit.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]
    visit.check()
    context.close()


@pytest.mark.long
def test_question_answer_and_stage_fit_on_a_projector(app, browser):
    context = browser.new_context(viewport=PROJECTOR)
    visit = Visit(context.new_page(), app.url)
    visit.open(MAXIMUM)
    visit.wait_for_result()
    visit.wait_for_stage()
    rows = visit.stage.get_by_role("slider", name="test windows, a sample")
    expect(rows).to_be_visible()
    box = rows.bounding_box()
    assert box["y"] + box["height"] <= PROJECTOR["height"]
    box = visit.stage.get_by_role("button", name="Play").bounding_box()
    assert box["y"] + box["height"] <= PROJECTOR["height"]
    context.close()
