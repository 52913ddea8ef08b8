"""Starts the app as the README says, and a Chromium to look at it with."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from playwright.sync_api import TimeoutError as TookTooLong

ROOT = Path(__file__).parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
# Chromium as root needs no sandbox; without the rest it calls home at every start.
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# The longest that anything on the page may take, in milliseconds. On a loaded machine of two cores
# TensorFlow has taken more than a minute to start; what takes so long elsewhere is a fault.
LONGEST_WAIT = 180_000

DESKTOP = {"width": 1440, "height": 900}
PROJECTOR = {"width": 1280, "height": 720}
PHONE = {"width": 390, "height": 844}
# Up to this width Streamlit folds the sidebar and the pages away, in pixels.
FOLDED = 768
# Small enough for a test, large enough to have something to show.
QUICK = "?series_length=200&time_steps=8&epochs=3&repeats=2"


def chromium() -> str | None:
    """Return where Chromium is, None if it is not installed."""
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


@dataclass
class Server:
    """A running app: its address, when its process was started, and its process."""

    url: str
    started: float
    process: subprocess.Popen


@contextlib.contextmanager
def running_app(
    folder: Path = ROOT, options: Sequence[str] = (), **environment: str
) -> Iterator[Server]:
    """Run `streamlit run app.py` in a folder, on a free port, until the end of the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1", *options]
    with TemporaryFile() as log:
        started = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | environment, stdout=log, stderr=log
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
            yield Server(f"http://127.0.0.1:{port}", started, process)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(url: str, process: subprocess.Popen) -> None:
    for _ in range(600):
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(url, timeout=1)
            return
        if process.poll() is not None:
            raise RuntimeError("The app ended before it answered.")
        time.sleep(0.05)
    raise RuntimeError("The app did not answer within 30 seconds.")


@contextlib.contextmanager
def running_browser() -> Iterator[Browser]:
    """Run Chromium until the end of the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=SWITCHES)
        yield browser
        browser.close()


def check_by_axe(page: Page) -> None:
    """Check that axe finds nothing in what is ours, and that lasts."""
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
    # The colours of code are Streamlit's.
    ours = {"include": [["[data-testid=stMain]"]], "exclude": [["[data-testid=stCode]"]]}
    found: list[tuple[str, list[str]]] = []
    for _ in range(3):  # the story fades in what it has, whenever another of its runs is there
        page.wait_for_timeout(2500)  # what fades in and moves has no contrast yet
        violations = Axe().run(page, context=ours, options=options).response["violations"]
        found = [(each["id"], [node["html"] for node in each["nodes"]]) for each in violations]
        if not found:
            return
    raise AssertionError(found)


# What each file of these tests has as its `pytestmark`.
IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        chromium() is None and not os.environ.get("CI"),
        reason="No Chromium on this machine: install it to run the browser tests.",
    ),
]


@dataclass
class Visit:
    """A page in the browser, and everything that went wrong on it."""

    page: Page
    url: str
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(LONGEST_WAIT)
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("console", self._console)
        self.page.on("requestfailed", lambda gone: self.problems.append(f"failed: {gone.url}"))

    def _console(self, message) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text}")

    def open(self, query: str = "") -> None:
        """Go to the app."""
        self.page.goto(f"{self.url}/{query}")

    def wait_for_title(self) -> None:
        """Return when the page has painted."""
        self.page.get_by_role("heading", name="Does attention help").wait_for()

    def wait_for_result(self, words: str = "Trained:") -> None:
        """Return when both networks are trained and the page at rest."""
        self.page.get_by_text(words).first.wait_for()
        self.wait_for_rest()
        self.page.locator('.fibattn-stage[aria-busy="true"]').wait_for(state="detached")

    def wait_for_rest(self) -> None:
        """Return when the app has no script running, and will not run one by itself at once."""
        at_rest = "[data-testid=stApp][data-test-script-state=notRunning]"
        self.page.wait_for_selector(f'{at_rest}:not(:has([class*="st-key-again_"]))')

    def turn_to(self, view: str) -> None:
        """Open one of the page's views."""
        self.page.get_by_role("tab", name=view).click()
        # Its first words come with the script the click began; before that the app is at rest too.
        panel = self.page.locator("[role=tabpanel]:visible")
        panel.get_by_test_id("stElementContainer").first.wait_for()
        self.wait_for_rest()

    def go_to(self, page: str) -> None:
        """Follow the link to another page; on a phone the one that is seen there."""
        narrow = self.page.viewport_size["width"] <= FOLDED
        place = self.page.locator(".st-key-pages") if narrow else self.page
        place.get_by_role("link", name=page).click()

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a list."""
        box = self.page.get_by_role("combobox", name=label)
        offer = self.page.get_by_role("option", name=option, exact=True)
        for patience in (*[5_000] * 5, LONGEST_WAIT):
            # Not by a click: the scrolling before it would close the list again.
            box.press("ArrowDown")
            try:
                offer.click(timeout=patience)
                return
            except TookTooLong:
                # A result that comes meanwhile closes the list.
                box.press("Escape")
        raise AssertionError(f"{label} offers no {option}.")

    def move(self, label: str, presses: str, times: int = 1) -> None:
        """Move one of Streamlit's sliders by keyboard; the stage has sliders of its own."""
        slider = self.page.get_by_test_id("stSlider").get_by_role("slider", name=label)
        slider.focus()
        for _ in range(times):
            slider.press(presses)
        slider.blur()

    @property
    def stage(self) -> Locator:
        """The trained networks, which run in the browser."""
        return self.page.get_by_role("group", name="Stage")

    def wait_for_stage(self) -> None:
        """Return when the trained networks stand there, not those of an epoch on the way."""
        self.page.locator('.fibattn-stage[aria-busy="false"]').wait_for()

    def move_on_stage(self, name: str, presses: str, times: int = 1) -> None:
        """Move one of the stage's sliders by keyboard."""
        slider = self.stage.get_by_role("slider", name=name, exact=True)
        slider.focus()
        for _ in range(times):
            slider.press(presses)

    def seen(self) -> str:
        """Return what a visitor sees now, and what went wrong, for who reads of a failed test."""
        app = self.page.get_by_test_id("stApp")
        script = app.get_attribute("data-test-script-state") if app.count() else "no app"
        stage = self.page.locator(".fibattn-stage")
        busy = [place.get_attribute("aria-busy") for place in stage.all()]
        words = self.page.locator("body").inner_text()
        return f"{self.page.url}\nscript {script}, stage busy {busy}, {self.problems}\n{words}"

    def check(self) -> None:
        """Fail if anything went wrong, or an exception box is on the page."""
        assert not self.problems, self.problems
        assert self.page.get_by_test_id("stException").count() == 0
        assert self.page.get_by_text("This page failed").count() == 0
