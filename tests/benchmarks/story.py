"""How long the story's next picture takes: `python -m tests.benchmarks.story [--reading SECONDS]`.

A new server and an empty compile cache, and a real browser: from the key → to the first frame with
the next scene's title and picture. On the first visit a reader stays at each scene for a while, as
the next one is prepared meanwhile; then the same scenes by the key ←, and once more on a second
visit, by a new tab, without any reading.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile

from playwright.sync_api import Browser

from fibattn.lessons.story import story
from tests.browser.server import PROJECTOR, Visit, running_app, running_browser

Times = dict[str, float]

# Forty words take 12 s to read, and there is a picture.
READING = 15.0
# Between two keys of somebody who turns the pages.
TURNING = 1.0
FIRST_VISIT, LATER = 2.0, 0.3
STOPWATCH = """
  window.turn = { title: "", begun: 0, took: 0 };
  const isShown = (root) =>
    root.querySelector("h2")?.textContent === window.turn.title &&
    root.querySelector(".picture > svg, .picture .stage svg");
  const look = () => {
    const hosts = [...document.querySelectorAll("*")].filter((each) => each.shadowRoot);
    if (!window.turn.took && hosts.some((each) => isShown(each.shadowRoot)))
      window.turn.took = performance.now() - window.turn.begun;
    if (!window.turn.took) requestAnimationFrame(look);
  };
  addEventListener("keydown", () => {
    window.turn.begun = performance.now();
    requestAnimationFrame(look);
  }, { capture: true });
"""


def main() -> None:
    """Measure, and print a line for each scene and what is asked."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.story")
    parser.add_argument("--reading", type=float, default=READING, help="seconds at each scene")
    reading = parser.parse_args().reading
    with (
        tempfile.TemporaryDirectory() as cache,
        running_browser() as browser,
        running_app(FIBATTN_COMPILE_CACHE=cache) as server,
    ):
        visit = _opened(browser, server.url)
        columns = {
            "first": _through(visit, reading, "ArrowRight"),
            "back": _through(visit, TURNING, "ArrowLeft"),
        }
        visit.page.close()
        again = _opened(browser, server.url)
        columns["second"] = _through(again, TURNING, "ArrowRight")
    _print(columns, reading)


def _opened(browser: Browser, url: str) -> Visit:
    visit = Visit(browser.new_page(viewport=PROJECTOR), url)
    visit.page.add_init_script(STOPWATCH)
    visit.open("story")
    visit.page.locator(".story .picture > svg, .story .picture .stage svg").first.wait_for()
    return visit


def _through(visit: Visit, seconds: float, key: str) -> Times:
    """Turn from one end to the other; return by scene how long it took to be shown."""
    scenes = list(story().values())
    took = {}
    for scene in scenes[1:] if key == "ArrowRight" else scenes[-2::-1]:
        visit.page.wait_for_timeout(1000 * seconds)
        visit.page.evaluate("title => Object.assign(turn, { title, took: 0 })", scene.title)
        visit.page.keyboard.press(key)
        visit.page.wait_for_function("() => turn.took", timeout=120_000)
        took[scene.id] = visit.page.evaluate("() => turn.took") / 1000
    return took


def _print(columns: dict[str, Times], reading: float) -> None:
    print(f"seconds until a scene is shown; on the first visit {reading:g} s were read at each")
    print(f"{'':44}" + "".join(f"{name:>9}" for name in columns))
    for scene in story().values():
        cells = [times.get(scene.id) for times in columns.values()]
        row = "".join(f"{'':9}" if each is None else f"{each:9.2f}" for each in cells)
        print(f"{scene.title:44}{row}")
    for name, asked in (("first", FIRST_VISIT), ("back", LATER), ("second", LATER)):
        times = columns[name].values()
        missed = "" if max(times) <= asked else "  missed"
        median = statistics.median(times)
        print(f"{name}: median {median:.2f}, longest {max(times):.2f}, asked {asked:.1f}{missed}")


if __name__ == "__main__":
    main()
