"""The page of the atlas: its marks and its table lead to the playground, and a row can be live."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from fibattn.atlas import plan
from fibattn.atlas.file import shipped
from fibattn.tasks import TASKS
from fibattn.ui import links, live
from fibattn.words import atlas as words
from tests.ui.shown import visited
from tests.ui.test_any_address import Waiting
from tests.ui.test_every_choice import MadeUp


@pytest.fixture
def made_up(monkeypatch):
    monkeypatch.setattr(live, "trainer", MadeUp)


def visit(path: str = "atlas", **query: str) -> AppTest:
    return visited(path, **query)


def said(page: AppTest) -> str:
    return "\n".join(each.value for each in (*page.markdown, *page.caption))


def table(page: AppTest) -> str:
    return next(each.value for each in page.markdown if "<table>" in each.value)


def test_what_follows_from_the_file_stands_on_top_and_is_not_called_live():
    page = visit()
    for sentence in words.summary(shipped().entries["SimpleRNN"]):
        assert sentence in said(page)
    assert "Not trained just now: computed on " in page.caption[0].value
    assert "would look clear by chance" in said(page)
    assert len(page.get("plotly_chart")) == 1


@pytest.mark.parametrize(("view", "layers"), [("plain", 9), ("uniform", 8), ("weight", 8)])
def test_the_table_holds_every_cell_of_the_view(view, layers):
    found = table(visit(mark=view))
    assert found.count("scope='col'") == layers
    assert found.count("scope='row'") == len(plan.TASK_NAMES)
    entries = shipped().entries["SimpleRNN"]
    with_mark = [each for each in entries if each.clearly(view) is not None]
    assert found.count("<a ") == len(with_mark)
    assert found.count("<strong>") == sum(bool(each.clearly(view)) for each in with_mark)


def test_the_order_is_chosen():
    def rows(page):
        return re.findall(r"scope='row'>([^<]*)<", table(page))

    listed, best = rows(visit()), rows(visit(order="best"))
    assert listed == [TASKS[name].label for name in plan.TASK_NAMES]
    assert best != listed
    assert set(best) == set(listed)


@pytest.mark.parametrize("number", [0, 13, -1])
def test_a_link_leads_to_the_playground_with_the_settings_of_its_cell(number, made_up):
    entry = shipped().entries["SimpleRNN"][number]
    href = html.unescape(re.findall(r"href='([^']*)'", table(visit()))[number])
    path, query = urlsplit(href).path, dict(parse_qsl(urlsplit(href).query))
    assert path == links.PLAYGROUND
    page = visit(path, **query)
    assert page.session_state["choice"][1] == plan.network(entry.task, entry.attention)
    assert not page.warning
    assert words.stored(entry, shipped().made.date) in said(page)


def test_other_settings_have_nothing_stored_beside_them(made_up):
    page = visit(links.PLAYGROUND, repeats="5", epochs="2")
    assert "The atlas has the same networks" not in said(page)


def test_a_row_is_made_live_a_network_at_a_time(monkeypatch):
    asked = []

    class Trainer(MadeUp):
        def watch(self, visitor, experiments, **more):
            asked.append(experiments)
            return super().watch(visitor, experiments, **more)

    monkeypatch.setattr(live, "trainer", Trainer)
    page = visit()
    page.selectbox("live_task").set_value("two-lags").run()
    assert not asked
    page.button("live_row").click().run()
    page.run()
    assert not page.exception
    assert [len(each) for each in asked] == [1] * 10
    assert [each.attention for (each,) in asked][:2] == [None, "uniform"]
    assert {each.task for (each,) in asked} == {"two-lags"}
    assert "of 9 cells trained now say the same as the stored ones." in said(page)
    assert len(page.get("plotly_chart")) == 2


def test_a_live_row_can_be_stopped_and_continued(monkeypatch):
    class Trainer(Waiting):
        def standings(self, experiments):
            return self.watch("nobody", experiments)

    monkeypatch.setattr(live, "trainer", Trainer)
    page = visit()
    page.button("live_row").click().run()
    assert "The first mark comes with the third network" in said(page)
    page.button("stop_row").click().run()
    page.run()
    assert page.button("stop_row").label == "Continue"
    page.button("stop_row").click().run()
    assert page.button("stop_row").label == "Stop training"
