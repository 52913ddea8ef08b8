"""How long a visitor waits, measured in a real browser: `python -m tests.benchmarks.page`.

From the start of the server to the first paint and to the first result; and from a slider's move
to the new result on the first screen, answer and stage, for a shape never seen, for a shape
compiled before, and for a cached run, with what the time went into, and until all below it is drawn
(`stopwatch.js`); and from the click on each preset. The compile cache on
disk is empty at first. From the address to what a newcomer sees, in this order, of a run that is
there. Then of a server that wakes up with what others have trained: from the first request until
the answer is seen, and, without a browser, until it is sent.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser

from fibattn.lessons.presets import PRESETS
from fibattn.tasks import TASKS
from fibattn.ui.sidebar import DEFAULTS
from tests.benchmarks import sessions
from tests.browser.server import DESKTOP, Server, Visit, running_app, running_browser

SERVER_STARTS, ROUNDS, NEWCOMERS = 3, 7, 5

Row = tuple[str, list[float], float | None]

# What the time of a move goes into: between which two moments of `stopwatch.js`.
PARTS = {
    "first feedback": ("moved", "feedback", 0.1),
    "until the browser sends it": ("moved", "sent", None),
    "until answer and stage are shown": ("sent", "shown", None),
    "until all below is drawn": ("shown", "drawn", None),
    "of it, after the server's last message": ("received", "drawn", None),
}


# What a newcomer sees of a run that is there.
SEEN = {
    "first words": ".first-words",
    "title": "h1:has-text('Does attention help')",
    "answer": ".st-key-answer :text('Trained:')",
    "controls": "[data-testid=stSlider]",
    "stage": ".fibattn-stage svg",
    "figures": ".js-plotly-plot .main-svg",
}


def main() -> None:
    """Measure, and print a table with what is asked."""
    rows: list[Row] = []
    paint, first = [], []
    with running_browser() as browser:
        for server_start in range(SERVER_STARTS):
            with (
                tempfile.TemporaryDirectory() as cache,
                running_app(FIBATTN_COMPILE_CACHE=cache) as server,
            ):
                visit = Visit(browser.new_page(viewport=DESKTOP), server.url)
                visit.page.add_init_script(path=Path(__file__).with_name("stopwatch.js"))
                visit.open()
                visit.wait_for_title()
                paint.append(time.monotonic() - server.started)
                visit.wait_for_result()
                first.append(time.monotonic() - server.started)
                if server_start == SERVER_STARTS - 1:
                    rows = _newcomers(browser, server) + _sliders(visit) + _presets(visit)
                visit.check()
                visit.page.close()
        seen = _waking_up(partial(_seen, browser))
    rows += [
        ("first request to stored answer", seen, 2.0),
        ("… sent, without a browser", _waking_up(_sent), 2.0),
    ]
    _print([("server start to first paint", paint, 3.0), ("… to first result", first, 15.0), *rows])


def _waking_up(answered: Callable[[Server], float]) -> list[float]:
    """A new server each time, on the folder in which the first has left its runs."""
    with tempfile.TemporaryDirectory() as store:
        seconds = []
        for _ in range(SERVER_STARTS + 1):
            with running_app(FIBATTN_STORE=store) as server:
                seconds.append(answered(server))
    return seconds[1:]


def _seen(browser: Browser, server: Server) -> float:
    visit = Visit(browser.new_page(viewport=DESKTOP), server.url)
    begun = time.monotonic()
    visit.page.goto(server.url, wait_until="commit")
    visit.page.locator(SEEN["answer"]).first.wait_for()
    seconds = time.monotonic() - begun
    visit.wait_for_result()  # which is what the next server finds
    visit.page.close()
    return seconds


def _sent(server: Server) -> float:
    visitor = asyncio.run(sessions.visit(server.url, "", 120))
    assert visitor.answered is not None, visitor
    return visitor.answered


def _newcomers(browser: Browser, server: Server) -> list[Row]:
    """Visitors who come one after the other, each with an empty cache."""
    seen: dict[str, list[float]] = {name: [] for name in SEEN}
    for _ in range(NEWCOMERS):
        time.sleep(3)
        context = browser.new_context(viewport=DESKTOP)
        page = context.new_page()
        begun = time.monotonic()
        page.goto(server.url, wait_until="commit")
        for name, what in SEEN.items():
            page.locator(what).first.wait_for()
            seen[name].append(time.monotonic() - begun)
        context.close()
    return [(f"a newcomer, until the {name}", seconds, None) for name, seconds in seen.items()]


def _sliders(visit: Visit) -> list[Row]:
    time.sleep(3)
    moves: dict[str, list[dict[str, float]]] = {"never seen": [], "compiled": [], "cached": []}
    for round_ in range(ROUNDS):
        units = 3 + round_
        moves["never seen"].append(_slid(visit, "Units", "ArrowRight", f"{units} units"))
        shorter = f"{1200 - 5 * (round_ + 1)} numbers"
        moves["compiled"].append(_slid(visit, "Series length", "ArrowLeft", shorter))
        _slid(visit, "Series length", "ArrowRight", f"{1200 - 5 * round_} numbers")
        moves["cached"].append(_slid(visit, "Series length", "ArrowLeft", shorter))
    asked = {"never seen": 1.5, "compiled": 0.6, "cached": 0.2}
    return [row for kind, timed in moves.items() for row in _with_parts(kind, timed, asked[kind])]


def _with_parts(kind: str, moves: list[dict[str, float]], asked: float) -> list[Row]:
    rows: list[Row] = [(f"slider to result, {kind}", _between(moves, "moved", "shown"), asked)]
    for name, (begin, end, asked_of_it) in PARTS.items():
        rows.append((f"   {name}", _between(moves, begin, end), asked_of_it))
    return [*rows, ("   of all: the browser is busy", [each["busy"] for each in moves], None)]


def _between(moves: list[dict[str, float]], begin: str, end: str) -> list[float]:
    return [each[end] - each[begin] for each in moves]


def _slid(visit: Visit, label: str, press: str, words: str) -> dict[str, float]:
    """Move a slider by a key; return when what happened until the result, in seconds."""
    slider = visit.page.get_by_role("slider", name=label)
    slider.focus()
    time.sleep(2)  # nothing is left to do of what was before
    visit.page.evaluate("words => stopwatch.start(words)", words)
    slider.press(press)
    visit.page.wait_for_function("() => stopwatch.isDone()", polling=100)
    measured: dict[str, float] = visit.page.evaluate("() => stopwatch.read()")
    slider.blur()
    return measured


def _presets(visit: Visit) -> list[Row]:
    """Each preset by a click, never compiled in this server; then a few windows less of it.

    The first preset's programs, and those that two presets share, are compiled by then.
    """
    rows: list[Row] = []
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


def _print(rows: list[Row]) -> None:
    print(f"{'seconds':42}{'median':>8}{'low':>8}{'high':>8}{'asked':>8}")
    for name, seconds, asked in rows:
        median = statistics.median(seconds)
        row = f"{name:42}{median:8.2f}{min(seconds):8.2f}{max(seconds):8.2f}"
        if asked is not None:
            row += f"{asked:8.1f}" + ("" if median <= asked else "  missed")
        print(row)


if __name__ == "__main__":
    main()
