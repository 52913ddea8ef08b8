"""What a browser says of controls that nobody sees may be older than what the server has set."""

from __future__ import annotations

import pytest

from fibattn.ui import live
from tests.ui.shown import visited
from tests.ui.test_any_address import Waiting


@pytest.fixture(autouse=True)
def _waiting(monkeypatch):
    monkeypatch.setattr(live, "trainer", Waiting)
    monkeypatch.setattr(live, "WAIT_IN_PLACE", 0.0)


def test_a_request_sent_before_a_preset_was_heard_of_does_not_put_it_back():
    page = visited("playground", window="12")
    page.pills(key="preset").set_value("Log scale").run()
    assert page.session_state["window"] == 177
    assert page.session_state["scaling"] == "log"
    # Such a request: all that is not seen is still as it was before.
    page.number_input(key="window").set_value(12.0)
    page.selectbox(key="scaling").set_value("linear")
    page.text_input(key="stage").set_value("e3")
    page.run()
    assert page.session_state["window"] == 177
    assert page.session_state["scaling"] == "log"
    assert page.session_state["stage"] == ""
    assert page.session_state["choice"][1].scaling == "log"


def test_what_a_visitor_chooses_later_counts():
    page = visited("playground")
    page.pills(key="preset").set_value("Log scale").run()
    page.button_group(key="scaling_shown").set_value("linear").run()
    assert page.session_state["choice"][1].scaling == "linear"
