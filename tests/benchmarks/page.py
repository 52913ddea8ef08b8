"""How long a visitor waits, measured in a real browser: `python -m tests.benchmarks.page`.

From the start of the server to the first paint and to the first result; and from a slider's move
to the new result, for a shape never seen, for a shape compiled before, and for a cached run; and
from the click on each preset. The compile cache on disk is empty at first. Then of a server that
wakes up with what others have trained: from the first request to the answer.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial

from playwright.sync_api import Browser

from fibattn.lessons.presets import PRESETS
from fibattn.tasks import TASKS
from fibattn.ui.sidebar import DEFAULTS
from tests.browser.server import Visit, running_app, running_browser

SERVER_STARTS, ROUNDS = 3, 5


def main() -> None:
    """Measure, and print a table with what is asked."""
    rows: list[tuple[str, list[float], float]] = []
    paint, first = [], []
    with running_browser() as browser:
        for server_start in range(SERVER_STARTS):
            with (
                tempfile.TemporaryDirectory() as cache,
                running_app(FIBATTN_COMPILE_CACHE=cache) as server,
            ):
                visit = Visit(browser.new_page(viewport={"width": 1440, "height": 900}), server.url)
                visit.open()
                visit.wait_for_title()
                paint.append(time.monotonic() - server.started)
                visit.wait_for_result()
                first.append(time.monotonic() - server.started)
                if server_start == SERVER_STARTS - 1:
                    rows = _sliders(visit) + _presets(visit)
                visit.check()
                visit.page.close()
        rows += _waking_up(browser)
    _print([("server start to first paint", paint, 3.0), ("… to first result", first, 15.0), *rows])


def _waking_up(browser: Browser) -> list[tuple[str, list[float], float]]:
    """A new server each time, on the folder in which the first has left its runs."""
    answered = []
    with tempfile.TemporaryDirectory() as store:
        for _ in range(SERVER_STARTS + 1):
            with running_app(FIBATTN_STORE=store) as server:
                visit = Visit(browser.new_page(viewport={"width": 1440, "height": 900}), server.url)
                begun = time.monotonic()
                visit.open()
                visit.wait_for_result()
                answered.append(time.monotonic() - begun)
                visit.page.close()
    return [("first request to stored result", answered[1:], 2.0)]


def _sliders(visit: Visit) -> list[tuple[str, list[float], float]]:
    time.sleep(3)
    unseen, compiled, cached = [], [], []
    for round_ in range(ROUNDS):
        units = 3 + round_
        unseen.append(_timed(visit, lambda: visit.move("Units", "ArrowRight"), f"{units} units"))
        time.sleep(2)
        numbers = 1200 - 5 * (round_ + 1)
        compiled.append(
            _timed(visit, lambda: visit.move("Series length", "ArrowLeft"), f"{numbers} numbers")
        )
        time.sleep(2)
        visit.move("Series length", "ArrowRight")
        visit.wait_for_result(f"{numbers + 5} numbers")
        time.sleep(1)
        cached.append(
            _timed(visit, lambda: visit.move("Series length", "ArrowLeft"), f"{numbers} numbers")
        )
        time.sleep(1)
    return [
        ("slider to result, shape never seen", unseen, 3.0),
        ("slider to result, shape compiled before", compiled, 1.0),
        ("slider to result, cached run", cached, 0.3),
    ]


def _presets(visit: Visit) -> list[tuple[str, list[float], float]]:
    """Each preset by a click, never compiled in this server; then a few windows less of it.

    The first preset's programs, and those that two presets share, are compiled by then.
    """
    rows = []
    for preset in PRESETS.values():
        used = DEFAULTS | preset.changes
        noun = "numbers" if TASKS[used["task"]].is_series else "windows"
        words = f"{used['series_length']} {noun}"
        click = (
            visit.page.get_by_test_id("stButtonGroup").get_by_text(preset.title, exact=True).click
        )
        clicked = _timed(visit, click, words)
        time.sleep(2)
        label = "Series length" if noun == "numbers" else "Windows"
        fewer = f"{used['series_length'] - 5} {noun}"
        moved = _timed(visit, partial(visit.move, label, "ArrowLeft"), fewer)
        time.sleep(2)
        rows += [
            (f"“{preset.name}”, a click", [clicked], 5.0),
            ("   … compiled", [moved], 2.0),
        ]
    return rows


def _timed(visit: Visit, move: Callable[[], None], words: str) -> float:
    """Return the seconds from a move until its result is on the page and the page at rest."""
    begun = time.monotonic()
    move()
    visit.page.get_by_text("Trained:").filter(has_text=words).wait_for()
    visit.wait_for_rest()
    return time.monotonic() - begun


def _print(rows: list[tuple[str, list[float], float]]) -> None:
    print(f"{'seconds':42}{'median':>8}{'low':>8}{'high':>8}{'asked':>8}")
    for name, seconds, asked in rows:
        median = statistics.median(seconds)
        kept = "" if median <= asked else "  missed"
        low, high = min(seconds), max(seconds)
        print(f"{name:42}{median:8.2f}{low:8.2f}{high:8.2f}{asked:8.1f}{kept}")


if __name__ == "__main__":
    main()
