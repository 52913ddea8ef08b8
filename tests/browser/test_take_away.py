"""What a newcomer takes away: two clicks from the first result, and the file is there."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from fibattn.words import take_away as words
from tests.browser.server import IN_A_BROWSER, QUICK

pytestmark = [*IN_A_BROWSER, pytest.mark.long]


def check_page(data: bytes) -> None:
    assert b"Does attention help" in data or b"does attention help?" in data
    (view,) = re.findall(rb'id="view">(.*?)</script>', data)
    assert json.loads(view)["epoch"] == 2, "the page opens at what was looked at"


CHECKS = {
    words.PAGE: (".html", check_page),
    words.SCRIPT: (".py", lambda data: compile(data, "script.py", "exec")),
    words.NOTEBOOK: (".ipynb", lambda data: json.loads(data)["cells"]),
    words.MODEL: (".zip", lambda data: zipfile.ZipFile(io.BytesIO(data)).read("attention.keras")),
    words.NUMBERS: (".zip", lambda data: zipfile.ZipFile(io.BytesIO(data)).read("losses.csv")),
}


@pytest.fixture
def looked(visit):
    """The first result, with the stage one epoch before the last."""
    visit.open(QUICK)
    visit.wait_for_title()
    visit.wait_for_result()
    visit.page.get_by_role("group", name="Stage").wait_for()
    # It plays the epochs once, and stands at the last.
    expect(visit.page.locator(".stage .number").first).to_have_text("3 of 3")
    visit.page.get_by_role("slider", name="Epoch", exact=True).press("ArrowLeft")
    visit.page.wait_for_url("**stage=e2**")
    visit.wait_for_rest()
    return visit


def test_every_export_is_two_clicks_away(looked):
    tab = looked.page
    for label, (ending, check) in CHECKS.items():
        button = tab.get_by_role("button", name=label, exact=True)
        if not button.is_visible():
            tab.get_by_role("button", name=words.TITLE).click()
        with tab.expect_download() as download:
            button.click()
        assert download.value.suggested_filename.startswith("fibattn-fibonacci")
        assert download.value.suggested_filename.endswith(ending)
        assert check(Path(download.value.path()).read_bytes()) is not False
    assert tab.get_by_text(words.OWN_FILE).count() == 0


def test_axe_finds_nothing_in_it(looked):
    looked.page.get_by_role("button", name=words.TITLE).click()
    looked.page.get_by_role("button", name=words.PAGE, exact=True).wait_for()
    body = looked.page.locator("[data-testid=stPopoverBody]")
    expect(body).to_be_visible()
    found = Axe().run(looked.page, context="[data-testid=stPopoverBody]").response
    assert not [each["id"] for each in found["violations"]]


def test_copy_link_copies_the_address_with_the_stage_in_it(looked):
    tab = looked.page
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = tab.get_by_role("button", name=words.LINK)
    button.click()
    expect(tab.get_by_role("button", name=words.COPIED)).to_be_visible()
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert copied == tab.url and "stage=e2" in copied
    expect(button).to_be_visible()


def test_copy_link_works_where_a_page_is_not_given_the_clipboard(looked):
    """As without https. What is copied is pasted into a field by hand."""
    tab = looked.page
    tab.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    tab.get_by_role("button", name=words.LINK).click()
    expect(tab.get_by_role("button", name=words.COPIED)).to_be_visible()
    tab.evaluate("document.body.append(document.createElement('textarea'))")
    field = tab.locator("body > textarea")
    field.focus()
    tab.keyboard.press("Control+V")
    expect(field).to_have_value(tab.url)
