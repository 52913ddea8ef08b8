"""What the page takes up from the stage, and what comes too late."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from fibattn.experiment import Experiment
from fibattn.ui import stage_view

ONE = Experiment(task="find-max", time_steps=8, series_length=300, epochs=6)
OTHER = ONE.replace(units=5)
AS_IT_COMES = {
    "window": 0,
    "ahead": 0,
    "start": 0,
    "step": 0,
    "values": [],
    "hidden": [],
    "held": [],
    "opened": False,
    "occluded": False,
    "all": False,
}


@pytest.fixture
def state(monkeypatch):
    """Return what the page holds for a visitor before whom the stage of a run stands."""
    state = {"window": None, "stage": ""}
    monkeypatch.setattr(st, "session_state", state)
    stage_view._forget_changes(ONE)
    stage_view._given("stamp of one", "one", {"window": 0})
    return state


def says(state, run, **changed):
    """Let the browser say what was done on the stage of a run."""
    view = AS_IT_COMES | {"epoch": 3} | changed
    state["stage_component"] = {"view": {**view, "run": run}}
    stage_view._take(ONE, ONE.epochs, ONE.dataset(), inside=False)


def test_what_is_done_on_the_stage_is_kept(state):
    says(state, "stamp of one")
    assert state["stage"] == "e3"


def test_what_was_done_on_a_run_that_has_gone_is_not(state):
    says(state, "stamp of one")
    stage_view._forget_changes(OTHER)
    assert state["stage"] == ""
    says(state, "stamp of one", epoch=2)
    assert state["stage"] == "", "the browser had said it before it heard of another run"


def test_the_next_run_is_listened_to(state):
    stage_view._forget_changes(OTHER)
    stage_view._given("stamp of the other", "the other", {"window": 0})
    says(state, "stamp of one")
    assert state["stage"] == ""
    says(state, "stamp of the other")
    assert state["stage"] == "e3"


def test_on_another_page_the_stage_begins_with_what_was_chosen_and_is_not_new(state):
    says(state, "stamp of one")
    view = state["stage_told"]
    given = stage_view._given("stamp of one", "one", view)
    assert "epoch" not in given, "it has it itself"
    stage_view.mounts_anew()
    given = stage_view._given("stamp of one", "one", view)
    assert given["epoch"] == 3 and not given["new"]
    assert stage_view._given("stamp of the other", "the other", {"window": 0})["new"]


def test_a_run_is_sent_until_the_browser_has_said_that_it_is_there(state):
    assert stage_view._unless_there(b"one", "stamp of one") == b"one"
    assert stage_view._unless_there(b"one", "stamp of one") == b"one"
    says(state, "stamp of one")
    assert stage_view._unless_there(b"one", "stamp of one") == b""
    stage_view._send_again()
    assert stage_view._unless_there(b"one", "stamp of one") == b"one"
    says(state, "stamp of one", epoch=2)
    assert stage_view._unless_there(b"other", "stamp of the other") == b"other"
    assert stage_view._unless_there(b"one", "stamp of one") == b"one", "another took its place"


def _still_and_live():
    from fibattn.experiment import Experiment
    from fibattn.ui import component, stage_view

    data = Experiment(task="find-max", time_steps=8, series_length=300).dataset()
    stage_view._still(data, 0, None, "To come.")
    component.show(lambda **_: None, "x", lambda: None)


def test_the_picture_and_the_stage_that_takes_its_place_are_one_element_each():
    page = AppTest.from_function(_still_and_live, default_timeout=30).run()
    assert [child.type for child in page.main.children.values()] == ["flex_container"] * 2
