"""How the pages look in a real browser: sizes, contrasts, names, and that nothing jumps."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from fibattn.ui import first_page
from fibattn.ui.navigation import PAGES
from fibattn.ui.page_state import VIEWS
from tests.browser.server import (
    DESKTOP,
    IN_A_BROWSER,
    PHONE,
    PROJECTOR,
    QUICK,
    Visit,
    check_by_axe,
)

pytestmark = IN_A_BROWSER

HIGHEST_CHART = 700
# Of text in charts, in pixels, and of its contrast to the page (WCAG AA).
SMALLEST_TEXT, LOWEST_CONTRAST = 14, 4.5
KNOWN_STEPS = "?task=sum-of-last-two&windows=200&epochs=2&repeats=2&time_steps=6"

# The words in charts, each with its size and its contrast to the page. axe does not look at SVG.
TEXT_IN_CHARTS = r"""() => {
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const linear = (v) => v <= 10.31 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const page = document.querySelector("[data-testid=stApp]");
  const behind = channels(getComputedStyle(page).backgroundColor);
  return [...document.querySelectorAll(".js-plotly-plot svg text")]
    .filter((text) => text.textContent.trim() && text.getBoundingClientRect().width)
    .map((text) => {
      const style = getComputedStyle(text);
      const [r, g, b, own = 1] = channels(style.fill);
      let opacity = own;
      for (let at = text; at.tagName !== "svg"; at = at.parentElement)
        opacity *= Number(getComputedStyle(at).opacity);
      const seen = [r, g, b].map((v, i) => v * opacity + behind[i] * (1 - opacity));
      const [dark, light] = [luminance(seen), luminance(behind)].sort((p, q) => p - q);
      return [text.textContent, parseFloat(style.fontSize), (light + 0.05) / (dark + 0.05)];
    });
}"""

# Tables that do not begin and end with the block they stand in.
TABLES_OUT_OF_LINE = """() => [...document.querySelectorAll("table")]
  .filter((table) => table.getBoundingClientRect().width)
  .map((table) => {
    const block = table.closest("[data-testid=stElementContainer]").getBoundingClientRect();
    const { left, right } = table.getBoundingClientRect();
    return [table.innerText.slice(0, 40), left - block.left, right - block.right];
  })
  .filter(([_, left, right]) => Math.abs(left) > 1 || Math.abs(right) > 1)"""

# What stands on the page, each with its top and its height, for who reads of a jump.
BLOCKS = """() => [...document.querySelectorAll(
    "[data-testid=stMainBlockContainer] > [data-testid=stVerticalBlock] > *, .st-key-answer *, " +
    ".st-key-stage_place > *"
  )].filter((each) => each.getBoundingClientRect().height)
  .map((each) => {
    const { top, height } = each.getBoundingClientRect();
    const words = (each.textContent ?? "").slice(0, 30).replaceAll("\\n", " ");
    return `${Math.round(top)} +${Math.round(height)} ${words}`;
  }).join("\\n")"""

# Where the headings and the tabs stand.
TOPS = """() => [...document.querySelectorAll("h3, [role=tablist]")]
  .map((each) => Math.round(each.getBoundingClientRect().top))"""


# A change of one word in everything that has words of its own, one after the other.
CHANGE_WORDS = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const isWord = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
  const own = (element) => [...element.childNodes].some(isWord);
  const all = [...document.querySelectorAll("#root *")].filter(own);
  for (const element of all.filter((_, i) => i % Math.ceil(all.length / 40) === 0)) {
    const word = document.createElement("span");
    element.append(word);
    await frame();
    word.remove();
    await frame();
  }
  return document.querySelectorAll("#root *").length;
}"""


def open_evidence(visit: Visit) -> None:
    """Go to "Does it help?" and wait for its result."""
    visit.go_to("Does it help?")
    visit.page.get_by_role("heading", name="Does it help?").wait_for()
    visit.wait_for_result("20 starts")


