"""A pinned run in a browser: both are seen, compared, kept in the address, and let go."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.server import IN_A_BROWSER, LONGEST_WAIT, QUICK, Visit

pytestmark = IN_A_BROWSER
expect.set_options(timeout=LONGEST_WAIT)

PINNED = "series_length-200~time_steps-8~epochs-3~repeats-2"


def card(visit: Visit):
    return visit.page.locator(".st-key-pin_card")


def expect_both(visit: Visit) -> None:
    """The card, the figures and the stage show the pinned run beside the one now."""
    expect(card(visit)).to_contain_text("Pinned → now: Units 2 → 3")
    expect(card(visit)).to_contain_text("in the pinned run")
    expect(card(visit)).not_to_contain_text("Epochs")
    legends = visit.page.locator(".js-plotly-plot:visible .legendtext", has_text="pinned")
    expect(legends).to_have_count(2)  # losses and predictions; errors have rows of their own
    rows = visit.page.locator(".st-key-scores .ytick text", has_text="pinned")
    expect(rows).to_have_count(2)
    bars = visit.stage.locator(".pinned rect")
    expect(bars).to_have_count(8 + 1)  # one for each step, and the key
    expect(bars.first).to_be_visible()
    expect(visit.stage.locator(".pinnedprediction")).to_be_visible()


@pytest.mark.long
def test_a_pinned_run_stands_beside_the_next_until_it_is_let_go(visit):
    visit.open(QUICK)
    visit.wait_for_result()
    visit.page.get_by_role("button", name="Pin", exact=True).click()
    visit.page.wait_for_url(re.compile(re.escape(f"pin={PINNED}")))
    expect(card(visit)).to_contain_text("Change a setting")
    expect(visit.stage.locator(".pinned")).to_have_count(0)
    visit.move("Units", "ArrowRight")
    visit.wait_for_result("3 units")
    expect_both(visit)

    last = visit.stage.get_by_role("slider", name="t", exact=True)
    expect(last).to_have_attribute("aria-valuetext", re.compile(", weight .*, pinned "))
    for place in (".st-key-pin_card", ".st-key-stage_place"):
        assert not Axe().run(visit.page, context=place).response["violations"]

    outline = visit.stage.locator(".pinned rect").nth(7)
    tall = outline.get_attribute("height")
    visit.move_on_stage("Epoch", "Home")  # before training it weighs otherwise
    expect(outline).not_to_have_attribute("height", tall)

    visit.page.reload()
    visit.wait_for_result("3 units")
    expect_both(visit)
    visit.go_to("Inside")
    expect(visit.stage.locator(".pinned rect")).to_have_count(9)
    visit.go_to("Questions")
    visit.page.get_by_label("Search the questions").wait_for()
    visit.go_to("Playground")
    visit.wait_for_result("3 units")
    expect_both(visit)

    visit.page.get_by_role("button", name="Unpin").click()
    expect(card(visit)).to_have_count(0)
    expect(visit.stage.locator(".pinned")).to_have_count(0)
    visit.page.wait_for_url(re.compile(r"^(?!.*pin=)"))
    assert "units=3" in visit.page.url


# The stage lies in a shadow tree, into which no observer of the page looks.
COUNT_PLAYS = """
  window.plays = 0;
  let playing = false;
  setInterval(() => {
    const roots = [...document.querySelectorAll("*")].map((each) => each.shadowRoot);
    const now = roots.some((root) => root?.querySelector("[aria-label=Pause]"));
    window.plays += now && !playing;
    playing = now;
  }, 50);
"""


@pytest.mark.long
def test_only_a_new_run_plays_and_not_the_pin_that_comes_or_goes(visit):
    visit.page.emulate_media(reduced_motion="no-preference")
    visit.page.add_init_script(COUNT_PLAYS)
    visit.open(QUICK + "&pin=units-3~" + PINNED)
    visit.wait_for_result()
    expect(visit.stage.locator(".pinned rect")).to_have_count(9)
    expect(visit.stage.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert visit.page.evaluate("plays") == 1
    visit.page.get_by_role("button", name="Unpin").click()
    expect(visit.stage.locator(".pinned")).to_have_count(0)
    visit.move("Units", "ArrowRight")
    visit.wait_for_result("3 units")
    visit.page.wait_for_function("plays === 2")


@pytest.mark.long
def test_a_bad_pin_in_an_address_is_a_sentence(visit):
    visit.open(QUICK + "&pin=units-999")
    visit.page.get_by_text(
        "Nothing is pinned: “Units” cannot be 999: it is a whole number"
    ).wait_for()
    visit.wait_for_result()
    expect(card(visit)).to_have_count(0)
