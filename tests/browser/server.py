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
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
# Chromium as root needs no sandbox; without the rest it calls home at every start.
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


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
def running_app(**environment: str) -> Iterator[Server]:
    """Run `streamlit run app.py` on a free port until the end of the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1"]
    with TemporaryFile() as log:
        started = time.monotonic()
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | environment, stdout=log, stderr=log
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


@dataclass
class Visit:
    """A page in the browser, and everything that went wrong on it."""

    page: Page
    url: str
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
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
        self.page.get_by_role("heading", name="Does attention help").wait_for(timeout=30_000)

    def wait_for_result(self, words: str = "Trained:") -> None:
        """Return when both networks are trained and the page at rest."""
        self.page.get_by_text(words).first.wait_for(timeout=60_000)
        self.wait_for_rest()

    def wait_for_rest(self) -> None:
        """Return when the app has no script running."""
        self.page.wait_for_selector(
            "[data-testid=stApp][data-test-script-state=notRunning]", timeout=30_000
        )

    def turn_to(self, view: str) -> None:
        """Open one of the page's views."""
        self.page.get_by_role("tab", name=view).click()
        # Its first words come with the script the click began; before that the app is at rest too.
        panel = self.page.locator("[role=tabpanel]:visible")
        panel.get_by_test_id("stElementContainer").first.wait_for(timeout=30_000)
        self.wait_for_rest()

    def move(self, label: str, presses: str, times: int = 1) -> None:
        """Move a slider by keyboard."""
        slider = self.page.get_by_role("slider", name=label)
        slider.focus()
        for _ in range(times):
            slider.press(presses)
        slider.blur()

    def check(self) -> None:
        """Fail if anything went wrong, or an exception box is on the page."""
        assert not self.problems, self.problems
        assert self.page.get_by_test_id("stException").count() == 0
        assert self.page.get_by_text("This page failed").count() == 0
