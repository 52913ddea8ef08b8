"""The page of the story: each scene has its address, and leads to the playground."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from fibattn.lessons.story import story
from fibattn.ui import live, page_state, sidebar, story_page, story_pictures
from tests.ui.shown import visited
from tests.ui.test_any_address import Waiting
from tests.ui.test_every_choice import MadeUp

SCENES = list(story().values())


@pytest.fixture(autouse=True)
def _waiting(monkeypatch):
    monkeypatch.setattr(live, "trainer", Waiting)
    monkeypatch.setattr(story_pictures, "trainer", MadeUp)
    monkeypatch.setattr(story_pictures, "_made", {})


@pytest.fixture
def given(monkeypatch):
    """What the browser was given last, and the callbacks it may call."""
    seen: dict = {}
    monkeypatch.setattr(story_page, "_component", lambda: lambda **more: seen.update(more))
    return seen


def visit(**query: str) -> AppTest:
    return visited("story", **query)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.id)
def test_an_address_shows_its_scene(scene, given):
    page = visit(scene=scene.id)
    assert given["data"]["at"] == scene.id
    assert not page.warning
    assert [told["id"] for told in given["data"]["scenes"]] == [each.id for each in SCENES]


def test_an_address_without_such_a_scene_is_a_sentence(given):
    page = visit(scene="triumf")
    assert page.warning[0].value.startswith("There is no scene `triumf`.")
    assert given["data"]["at"] == SCENES[0].id


def test_what_needs_no_training_is_there_at_once_and_the_rest_is_said(given):
    visit()
    drawn = {each.id for each in SCENES if each.picture in ("numbers", "scaled", "atlas")}
    assert set(given["data"]["contents"]) == drawn
    visit(scene="maximum")
    assert given["data"]["waiting"]


def test_drawings_are_made_of_runs_and_each_says_what_it_shows(monkeypatch, given):
    monkeypatch.setattr(live, "trainer", MadeUp)
    visit(scene="rnn")
    for name in ("rnn", "triumph"):
        assert 'role="img" aria-label="' in given["data"]["contents"][name]["svg"]


def test_scenes_with_the_same_settings_share_a_run():
    assert story_pictures.run_of(story()["ceiling"]) == "choice"
    assert story_pictures.run_of(story()["yours"]) == "maximum"
    assert story_pictures.run_of(story()["columns"]) == "columns"


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.id)
def test_the_playground_takes_all_of_a_scene_over(scene, given, monkeypatch):
    page = visit(scene=scene.id)
    _, attention = sidebar.first_pair(scene.changes)
    view = {"epoch": 1, "start": 2, "step": 3, "values": [[3, 0.25]], "hidden": [4], "held": []}
    view |= {"opened": False, "occluded": False, "all": False, "window": 0, "ahead": 0}
    said = {"scene": scene.id, "view": view if scene.picture == "stage" else None}
    kept: dict = {name: page.session_state[name] for name in ("task", "kept")}
    monkeypatch.setattr(story_page.st, "session_state", kept | {story_page.KEY: {"opened": said}})
    story_page._open()
    state = story_page.st.session_state
    for name, value in scene.changes.items():
        key = "windows" if name == "series_length" else name
        assert state[key] == value, name
    assert state["go_to"][0] == sidebar.links.PLAYGROUND
    assert state["view"] in page_state.VIEWS
    if scene.picture == "stage":
        assert state["stage"] == "e1~s3~k3~v3_0.25~h4"
        assert 1 <= state["window"] <= attention.test_windows
