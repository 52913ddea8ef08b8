"""Fixtures for tests in a real browser: the app, the browser, and a visit."""

from __future__ import annotations

import pytest

from tests.browser.server import DESKTOP, Visit, chromium, running_app, running_browser


@pytest.fixture(scope="session")  # loading TensorFlow for it takes a third of a minute
def app():
    assert chromium(), "CI must have a Chromium."
    with running_app() as app:
        yield app


@pytest.fixture(scope="module")  # beside Playwright no other test could run an event loop
def browser():
    with running_browser() as browser:
        yield browser


@pytest.fixture
def visit(app, browser, request):
    context = browser.new_context(viewport=DESKTOP)
    visit = Visit(context.new_page(), app.url)
    yield visit
    if request.session.testsfailed:
        print(visit.seen())  # pytest shows it of a test that failed
    visit.check()
    context.close()