def check_text(visit: Visit) -> None:
    """Check the sizes and contrasts of all words that are seen now."""
    visit.page.locator(".js-plotly-plot:visible .xtick text").first.wait_for()
    words = visit.page.evaluate(TEXT_IN_CHARTS)
    assert len(words) > 5
    hard_to_read = [each for each in words if each[1] < SMALLEST_TEXT or each[2] < LOWEST_CONTRAST]
    assert not hard_to_read
    found = Axe().run(visit.page, options={"runOnly": ["color-contrast"]}).response
    assert found["passes"]
    pale = [node["html"] for rule in found["violations"] for node in rule["nodes"]]
    assert not pale


def check_widths(visit: Visit) -> None:
    """Check that nothing passes the window, and tables fill the block they stand in."""
    assert not visit.page.evaluate(TABLES_OUT_OF_LINE)
    width = visit.page.viewport_size["width"]
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    for chart in visit.page.locator(".js-plotly-plot:visible").all():
        box = chart.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert 100 < box["height"] < HIGHEST_CHART


@pytest.mark.long
@pytest.mark.parametrize(
    ("size", "scheme"),
    [(DESKTOP, "dark"), (PROJECTOR, "light"), (PHONE, "light"), (PHONE, "dark")],
    ids=["desktop-dark", "projector-light", "phone-light", "phone-dark"],
)
def test_all_words_can_be_read_and_nothing_is_cut_off(app, browser, scheme, size):
    context = browser.new_context(viewport=size, color_scheme=scheme)
    visit = Visit(context.new_page(), app.url)
    visit.open(KNOWN_STEPS)
    visit.wait_for_title()
    visit.wait_for_result()
    for view in VIEWS:
        visit.turn_to(view)
        check_text(visit)
        check_widths(visit)
    open_evidence(visit)
    check_text(visit)
    check_widths(visit)
    visit.check()
    context.close()


@pytest.mark.long
@pytest.mark.timeout(600)
def test_axe_finds_nothing_on_any_page(visit):
    visit.open(QUICK)
    visit.wait_for_result()
    visit.wait_for_stage()
    for view in VIEWS:
        visit.turn_to(view)
        check_by_axe(visit.page)
    for page in PAGES[1:]:
        visit.go_to(page.title)
        visit.page.wait_for_url(f"**/{page.path}**")
        visit.page.get_by_role("heading").first.wait_for()
        visit.wait_for_rest()
        check_by_axe(visit.page)


def test_on_a_phone_settings_and_pages_are_named(app, browser):
    context = browser.new_context(viewport=PHONE, has_touch=True)
    visit = Visit(context.new_page(), app.url)
    visit.open(QUICK)
    visit.wait_for_title()
    expand = visit.page.get_by_test_id("stExpandSidebarButton")
    named = "e => getComputedStyle(e, '::after').content"
    assert expand.evaluate(named) == '"Settings"', "the page is painted without its looks"
    visit.wait_for_result()
    box = expand.bounding_box()
    assert box["width"] > 70, "the icon and the word"
    expand.tap()
    expect(visit.page.get_by_role("combobox", name="Task")).to_be_in_viewport()
    visit.page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").tap()
    visit.page.locator(".st-key-pages").get_by_role("link", name="Does it help?").tap()
    visit.page.get_by_role("heading", name="Does it help?").wait_for()
    expect(
        visit.page.locator(".st-key-pages").get_by_role("link", name="Playground")
    ).to_be_visible()
    visit.check()
    context.close()


@pytest.mark.parametrize(("scheme", "path"), [("light", ""), ("dark", "inside")])
def test_while_the_browser_loads_there_are_words_and_no_empty_page(app, browser, scheme, path):
    context = browser.new_context(viewport=PHONE, color_scheme=scheme)
    visit = Visit(context.new_page(), app.url)
    visit.page.route("**/static/js/**", lambda route: None)  # held
    visit.page.goto(f"{app.url}/{path}", wait_until="commit")
    words = visit.page.locator(".first-words")
    expect(words).to_be_visible()
    expect(visit.page).to_have_title(first_page.TITLE)
    behind = visit.page.locator("html").evaluate("e => getComputedStyle(e).backgroundColor")
    visit.page.unroute("**/static/js/**")
    visit.page.get_by_role("heading", level=1).wait_for()
    expect(words).to_be_hidden()
    expect(visit.page.get_by_label("Talk")).to_be_hidden()
    page = visit.page.get_by_test_id("stApp")
    assert behind == page.evaluate("e => getComputedStyle(e).backgroundColor")
    if not path:  # Streamlit asks for its own address below that of another page first
        visit.check()
    context.close()


