"""What stands in the place of a component where the browser cannot run it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from fibattn.lessons.story import story
from fibattn.words import stage as words
from tests.browser.server import DESKTOP, IN_A_BROWSER, PHONE, QUICK, Server, Visit

pytestmark = IN_A_BROWSER

# Every network of the story is trained for it, in milliseconds: two minutes and a half where two
# other runs of tests shared the two cores, more than four where three did.
TRAINED = 600_000
# A host that allows no code but from its own address; Streamlit starts a component's by a blob.
STRICT = """new MutationObserver((_, observer) => {
  if (!document.head) return;
  observer.disconnect();
  const rule = document.createElement("meta");
  rule.httpEquiv = "Content-Security-Policy";
  rule.content = "script-src 'self' 'unsafe-inline' 'unsafe-eval'";
  document.head.prepend(rule);
}).observe(document, { childList: true, subtree: true });"""
# A component whose own code fails.
FAILING = """const create = URL.createObjectURL;
URL.createObjectURL = (blob) => create.call(URL, blob.type.includes("javascript")
  ? new Blob(["export default () => { throw new Error('It fails.'); }"], { type: blob.type })
  : blob);"""


@pytest.fixture(params=[STRICT, FAILING], ids=["strict", "failing"])
def visit(app: Server, browser: Browser, request) -> Iterator[Visit]:
    """A visitor in whose browser no component runs, which the console says."""
    context = browser.new_context(viewport=DESKTOP)
    context.add_init_script(script=request.param)
    yield Visit(context.new_page(), app.url)
    context.close()


def check_no_box(visit: Visit) -> None:
    boxes = visit.page.locator(".stBidiComponent .stAlertContainer")
    boxes.first.wait_for(state="attached")
    assert not any(box.is_visible() for box in boxes.all())


@pytest.mark.long
@pytest.mark.parametrize("path", ["", "inside"])
def test_a_picture_of_the_window_stands_in_the_stage_s_place(visit, path):
    visit.open(path + QUICK)
    place = visit.page.locator(".st-key-stage_place")
    place.get_by_text(words.NO_SCRIPTS).wait_for()
    visit.wait_for_rest()
    check_no_box(visit)
    for size in (DESKTOP, PHONE):
        visit.page.set_viewport_size(size)
        expect(place.get_by_role("img")).to_be_visible()
        expect(place.get_by_text(words.NO_SCRIPTS)).to_be_visible()


@pytest.mark.long
def test_the_story_stands_there_in_words_and_can_be_taken_along(visit):
    visit.open("story")
    visit.page.get_by_text(words.ONLY_WORDS).wait_for()
    for scene in story().values():
        expect(visit.page.get_by_role("heading", name=scene.title)).to_be_visible()
    check_no_box(visit)
    expect(visit.page.get_by_role("button", name="Take the story along")).to_be_enabled(
        timeout=TRAINED
    )
