"""The README's links to lessons open the app at just these lessons."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from fibattn.lessons.presets import PRESETS
from fibattn.lessons.story import story
from fibattn.ui import links, live, sidebar, story_page, story_pictures
from fibattn.ui.navigation import PAGES
from fibattn.ui.page_state import VIEWS
from tests.ui.shown import visited
from tests.ui.test_any_address import Waiting

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
# Each row: the name, its address, and for a preset a part of its lesson.
ROWS = re.findall(
    r"^\|(?: \d+ \|)? \[(.*?)\]\(http://localhost:8501/(.*?)\) \|(.*)$", README, re.MULTILINE
)
OF_PRESETS, OF_SCENES = ROWS[: len(PRESETS)], ROWS[len(PRESETS) :]


@pytest.fixture(autouse=True)
def _waiting(monkeypatch):
    monkeypatch.setattr(live, "trainer", Waiting)
    monkeypatch.setattr(story_pictures, "_made", {})


def query(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query, strict_parsing=bool(urlsplit(address).query)))


def test_every_preset_and_every_scene_has_a_row():
    assert [name for name, *_ in OF_PRESETS] == [each.title for each in PRESETS.values()]
    assert [name for name, *_ in OF_SCENES] == [each.title for each in story().values()]


@pytest.mark.parametrize(("row", "preset"), list(zip(OF_PRESETS, PRESETS.values(), strict=True)))
def test_a_link_to_a_preset_sets_all_that_its_button_sets(row, preset):
    _, address, rest = row
    page = visited(links.PLAYGROUND, **query(address))
    assert not page.warning, "A part of the address could not be used."
    assert page.session_state["choice"] == sidebar.first_pair(preset.changes)
    assert page.session_state["window"] == preset.window
    assert page.session_state["view"] == VIEWS[preset.about_weights]
    assert rest.strip(" |") in preset.lesson


@pytest.mark.parametrize("row", OF_SCENES, ids=lambda row: row[0])
def test_a_link_to_a_scene_opens_it(row, monkeypatch):
    given: dict = {}
    monkeypatch.setattr(story_page, "_component", lambda: lambda **more: given.update(more))
    title, address, _ = row
    page = visited(urlsplit(address).path, **query(address))
    assert not page.warning
    assert story()[given["data"]["at"]].title == title


def test_the_other_links_into_the_app_lead_to_its_pages():
    paths = re.findall(r"\(http://localhost:8501/([^?)]*)\)", README)
    assert {"story", "atlas", "questions"} <= set(paths)
    assert set(filter(None, paths)) <= {each.path for each in PAGES}