def test_a_word_that_changes_does_not_have_the_whole_page_styled_again(visit):
    visit.open(QUICK)
    visit.wait_for_result()
    visit.page.wait_for_timeout(3000)  # what stands below the first screen is drawn after the rest
    traced: list[dict] = []
    ended: list[dict] = []
    browser = visit.page.context.new_cdp_session(visit.page)
    browser.on("Tracing.dataCollected", lambda part: traced.extend(part["value"]))
    browser.on("Tracing.tracingComplete", lambda end: ended.append(end))
    config = {"includedCategories": ["devtools.timeline"]}
    browser.send("Tracing.start", {"traceConfig": config})
    elements = visit.page.evaluate(CHANGE_WORDS)
    browser.send("Tracing.end")
    while not ended:
        visit.page.wait_for_timeout(100)
    restyled = [
        each["args"]["elementCount"]
        for each in traced
        if each["name"] == "UpdateLayoutTree" and "elementCount" in each["args"]
    ]
    assert len(restyled) > 40, "what is traced has another name"
    whole = [count for count in restyled if count > elements / 4]
    assert len(whole) < len(restyled) / 10, (elements, restyled)


@pytest.mark.long
def test_every_chart_has_a_name_for_those_who_cannot_see_it(visit):
    visit.open(QUICK)
    visit.wait_for_result()
    views = {
        "Loss and predictions": ("scores", "losses", "predictions"),
        "Where attention looks": ("swapped",),
        "Data and models": ("series",),
    }
    for view, keys in views.items():
        visit.turn_to(view)
        for key in keys:
            chart = visit.page.locator(f".st-key-{key}")
            name = chart.locator("[aria-label]").first.get_attribute("aria-label")
            assert name
            assert len(name) > 20, (key, name)


@pytest.mark.long
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_jumps_when_the_result_arrives(app, browser, size):
    """Headings and tabs stand where they stood while the networks were being trained."""
    context = browser.new_context(viewport=size)
    visit = Visit(context.new_page(), app.url)
    visit.open(f"?seed={size['width']}&epochs=60&repeats=8")
    visit.page.get_by_text("Training:").wait_for()
    visit.page.locator(".st-key-predictions .main-svg").first.wait_for()
    before, blocks = visit.page.evaluate(TOPS), visit.page.evaluate(BLOCKS)
    visit.wait_for_result()
    after = visit.page.evaluate(TOPS)
    assert len(before) == 5
    moved = [abs(a - b) for a, b in zip(before, after, strict=True)]
    assert max(moved) <= 30, f"{moved}\nbefore\n{blocks}\nafter\n{visit.page.evaluate(BLOCKS)}"
    context.close()


@pytest.mark.long
def test_a_preset_of_another_view_does_not_scroll_the_page(visit):
    visit.open(QUICK)
    visit.wait_for_result()
    visit.page.get_by_text("3. Short and quick").click()
    visit.wait_for_result("300 numbers")
    visit.page.get_by_text("8. Find the maximum").click()
    visit.wait_for_result(" windows.")
    expect(visit.page.get_by_role("tab", name="Where attention looks")).to_have_attribute(
        "aria-selected", "true"
    )
    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
    assert visit.page.evaluate(scrolled) == 0


@pytest.mark.long
def test_results_of_other_settings_are_marked_while_new_ones_are_trained(visit):
    visit.open("?task=find-max&epochs=5&repeats=2")
    visit.wait_for_result("5 epochs")
    words = "What stands below is still of the settings before."
    assert not visit.page.get_by_text(words).count()
    visit.move("Epochs", "End")
    visit.page.get_by_text(words).wait_for()
    visit.wait_for_result("100 epochs")
    assert not visit.page.get_by_text(words).count()
