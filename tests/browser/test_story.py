"""The story in a real browser: told by keyboard, with the notes beside it, and as a file."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from fibattn.lessons.story import story
from fibattn.ui import component
from fibattn.ui.story_page import KEY
from tests.browser.server import (
    DESKTOP,
    IN_A_BROWSER,
    LONGEST_WAIT,
    PHONE,
    PROJECTOR,
    Visit,
    check_by_axe,
)

pytestmark = IN_A_BROWSER
expect.set_options(timeout=LONGEST_WAIT)

SCENES = list(story().values())
# When every scene's networks are trained: there are some twenty.
TRAINED = 4 * LONGEST_WAIT
PICTURE = ".story .picture > svg, .story .picture .stage svg"
# Words that are seen with less than 20 pixels, in shadow trees too.
SMALL = r"""() => {
  const found = [];
  const look = (root) => {
    for (const each of root.querySelectorAll("*")) {
      if (each.shadowRoot) look(each.shadowRoot);
      const own = [...each.childNodes].some((c) => c.nodeType === 3 && c.textContent.trim());
      const box = each.getBoundingClientRect();
      if (!own || box.width < 2 || box.height < 2) continue;
      if (/^(STYLE|SCRIPT)$/.test(each.tagName)) continue;
      let scale = 1;
      for (let at = each; at; at = at.parentElement ?? at.getRootNode().host)
        scale *= Number(getComputedStyle(at).zoom || 1);
      const svg = each.ownerSVGElement;
      if (svg?.viewBox.baseVal?.width) scale = svg.getScreenCTM().a;
      const size = parseFloat(getComputedStyle(each).fontSize) * scale;
      if (size < 19.9) found.push([size, each.textContent.trim().slice(0, 40)]);
    }
  };
  look(document);
  return found;
}"""

# Goes to the first scene when the story has its place but is not drawn in it, as Back does if the
# server has no time to answer.
BACK_AT_ONCE = f"""new MutationObserver((_, observer) => {{
  if (!document.querySelector(".st-key-{component.PLACE}{KEY}")) return;
  observer.disconnect();
  if (document.querySelector(".story")) return;
  history.replaceState({{}}, "", "?scene={SCENES[0].id}");
}}).observe(document, {{ subtree: true, childList: true }});"""


def open_story(visit: Visit) -> None:
    visit.open()
    visit.wait_for_title()
    visit.go_to("Story")
    visit.page.locator(PICTURE).first.wait_for()


def check_scene(page: Page, index: int) -> None:
    """Check that a scene is shown with its picture, and nothing passes the window."""
    expect(page.locator(".story h2")).to_have_text(SCENES[index].title)
    page.locator(PICTURE).first.wait_for()
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.long
@pytest.mark.timeout(1500)
@pytest.mark.parametrize(
    ("size", "scheme"),
    [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light")],
    ids=["desktop-light", "desktop-dark", "phone"],
)
def test_from_the_first_scene_to_the_last_by_keys_with_notes_and_without_a_network(
    app, browser, size, scheme
):
    context = browser.new_context(viewport=size, color_scheme=scheme)
    visit = Visit(context.new_page(), app.url)
    open_story(visit)
    expect(visit.page.get_by_role("button", name="Take the story along")).to_be_enabled(
        timeout=TRAINED
    )
    visit.wait_for_rest()
    with visit.page.expect_popup() as opened:
        visit.page.get_by_role("button", name="Speaker notes").click()
    notes = opened.value
    visit.page.wait_for_timeout(1000)  # the last run is on its way
    context.set_offline(True)
    for index in range(1, len(SCENES)):
        on = visit.page if index % 2 else notes
        on.keyboard.press("ArrowRight" if index % 3 else "PageDown")
        check_scene(visit.page, index)
        expect(notes.get_by_role("heading", level=1)).to_contain_text(SCENES[index].title)
        expect(notes.get_by_text(SCENES[index].notes)).to_be_visible()
    notes.keyboard.press("PageUp")
    check_scene(visit.page, len(SCENES) - 2)
    assert not [each for each in visit.problems if each.startswith("error")]
    context.close()


@pytest.mark.long
def test_a_handle_keeps_its_arrows_until_escape_and_a_moved_picture_is_said(visit):
    open_story(visit)
    visit.page.get_by_role("link", name="8. Numbers with a real choice").first.click()
    check_scene(visit.page, 7)
    moved = visit.page.locator(".story .moved")
    expect(moved).to_contain_text("t is moved to 0.5")
    said = visit.page.locator(".story > [role=status]")
    expect(said).to_contain_text("t is moved to 0.5")
    step = visit.stage.get_by_role("slider", name="t", exact=True)
    expect(step).to_have_attribute("aria-valuenow", "0.5")
    step.focus()
    visit.page.keyboard.press("ArrowLeft")
    expect(visit.stage.get_by_role("slider", name="t−1", exact=True)).to_be_focused()
    check_scene(visit.page, 7)
    visit.page.keyboard.press("Escape")
    visit.page.keyboard.press("ArrowRight")
    check_scene(visit.page, 8)
    visit.page.keyboard.press("ArrowLeft")
    expect(moved).to_contain_text("t is moved to 0.5")
    visit.page.wait_for_url("**/story?scene=choice")
    visit.page.wait_for_timeout(1500)  # until the picture has come to rest
    visit.page.get_by_role("button", name="Open in the playground").click()
    visit.wait_for_title()
    visit.wait_for_result()
    assert "stage=k19~v19_0.5" in visit.page.url
    assert "window=1920" in visit.page.url


def test_back_and_forward_turn_the_scenes_and_words_are_explained(visit):
    open_story(visit)
    for index in (1, 2):
        visit.page.keyboard.press("ArrowRight")
        check_scene(visit.page, index)
        visit.page.wait_for_url(f"**/story?scene={SCENES[index].id}")
        visit.wait_for_rest()
    loss = visit.page.locator(".story .term", has_text="loss")
    expect(loss.get_by_role("tooltip")).to_be_hidden()
    loss.focus()
    expect(loss.get_by_role("tooltip")).to_be_visible()
    for turn, index in ((visit.page.go_back, 1), (visit.page.go_back, 0)):
        turn()
        check_scene(visit.page, index)
        visit.wait_for_rest()
    for index in (1, 2):
        visit.page.go_forward()
        check_scene(visit.page, index)
        visit.wait_for_rest()
    visit.page.wait_for_url(f"**/story?scene={SCENES[2].id}")


def test_who_turns_faster_than_the_server_answers_has_the_address_of_the_scene(visit):
    open_story(visit)
    for index in range(1, 6):
        visit.page.keyboard.press("ArrowRight")
        check_scene(visit.page, index)
    # The browser's own Back and Forward, one right after the other.
    for steps, index in ((-1, 4), (-3, 1), (2, 3), (-1, 2), (1, 3), (1, 4), (-2, 2)):
        visit.page.evaluate("(steps) => history.go(steps)", steps)
        check_scene(visit.page, index)
        assert visit.page.url.endswith(f"/story?scene={SCENES[index].id}")
    visit.page.keyboard.press("ArrowLeft")
    visit.page.keyboard.press("ArrowRight")
    visit.page.keyboard.press("ArrowRight")
    visit.page.evaluate("history.back()")
    for _ in range(4):  # what the server still had to say has come
        visit.page.wait_for_timeout(500)
        visit.wait_for_rest()
        check_scene(visit.page, 2)
        assert visit.page.url.endswith(f"/story?scene={SCENES[2].id}")
    for _ in range(3):
        visit.go_to("Questions")
        visit.page.wait_for_url("**/questions")
        visit.go_to("Story")
        check_scene(visit.page, 2)
        visit.page.wait_for_url(f"**/story?scene={SCENES[2].id}")


def test_who_goes_back_before_the_story_is_drawn_sees_the_scene_of_the_address(app, browser):
    context = browser.new_context(viewport=DESKTOP)
    visit = Visit(context.new_page(), app.url)
    open_story(visit)
    visit.page.keyboard.press("ArrowRight")
    visit.page.wait_for_url(f"**/story?scene={SCENES[1].id}")
    visit.page.add_init_script(BACK_AT_ONCE)
    visit.page.reload(wait_until="commit")
    for _ in range(4):  # also after what the server still has to say
        check_scene(visit.page, 0)
        assert visit.page.url.endswith(f"/story?scene={SCENES[0].id}")
        visit.page.wait_for_timeout(500)
    context.close()


@pytest.mark.long
@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        pytest.param(DESKTOP, "light", id="desktop-light"),
        pytest.param(DESKTOP, "dark", id="desktop-dark", marks=pytest.mark.long),
        pytest.param(PHONE, "light", id="phone-light", marks=pytest.mark.long),
        pytest.param(PHONE, "dark", id="phone-dark"),
    ],
)
def test_axe_finds_nothing_in_the_story_and_the_questions(app, browser, size, scheme):
    context = browser.new_context(viewport=size, color_scheme=scheme)
    visit = Visit(context.new_page(), app.url)
    open_story(visit)
    for index in (1, 2):
        visit.page.keyboard.press("PageDown")
        check_scene(visit.page, index)
        check_by_axe(visit.page)
    visit.go_to("Questions")
    visit.page.get_by_text("How do I print the attention weights?").first.click()
    visit.page.get_by_text("Show the weights of every test window").wait_for()
    visit.wait_for_rest()
    check_by_axe(visit.page)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    visit.check()
    context.close()


@pytest.mark.long
def test_in_a_talk_nothing_is_small_and_it_stays_a_talk(app, browser):
    context = browser.new_context(viewport=PROJECTOR)
    visit = Visit(context.new_page(), app.url)
    visit.open("?talk=1")
    visit.wait_for_result()
    visit.stage.wait_for()
    assert not visit.page.evaluate(SMALL)
    expect(visit.page.get_by_test_id("stSidebar")).to_be_hidden()
    for name in ("Story", "Questions", "Atlas", "Does it help?"):
        visit.page.locator(".st-key-pages").get_by_role("link", name=name).click()
        visit.page.wait_for_url("**talk=1**")
        visit.page.get_by_role("heading").first.wait_for()
        visit.wait_for_rest()
        assert not visit.page.evaluate(SMALL), name
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= PROJECTOR["width"]
    context.close()


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_the_file_tells_the_story_without_a_network(visit, browser, tmp_path):
    open_story(visit)
    button = visit.page.get_by_role("button", name="Take the story along")
    expect(button).to_be_enabled(timeout=TRAINED)
    visit.wait_for_rest()  # what is clicked while the page is drawn anew may be lost
    button.click()
    visit.wait_for_rest()
    with visit.page.expect_download() as saved:
        visit.page.get_by_role("button", name="Without notes").click()
    file = tmp_path / "story.html"
    saved.value.save_as(file)
    assert file.stat().st_size < 4_000_000
    assert SCENES[0].notes not in file.read_text(encoding="utf-8")
    context = browser.new_context(viewport=DESKTOP, offline=True)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text))
    page.goto(file.as_uri())
    for index in range(len(SCENES)):
        check_scene(page, index)
        page.keyboard.press("ArrowRight")
    assert page.url.endswith("#yours")
    assert page.get_by_role("button", name="Speaker notes").count() == 0
    page.go_back()
    check_scene(page, len(SCENES) - 2)
    page.set_viewport_size(PROJECTOR)
    page.get_by_role("button", name="For a hall").click()
    for id in ("columns", "starts", "yours"):
        page.get_by_role("link", name=story()[id].title).first.click()
        check_scene(page, list(story()).index(id))
        assert not page.evaluate(SMALL)
    assert not problems
    context.close()
